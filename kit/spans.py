"""Spans: what a process did in a trace, told to a collector where OTEL_EXPORTER_OTLP_ENDPOINT names one.

Without it nothing of OpenTelemetry is imported, and each function here is one look at a variable.

with spans.span("run settle", spans.CONSUMER, parent=kept) as span:
    …
    span.tell("job.name", name)
"""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from kit.logs import log

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from kit.telling_spans import Teller

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"
#: Below the span that is current; None: a trace of its own.
CURRENT: Final = ""
PARENT: Final = "traceparent"

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"
#: Rows (environment variable, default, meaning), for the documentation.
VARIABLES: Final = (
    (_ENDPOINTS[1], "(none)", "address of an OTLP collector, as http://127.0.0.1:4318; without it there are no spans"),
    (_ENDPOINTS[0], "(none)", "the same for traces alone, as http://127.0.0.1:4318/v1/traces"),
    (_PROTOCOLS[1], _SPOKEN, "how the collector is spoken to; any other than this means no spans, and a line in the log"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "(none)", "headers for the collector, as api-key=…; they may be secret"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "(none)", "file of the certificate authority that the collector's is checked by"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10", "seconds after which a batch that cannot be sent is given up"),
    ("OTEL_SERVICE_NAME", "dongsheng-…", "name of the process: dongsheng-gateway, dongsheng-property and so on"),
    ("OTEL_RESOURCE_ATTRIBUTES", "(none)", "what else stands with every span, as deployment.environment.name=production"),
    ("OTEL_TRACES_SAMPLER", "parentbased_always_on", "which traces are recorded; with parentbased_traceidratio a part"),
    ("OTEL_TRACES_SAMPLER_ARG", "(none)", "that part, as 0.1"),
    ("OTEL_BSP_SCHEDULE_DELAY", "5000", "milliseconds between two batches"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "2048", "spans that wait for the collector; further ones are dropped"),
    ("OTEL_SDK_DISABLED", "false", "true: no spans, whatever else is set"),
    ("OTEL_TRACES_EXPORTER", "otlp", "none: no spans"),
)  # fmt: skip


class Span:
    """A span that nobody records: what there is without a collector. parent: the `traceparent` of what is done below it."""

    parent = ""

    @property
    def trace(self) -> str:
        """The trace's id, of 32 hexadecimal digits; empty where nobody records."""
        return self.parent[3:35]

    @property
    def headers(self) -> dict[str, str]:
        """What a request made below it bears."""
        return {PARENT: self.parent} if self.parent else {}

    def tell(self, name: str, value: str | int) -> None:
        """An attribute, which is nobody's personal data."""

    def answered(self, status: int, route: str | None = None) -> None:
        """The status of an HTTP answer; route: the template of the address, never the address."""

    def failed(self, kind: str) -> None:
        """What went wrong, in one word of ours."""


_NOBODYS: Final = nullcontext(Span())
_teller: "Teller | None" = None


def begin(process: str) -> None:
    """Tell a collector the spans of this process from now on, where the environment names one."""
    global _teller
    if not _wanted():
        return
    from kit.telling_spans import Teller  # when asked for, since it takes time and memory

    _teller = Teller(f"dongsheng-{process}")


def _wanted() -> bool:
    given = {name: value for name, value in os.environ.items() if name.startswith("OTEL_") and value}
    if given.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if given.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp" or not any(name in given for name in _ENDPOINTS):
        return False
    spoken = next((given[name] for name in _PROTOCOLS if name in given), _SPOKEN)
    if spoken != _SPOKEN:
        log.warning("spans-not-told", reason=f"{spoken} is not spoken, only {_SPOKEN}")
    return spoken == _SPOKEN


def end() -> None:
    """Tell what has not been told yet, for a few seconds at most; nothing is told afterwards."""
    global _teller
    told, _teller = _teller, None
    if told is not None:
        told.end()


def told() -> bool:
    """Whether spans are told to anybody."""
    return _teller is not None


def span(
    name: str,
    kind: str = INTERNAL,
    about: Mapping[str, str | int] | None = None,
    *,
    parent: str | None = CURRENT,
) -> AbstractContextManager[Span]:
    """A span around a block. parent: the `traceparent` that it goes on from; None where it begins a trace."""
    return _NOBODYS if _teller is None else _teller.span(name, kind, about or {}, parent)


def child(
    name: str, kind: str = INTERNAL, about: Mapping[str, str | int] | None = None
) -> AbstractContextManager[Span]:
    """The same below the current span, and nobody's where there is none."""
    return _NOBODYS if _teller is None or not _teller.current() else span(name, kind, about)


def asking(method: str, whom: str) -> AbstractContextManager[Span]:
    """A span around a request that is made on behalf of the current span."""
    return child(f"{method} {whom}", CLIENT, {"http.request.method": method, "server.address": whom})


def current() -> str:
    """The `traceparent` of what is done now; empty where there is no span."""
    return "" if _teller is None else _teller.current()


def watch(engine: "Engine") -> None:
    """Let each statement of an engine be a span, without its values."""
    if _teller is not None:
        _teller.watch(engine)
