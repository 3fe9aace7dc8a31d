"""Signing a framework's own test client in, without a browser and without a network."""

from typing import Any

from vestibule.errors import ConfigError
from vestibule.installation import Installation
from vestibule.testing.issuer import TestIssuer, settings_for_tests


def sign_in(
    client: Any, *, auth: Installation | None = None, email: str | None = None, **rights: Any
) -> TestIssuer:
    """Give a Starlette, FastAPI or Flask test client the session cookie of `email`.

    Without `email` it stays whom it was, at first ada@example.com. `rights` are those of
    `TestIssuer.cookies`: permissions, role, organization_id, … From here on the app asks the
    returned issuer instead of its identity server, and settings it lacks are made up.
    """
    issuer = issuer_of(auth or _installed(client), origin=_origin(client))
    issuer.email = email or issuer.email
    for name, value in issuer.cookies(email=issuer.email, **rights).items():
        _set_cookie(client, name, value)
    return issuer


def sign_out(client: Any, *, auth: Installation | None = None) -> None:
    """Forget the session cookie, as a browser does whose cookies are deleted."""
    name = issuer_of(auth or _installed(client), origin=_origin(client)).config.cookie_name
    if _is_flask(client):
        client.delete_cookie(name)
    else:
        _forget(client, name)


def issuer_of(auth: Installation, *, origin: str = "http://localhost") -> TestIssuer:
    """The test issuer an app uses already, or a new one that takes the place of its identity server."""
    if not isinstance(auth.transport, TestIssuer):
        _complete(auth, origin)
        auth.transport.close()
        auth.transport = TestIssuer(auth.core.config, clock=auth.core.clock)
    return auth.transport


def _complete(auth: Installation, origin: str) -> None:
    try:
        _ = auth.config
    except ConfigError:
        settings = {**settings_for_tests(), "redirect_uri": f"{origin}/auth/callback"}
        auth.fill_in(**settings)


def _origin(client: Any) -> str:
    return "http://localhost" if _is_flask(client) else str(client.base_url).rstrip("/")


def _installed(client: Any) -> Installation:
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
