"""Idempotency: the same request under the same key is carried out once and answered the same each time.

SDKs send an `Idempotency-Key` with every POST and repeat it after a lost answer. Stored answers are sealed.
"""

import base64
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from vestibule.server.answers import Answer, message
from vestibule.server.identity.context import Identity
from vestibule.server.identity.secrets import digest, open_at_rest, seal_at_rest

KEPT: Final = dt.timedelta(hours=24)
IN_FLIGHT: Final = dt.timedelta(seconds=60)
"""After this a request that never finished (a killed process) no longer holds its key."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    key_hash: bytes = field(repr=False)
    request_hash: bytes = field(repr=False)
    tokens: bool = False

    @classmethod
    def of(cls, *, key: str, owner: str, target: str, content: bytes, tokens: bool) -> "Repeatable":
        """`owner` keeps the keys of different callers apart."""
        request = f"{target}\n{base64.b64encode(content).decode()}"
        return cls(digest(f"{owner}\n{key}"), digest(request), tokens)

    def kept(self, identity: Identity) -> dt.timedelta:
        if self.tokens:
            return dt.timedelta(seconds=identity.settings.replay_window_seconds)
        return KEPT


def answer_once(identity: Identity, repeatable: Repeatable, run: Callable[[], Answer]) -> Answer:
    """409 while the first is under way, 422 when the key was used for something else."""
    known = _claim(identity, repeatable)
    if known is not None:
        return known
    try:
        answer = run()
    except BaseException:
        _release(identity, repeatable)
        raise
    if _worth_keeping(repeatable, answer):
        _complete(identity, repeatable, answer)
    else:
        _release(identity, repeatable)
    return answer


def _worth_keeping(repeatable: Repeatable, answer: Answer) -> bool:
    """Refusals that time may mend are decided anew, and so are those anybody could fill a table with."""
    return answer.status < 300 or (not repeatable.tokens and answer.status not in (401, 403, 409, 429))


def _claim(identity: Identity, repeatable: Repeatable) -> Answer | None:
    now = identity.now
    with identity.store.transaction() as tx:
        found = tx.idempotency.claim(
            repeatable.key_hash,
            repeatable.request_hash,
            now=now,
            expires_at=now + KEPT,
            takeover_before=now - IN_FLIGHT,
        )
    if found is None:
        return None
    if found.request_hash != repeatable.request_hash:
        text = "This Idempotency-Key was used for another request."
        return message(422, text, code="idempotency_key_reused")
    if found.status is None or found.answer_sealed is None:
        text = "A request with this Idempotency-Key is still being carried out."
        return message(409, text, code="idempotency_key_in_use", headers={"retry-after": "1"})
    stored = open_at_rest(found.answer_sealed, identity.settings.secret)
    return Answer(found.status, _again(stored["data"]), stored["headers"] | {"idempotent-replayed": "true"})


def _complete(identity: Identity, repeatable: Repeatable, answer: Answer) -> None:
    stored = {"data": answer.body().decode(), "headers": dict(answer.headers)}
    sealed = seal_at_rest(stored, identity.settings.secret)
    expires_at = identity.now + repeatable.kept(identity)
    with identity.store.transaction() as tx:
        tx.idempotency.complete(
            repeatable.key_hash, status=answer.status, answer_sealed=sealed, expires_at=expires_at
        )


def _release(identity: Identity, repeatable: Repeatable) -> None:
    with identity.store.transaction() as tx:
        tx.idempotency.release(repeatable.key_hash)


def _again(body: str) -> Any:
    """The very bytes of the first answer."""
    return msgspec.Raw(body.encode()) if body else None
