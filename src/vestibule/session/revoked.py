"""Sessions that ended at the server before their tokens do: its list, kept up to date."""

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote_plus, urlencode

from vestibule.errors import Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse
from vestibule.session import events
from vestibule.session.config import Config
from vestibule.session.events import Journal
from vestibule.session.model import Session
from vestibule.wire import fields
from vestibule.wire.paths import INTROSPECT, REVOKED

DEADLINE = 1.0  # a request waits for it, and goes on without
PAUSE = 10.0


class RevokedSessions:
    """One for all requests. The list is asked for when a session is loaded and the one at hand is older than
    `revocation_seconds`; all who need it meanwhile wait for the same answer. When the server does not answer,
    the last good list counts, sessions go on, and it is tried again after ten seconds at the earliest."""

    def __init__(self, config: Config, *, clock: Callable[[], float]) -> None:
        self._config = config
        self._clock = clock
        self._ids: frozenset[str] = frozenset()
        self._complete = True
        self._tag = ""
        self._active: set[str] = set()
        self._good_at: float | None = None
        self._since = clock()
        self._due_at = float("-inf")
        self._generation = 0
        self._said = False

    def has(self, session: Session, journal: Journal) -> Flow[bool]:
        """Whether the session was ended, as far as the server lets us know."""
        if self._clock() >= self._due_at:
            yield from self._renew()
        if session.id in self._ids:
            return True
        if self._complete or session.id in self._active:
            self._tell_age(session, journal)
            return False
        return (yield from self._ask_about(session))

    def _renew(self) -> Flow[None]:
        request, generation = self._question(), self._generation
        try:
            response = yield request
            self._take(response, generation)
        except Unreachable:
            if generation == self._generation:
                self._due_at = self._clock() + max(PAUSE, self._config.revocation_seconds)

    def _question(self) -> HttpRequest:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._config.api_key}"}
        if self._tag:
            headers["If-None-Match"] = self._tag
        return HttpRequest(
            "GET",
            self._config.url + REVOKED,
            headers=headers,
            # A number in it, or those who ask next would be served with this answer.
            share=f"revoked {self._generation}",
            deadline=DEADLINE,
        )

    def _take(self, response: HttpResponse, generation: int) -> None:
        if generation != self._generation:
            return  # whoever waited for the same answer has taken it
        if response.status == 200:
            self._ids, self._complete = _read(response.body)
            self._tag = response.headers.get("etag", "")
        elif response.status != 304 or not self._tag:
            raise Unreachable(f"The list of revoked sessions answered {response.status}.")
        self._generation += 1
        self._active = set()
        self._good_at, self._said = self._clock(), False
        self._due_at = self._good_at + self._config.revocation_seconds

    def _ask_about(self, session: Session) -> Flow[bool]:
        """There are too many to list: about each token then, once for each list."""
        token, generation = session.access_token, self._generation
        digest = sha256(token.encode()).hexdigest()
        credentials = f"{quote_plus(self._config.client_id)}:{quote_plus(self._config.api_key or '')}"
        try:
            response = yield HttpRequest(
                "POST",
                self._config.url + INTROSPECT,
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                    "Authorization": f"Basic {b64encode(credentials.encode()).decode()}",
                },
                body=urlencode({"token": token}).encode(),
                share=f"active {digest} {generation}",
                deadline=DEADLINE,
            )
        except Unreachable:
            return False
        active = _object(response.body).get("active") if response.status == 200 else None
        if active is False:
            return True
        if active is True and generation == self._generation:
            self._active.add(session.id)
        return False

    def _tell_age(self, session: Session, journal: Journal) -> None:
        """From here on an ended session may have been let in that a list would have kept out."""
        if self._said:
            return
        age = self._clock() - (self._since if self._good_at is None else self._good_at)
        if age > self._config.revocation_seconds and age > session.claims.exp - session.claims.iat:
            self._said = True
            journal.record(events.REVOCATION_LIST_OLD, age=int(age))


def _read(body: bytes) -> tuple[frozenset[str], bool]:
    found = _object(body)
    complete = found.get("complete")
    if not isinstance(found.get("session_ids"), list) or not isinstance(complete, bool):
        raise Unreachable("The list of revoked sessions cannot be read.")
    return fields.text_set(found, "session_ids"), complete


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
