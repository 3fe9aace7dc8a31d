"""A browser for the session core alone: a cookie jar, a clock, an issuer in memory, no framework."""

from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from vestibule.errors import Unreachable, VestibuleError
from vestibule.flow import Flow, HttpResponse, Send, run
from vestibule.session.config import Config
from vestibule.session.core import Core
from vestibule.session.events import Event
from vestibule.session.guards import Requirement
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session, SignIn
from vestibule.session.reply import Reply, merge_headers
from vestibule.session.visit import Visit
from vestibule.testing import Clock, TestIssuer
from vestibule.testing.issuer import create_config

T = TypeVar("T")

NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z
NAVIGATION = {"sec-fetch-mode": "navigate", "accept": "text/html"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def location(self) -> str:
        location = self.header("location")
        assert location is not None
        return location

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.location).query))

    @property
    def set_cookies(self) -> list[str]:
        return [value for key, value in self.headers if key == "Set-Cookie"]


@dataclass
class Browser:
    """Follows no redirect by itself. `requirement` guards every page that is not one of our routes."""

    issuer: TestIssuer
    core: Core
    events: list[Event] = field(default_factory=list)
    jar: dict[str, str] = field(default_factory=dict)
    requirement: Requirement | None = None
    hook: object = None

    def get(self, url: str, **headers: str) -> Answer:
        return self.request("GET", url, {**NAVIGATION, **_names(headers)})

    def fetch(self, url: str, *, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """As a script of the app's own page does."""
        own = {"accept": "application/json", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"}
        return self.request(method, url, own | _names(headers), body)

    def post(self, url: str, body: str = "", **headers: str) -> Answer:
        """As a form of the app's own page does."""
        form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        return self.request("POST", url, NAVIGATION | form | _names(headers), body)

    def request(self, method: str, url: str, headers: dict[str, str], body: str = "") -> Answer:
        visit = self.visit(method, url, headers, body)
        reply = self._reply(visit)
        sent = merge_headers(reply.headers, visit.headers())
        self.keep(sent)
        return Answer(reply.status, sent, reply.body.decode())

    def visit(
        self, method: str = "GET", url: str = "/", headers: dict[str, str] | None = None, body: str = ""
    ) -> Visit:
        parts = urlsplit(url)
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        given = {"cookie": cookies} if cookies else {}
        return self.core.visit(
            Incoming(
                method=method,
                path=parts.path,
                query=parts.query,
                headers=given | (headers or {}),
                scheme=parts.scheme or "http",
                host=parts.netloc or "testserver",
                body=body.encode(),
            )
        )

    def run(self, flow: Flow[T], send: Send | None = None) -> T:
        return run(flow, send or self.issuer.send)

    def keep(self, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            if name == "Set-Cookie":
                pair = value.partition(";")[0]
                key, _, content = pair.partition("=")
                self.jar.pop(key, None)
                if "Max-Age=0" not in value:
                    self.jar[key] = content

    def sign_in(self, return_to: str = "/", **rights: object) -> Answer:
        begun = self.get(f"/auth/sign-in?return_to={return_to}")
        return self.get(self.issuer.authorize(begun.location, **rights))

    def session(self) -> Session | None:
        return self.run(self.visit().load())

    @property
    def verifiers(self) -> list[str]:
        return [name for name in self.jar if name.startswith("wos-auth-verifier-")]

    @property
    def codes(self) -> list[str]:
        return [event.code for event in self.events]

    def _reply(self, visit: Visit) -> Reply:
        core = self.core
        refused = core.refuse_cross_site(visit)
        if refused is not None:
            return refused
        try:
            return self._answer(visit)
        except Unreachable as error:
            return core.unreachable(visit, error)
        except VestibuleError as error:
            return core.failed(visit, error)

    def _answer(self, visit: Visit) -> Reply:
        core = self.core
        route = core.route(visit.incoming)
        if route is None:
            return self.run(core.guard(visit, self.requirement)) or Reply(200, (), b"the page")
        answer = self.run(core.answer(visit, route))
        if isinstance(answer, SignIn):
            if callable(self.hook):
                self.hook(answer)
            return core.complete(visit, answer)
        return answer


def open_browser(**settings: object) -> Browser:
    clock = Clock(NOON)
    issuer = TestIssuer(create_config(**settings), clock=clock)
    events: list[Event] = []
    return Browser(issuer, Core(issuer.config, clock=clock, on_event=events.append), events)


def another(browser: Browser, config: Config | None = None) -> Browser:
    """The same person's browser at another process of the app."""
    core = Core(config or browser.issuer.config, clock=browser.issuer.clock)
    return Browser(browser.issuer, core, jar=dict(browser.jar))


def no_network(request: object) -> HttpResponse:
    raise AssertionError(f"asked the network: {request}")


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
