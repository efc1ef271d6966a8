"""OpenTelemetry's SDK behind `kit.spans`: imported only where spans are told."""

import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from sqlalchemy import Engine, event

from kit import spans
from kit.logs import log

#: Seconds that the last spans may take to be told.
_LAST_WORDS: Final = 5.0
_COMMANDS = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+(?:ONLY\s+)?\"?([a-z_][a-z0-9_]*)", re.IGNORECASE)


class _Recorded(spans.Span):
    """A span that is told, if its trace is recorded."""

    def __init__(self, span: trace.Span, kind: str, method: str | int = "") -> None:
        self._span, self._kind, self._method = span, kind, method
        self.parent = _parent(span.get_span_context())

    def tell(self, name: str, value: str | int) -> None:
        self._span.set_attribute(name, value)

    def answered(self, status: int, route: str | None = None) -> None:
        self.tell("http.response.status_code", status)
        if route is not None:
            self.tell("http.route", route)
            self._span.update_name(f"{self._method} {route}")
        # What a caller did wrong is no error of who answers, but one of who asks.
        if status >= 500 or (status >= 400 and self._kind == spans.CLIENT):
            self.failed(str(status))

    def failed(self, kind: str) -> None:
        self.tell("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class Teller:
    """Makes spans, and tells them in batches from a thread of its own."""

    def __init__(self, process: str) -> None:
        # It says each time that a collector is away; `_Exporter` says it once.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        resource = Resource.create()
        if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: process}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(_Exporter(OTLPSpanExporter())))
        self._tracer = self._provider.get_tracer("dongsheng", version("dongsheng"))

    @contextmanager
    def span(
        self, name: str, kind: str, about: Mapping[str, str | int], parent: str | None
    ) -> Iterator[spans.Span]:
        """As `kit.spans.span`."""
        made = self._tracer.start_as_current_span(
            name,
            None if parent == spans.CURRENT else _context(parent),
            SpanKind[kind],
            about,
            record_exception=False,  # it may show a person's data
            set_status_on_exception=False,
        )
        with made as begun:
            recorded = _Recorded(begun, kind, about.get("http.request.method", ""))
            try:
                yield recorded
            except BaseException as error:
                recorded.failed(type(error).__name__)
                raise

    def current(self) -> str:
        """As `kit.spans.current`."""
        found = trace.get_current_span().get_span_context()
        return _parent(found) if found.is_valid else ""

    def watch(self, engine: Engine) -> None:
        """As `kit.spans.watch`."""
        about = {"db.system.name": "postgresql", "db.namespace": engine.url.database or ""}

        def before(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if trace.get_current_span().is_recording():
                command, table = summary(statement)
                told = (
                    about | {"db.operation.name": command} | ({"db.collection.name": table} if table else {})
                )
                name = f"{command} {table}".strip()
                connection.info["span"] = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=told)

        def after(connection: Any, *_: Any) -> None:
            if (span := connection.info.pop("span", None)) is not None:
                span.end()

        def wrong(found: Any) -> None:
            connection = found.connection
            if connection is not None and (span := connection.info.pop("span", None)) is not None:
                _Recorded(span, spans.CLIENT).failed(type(found.original_exception).__name__)
                span.end()

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        event.listen(engine, "handle_error", wrong)

    def end(self) -> None:
        """Tell the rest; a collector that is away does not keep the process from ending."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(_LAST_WORDS)


class _Exporter(SpanExporter):
    """OpenTelemetry's, which says once that the collector is away, and once that it is back."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._away = False

    def export(self, told: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._inner.export(told)
        except Exception:  # an address that is none, for one
            result = SpanExportResult.FAILURE
        away = result is not SpanExportResult.SUCCESS
        if away != self._away:
            self._away = away
            log.warning("collector-away" if away else "collector-back")
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


@lru_cache(maxsize=2048)
def summary(statement: str) -> tuple[str, str]:
    """A statement's command and the first table that it names, where it does; never a value."""
    commands, table = _COMMANDS.search(statement), _TABLE.search(statement)
    if commands is None:
        return statement.strip().partition(" ")[0].upper(), ""
    return commands[1].upper(), table[1].lower() if table else ""


def _context(parent: str | None) -> Context:
    """The context of a span that goes on from another process's, or from nobody's."""
    if parent is None:
        return Context()
    _, id, span, flags = parent.split("-")
    there = SpanContext(int(id, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
    return trace.set_span_in_context(NonRecordingSpan(there), Context())


def _parent(span: SpanContext) -> str:
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-0{span.trace_flags & TraceFlags.SAMPLED}"
