"""`/metrics`: what this process did and has to do, in the text format of Prometheus."""

import hmac
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server.answers import message
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.settings import is_loopback
from vestibule.server.tally import BOUNDS, Tally

if TYPE_CHECKING:
    from prometheus_client.core import Metric

FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
COUNTERS: Final = (
    ("vestibule_requests", "Requests answered.", ("operation", "status")),
    ("vestibule_grants", "Asked for at the token endpoint: refreshes, sign-ins.", ("grant_type", "outcome")),
    ("vestibule_events", "Events appended, among them every sign-in and its outcome.", ("event",)),
    ("vestibule_mails", "Attempts to send a mail, by what became of them.", ("outcome",)),
    ("vestibule_webhooks", "Attempts to deliver an event, by what became of them.", ("outcome",)),
)


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def metrics(request: Request) -> Response:
        if not _may_ask(request, identity.settings.metrics_token):
            return message(404, "There is nothing here.", code="not_found").response()
        return Response(await hops.run(_render, identity, hops), media_type="text/plain; version=0.0.4")

    return [Route("/metrics", metrics, methods=["GET"])]


def _may_ask(request: Request, token: str | None) -> bool:
    if token is not None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # A proxy on this machine comes from loopback too, with the requests of everybody.
    if any(name in request.headers for name in FORWARDED):
        return False
    client = request.client.host if request.client else ""
    return is_loopback(client) and is_loopback(request.url.hostname or "")


def _render(identity: Identity, hops: Hops) -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest  # slow to load, and seldom needed

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected([*_counted(identity.tally), *_present(identity, hops)]))
    return generate_latest(registry)


class _Collected:
    def __init__(self, families: "list[Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterator[Metric]":
        return iter(self._families)


def _counted(tally: Tally) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    for name, text, labels in COUNTERS:
        counter = CounterMetricFamily(name, text, labels=labels)
        for values, number in sorted(tally.counts(name).items()):
            counter.add_metric(values, number)
        yield counter
    name = "vestibule_request_seconds"
    histogram = HistogramMetricFamily(name, "How long an answer took.", labels=("operation",))
    for values, spread in sorted(tally.spreads(name).items()):
        reached, buckets = 0, []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), spread.counts, strict=True):
            reached += count
            buckets.append((bound, reached))
        histogram.add_metric(values, buckets, spread.seconds)
    yield histogram


def _present(identity: Identity, hops: Hops) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    with identity.store.read() as tx:
        waiting = {"mails": tx.mails.count_waiting(), **tx.webhook_deliveries.count_waiting()}
    waiting_family = GaugeMetricFamily(
        "vestibule_waiting", "What is to leave, of all processes together.", labels=("kind",)
    )
    for kind, number in waiting.items():
        waiting_family.add_metric((kind,), number)
    yield waiting_family
    yield GaugeMetricFamily(
        "vestibule_database_connections", "Connections in use.", value=identity.store.connections_in_use()
    )
    load = hops.load()
    yield GaugeMetricFamily("vestibule_threads_busy", "Requests in a thread.", value=load.busy)
    yield GaugeMetricFamily(
        "vestibule_threads_waiting", "Requests that wait for a thread.", value=load.waiting
    )
    yield GaugeMetricFamily("vestibule_hashing", "Password hashes under way.", value=load.hashing)
    yield GaugeMetricFamily(
        "vestibule_hashing_waiting", "Requests that wait to hash a password.", value=load.hashing_waiting
    )
