"""An operator at the dashboard: who it is, what they sent, and the ways to answer them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from vestibule.server.dashboard.menu import menu
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.models import Operator
from vestibule.server.identity.operators import Right, may
from vestibule.server.insiders import Insider
from vestibule.server.visitor import SEE_OTHER, Visitor

HOME: Final = "/dashboard"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a handler gets. `identity` names the operator in every event of what they do."""

    insider: Insider
    operator: Operator
    identity: Identity
    said: Mapping[str, str]
    """What `go(…, done=…)` may say, by its key."""

    @property
    def visitor(self) -> Visitor:
        return self.insider.visitor

    @property
    def request(self) -> Request:
        return self.visitor.request

    @property
    def form(self) -> Mapping[str, str]:
        return self.visitor.form

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def may(self, right: Right) -> bool:
        return may(self.operator, right)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """`template` is one of templates/dashboard. `script` names another file than the dashboard's own."""
        return self.visitor.page(
            f"dashboard/{template}",
            status=status,
            **{
                "script": "dashboard.js",
                "operator": self.operator,
                "may": self.may,
                "menu": menu(self.request.url.path.removeprefix(self.identity.settings.path), self.may),
                "done": self.said.get(self.query("done"), ""),
                "environment": self.identity.settings.environment,
                **context,
            },
        )

    def go(self, path: str, *, done: str = "", **query: str) -> Response:
        """To another page, after a deed. `done` is a key of the sentences declared beside the routes."""
        asked = urlencode({**query, **({"done": done} if done else {})})
        return RedirectResponse(f"{path}?{asked}" if asked else path, SEE_OTHER)

    def link(self, path: str) -> str:
        return self.identity.settings.link(path)


def explain(error: Invalid) -> tuple[Mapping[str, str], str]:
    """Each problem by its input, for `errors`; what belongs to no input comes second, for `problem`."""
    by_field: dict[str, str] = {}
    for each in error.errors:
        by_field.setdefault(each.get("field", ""), each["message"])
    loose = by_field.pop("", "" if by_field else error.message)
    return by_field, loose
