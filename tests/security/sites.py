"""An app of each framework that uses the toolkit, on a real server, with an issuer that speaks HTTP."""

import contextlib
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.adapters import fastapi_app, flask_app
from tests.adapters.real import issuer_over_http, serving
from tests.adapters.rigs import FETCH, NAVIGATE
from vestibule import fastapi, flask
from vestibule.testing import TestIssuer

NOTHING: Mapping[str, str] = {}
KINDS: dict[str, tuple[str, Any, Any]] = {
    "fastapi": ("asgi", fastapi_app.create_app, fastapi.Auth),
    "flask": ("wsgi", flask_app.create_app, flask.Auth),
}


@dataclass(frozen=True, slots=True)
class Site:
    kind: str
    url: str
    issuer: TestIssuer

    def browser(self, headers: Mapping[str, str] = NOTHING) -> httpx2.Client:
        """As a person opens pages; redirects are not followed."""
        return self._client({**NAVIGATE, **headers})

    def script(self, headers: Mapping[str, str] = NOTHING) -> httpx2.Client:
        """As a page's own script asks."""
        return self._client({**FETCH, **headers})

    def _client(self, headers: Mapping[str, str]) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers=headers, timeout=20)

    def sign_in(self, browser: httpx2.Client, path: str = "/auth/sign-in", **rights: Any) -> httpx2.Response:
        begun = browser.get(path)
        return browser.get(self.issuer.authorize(begun.headers["location"], **rights))


@contextlib.contextmanager
def running_site(kind: str, *, redirect_uri: str | None = None, **settings: Any) -> Iterator[Site]:
    server, create_app, auth_class = KINDS[kind]
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with issuer_over_http(redirect_uri or f"{url}/auth/callback") as issuer:
        app = create_app()
        auth = auth_class(app, issuer.config, **settings)
        with serving(app, listener, kind=server):
            yield Site(kind, url, issuer)
        auth.transport.close()
