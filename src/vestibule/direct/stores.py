"""What direct mode keeps on the app's side, if the app gives it a store: the sessions that were ended before
their time (a sealed cookie alone cannot be recalled), and the tokens of providers.

A `DataStore` blocks, and a flow does not: it asks by a request, and the adapter's transport answers it.
"""

import json
import logging
from collections.abc import Mapping
from hashlib import sha256

from vestibule.direct.kept import Kept
from vestibule.errors import Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse
from vestibule.session.data import DataStore

log = logging.getLogger("vestibule")

ADDRESS = "vestibule:stores"
REVOKED = "revoked"


def is_revoked(kept: Kept) -> Flow[bool]:
    """Raises Unreachable: a store that does not answer signs nobody out, and lets nobody in."""
    asked = {"session": kept.id, "user": kept.user.id, "at": kept.lifetime.issued_at}
    return (yield from _ask("revoked", asked)) is True


def revoke(session_id: str) -> Flow[None]:
    """Raises Unreachable."""
    yield from _ask("revoke", {"session": session_id})


def find_text(key: str) -> Flow[str | None]:
    found = yield from _ask("find", {"key": key})
    return found if isinstance(found, str) else None


def keep_text(key: str, text: str, *, max_age: int) -> Flow[None]:
    yield from _ask("update", {"key": key, "text": text, "max_age": max_age})


def forget_text(key: str) -> Flow[None]:
    yield from _ask("delete", {"key": key})


def key_of(*parts: str) -> str:
    """Of the same length whatever is in it, and nothing for who reads the table."""
    return sha256("\0".join(("vestibule.direct", *parts)).encode()).hexdigest()


class Revocations:
    """`revoke` ends one session, `revoke_user` all that somebody has begun so far. Both block."""

    def __init__(self, store: DataStore, *, keep_for: int) -> None:
        self._store = store
        self._keep_for = keep_for

    def revoke(self, session_id: str) -> None:
        self._store.update(key_of("session", session_id), REVOKED, max_age=self._keep_for)

    def revoke_user(self, user_id: str, *, now: float) -> None:
        self._store.update(key_of("user", user_id), str(int(now)), max_age=self._keep_for)

    def has(self, *, session_id: str, user_id: str, issued_at: int) -> bool:
        if self._store.find(key_of("session", session_id)) is not None:
            return True
        until = self._store.find(key_of("user", user_id))
        return until is not None and until.isascii() and until.isdigit() and issued_at <= int(until)


def ask_stores(
    request: HttpRequest, *, revocations: Revocations | None, tokens: DataStore | None
) -> HttpResponse:
    """Answers what the flows above ask. Blocks. Raises Unreachable."""
    asked = json.loads(request.body)
    try:
        answer = _answered(request.method, asked, revocations, tokens)
    except Exception as error:
        # A visitor hears that something is away; what it is, only whoever runs the app.
        log.error("direct.store_failed: %s: %s", type(error).__name__, error)
        raise Unreachable("A store of the app does not answer.") from error
    return HttpResponse(200, json.dumps(answer).encode())


def _answered(
    what: str, asked: Mapping[str, object], revocations: Revocations | None, tokens: DataStore | None
) -> object:
    if what == "revoked":
        return revocations is not None and revocations.has(
            session_id=str(asked["session"]),
            user_id=str(asked["user"]),
            issued_at=_number(asked["at"]),
        )
    if what == "revoke" and revocations is not None:
        revocations.revoke(str(asked["session"]))
    if what == "revoke" or tokens is None:
        return None
    key = str(asked["key"])
    if what == "find":
        return tokens.find(key)
    if what == "delete":
        tokens.delete(key)
    else:
        tokens.update(key, str(asked["text"]), max_age=_number(asked["max_age"]))
    return None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _ask(what: str, asked: Mapping[str, object]) -> Flow[object]:
    response = yield HttpRequest(what, f"{ADDRESS}?{what}", body=json.dumps(asked).encode())
    return json.loads(response.body)
