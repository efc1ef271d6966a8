"""Structured logs: one JSON object a line on standard output, with the request's id in each."""

import logging
import sys
from typing import Any

import structlog

from kit.personal.masking import within

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def mask_texts(_logger: Any, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """No line of ours or of a library's shows a person's number, whatever went wrong with it."""
    return within(line)


def configure(level: str, style: str) -> None:
    """Set up structlog, and the standard library's loggers in the same form."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, mask_texts, renderer],
        # Not through the standard library, which takes ten times as long for the same line.
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask_texts,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("alembic", "httpx2", "httpcore2", "procrastinate", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
