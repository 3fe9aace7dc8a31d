"""Signing a framework's own test client in, without a browser and without a network."""

from typing import Any, Protocol

from vestibule.send import Transport
from vestibule.session.core import Core
from vestibule.testing.issuer import TestIssuer


class Installed(Protocol):
    """The `Auth` of any adapter."""

    core: Core
    transport: Transport


def sign_in(
    client: Any, *, auth: Installed | None = None, email: str | None = None, **rights: Any
) -> TestIssuer:
    """Give a Starlette, FastAPI or Flask test client the session cookie of `email`.

    Without `email` it stays whom it was, at first ada@example.com. `rights` are those of
    `TestIssuer.cookies`: permissions, role, organization_id, … From here on the app asks the
    returned issuer instead of its identity server.
    """
    issuer = issuer_of(auth or _installed(client))
    issuer.email = email or issuer.email
    for name, value in issuer.cookies(email=issuer.email, **rights).items():
        _set_cookie(client, name, value)
    return issuer


def sign_out(client: Any, *, auth: Installed | None = None) -> None:
    """Forget the session cookie, as a browser does whose cookies are deleted."""
    name = (auth or _installed(client)).core.config.cookie_name
    if _is_flask(client):
        client.delete_cookie(name)
    else:
        _forget(client, name)


def issuer_of(auth: Installed) -> TestIssuer:
    """The test issuer an app uses already, or a new one that takes the place of its identity server."""
    if not isinstance(auth.transport, TestIssuer):
        auth.transport.close()
        auth.transport = TestIssuer(auth.core.config, clock=auth.core.clock)
    return auth.transport


def _installed(client: Any) -> Installed:
    app = client.application if _is_flask(client) else getattr(client, "app", None)
    for _ in range(20):  # an app may be wrapped in middleware
        found = getattr(app, "extensions", {}).get("vestibule") if hasattr(app, "extensions") else None
        found = found or getattr(getattr(app, "state", None), "vestibule", None)
        if found is not None:
            return found  # type: ignore[no-any-return]
        app = getattr(app, "app", None)
    raise TypeError("No `Auth` in this client's app. Pass it: sign_in(client, auth=auth).")


def _set_cookie(client: Any, name: str, value: str) -> None:
    if _is_flask(client):
        client.set_cookie(name, value)
        return
    _forget(client, name)
    host = client.base_url.host
    # The spelling the client's cookie jar gives a host without a dot: else a later Set-Cookie
    # of the app would stand beside this one instead of in its place.
    client.cookies.set(name, value, domain=host if "." in host else f"{host}.local")


def _forget(client: Any, name: str) -> None:
    for cookie in [each for each in client.cookies.jar if each.name == name]:
        client.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)


def _is_flask(client: Any) -> bool:
    return hasattr(client, "application") and hasattr(client, "set_cookie")
