"""OpenTelemetry traces: a span for each request, operation, transaction, mail and webhook.

Spans carry names, ids and statuses. Neither addresses nor messages of exceptions: they may hold what people
typed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vestibule.errors import ConfigError
from vestibule.server.identity.errors import IdentityError
from vestibule.server.middleware import operation_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

MISSING = "VESTIBULE_SERVER_TELEMETRY needs the telemetry extra: pip install 'vestibule[server,telemetry]'"


def otlp_provider() -> "TracerProvider":
    """Sends spans where the `OTEL_` variables say. Raises ConfigError without the extra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigError(MISSING) from None
    resource = Resource.create()
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "vestibule"}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class Tracing:
    """The spans of one application."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("vestibule.server")

    @contextmanager
    def span(self, name: str, **attributes: str) -> "Iterator[Span]":
        given = {f"vestibule.{key}": value for key, value in attributes.items()}
        with (
            self._tracer.start_as_current_span(
                name, attributes=given, record_exception=False, set_status_on_exception=False
            ) as span,
            _faults_marked(span),
        ):
            yield span

    @contextmanager
    def request(self, scope: Scope) -> "Iterator[Span]":
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with (
            self._tracer.start_as_current_span(
                scope["method"],
                context=TraceContextTextMapPropagator().extract(headers),
                kind=SpanKind.SERVER,
                attributes={"http.request.method": scope["method"]},
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            _faults_marked(span),
        ):
            yield span

    def stop(self) -> None:
        """What is not sent yet is sent now."""
        self._provider.shutdown()


class Traced:
    """The outermost layer of a traced application."""

    def __init__(self, app: ASGIApp, *, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._tracing.request(scope) as span:
            await self._app(scope, receive, _noting_status(send, span))
            span.update_name(operation_of(scope))
            span.set_attribute("vestibule.request_id", str(scope.get("state", {}).get("request_id", "")))


def _noting_status(send: Send, span: "Span") -> Send:
    async def noting(event: Message) -> None:
        if event["type"] == "http.response.start":
            span.set_attribute("http.response.status_code", event["status"])
            if event["status"] >= 500:
                _mark_fault(span, str(event["status"]))
        await send(event)

    return noting


@contextmanager
def _faults_marked(span: "Span") -> Iterator[None]:
    """By the class alone. A rule that says no is no fault."""
    try:
        yield
    except IdentityError:
        raise
    except BaseException as error:
        _mark_fault(span, type(error).__name__)
        raise


def _mark_fault(span: Any, kind: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
