"""The provider itself: what it is asked, and who comes back from it as whom."""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.oauth import Client
from vestibule.testing.clock import Clock
from vestibule.testing.oauth.accounts import Account, create_account
from vestibule.testing.oauth.asking import Asked, ProviderRefusal, read_asked
from vestibule.testing.oauth.dialects import DIALECTS, Endpoint, Kind
from vestibule.testing.oauth.endpoints import Endpoints
from vestibule.testing.oauth.faults import ProviderFaults
from vestibule.testing.oauth.id_tokens import STRANGER
from vestibule.testing.oauth.ledger import Ledger
from vestibule.testing.oauth.page import STYLE, choice_page, refusal_page, sheet
from vestibule.testing.oauth.serving import serve

MALLORY = create_account(email="mallory@example.net", name="Mallory")


class TestProvider(ProviderFaults):
    """A transport for `Auth.direct(app, provider.client(), send=provider)` and for flows (`provider.send`),
    or with `serving()` a server for browsers. `requests` lists all it was asked.

    Without `redirect_uris` every callback address counts as registered. Nothing but the code is made up: it
    looks at the secret, PKCE, the callback address and whether a code is new, as a real one does.
    """

    __test__ = False  # no test class, whatever pytest thinks of its name

    def __init__(
        self,
        kind: Kind = "oidc",
        *,
        url: str | None = None,
        name: str | None = None,
        client_id: str = "test-app",
        client_secret: str | None = None,
        redirect_uris: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        dialect = DIALECTS[kind]
        super().__init__(replace(dialect, name=name or dialect.name))
        self.kind = kind
        self.url = url or self.dialect.url
        self.client_id = client_id
        self.client_secret = client_secret or secrets.token_urlsafe(24)
        self.redirect_uris = set(redirect_uris)
        self.clock = clock
        self.requests: list[HttpRequest] = []
        self.ledger = Ledger()
        self._people: dict[str, Account] = {}
        self._lock = threading.RLock()
        self._stopped = threading.Event()

    def client(self, **settings: Any) -> Client:
        """An app's registration here: `github(…)`, `google(…)` or `oidc(…)` of `vestibule.oauth` with the
        addresses of this provider, and with these `settings`."""
        mine = {"client_id": self.client_id, "client_secret": self.client_secret}
        return self.dialect.client(self.url, {**mine, **settings})

    def person(
        self,
        email: str | None = "ada@example.com",
        *,
        subject: str | None = None,
        email_verified: bool = True,
        name: str | None = None,
        username: str | None = None,
        picture: str | None = None,
        claims: Mapping[str, object] | None = None,
    ) -> Account:
        """Somebody gets an account here, or, with a `subject` there is, another one in its place. Who comes
        last is who signs in when a test does not say."""
        account = create_account(
            email=email,
            subject=subject,
            email_verified=email_verified,
            name=name,
            username=username,
            picture=picture,
            claims=claims,
        )
        if self.kind == "github" and not account.subject.isdecimal():
            raise ValueError(f"GitHub knows people by a number, not by {account.subject!r}.")
        with self._lock:
            self._people.pop(account.subject, None)
            self._people[account.subject] = account
        return account

    @property
    def people(self) -> list[Account]:
        """Ada, as long as nobody was introduced."""
        with self._lock:
            return list(self._people.values()) or [create_account()]

    def consent(self, url: str, who: Account | str | None = None) -> str:
        """What a person does who follows an authorization URL and agrees: the callback URL they come back
        with. `who`: an account, or its address or subject. Raises ProviderRefusal where the provider shows an
        error instead of sending anybody back, and LookupError for a stranger."""
        return self._callback(self._followed(url), self._find(who))

    def cancel(self, url: str) -> str:
        """The callback URL of somebody who would rather not."""
        return self._callback(self._followed(url), None)

    def send(self, request: HttpRequest) -> HttpResponse:
        """A blocking sender. Raises Unreachable for what is asked elsewhere, and when it was told to."""
        if not self.is_at(request.url):
            raise Unreachable(f"{urlsplit(request.url).netloc} is not this provider, which is at {self.url}")
        endpoint = self._endpoint(request)
        if self.due("dead", endpoint):
            raise Unreachable("the connection broke, as the test said")
        response, slow = self._answer(request), self.due("slow", endpoint)
        if slow:
            taken = min(slow.seconds, request.deadline)
            if isinstance(self.clock, Clock):
                self.clock.advance(seconds=taken)
            if slow.seconds >= request.deadline:
                raise Unreachable(f"no answer within {request.deadline:g} s, as the test said")
        return response

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        """An awaitable sender."""
        await asyncio.sleep(0)
        return self.send(request)

    def close(self) -> None:
        """There is nothing to close; senders have the method."""

    def is_at(self, url: str) -> bool:
        """Whether this address is one of its own."""
        homes = {_origin(each) for each in self.dialect.addresses(self.url).values()}
        return _origin(url) in homes

    def requests_to(self, part: str) -> list[HttpRequest]:
        return [request for request in self.requests if part in request.url]

    @contextlib.contextmanager
    def serving(self, *, port: int = 0) -> Iterator[str]:
        """On a port of this machine, free or given, while this lasts: `url` is its address, and `client()`
        one that goes there."""
        before = self.url
        self._stopped.clear()
        with serve(self._answer_over_http, port=port) as url:
            self.url = url
            try:
                yield url
            finally:
                self._stopped.set()
                self.url = before

    def _answer_over_http(self, request: HttpRequest) -> HttpResponse | None:
        endpoint = self._endpoint(request)
        if self.due("dead", endpoint):
            return None
        response, slow = self._answer(request), self.due("slow", endpoint)
        if slow:
            self._stopped.wait(slow.seconds)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        endpoint = self._endpoint(request)
        with self._lock:
            self.requests.append(request)
            broken = self.broken(endpoint)
            if broken is not None:
                return broken
            if endpoint == "authorize":
                return self._authorize(request)
            if urlsplit(request.url).path == STYLE:
                return sheet()
            return Endpoints(self).answer(endpoint, request)

    def _endpoint(self, request: HttpRequest) -> Endpoint | None:
        address = request.url.partition("?")[0]
        places = self.dialect.addresses(self.url)
        return next((endpoint for endpoint, place in places.items() if place == address), None)

    def _authorize(self, request: HttpRequest) -> HttpResponse:
        name = self.dialect.name
        try:
            asked = self._asked(request.url)
        except ProviderRefusal as refusal:
            return refusal_page(name, refusal.error, refusal.description, status=refusal.status)
        if request.method == "POST":
            chosen = dict(parse_qsl(request.body.decode()))
            account = None if "cancel" in chosen else self._find(chosen.get("account"))
            return HttpResponse(303, b"", {"location": self._callback(asked, account)})
        if asked.problem is not None or self.has("access_denied"):
            return HttpResponse(302, b"", {"location": self._callback(asked, None)})
        hinted = sorted(self.people, key=lambda each: each.email != asked.hint)
        return choice_page(name, hinted, app=self.client_id, redirect_uri=asked.redirect_uri)

    def _followed(self, url: str) -> Asked:
        here = self.dialect.addresses(self.url)["authorize"]
        if url.partition("?")[0] != here:
            raise ProviderRefusal("not_found", f"People are asked at {here}, not at {url.partition('?')[0]}.")
        return self._asked(url)

    def _asked(self, url: str) -> Asked:
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        return read_asked(
            query, self.dialect, client_id=self.client_id, redirect_uris=frozenset(self.redirect_uris)
        )

    def _find(self, who: Account | str | None) -> Account:
        if isinstance(who, Account):
            return who
        people = self.people
        if who is None:
            return people[-1]
        found = [each for each in people if who in (each.subject, each.email)]
        if not found:
            raise LookupError(f"{who!r} has no account here: `provider.person({who!r})` first.")
        return found[0]

    def _callback(self, asked: Asked, account: Account | None) -> str:
        answer: dict[str, str] = {}
        if asked.problem is not None:
            answer = {"error": asked.problem.error, "error_description": asked.problem.description}
        elif account is None or self.has("access_denied"):
            answer = {"error": "access_denied", "error_description": "The person did not agree."}
        else:
            answer = {"code": self._code(asked, account)}
        if self.dialect.is_oidc and not self.has("missing_iss"):
            answer["iss"] = STRANGER if self.has("mix_up_issuer") else self.url
        return asked.way_back(answer)

    def _code(self, asked: Asked, account: Account) -> str:
        with self._lock:
            if self.has("swapped_code"):
                foreign = replace(asked, challenge=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32))
                return self.ledger.issue_code(MALLORY, foreign, now=self.clock())
            return self.ledger.issue_code(account, asked, now=self.clock())


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
