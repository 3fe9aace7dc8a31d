"""Direct mode as the session core meets it: the providers, the app's hooks, and which routes there are."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from vestibule.direct.credentials import Authorize
from vestibule.direct.sealing import SealedSessions, SessionCodec
from vestibule.direct.sessions import DirectSessions
from vestibule.direct.settings import Chosen, DirectSettings, choose
from vestibule.direct.stores import ADDRESS, Revocations, ask_stores
from vestibule.errors import ConfigError, LoginError
from vestibule.flow import Flow, HttpRequest, HttpResponse
from vestibule.oauth.client import Client
from vestibule.oauth.upstream import Upstream
from vestibule.session.config import Config
from vestibule.session.data import DataStore
from vestibule.session.events import Journal
from vestibule.session.guards import Rate
from vestibule.session.incoming import Incoming
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

if TYPE_CHECKING:
    from vestibule.direct.aura.jose import Jose

# By the first part of the path below the prefix; those that name a provider have a second.
PLAIN: Final[Mapping[str, str]] = {
    "sign-in": "sign_in",
    "sign-up": "sign_up",
    "sign-out": "sign_out",
    "session": "session",
    "providers": "providers",
    "refresh": "refresh",
    "access-token": "access_token",
    "organization": "organization",
    "client.js": "client",
}
NAMING: Final[Mapping[str, str]] = {
    "sign-in": "sign_in",
    "callback": "callback",
    "link": "link",
    "unlink": "unlink",
    "provider-tokens": "provider_tokens",
}
WITH_BODY: Final = frozenset({"sign_in", "sign_out", "callback", "link", "unlink", "refresh"})


Count: TypeAlias = Callable[[tuple[Rate, ...], str, Journal], int | None]
"""How many seconds to wait, when one of the limits is met. May block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the app decides; each is blocking or async."""

    authorize: Authorize | None = None
    on_link: Callable[[Any], Any] | None = None
    on_unlink: Callable[[Any], Any] | None = None


class DirectWay:
    """One for each app. Settings are read when they are first needed, or the app starts."""

    address = ADDRESS  # of what `local` answers
    count: Count

    def __init__(
        self,
        providers: Sequence[str | Client],
        *,
        hooks: Hooks,
        revocations: DataStore | None = None,
        token_store: DataStore | None = None,
    ) -> None:
        self.hooks = hooks
        self.token_store = token_store
        self._providers = tuple(providers)
        self._revocations = revocations
        self._chosen: Chosen | None = None
        self._upstreams: dict[str, Upstream] = {}
        self._sessions: DirectSessions | None = None
        self._lock = Lock()
        self._made_up: tuple[str, str] | None = None
        if not providers and hooks.authorize is None:
            raise ConfigError(
                'Direct mode needs a provider, such as Auth.direct(app, "github"), or authorize=, which '
                "looks at a user name and a password."
            )

    def attach(self, *, start: Callable[[], object], count: Count) -> None:
        """What is the installation's, which knows this layer and not the reverse. `start`: has it call
        `configure` and `sessions`."""
        self._start, self.count = start, count

    def configure(self, redirect_uri: str | Callable[[], str] | None, given: dict[str, Any], /) -> Config:
        """Raises ConfigError."""
        chosen = choose(
            self._providers,
            given,
            redirect_uri=redirect_uri,
            made_up=self._made_up,
            with_passwords=self.hooks.authorize is not None,
        )
        with self._lock:
            self._chosen, self._upstreams = chosen, {}
        return chosen.config

    def fill_in(self) -> None:
        """Credentials at the providers, where neither the app nor the environment has any. For tests."""
        self._made_up = ("test-app", f"secret_{secrets.token_hex(8)}")

    @property
    def chosen(self) -> Chosen:
        """Raises ConfigError."""
        if self._chosen is None:
            self._start()  # for a script, which may ask before any request has come
        return cast(Chosen, self._chosen)

    @property
    def settings(self) -> DirectSettings:
        return self.chosen.settings

    @property
    def clients(self) -> Mapping[str, Client]:
        return self.chosen.clients

    @property
    def source(self) -> DirectSessions:
        """Of the core that runs now. Raises ConfigError."""
        self._start()
        return cast(DirectSessions, self._sessions)

    @property
    def revocations(self) -> Revocations | None:
        if self._revocations is None:
            return None
        return Revocations(self._revocations, keep_for=self.settings.longest)

    @property
    def jose(self) -> "Jose":
        """What makes tokens under the keys of the sessions. Raises ConfigError but on Aura's wire."""
        raise ConfigError("Tokens of your own are made with `Auth.direct(…, aura=True)`.")

    def upstream(self, name: str) -> Upstream:
        """Kept, for it remembers the discovery document and the keys. Raises LoginError for a name that is
        none of the app's."""
        client = self.clients.get(name)
        if client is None:
            raise unknown(name, self.clients)
        clock = self.source.clock  # before the lock, for it may have to read the settings
        with self._lock:
            if name not in self._upstreams:
                self._upstreams[name] = Upstream(client, clock=clock)
            return self._upstreams[name]

    def callback_url(self, name: str) -> str:
        return f"{self.chosen.config.callback_url()}/{name}"

    def local(self, request: HttpRequest) -> HttpResponse:
        """What a flow asks of the app's own stores. Blocks. Raises Unreachable."""
        return ask_stores(request, revocations=self.revocations, tokens=self.token_store)

    def codec(self, config: Config) -> SessionCodec:
        return SealedSessions(config.sealer)

    def sessions(self, config: Config, *, clock: Callable[[], float]) -> DirectSessions:
        self._sessions = DirectSessions(
            config,
            codec=self.codec(config),
            expiry=self.settings.expiry,
            revocable=self._revocations is not None,
            clock=clock,
        )
        with self._lock:
            self._upstreams = {}
        return self._sessions

    def route_of(self, incoming: Incoming, config: Config) -> str | None:
        if not incoming.path.startswith(f"{config.prefix}/"):
            return None
        page, slash, name = incoming.path[len(config.prefix) + 1 :].partition("/")
        if not slash:
            # An address without the provider's name is answered too: with the list of those there are.
            return PLAIN.get(page) or (f"{NAMING[page]}/" if page in NAMING else None)
        kind = NAMING.get(page)
        return f"{kind}/{name}" if kind else None

    def listed(self) -> dict[str, tuple[str, ...]]:
        """Our routes below the prefix, with their methods. For the guard report."""
        from vestibule.direct.routes import listed  # which knows this module

        return listed(self)

    def reads_body(self, route: str) -> bool:
        return route.partition("/")[0] in WITH_BODY

    def takes_cross_site(self, route: str) -> bool:
        kind, _, name = route.partition("/")
        client = self.clients.get(name)
        return kind == "callback" and client is not None and client.template.response_mode == "form_post"

    def answer(self, visit: Visit, route: str) -> Flow[Answer]:
        from vestibule.direct.routes import answer  # which knows this module

        return (yield from answer(self, visit, route))


def unknown(name: str, clients: Mapping[str, Client]) -> LoginError:
    known = ", ".join(sorted(clients)) or "none"
    what = f"There is no provider {name[:64]!r} here" if name else "Say which provider"
    return LoginError(
        f"{what}: this app has {known}.",
        code="provider_unknown",
        hint="Use one of these names in the address, or add the provider to `Auth.direct(…)`.",
    )
