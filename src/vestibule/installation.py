"""What every adapter's `Auth` is made of: the settings, the session core, the sender and the app's hooks."""

import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlencode, urljoin

from vestibule.alongside import Alongside
from vestibule.crypto.sealer import Sealer
from vestibule.errors import NotInstalled
from vestibule.flow import Send
from vestibule.rates import Rates
from vestibule.send import Sender, Transport, blocking_transport
from vestibule.session.config import Config
from vestibule.session.core import Core
from vestibule.session.data import DataStore, Shelf
from vestibule.session.events import Journal, OnEvent, OnRefresh, OnRefreshError
from vestibule.session.guards import Rate
from vestibule.session.model import Session, SignIn
from vestibule.session.problems import ErrorPage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from vestibule.direct.way import DirectWay
    from vestibule.server.identity.context import Identity

OnSignIn = Callable[[SignIn], Any]
OnSignInError = Callable[[Exception], Any]
LoadUser = Callable[[Session], Any]


class Mounted(Protocol):
    """The identity server inside the app (`Auth.embedded`). An adapter asks it about every request before
    it looks at the session, and leaves to it what it takes: by the one call or by the other."""

    transport: Transport

    def takes(self, path: str, /) -> bool:
        """Whether this path, below what the app itself is mounted under, is the server's."""

    def configure(
        self, redirect_uri: str | Callable[[], str] | None, defaults: dict[str, Any], /
    ) -> Config: ...

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
        /,
    ) -> None: ...

    def wsgi(self, environ: "WSGIEnvironment", start_response: "StartResponse", /) -> Iterable[bytes]: ...

    @property
    def identity(self) -> "Identity": ...


class Installation:
    """Settings come from `config`, else from the environment over `defaults`; they are read and checked
    at start-up or with the first request, never at import.

    on_sign_in        called with the SignIn before anybody is signed in: when it raises, nobody is
    on_sign_in_error  called with the error of a sign-in that failed; its answer, if any, replaces the page
    on_event          called with each Event (sign-in, refresh, sign-out, …) as the response leaves; be quick
    on_refresh        called likewise with each refreshed Session
    on_refresh_error  called likewise with the Refused or Unreachable of a refresh that failed
    error_page        makes the HTML of a Problem
    error_redirect_url  where a browser goes whose sign-in failed, with `error` in the query
    return_path       where every sign-in ends, whatever it was begun with
    redirect_uri      wins over the environment; a function is asked anew for every sign-in
    data              what `auth.data` keeps for a browser: a dataclass, a TypedDict, dict, or a codec
    data_store        keeps it on the app's side, in place of the cookie
    load_user         the app's own user of a Session, or None; blocking or async
    sealer            seals the cookies in place of Fe26.2; JavaScript front ends cannot read those
    send              sends what flows ask for, in place of our HTTP client
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        on_sign_in: OnSignIn | None = None,
        on_sign_in_error: OnSignInError | None = None,
        on_event: OnEvent | None = None,
        on_refresh: OnRefresh | None = None,
        on_refresh_error: OnRefreshError | None = None,
        error_page: ErrorPage | None = None,
        error_redirect_url: str | None = None,
        return_path: str | None = None,
        redirect_uri: str | Callable[[], str] | None = None,
        sealer: Sealer | None = None,
        data: Any = None,
        data_store: DataStore | None = None,
        load_user: LoadUser | None = None,
        send: Transport | Send | None = None,
        clock: Callable[[], float] = time.time,
        mounted: Mounted | None = None,
        way: "DirectWay | None" = None,
        **defaults: Any,
    ) -> None:
        self._config = config
        self.mounted = mounted
        self.way = way
        self._redirect_uri = redirect_uri
        self._defaults = defaults if sealer is None else {**defaults, "own_sealer": sealer}
        self.core = Core(
            self._settings,
            clock=clock,
            on_event=on_event,
            on_refresh=on_refresh,
            on_refresh_error=on_refresh_error,
            error_page=error_page,
            error_redirect_url=error_redirect_url,
            return_path=return_path,
            open_paths=self.is_open,
            shelf=Shelf(data, data_store),
            way=way,
        )
        self.preloads = False  # also for htmx and for forms: templates cannot wait
        self.load_user = load_user
        self.on_sign_in = on_sign_in
        self.on_sign_in_error = on_sign_in_error
        if send is None and mounted is not None:
            send = mounted.transport
        if way is not None:
            way.attach(start=lambda: self.config, count=self._count)
        self.connect(Sender() if send is None else blocking_transport(send))

    @cached_property
    def rates(self) -> Rates:
        """What counts for the guards with `rate=`. Raises ConfigError."""
        return Rates(self.config.rate_store)

    @classmethod
    def embedded(
        cls,
        app: Any = None,
        *,
        database: str = "sqlite:///auth.db",
        server_path: str = "/id",
        management_api: bool = False,
        **settings: Any,
    ) -> Self:
        """With the identity server inside the app: its pages are below `server_path`, its data in `database`,
        which it makes and brings up to date. `settings` are those of `Auth` and of the server. In production
        it needs VESTIBULE_SERVER_SECRET and VESTIBULE_COOKIE_PASSWORD. Raises NotInstalled, ConfigError."""
        from vestibule.embedded import embed

        return embed(
            cls,
            app,
            database=database,
            server_path=server_path,
            management_api=management_api,
            **settings,
        )

    def connect(self, transport: Transport) -> None:
        """What flows are sent with from here on; what the app answers itself stays in front."""
        way = self.way
        self.transport: Transport = transport if way is None else Alongside(transport, way.address, way.local)

    def _count(self, rates: tuple[Rate, ...], who: str, journal: Journal) -> int | None:
        exceeded = self.rates.hit(rates, who, journal)
        return exceeded.seconds if exceeded else None

    @property
    def identity(self) -> "Identity":
        """First argument of the rules in `vestibule.server.identity`: `create_user(auth.identity, email=…)`.
        For `Auth.embedded` only. Raises NotInstalled, ConfigError."""
        if self.mounted is None:
            raise NotInstalled(
                "The server is elsewhere: use its API, or `Auth.embedded` for one in this app."
            )
        _ = self.config
        return self.mounted.identity

    @property
    def config(self) -> Config:
        """Raises ConfigError, which lists every problem."""
        return self.core.config

    def is_open(self, path: str) -> bool:
        """Whether whole-app protection leaves this path alone, besides what the settings name: adapters add
        where the framework serves static files."""
        return False

    def fill_in(self, *, redirect_uri: str, **defaults: Any) -> None:
        """Values for what neither the app nor the environment says, before the first request. For tests."""
        if self.way is not None:
            self.way.fill_in()
            passwords = defaults.get("cookie_passwords")
            defaults = {"cookie_passwords": passwords, "base_url": urljoin(redirect_uri, "/")}
        else:
            self._redirect_uri = self._redirect_uri or redirect_uri
        self._defaults = {**defaults, **self._defaults}

    def sign_in_url(self, *, return_to: str | None = None, **hints: str) -> str:
        """The path a link to sign-in has. `hints`: login_hint organization_id prompt max_age acr_values."""
        return self._url("sign-in", {"return_to": return_to, **hints})

    def sign_up_url(self, *, return_to: str | None = None, **hints: str) -> str:
        """The path a link to sign-up has."""
        return self._url("sign-up", {"return_to": return_to, **hints})

    def sign_out_url(self, *, return_to: str | None = None) -> str:
        """The path to post to; a link works too, with one more click when it is on another site."""
        return self._url("sign-out", {"return_to": return_to})

    def _settings(self) -> Config:
        if self.mounted is not None:
            return self.mounted.configure(self._redirect_uri, self._defaults)
        if self.way is not None:
            return self.way.configure(self._redirect_uri, self._defaults)
        if self._config is None:
            return Config.from_env(redirect_uri=self._redirect_uri, **self._defaults)
        sealer = self._defaults.get("own_sealer")
        return self._config if sealer is None else replace(self._config, own_sealer=sealer)

    def _url(self, page: str, params: dict[str, str | None]) -> str:
        query = urlencode({name: value for name, value in params.items() if value is not None})
        return f"{self.config.prefix}/{page}" + (f"?{query}" if query else "")
