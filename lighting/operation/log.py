"""Structured logs to stderr or a file: one line an event, expected failures without a traceback, other
libraries quiet.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import structlog

_QUIET = ("pymodbus", "apscheduler", "asyncio", "sqlalchemy", "alembic")


def set_up_logs(*, log_file: Path | None = None, level: str = "INFO", as_json: bool = False) -> None:
    """Send all logs of this process to ``log_file`` or stderr. Raises OSError when the file cannot be opened."""
    target: logging.Handler
    if log_file is None:
        target = logging.StreamHandler(sys.stderr)
    else:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        target = logging.FileHandler(log_file, encoding="utf-8")
    target.setFormatter(_formatter(as_json=as_json, colours=log_file is None and sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [target]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _shared_processors() -> list[structlog.typing.Processor]:
    return [
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(*, as_json: bool, colours: bool) -> logging.Formatter:
    renderer: structlog.typing.Processor
    if as_json:
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=colours, pad_event_to=24, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info if as_json else _unchanged,
            renderer,
        ],
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
    )


def _unchanged(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return event
