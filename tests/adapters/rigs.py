"""The same app in each framework, and one way to talk to all of them.

Every app offers what `routes` says; a `Rig` is the app with its framework's own test client.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from vestibule.testing import Clock, TestIssuer
from vestibule.testing.issuer import create_config

ORIGIN = "http://localhost"
NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html,*/*;q=0.8"}
FETCH = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin", "Accept": "*/*"}
HTMX = {**FETCH, "HX-Request": "true"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __getitem__(self, name: str) -> str:
        return ", ".join(value for each, value in self.headers if each.lower() == name.lower())

    def __contains__(self, name: str) -> bool:
        return any(each.lower() == name.lower() for each, _ in self.headers)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def set_cookies(self) -> list[str]:
        return [value for name, value in self.headers if name.lower() == "set-cookie"]

    def session_cookies(self, name: str = "wos-session") -> list[str]:
        return [line for line in self.set_cookies if line.startswith(f"{name}=")]

    @property
    def location(self) -> str:
        return self["Location"]


@dataclass(slots=True)
class Rig:
    """`client` is the framework's own; `auth` its `Auth`."""

    name: str
    client: Any
    auth: Any
    issuer: TestIssuer
    clock: Clock
    send: Callable[[str, str, Mapping[str, str], bytes | None], Answer]

    def get(self, path: str, headers: Mapping[str, str] = FETCH) -> Answer:
        return self.send("GET", path, headers, None)

    def open(self, path: str, **more: str) -> Answer:
        """As a browser opens a page."""
        return self.send("GET", path, {**NAVIGATE, **more}, None)

    def post(self, path: str, body: str = "", headers: Mapping[str, str] = FETCH) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, {**form, **headers}, body.encode())

    def follow_sign_in(self, path: str = "/auth/sign-in", **rights: Any) -> Answer:
        """A whole sign-in: off to the issuer and back; the answer to the callback."""
        begun = self.open(path)
        assert begun.status in (302, 303), begun
        callback = self.issuer.authorize(begun.location, **rights)
        return self.open(callback.removeprefix(ORIGIN), **{"Sec-Fetch-Site": "cross-site"})


# Imported when asked for, so that a framework that is not there fails its own tests only.
MAKERS = {
    "starlette": "starlette_app",
    "fastapi": "fastapi_app",
    "flask": "flask_app",
    "django": "django_app",
    "django-async": "django_app:build_async",
    "litestar": "litestar_app",
    "quart": "quart_app",
}


def build(name: str, *, settings: dict[str, Any] | None = None, **hooks: Any) -> Rig:
    """`settings` are those of Config; `hooks` the keywords of `Auth`."""
    clock = Clock()
    config = create_config(**{"redirect_uri": f"{ORIGIN}/auth/callback", **(settings or {})})
    module, _, make = MAKERS[name].partition(":")
    maker: Callable[..., Rig] = getattr(import_module(f"tests.adapters.{module}"), make or "build")
    return maker(TestIssuer(config, clock=clock), clock, hooks)
