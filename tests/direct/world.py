"""An app of direct mode, the providers it knows, and browsers that keep cookies as browsers do."""

import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.adapters.rigs import Answer
from tests.direct.apps import ORIGIN, build
from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.testing import Clock, Network, TestProvider

PASSWORD = "of the tests of direct mode alone"
SESSION = "vestibule-session"
FORM = "application/x-www-form-urlencoded"


class World:
    """`providers` by name; `github` is GitHub-like, every other speaks OpenID Connect. More `clients` of
    providers that nobody answers for. Settings are those of `Auth.direct`."""

    def __init__(self, framework: str, *names: str, clients: tuple[Any, ...] = (), **settings: Any) -> None:
        self.clock = settings.setdefault("clock", Clock(1_800_000_000))
        self.providers = {name: self._provider(name) for name in names}
        self.events: list[tuple[str, Mapping[str, object]]] = []
        self.site = build(
            framework,
            *(provider.client() for provider in self.providers.values()),
            *clients,
            **{
                "send": Network(*self.providers.values()),
                "on_event": lambda event: self.events.append((event.code, event.data)),
                "base_url": ORIGIN,
                "cookie_passwords": [PASSWORD],
                **settings,
            },
        )
        self.auth = self.site.auth

    def browser(self) -> "Browser":
        return Browser(self)

    def sign_in(self, provider: str = "github", email: str = "ada@example.com", **query: str) -> "Browser":
        browser = self.browser()
        answer = browser.sign_in(provider, email, **query)
        assert answer.status == 303, answer.text
        return browser

    def codes(self, name: str) -> list[object]:
        """Of the events with this name, what each says about why."""
        return [fields.get("reason") for event, fields in self.events if event == name]

    def _provider(self, name: str) -> TestProvider:
        kind: Any = name if name in ("github", "google") else "oidc"
        callback = f"{ORIGIN}/auth/callback/{name if kind != 'oidc' else 'acme'}"
        return TestProvider(kind, clock=self.clock, redirect_uris=[callback])


class Browser:
    """Sends its cookies as `SameSite=Lax` has it: from another site with pages that are opened, and with
    nothing else."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cookies: dict[str, str] = {}

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        page: bool = True,
        site: str = "same-origin",
        **headers: str,
    ) -> Answer:
        sent = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate" if page else "cors"}
        sent["Accept"] = "text/html" if page else "application/json"
        if site == "cross-site" and method not in ("GET", "HEAD"):
            sent["Origin"] = "https://elsewhere.example"
        if self.cookies and (site != "cross-site" or (page and method == "GET")):
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.world.site.send(method, path.removeprefix(ORIGIN), sent | headers, body)
        self._keep(answer)
        return answer

    def open(self, path: str, *, site: str = "none", **headers: str) -> Answer:
        """As somebody opens a page."""
        return self.send("GET", path, site=site, **headers)

    def get(self, path: str, **headers: str) -> Answer:
        """As a script of the page asks."""
        return self.send("GET", path, page=False, **headers)

    def post(self, path: str, *, site: str = "same-origin", page: bool = True, **fields: str) -> Answer:
        more = {"Content-Type": FORM}
        return self.send("POST", path, urlencode(fields).encode(), page=page, site=site, **more)

    def post_json(self, path: str, **fields: object) -> Answer:
        body = json.dumps(fields).encode()
        return self.send("POST", path, body, page=False, **{"Content-Type": "application/json"})

    def do(self, what: str, **query: str) -> Answer:
        """What the app's code does by `auth.direct`."""
        return self.get(f"/do?{urlencode({'do': what, **query})}")

    def begin(self, provider: str = "github", **query: str) -> str:
        """The provider's address that sign-in sends the browser to."""
        answer = self.open(f"/auth/sign-in/{provider}" + (f"?{urlencode(query)}" if query else ""))
        assert answer.status == 303, answer.text
        return answer.location

    def agree(self, url: str, provider: str = "github", email: str = "ada@example.com") -> str:
        """Somebody agrees there: the callback's address."""
        known = self.world.providers[provider]
        who = next((each for each in known.people if each.email == email), None)
        return known.consent(url, who or known.person(email))

    def sign_in(self, provider: str = "github", email: str = "ada@example.com", **query: str) -> Answer:
        """All the way: the answer to the callback."""
        callback = self.agree(self.begin(provider, **query), provider, email)
        return self.open(callback, site="cross-site")

    def connect(self, provider: str, email: str = "ada@example.com", **fields: str) -> Answer:
        """One more account for who is signed in: the answer to the callback."""
        begun = self.post(f"/auth/link/{provider}", **fields)
        assert begun.status == 303, begun.text
        return self.open(self.agree(begun.location, provider, email), site="cross-site")

    @property
    def email(self) -> str | None:
        """Who is signed in, as the app sees it; None: nobody."""
        answer = self.get("/me")
        if answer.status == 401:
            return None
        email: str = answer.json["email"]
        return email

    @property
    def pending(self) -> list[str]:
        """The cookies of sign-ins that are not finished."""
        return [name for name in self.cookies if name.startswith("vestibule-oauth-")]

    def _keep(self, answer: Answer) -> None:
        for line in answer.set_cookies:
            morsel = next(iter(SimpleCookie(line).values()))
            if str(morsel["max-age"]) == "0":
                self.cookies.pop(morsel.key, None)
            else:
                self.cookies[morsel.key] = morsel.value


class Shelf:
    """A data store in memory; with `broken` one that is away. `kept` has what is in it."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, int]] = {}
        self.broken = False

    def find(self, key: str) -> str | None:
        self._be_there()
        return self.kept[key][0] if key in self.kept else None

    def update(self, key: str, text: str, *, max_age: int) -> None:
        self._be_there()
        self.kept[key] = (text, max_age)

    def delete(self, key: str) -> None:
        self._be_there()
        self.kept.pop(key, None)

    def _be_there(self) -> None:
        if self.broken:
            raise OSError("the disk is full")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def nobody_there(request: HttpRequest) -> HttpResponse:
    raise Unreachable("there is no network")


def code_of(answer: Answer) -> str:
    code: str = answer.json["error"]["code"]
    return code
