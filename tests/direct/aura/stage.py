"""An app with `aura=True` and the four providers of the recordings, asked request by request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.direct.aura.aura_vectors import vectors
from vestibule.direct.aura import Aura
from vestibule.direct.aura.sealing import AuraSessions
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.credentials import Credentials
from vestibule.direct.kept import Kept
from vestibule.direct.way import Hooks
from vestibule.entry import BlockingEntry
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.installation import Installation
from vestibule.oauth import Client, ProfileMap, TokenEndpoint, UserEndpoint, github, oauth2, oidc
from vestibule.session.incoming import Incoming
from vestibule.session.reply import Reply, merge_headers

HTTP = vectors()["http"]
T0: int = vectors()["meta"]["t0"]
MAIN = vectors()["keys"][0]
PROVIDER = "http://127.0.0.1:40555"
# What a browser says of a page that it opens.
PAGE = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}
# The recordings' GitHub answers at the fake provider; ours is the real one's addresses.
GITHUB = {"/login/oauth/access_token": "/gh/token", "/user": "/gh/user", "/user/emails": "/gh/emails"}


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str | None:
        return dict(self.headers).get("Location")

    @property
    def cookies(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Value and attributes, by name."""
        found = {}
        for name, line in self.headers:
            if name == "Set-Cookie":
                pair, *rest = line.split("; ")
                key, _, value = pair.partition("=")
                assert key not in found
                parts = (each.partition("=") for each in rest)
                found[key] = (value, {each: text or True for each, _, text in parts})
        return found


@dataclass
class Stage:
    """`replies`: of the providers, by path."""

    config: str = "std"
    settings: dict[str, Any] = field(default_factory=dict)
    replies: dict[str, HttpResponse] = field(default_factory=dict)
    now: int = T0
    jar: dict[str, str] = field(default_factory=dict)
    asked: list[HttpRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        recorded = HTTP["server_configs"][self.config]
        session = recorded.get("session", {})
        given = {
            "base_url": recorded.get("baseURL", "http://localhost:3000"),
            "prefix": recorded["basePath"],
            "trusted_origins": tuple(recorded.get("trustedOrigins", ())),
            "lifetime": session.get("maxAge"),
            "policy": session.get("expirationStrategy"),
            **self.settings,
        }
        hooks = {name: given.pop(name) for name in ("on_link", "on_unlink") if name in given}
        way = AuraWay(
            given.pop("providers", None) or providers(given.pop("subject", None)),
            hooks=Hooks(authorize=given.pop("authorize", authorize), **hooks),
            revocations=given.pop("revocations", None),
            aura=given.pop("aura", None) or Aura(secret=MAIN["secret"], salt=MAIN["salt"]),
        )
        self.way = way
        self.installation = Installation(
            way=way, send=self._send, clock=lambda: self.now, **{k: v for k, v in given.items() if v}
        )

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Answer:
        """`url` is below the prefix, or whole. Cookies are of the jar, unless a Cookie header is given."""
        url = url if url.startswith("http") else f"http://localhost:3000/api/auth{url}"
        parts = urlsplit(url)
        sent = {"cookie": "; ".join(f"{n}={v}" for n, v in self.jar.items()), **(headers or {})}
        incoming = Incoming(
            method=method,
            path=parts.path,
            query=parts.query,
            headers={name: value for name, value in sent.items() if value},
            scheme=parts.scheme,
            host=sent.get("host") or parts.netloc,
            body=(body or "").encode(),
        )
        visit = self.installation.core.visit(incoming)
        reply = BlockingEntry(self.installation, visit).intercept()
        if not isinstance(reply, Reply):
            return Answer(404, visit.headers(), b"")
        answer = Answer(reply.status, merge_headers(reply.headers, visit.headers()), reply.body)
        for name, (value, attributes) in answer.cookies.items():
            if attributes.get("Max-Age") == "0":
                self.jar.pop(name, None)
            else:
                self.jar[name] = value
        return answer

    def pair(self) -> dict[str, str]:
        """The header of a page that has asked for one."""
        return {"x-csrf-token": self.ask("GET", "/csrfToken").json["csrfToken"]}

    def sign_in(self, provider: str = "fake", query: str = "", **params: str) -> Answer:
        """All the way; `params` are of the callback."""
        begun = self.ask("GET", f"/signIn/{provider}{query}")
        state = dict(parse_qsl(urlsplit(begun.location or "").query))["state"]
        given = {"code": "code_1", "state": state, **params}
        return self.ask("GET", f"/callback/{provider}?" + "&".join(f"{k}={v}" for k, v in given.items()))

    def kept(self, token: str | None = None) -> Kept | None:
        _ = self.installation.config
        value = token or next(v for name, v in self.jar.items() if name.endswith("session_token"))
        return AuraSessions(self.way.tokens).open(unquote(value), now=self.now)

    def _send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        path = urlsplit(request.url).path
        path = path if request.url.startswith(PROVIDER) else GITHUB[path]
        if path in self.replies:
            return self.replies[path]
        recorded = HTTP["fake_provider_default_replies"].get(path.replace("/evil/", "/"))
        return answer_of(recorded["status"], recorded["json"]) if recorded else answer_of(200, [])


def signed_in(stage: Stage | None = None, **settings: Any) -> Stage:
    stage = stage or Stage(settings=settings)
    assert stage.sign_in().status == 302
    return stage


def answer_of(status: int, body: object) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json"})


def authorize(given: Credentials) -> dict[str, str] | None:
    """As the recordings have it."""
    if given.password != "correct horse":
        return None
    return {"id": "cred-1", "name": given.username, "email": given.username}


def providers(profile: ProfileMap | None = None) -> list[Client]:
    return [
        _fake("fake", "/token", profile),
        _fake("fake2", "/evil/token", profile),
        github(client_id="gh_client", client_secret="gh_secret"),
        oidc(
            f"{PROVIDER}/oidc",
            id="oidc",
            client_id="oidc_client",
            client_secret="oidc_secret",
        ),
    ]


def _fake(name: str, token_path: str, profile: ProfileMap | None) -> Client:
    return oauth2(
        id=name,
        authorize_url=f"{PROVIDER}/authorize",
        tokens=TokenEndpoint(url=PROVIDER + token_path),
        user=UserEndpoint(url=f"{PROVIDER}/userinfo"),
        profile=profile or ProfileMap(subject=("id",), email_proof="none"),
        client_id=f"{name}_client",
        client_secret=f"{name}_secret",
        scopes=("profile", "email"),
        revoke_url=f"{PROVIDER}/revoke",
    )
