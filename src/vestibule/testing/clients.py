"""Signing a framework's own test client in, without a browser and without a network."""

import threading
from collections.abc import Callable
from typing import Any, Unpack

from vestibule.alongside import Alongside
from vestibule.errors import ConfigError
from vestibule.installation import Installation
from vestibule.send import Transport
from vestibule.session.config import Config
from vestibule.testing.browsers import Browser, browser_of
from vestibule.testing.issuer import TestIssuer, settings_for_tests
from vestibule.testing.rights import Who
from vestibule.testing.stand_in import StandIn

_replacing = threading.Lock()
_before: dict[Installation, tuple[Transport, Callable[[], object]]] = {}


def sign_in(
    client: Any,
    *,
    auth: Installation | None = None,
    email: str | None = None,
    expires_in: float | None = None,
    **who: Unpack[Who],
) -> TestIssuer:
    """Give a test client the session cookie of `email`: Starlette, FastAPI, Flask, Django, Litestar, httpx.

    Without `email` it stays whom it was, at first ada@example.com. From here on the app asks the returned
    issuer instead of its identity server, and settings it lacks are made up. `expires_in=-1`: the access
    token ran out a second ago.
    """
    browser = browser_of(client)
    issuer = issuer_of(auth or browser.installation(), origin=browser.origin)
    enter(browser, issuer, email=email, expires_in=expires_in, **who)
    return issuer


def sign_out(client: Any, *, auth: Installation | None = None) -> None:
    """Forget the session cookie, as a browser does whose cookies are deleted."""
    browser = browser_of(client)
    found = auth or browser.installation()
    browser.delete_cookie(settings_of(found, origin=browser.origin).cookie_name)


def enter(
    browser: Browser,
    issuer: TestIssuer,
    *,
    email: str | None = None,
    expires_in: float | None = None,
    **who: Unpack[Who],
) -> None:
    issuer.email = email or issuer.email
    for name, value in issuer.cookies(email=issuer.email, expires_in=expires_in, **who).items():
        browser.set_cookie(name, value)


def issuer_of(auth: Installation, *, origin: str = "http://localhost") -> TestIssuer:
    """The test issuer an app uses already, or a new one that takes the place of its identity server."""
    with _replacing:
        found = stand_in_of(auth)
        if not isinstance(found, TestIssuer):
            found = create_issuer(auth, origin=origin, clock=auth.core.clock)
            auth.transport.close()
            auth.connect(found)
        return found


def create_issuer(auth: Installation, *, origin: str, clock: Callable[[], float]) -> TestIssuer:
    """In place of the app's server; for direct mode, of the network between it and its providers."""
    config = settings_of(auth, origin=origin)
    if auth.way is None:
        return TestIssuer(config, clock=clock)
    from vestibule.testing.direct import DirectIssuer

    return DirectIssuer(config, auth.way, clock=clock)


def stand_in_of(auth: Installation) -> Transport:
    """What the app asks, behind what it answers itself."""
    return auth.transport.transport if isinstance(auth.transport, Alongside) else auth.transport


def settings_of(auth: Installation, *, origin: str) -> Config:
    """The app's settings; what neither the app nor the environment says is made up."""
    try:
        return auth.config
    except ConfigError:
        # A server inside the app makes up its own secrets at home only.
        home = origin if auth.mounted is None else "http://localhost"
        auth.fill_in(**{**settings_for_tests(), "redirect_uri": f"{home}/auth/callback"})
        return auth.config


def put_in_place(auth: Installation, stand_in: StandIn, *, config: Config | None = None) -> None:
    """The app asks `stand_in` and lives by its clock, until `put_back`."""
    with _replacing:
        former = auth.transport
        undo = auth.core.restart(clock=stand_in.clock, config=config)
        auth.connect(stand_in)
        _before.setdefault(auth, (former, undo))


def put_back(auth: Installation) -> None:
    """What the app had before the first stand-in came."""
    with _replacing:
        if auth in _before:
            auth.transport, undo = _before.pop(auth)
            undo()
