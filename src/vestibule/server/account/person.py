"""Somebody at their own account: who it is, what they sent, and the ways to answer them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from vestibule.server.account.menu import SAID, menu
from vestibule.server.identity.context import Identity
from vestibule.server.identity.devices_in_words import device_of
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.events import Caller
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.people import User
from vestibule.server.insiders import Insider
from vestibule.server.languages import Language, mark
from vestibule.server.visitor import SEE_OTHER, Visitor

HOME: Final = "/account"
ON: Final = mark("%(program)s on %(system)s")
UNKNOWN_DEVICE: Final = mark("Unknown device")
A_MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Person:
    """What a handler gets. `identity` says in every event from which address it was asked."""

    insider: Insider
    identity: Identity

    @property
    def visitor(self) -> Visitor:
        return self.insider.visitor

    @property
    def user(self) -> User:
        return self.insider.user

    @property
    def session(self) -> BrowserSession:
        return self.insider.session

    @property
    def caller(self) -> Caller:
        return self.visitor.caller

    @property
    def language(self) -> Language:
        return self.visitor.language

    def typed(self, name: str) -> str:
        return self.visitor.form.get(name, "").strip()

    def path(self, name: str) -> str:
        return str(self.visitor.request.path_params[name])

    def query(self, name: str) -> str:
        return self.visitor.request.query_params.get(name, "")

    def say(self, sentence: str, **values: object) -> str:
        return self.visitor.say(sentence, **values)

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """`template` is one of templates/account."""
        here = self.visitor.request.url.path.removeprefix(self.identity.settings.path)
        done = SAID.get(self.query("done"), "")
        return self.visitor.page(
            f"account/{template}",
            status=status,
            **{
                "user": self.user,
                "initials": initials(self.user),
                "homepage": get_environment(self.identity).app_homepage_url or "",
                "menu": menu(here, self.say),
                "notice": self.say(done) if done else "",
                "ago": self.ago,
                "script": "forms.js",
                "styles": "account.css",
                **context,
            },
        )

    def go(self, path: str, *, done: str = "") -> Response:
        """To another page, after a deed. `done` is a key of what can be said there."""
        return RedirectResponse(f"{path}?done={done}" if done else path, SEE_OTHER)

    def ago(self, moment: dt.datetime) -> str:
        if self.identity.now - moment < A_MINUTE:
            return self.say("just now")
        return self.language.ago(moment, now=self.identity.now)

    def device(self, user_agent: str | None) -> str:
        """`Chrome on Windows`."""
        found = device_of(user_agent)
        if found.program and found.system:
            return self.say(ON, program=found.program, system=found.system)
        return found.program or found.system or self.say(UNKNOWN_DEVICE)


def initials(user: User) -> str:
    """Of the name, else of the address: the picture of somebody, which is not asked of other servers."""
    named = [part for part in (user.first_name, user.last_name) if part] or (user.name or "").split()
    return "".join(part[0] for part in (named[:1] + named[1:][-1:])).upper() or user.email[:1].upper()


def blank(person: Person, **fields: str) -> Mapping[str, str]:
    """The sentence of each field that is empty, in the person's language."""
    return {name: person.say(sentence) for name, sentence in fields.items() if not person.typed(name)}
