"""Traces as they are collected: by OpenTelemetry's own exporter in memory."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.testclient import TestClient

from tests.servers import SECRET
from vestibule.server.app import create_app
from vestibule.server.identity.api_keys import create_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.settings import Settings
from vestibule.server.spans import NO_SPANS
from vestibule.server.store.store import Store
from vestibule.server.tracing import Tracing, otlp_provider

CANARY = "canary-of-somebody"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def client(tmp_path: Path, exporter: InMemorySpanExporter) -> Iterator[TestClient]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    store = Store(f"sqlite:///{tmp_path / 'vestibule.db'}")
    store.migrate()
    settings = Settings(public_url="http://localhost:8100", secret=SECRET, development=True)
    identity = Identity(store, settings)
    app = create_app(settings, identity=identity, tracing=Tracing(provider))
    with TestClient(app, base_url="http://localhost:8100", raise_server_exceptions=False) as client:
        _, key = create_api_key(identity, "Tests")
        client.headers["authorization"] = f"Bearer {key}"
        exporter.clear()
        yield client
    store.close()


def tree(exporter: InMemorySpanExporter, root: ReadableSpan) -> list[str]:
    """The names of the spans below one, each with its parent's."""
    spans = {span.context.span_id: span for span in exporter.get_finished_spans() if span.context}
    found = []
    for span in spans.values():
        if span.parent and root.context and span.context and span.context.trace_id == root.context.trace_id:
            parent = spans.get(span.parent.span_id)
            found.append(f"{parent.name if parent else '-'} > {span.name}")
    return found


def request_span(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(span for span in exporter.get_finished_spans() if span.name == name)


def test_a_request_its_operation_and_its_transactions_are_one_trace(
    client: TestClient, exporter: InMemorySpanExporter
) -> None:
    assert client.post("/user_management/users", json={"email": f"{CANARY}@example.com"}).status_code == 201
    root = request_span(exporter, "POST /user_management/users")
    below = tree(exporter, root)
    assert "POST /user_management/users > create_user" in below
    assert "create_user > store.transaction" in below
    assert "create_user > store.read" in below
    attributes = dict(root.attributes or {})
    assert attributes["http.response.status_code"] == 201
    assert str(attributes["vestibule.request_id"]).startswith("req_")
    assert root.status.status_code is not StatusCode.ERROR


def test_a_trace_that_began_elsewhere_goes_on(client: TestClient, exporter: InMemorySpanExporter) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    client.get("/healthz", headers={"traceparent": parent})
    root = request_span(exporter, "GET /healthz")
    assert root.context is not None
    assert f"{root.context.trace_id:032x}" == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_refusal_is_no_fault_and_neither_tells_what_somebody_sent(
    client: TestClient, exporter: InMemorySpanExporter
) -> None:
    client.get(f"/user_management/users/{CANARY}", params={"q": CANARY})
    client.post("/user_management/authenticate", json={"grant_type": CANARY, "client_id": CANARY})
    assert {span.status.status_code for span in exporter.get_finished_spans()} == {StatusCode.UNSET}
    assert CANARY not in "".join(span.to_json() for span in exporter.get_finished_spans())


def test_a_fault_is_marked_by_its_class_alone(client: TestClient, exporter: InMemorySpanExporter) -> None:
    identity: Identity = client.app.state.identity  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError), identity.store.transaction():
        raise ZeroDivisionError(CANARY)
    # What leaves by itself looks into the database meanwhile.
    (span,) = [each for each in exporter.get_finished_spans() if each.status.status_code is StatusCode.ERROR]
    assert dict(span.attributes or {}) == {"error.type": "ZeroDivisionError"}
    assert CANARY not in span.to_json()


def test_what_leaves_is_traced(client: TestClient, exporter: InMemorySpanExporter) -> None:
    hook = {"endpoint_url": "http://localhost:1/", "events": ["user.created"]}
    assert client.post("/webhook_endpoints", json=hook).status_code == 201
    client.post("/user_management/users", json={"email": f"{CANARY}@example.com"})
    for _ in range(100):
        if any(span.name == "webhook" for span in exporter.get_finished_spans()):
            break
        client.get("/healthz")
        client.portal.call(_nap)  # type: ignore[union-attr]
    span = request_span(exporter, "webhook")
    assert set(span.attributes or {}) == {"vestibule.endpoint_id", "vestibule.event_id"}


async def _nap() -> None:
    import anyio

    await anyio.sleep(0.05)


def test_without_a_tracer_nothing_is_traced(tmp_path: Path) -> None:
    settings = Settings(
        public_url="http://localhost", secret=SECRET, database=f"sqlite:///{tmp_path / 'a.db'}"
    )
    app = create_app(settings)
    identity: Identity = app.state.identity
    assert identity.spans is identity.store.spans is NO_SPANS
    assert NO_SPANS.span("a") is NO_SPANS.span("b", c="d")
    identity.store.close()


def test_the_setting_sends_them_by_otlp() -> None:
    provider = otlp_provider()
    assert provider.resource.attributes["service.name"] == "vestibule"
    provider.shutdown()


def test_the_answers_are_the_same(client: TestClient) -> None:
    response = client.get("/user_management/users")
    assert (response.status_code, response.json()["data"]) == (200, [])
    assert isinstance(response, httpx2.Response)
