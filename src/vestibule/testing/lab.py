"""One object for a test: the clock, the people, what stands in for the server, and what goes wrong."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from vestibule.installation import Installation
from vestibule.testing.browsers import Browser, browser_of
from vestibule.testing.clients import create_issuer, enter, put_back, put_in_place, stand_in_of
from vestibule.testing.clock import Clock
from vestibule.testing.faults import FAULTS, TEN_MINUTES, FaultName
from vestibule.testing.issuer import TestIssuer
from vestibule.testing.rights import Who
from vestibule.testing.stand_in import StandIn

if TYPE_CHECKING:
    from vestibule.server.identity.outbox import Mail
    from vestibule.testing.oauth import TestProvider
    from vestibule.testing.server import IdentityServer


class Lab:
    """The fixture `auth_lab`; elsewhere `with Lab() as lab:`. An app it was shown lives by `clock` and asks
    what stands in for its server, until the lab is closed and it gets back what it had."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._issuers: dict[Installation, TestIssuer] = {}
        self._servers: list[IdentityServer] = []
        self._browsers: dict[int, tuple[Any, Browser]] = {}
        self._injected: dict[FaultName, float] = {}
        self._deaf: dict[int, contextlib.ExitStack] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.recover()
        for server in self._servers:
            server.stop()
        for auth in self._issuers:
            put_back(auth)
        self._issuers.clear()
        self._servers.clear()

    def use(self, client: Any, *, auth: Installation | None = None) -> TestIssuer:
        """Take an app into the laboratory, by a client of it or itself, without signing anybody in."""
        browser = self._browser(client)
        found = auth or browser.installation()
        issuer = self._issuers.get(found)
        if issuer is None or stand_in_of(found) is not issuer:
            issuer = create_issuer(found, origin=browser.origin, clock=self.clock)
            put_in_place(found, issuer)
            self._issuers[found] = issuer
            self._afflict(issuer)
        return issuer

    def sign_in(
        self,
        client: Any,
        *,
        auth: Installation | None = None,
        email: str | None = None,
        expires_in: float | None = None,
        **who: Unpack[Who],
    ) -> TestIssuer:
        """`vestibule.testing.sign_in`, in here."""
        issuer = self.use(client, auth=auth)
        enter(self._browser(client), issuer, email=email, expires_in=expires_in, **who)
        return issuer

    def sign_out(self, client: Any, *, auth: Installation | None = None) -> None:
        """Forget the session cookie, as a browser does whose cookies are deleted."""
        self._browser(client).delete_cookie(self.use(client, auth=auth).config.cookie_name)

    @property
    def issuer(self) -> TestIssuer:
        """Of the app that came in last. LookupError before there is one."""
        if not self._issuers:
            raise LookupError(
                "No app is in this laboratory: `lab.use(client)` or `lab.sign_in(client)` first."
            )
        return next(reversed(self._issuers.values()))

    def server(self, *, seed: Mapping[str, Any] | None = None, **settings: Any) -> "IdentityServer":
        """A whole identity server, under the same clock. Needs `vestibule[server]`."""
        from vestibule.testing.servers import identity_server

        server = identity_server(seed=seed, clock=self.clock, **settings)
        server.noticed = self._browser
        self._servers.append(server)
        self._afflict(server)
        return server

    def provider(
        self, name: str = "oidc", *, app: Any = None, auth: Installation | None = None, **settings: Any
    ) -> "TestProvider":
        """An OAuth provider under the same clock: `github`, `google` or `oidc`, with settings of
        `TestProvider`. With `app`, a client of an app in direct mode or the app itself, the one that it calls
        `name`: it goes there from now on, with the credentials it has."""
        if app is None:
            from vestibule.testing.oauth import TestProvider

            return TestProvider(name, clock=self.clock, **settings)  # type: ignore[arg-type]
        from vestibule.testing.direct import DirectIssuer

        issuer = self.use(app, auth=auth)
        if not isinstance(issuer, DirectIssuer):
            raise TypeError("This app signs people in through a server: `server(…)`, or `provider(…)` alone.")
        return issuer.provider(name, **settings)

    @property
    def mails(self) -> "list[Mail]":
        """All that the laboratory's servers wrote, the oldest first."""
        return [mail for server in self._servers for mail in server.mails]

    @contextlib.contextmanager
    def fault(self, name: FaultName, *, seconds: float = TEN_MINUTES) -> Iterator[None]:
        """While this lasts. `seconds` is how far the server's clock is ahead (`clock_skew`)."""
        self.inject(name, seconds=seconds)
        try:
            yield
        finally:
            self.recover(name)

    def inject(self, name: FaultName, *, seconds: float = TEN_MINUTES) -> None:
        """Until `recover`."""
        if name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}. There are: {', '.join(FAULTS)}.")
        self._injected[name] = seconds
        if name == "cookie_stripped":
            for client, browser in self._browsers.values():
                self._deafen(client, browser)
            return
        for stand_in in self._stand_ins():
            stand_in.inject(name, seconds=seconds)

    def recover(self, name: FaultName | None = None) -> None:
        """All is well again, or this one thing."""
        for injected in list(self._injected):
            if name in (None, injected):
                del self._injected[injected]
        if name in (None, "cookie_stripped"):
            while self._deaf:
                self._deaf.popitem()[1].close()
        for stand_in in self._stand_ins():
            stand_in.recover(name)

    def _stand_ins(self) -> Sequence[StandIn]:
        return [*self._issuers.values(), *self._servers]

    def _afflict(self, stand_in: StandIn) -> None:
        for name, seconds in self._injected.items():
            if name != "cookie_stripped":
                stand_in.inject(name, seconds=seconds)

    def _browser(self, client: Any) -> Browser:
        _, browser = self._browsers.setdefault(id(client), (client, browser_of(client)))
        if "cookie_stripped" in self._injected:
            self._deafen(client, browser)
        return browser

    def _deafen(self, client: Any, browser: Browser) -> None:
        if id(client) not in self._deaf:
            self._deaf[id(client)] = contextlib.ExitStack()
            self._deaf[id(client)].enter_context(browser.deaf())
