"""A browser asking for one hosted page: everything it brought, read once, and the ways to answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from vestibule.server import browsers, pages
from vestibule.server.identity import redirect_uris
from vestibule.server.identity.branding import find_branding
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.events import Caller
from vestibule.server.identity.logins import Login, get_login
from vestibule.server.identity.secrets import new_token
from vestibule.server.languages import Language, english

NOTHING: Final[Mapping[str, str]] = {}
SEE_OTHER: Final = 303


class NotStarted(Exception):
    """No sign-in is under way here: a bookmark, an old tab, a link in a mail."""


class Over(Exception):
    """This sign-in ended before: a reload, the Back button, a second tab."""

    def __init__(self, login: Login) -> None:
        super().__init__()
        self.login = login


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """What a page's handler gets. Handlers are plain blocking functions from a visitor to an answer."""

    identity: Identity
    request: Request = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    binding: str = field(repr=False)
    newcomer: bool
    """Whether the binding was only made for this answer: the browser brought none."""
    upload: bytes | None = field(default=None, repr=False)
    """The file that came with the form, where one may."""
    found: dict[str, Login] = field(default_factory=dict, repr=False)
    """The sign-in that this page belongs to, once it was asked for."""

    @classmethod
    def of(
        cls, request: Request, identity: Identity, *, form: Mapping[str, str], upload: bytes | None = None
    ) -> "Visitor":
        bound = browsers.binding(request, identity.settings)
        return cls(
            identity=replace(identity, language=browsers.language(request, identity.settings)),
            request=request,
            form=form,
            binding=bound or new_token(),
            newcomer=bound is None,
            upload=upload,
        )

    @property
    def login_token(self) -> str:
        return self.request.query_params.get("login", "")

    @property
    def session_token(self) -> str | None:
        return browsers.session_token(self.request, self.identity.settings)

    @property
    def caller(self) -> Caller:
        client = self.request.client
        return Caller(
            ip_address=client.host if client else None,
            user_agent=self.request.headers.get("user-agent"),
        )

    @property
    def language(self) -> Language:
        return self.identity.language or english()

    def say(self, sentence: str, **values: object) -> str:
        """A sentence in the visitor's language. Name it here or in `languages.mark`, so that it is found."""
        return self.language.gettext(sentence, **values)

    def login(self) -> Login:
        """The sign-in this page belongs to. Raises NotStarted unless this browser has one, or Over."""
        login = get_login(self.identity, self.login_token, self.binding)
        if login is None:
            raise NotStarted
        if login.finished_at is not None:
            raise Over(login)
        self.found["login"] = login
        return login

    def go(self, path: str, **query: str) -> Response:
        """To another page of the same sign-in."""
        return RedirectResponse(f"{path}?{self._query(query)}", SEE_OTHER)

    def link(self, path: str, **query: str) -> str:
        """The address of another page of the same sign-in, for a page to show."""
        return self.identity.settings.link(f"{path}?{self._query(query)}")

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page whose forms may lead to the registered addresses, and nowhere else."""
        settings = self.identity.settings
        return pages.render(
            template,
            settings=settings,
            status=status,
            branding=find_branding(self.identity),
            leads_to=[*redirect_uris.redirect_origins(self.identity), *self._application_origins()],
            **{
                "csrf": browsers.csrf_token(settings, self.binding),
                "login": self.login_token,
                "request_id": getattr(self.request.state, "request_id", ""),
                "language": self.language,
                "here": self._here(),
                **context,
            },
        )

    def _application_origins(self) -> Sequence[str]:
        """Of the application of others that this sign-in leads back to, and of no other."""
        login = self.found.get("login")
        if login is None or login.request is None or login.request.application_id is None:
            return ()
        return redirect_uris.origins_of_uri(login.request.redirect_uri)

    def _here(self) -> str | None:
        """The query that brings this page again. Nothing does where a link that works once is in it: that
        must not get into another link, nor can one bring a page back whose link has gone into a form."""
        if "token" in self.form or "token" in self.request.query_params:
            return None
        kept = [pair for pair in self.request.query_params.multi_items() if pair[0] != "locale"]
        return urlencode(kept)

    def _query(self, query: Mapping[str, str]) -> str:
        return urlencode({"login": self.login_token, **query})

    def is_acquainted(self, email: str) -> bool:
        key = lookup_key(email)
        return key is not None and browsers.is_acquainted(self.request, self.identity.settings, account=key)
