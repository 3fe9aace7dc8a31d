"""The test clients people have, behind one face: whose app it is, its cookies, and opening a page."""

import contextlib
from collections.abc import Callable, Iterator
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from http.cookies import SimpleCookie
from typing import Any, Protocol
from urllib.request import Request

from vestibule.installation import Installation
from vestibule.testing.finding import installation_of, installation_of_django

NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html"}


class Browser(Protocol):
    """`open` is a page opened by a person, without following redirects; with an asynchronous client it has
    to be awaited."""

    origin: str

    def installation(self) -> Installation: ...

    def set_cookie(self, name: str, value: str) -> None: ...

    def delete_cookie(self, name: str) -> None: ...

    def open(self, url: str) -> Any: ...

    def deaf(self) -> contextlib.AbstractContextManager[None]:
        """No cookie that the app sets arrives."""


def browser_of(client: Any) -> Browser:
    if hasattr(client, "application") and hasattr(client, "set_cookie"):
        return FlaskBrowser(client)
    cookies = getattr(client, "cookies", None)
    if isinstance(cookies, SimpleCookie):
        return DjangoBrowser(client)
    if isinstance(getattr(cookies, "jar", None), CookieJar):
        return HttpxBrowser(client)
    if callable(client):
        return NoBrowser(client)
    raise TypeError(
        f"{type(client).__name__} is no test client this knows. It knows those of Starlette, FastAPI, Flask, "
        "Django and Litestar, and httpx with an ASGITransport; any other can carry `issuer.cookies(…)`."
    )


class HttpxBrowser:
    """Starlette's and FastAPI's TestClient, both of Litestar's, and httpx itself."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.origin = str(client.base_url).rstrip("/") or "http://testserver"

    def installation(self) -> Installation:
        app = getattr(self._client, "app", None)
        return installation_of(app or getattr(getattr(self._client, "_transport", None), "app", None))

    def set_cookie(self, name: str, value: str) -> None:
        self.delete_cookie(name)
        host = self._client.base_url.host or "testserver"
        # The spelling the client's cookie jar gives a host without a dot: else a later Set-Cookie
        # of the app would stand beside this one instead of in its place.
        self._client.cookies.set(name, value, domain=host if "." in host else f"{host}.local")

    def delete_cookie(self, name: str) -> None:
        jar = self._client.cookies.jar
        for cookie in [each for each in jar if each.name == name]:
            jar.clear(cookie.domain, cookie.path, cookie.name)

    def open(self, url: str) -> Any:
        return self._client.get(url, headers=NAVIGATION, follow_redirects=False)

    @contextlib.contextmanager
    def deaf(self) -> Iterator[None]:
        jar = self._client.cookies.jar
        policy = getattr(jar, "_policy", None) or DefaultCookiePolicy()
        jar.set_policy(_Deaf())
        try:
            yield
        finally:
            jar.set_policy(policy)


class _Deaf(DefaultCookiePolicy):
    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        return False


class FlaskBrowser:
    def __init__(self, client: Any) -> None:
        self._client = client
        self._host = (client.application.config.get("SERVER_NAME") or "localhost").partition(":")[0]
        self.origin = f"http://{self._host}"

    def installation(self) -> Installation:
        return installation_of(self._client.application)

    def set_cookie(self, name: str, value: str) -> None:
        self._client.set_cookie(name, value, domain=self._host)

    def delete_cookie(self, name: str) -> None:
        self._client.delete_cookie(name, domain=self._host)

    def open(self, url: str) -> Any:
        return self._client.get(url, headers=NAVIGATION)

    @contextlib.contextmanager
    def deaf(self) -> Iterator[None]:
        """With middleware of the app, which is what a proxy amounts to."""
        app = self._client.application
        inner = app.wsgi_app

        def stripped(environ: Any, start_response: Callable[..., Any]) -> Any:
            def start(status: str, headers: list[tuple[str, str]], *crash: Any) -> Any:
                kept = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
                return start_response(status, kept, *crash)

            return inner(environ, start)

        app.wsgi_app = stripped
        try:
            yield
        finally:
            app.wsgi_app = inner


class DjangoBrowser:
    """Client and AsyncClient; RequestFactory gives its requests the cookies too."""

    origin = "http://testserver"

    def __init__(self, client: Any) -> None:
        self._client = client

    def installation(self) -> Installation:
        return installation_of_django()

    def set_cookie(self, name: str, value: str) -> None:
        self._client.cookies[name] = value

    def delete_cookie(self, name: str) -> None:
        self._client.cookies.pop(name, None)

    def open(self, url: str) -> Any:
        return self._client.get(url, headers=NAVIGATION)

    @contextlib.contextmanager
    def deaf(self) -> Iterator[None]:
        cookies = self._client.cookies
        self._client.cookies = _DeafCookies(cookies)
        try:
            yield
        finally:
            cookies.clear()
            cookies.update(self._client.cookies)
            self._client.cookies = cookies


class _DeafCookies(SimpleCookie):
    """The client takes an app's cookies up with `update`; a test sets its own by name."""

    def __init__(self, cookies: SimpleCookie) -> None:
        super().__init__({name: morsel.value for name, morsel in cookies.items()})

    def update(self, *cookies: object, **more: object) -> None:
        pass


class NoBrowser:
    """An app that nobody has made a client for yet."""

    origin = "http://testserver"

    def __init__(self, app: Any) -> None:
        self._app = app

    def installation(self) -> Installation:
        return installation_of(self._app)

    def set_cookie(self, name: str, value: str) -> None:
        raise self._needed()

    def delete_cookie(self, name: str) -> None:
        raise self._needed()

    def open(self, url: str) -> Any:
        raise self._needed()

    def deaf(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def _needed(self) -> TypeError:
        return TypeError(
            f"{type(self._app).__name__} is an app and has no cookies: give a test client of it."
        )
