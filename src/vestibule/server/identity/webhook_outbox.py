"""The outbox of webhooks: the events themselves, which each endpoint is told in turn until it has them all.

One worker at a time looks after an endpoint, so a dead one is nobody else's trouble. Within a batch the
events of one person or organization go in their order; one that failed is tried again later, and lets others
pass.
"""

import datetime as dt
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from vestibule.errors import ConfigError, Unreachable
from vestibule.flow import HttpRequest
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import timestamp
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.webhooks import opened
from vestibule.server.outbound.client import Outbound
from vestibule.server.store.events import Event
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.webhook_deliveries import StoredDelivery
from vestibule.server.store.webhooks import StoredEndpoint
from vestibule.wire.webhooks import SIGNATURE_HEADER, sign, stringify

if TYPE_CHECKING:
    from vestibule.server.outbound.line import Line

BATCH: Final = 100
FAN_OUT: Final = 500
AT_ONCE: Final = 8
PATIENCE: Final = 10.0
MOST_OF_AN_ANSWER: Final = 65_536
BUDGET: Final = 30.0  # seconds in which the tries of a batch begin
LEASE: Final = dt.timedelta(minutes=2)  # longer than that and the last try
RETRIED_FOR: Final = dt.timedelta(days=3)
EXCERPT: Final = 1_000  # characters
FIRST_PAUSE: Final = 10.0
LONGEST_PAUSE: Final = 6 * 3600.0
FIRST_REST: Final = 5.0
LONGEST_REST: Final = 3600.0
SILENT: Final = "the receiver did not answer for three days"

Due = tuple[StoredDelivery, Event]

log = logging.getLogger("vestibule.server.webhooks")


@dataclass(frozen=True, slots=True)
class Attempt:
    """`status` None: no answer."""

    delivery: StoredDelivery
    status: int | None
    error: str | None
    retry_after: float = 0.0
    milliseconds: int | None = None
    excerpt: str | None = field(default=None, repr=False)

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Batch:
    """What is due at one endpoint, for whoever has claimed it."""

    endpoint: StoredEndpoint
    due: Sequence[Due] = field(repr=False)


def claim(identity: Identity, *, lease: dt.timedelta = LEASE) -> Batch | None:
    """The endpoint that waits longest for something, with what it waits for; None when none does."""
    now = identity.now
    with identity.store.read() as tx:
        if not tx.webhook_endpoints.has_work(now=now):
            return None
    with identity.store.transaction() as tx:
        endpoint = tx.webhook_endpoints.claim(now=now, lease=secrets.token_hex(16), until=now + lease)
        if endpoint is None:
            return None
        _fan_out(tx, identity, endpoint)
        # An endpoint that did not answer is asked once before it gets a batch again.
        limit = 1 if endpoint.failures else BATCH
        return Batch(endpoint, tx.webhook_deliveries.due(endpoint.id, now=now, limit=limit))


def deliver(
    identity: Identity, batch: Batch, outbound: Outbound, *, stopping: Callable[[], bool] = lambda: False
) -> list[Attempt]:
    """Raises nothing that the receiver can cause."""
    try:
        secret = opened(identity, batch.endpoint).secret
    except ConfigError as error:
        log.error("webhook_postponed: %s: %s", batch.endpoint.id, error.message)
        _release(identity, batch, [], rest=LONGEST_REST)
        return []
    attempts = _send_all(identity, batch, secret, outbound, stopping)
    _record(identity, batch, attempts)
    return attempts


def _fan_out(tx: Transaction, identity: Identity, endpoint: StoredEndpoint) -> None:
    happened = tx.webhook_deliveries.beyond(endpoint.position, limit=FAN_OUT)
    if not happened:
        return
    wanted = [each for each in happened if each.event in endpoint.events]
    tx.webhook_deliveries.queue([delivery_row(identity, endpoint.id, each) for each in wanted])
    tx.webhook_endpoints.advance(endpoint, position=happened[-1].position)


def delivery_row(identity: Identity, endpoint_id: str, happened: Any) -> dict[str, Any]:
    now = identity.now
    return {
        "id": new_id("webhook_delivery", now),
        "endpoint_id": endpoint_id,
        "event_id": happened.id,
        "event": happened.event,
        "position": happened.position,
        "attempts": 0,
        "due_at": now,
        "queued_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _send_all(
    identity: Identity, batch: Batch, secret: str, outbound: Outbound, stopping: Callable[[], bool]
) -> list[Attempt]:
    silent, until = threading.Event(), time.monotonic() + BUDGET

    def send_in_turn(dues: Sequence[Due]) -> list[Attempt]:
        attempts: list[Attempt] = []
        with outbound.line() as line:
            for delivery, event in dues:
                if silent.is_set() or stopping() or time.monotonic() > until:
                    break
                request = _request(identity, batch.endpoint.endpoint_url, secret, event)
                with identity.spans.span("webhook", endpoint_id=batch.endpoint.id, event_id=event.id):
                    attempts.append(_try(delivery, line, request))
                if attempts[-1].status is None:
                    silent.set()  # the others of this batch would only wait as long
        return attempts

    queues = _queues(batch.due)
    if len(queues) < 2:
        return [attempt for queue in queues for attempt in send_in_turn(queue)]
    with ThreadPoolExecutor(len(queues), thread_name_prefix="vestibule-webhook") as threads:
        return [attempt for attempts in threads.map(send_in_turn, queues) for attempt in attempts]


def _queues(dues: Sequence[Due]) -> list[list[Due]]:
    """What concerns the same person or organization stays in one queue, in its order."""
    queues: dict[int, list[Due]] = {}
    for due in dues:
        data = due[1].data
        subject = data.get("user_id") or data.get("id") or due[1].organization_id
        queues.setdefault(hash(str(subject)) % AT_ONCE, []).append(due)
    return list(queues.values())


def _request(identity: Identity, url: str, secret: str, event: Event) -> HttpRequest:
    body = body_of(event)
    milliseconds = int(identity.now.timestamp() * 1000)
    headers = {
        "Content-Type": "application/json",
        SIGNATURE_HEADER: sign(body, secret, milliseconds=milliseconds),
    }
    return HttpRequest("POST", url, headers, body, deadline=PATIENCE, max_bytes=MOST_OF_AN_ANSWER)


def body_of(event: Event) -> bytes:
    """The event as `GET /events` shows it."""
    shown = {
        "object": "event",
        "id": event.id,
        "event": event.event,
        "data": event.data,
        "created_at": timestamp(event.created_at),
    }
    if event.context:
        shown["context"] = event.context
    return stringify(shown)


def _try(delivery: StoredDelivery, line: "Line", request: HttpRequest) -> Attempt:
    began = time.monotonic()
    try:
        response = line.send(request, whole=False)
    except Unreachable as error:
        return Attempt(delivery, None, error.message, milliseconds=_since(began))
    said: dict[str, Any] = {"milliseconds": _since(began), "excerpt": _excerpt(response.body)}
    if 200 <= response.status < 300:
        return Attempt(delivery, response.status, None, **said)
    wait = response.headers.get("retry-after", "")
    seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0
    return Attempt(delivery, response.status, f"answered {response.status}", seconds, **said)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _excerpt(body: bytes) -> str:
    """What a database keeps and a page shows: no control characters but line breaks."""
    text = body[: EXCERPT * 4].decode("utf-8", "replace").replace("\r\n", "\n")[:EXCERPT]
    return "".join(each if each.isprintable() or each in "\n\t" else "\ufffd" for each in text)


def _record(identity: Identity, batch: Batch, attempts: Sequence[Attempt]) -> None:
    now = identity.now
    results = [_result(attempt, now) for attempt in attempts]
    for attempt, result in zip(attempts, results, strict=True):
        identity.tally.count("vestibule_webhooks", _outcome(result))
        if result["failed"] is not None:
            log.error(
                "webhook_failed: %s to %s after %d attempts: %s",
                attempt.delivery.event_id,
                batch.endpoint.id,
                attempt.delivery.attempts + 1,
                attempt.error,
            )
    lost = [attempt for attempt in attempts if not attempt.arrived]
    if lost:
        text = "webhook_postponed: %s: %d of %d not taken, the last: %s"
        log.warning(text, batch.endpoint.id, len(lost), len(attempts), lost[-1].error)
    _release(identity, batch, results, rest=_rest(batch.endpoint, attempts))


def _release(
    identity: Identity, batch: Batch, results: Sequence[dict[str, Any]], *, rest: float | None
) -> None:
    now = identity.now
    failures = batch.endpoint.failures
    if rest is not None:
        failures += 1
    elif results:  # else nobody was asked, and nothing is known that was not known before
        failures = 0
    rests_until = None if rest is None else now + dt.timedelta(seconds=rest)
    with identity.store.transaction() as tx:
        tx.webhook_deliveries.record(results)
        if batch.endpoint.failures and rest is not None:
            old = now - RETRIED_FOR
            tx.webhook_deliveries.give_up(batch.endpoint.id, queued_before=old, now=now, error=SILENT)
        tx.webhook_endpoints.release(batch.endpoint, now=now, failures=failures, rests_until=rests_until)


def _result(attempt: Attempt, now: dt.datetime) -> dict[str, Any]:
    delivery = attempt.delivery
    due = None if attempt.arrived else now + _pause(delivery.attempts + 1, attempt.retry_after)
    if due is not None and due - delivery.queued_at > RETRIED_FOR:
        due = None
    return {
        "of": delivery.id,
        "before": delivery.attempts,
        "due": due,
        "delivered": now if attempt.arrived else None,
        "failed": None if attempt.arrived or due is not None else now,
        "status": attempt.status,
        "error": attempt.error,
        "milliseconds": attempt.milliseconds,
        "excerpt": attempt.excerpt,
        "now": now,
    }


def _outcome(result: dict[str, Any]) -> str:
    if result["delivered"] is not None:
        return "delivered"
    return "postponed" if result["failed"] is None else "failed"


def _pause(attempts: int, retry_after: float) -> dt.timedelta:
    """10 s, 30 s, 90 s … 6 h, give or take a fifth: about eighteen tries in three days."""
    seconds = min(FIRST_PAUSE * 3 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return dt.timedelta(seconds=max(_about(seconds), min(retry_after, LONGEST_PAUSE)))


def _rest(endpoint: StoredEndpoint, attempts: Sequence[Attempt]) -> float | None:
    """Seconds in which the endpoint is left alone: when it took nothing, and is silent or asks for it."""
    if not attempts or any(attempt.arrived for attempt in attempts):
        return None
    asked = max(attempt.retry_after for attempt in attempts)
    silent = any(attempt.status is None for attempt in attempts)
    if not silent and not asked and len(attempts) < AT_ONCE:
        return None
    seconds = min(FIRST_REST * 2 ** min(endpoint.failures, 20), LONGEST_REST)
    return max(_about(seconds), min(asked, LONGEST_REST))


def _about(seconds: float) -> float:
    return seconds * (0.8 + secrets.randbelow(401) / 1000)
