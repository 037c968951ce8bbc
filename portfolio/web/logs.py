"""The log: one JSON line an event; never a text, a name or an address of a person."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

log = structlog.get_logger("acquis")
_TRACE = ExceptionDictTransformer(show_locals=False)


def trace_without_values(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Return the types of an exception and of its causes, with the lines of code that they went through.

    Neither a message nor a variable: both hold what people typed, their passwords and addresses included.
    """
    return _without_values(_TRACE(exc_info))


def _without_values(stacks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = ("exc_type", "is_cause", "frames")
    return [
        {name: stack[name] for name in kept}
        | (
            {"exceptions": [_without_values(exception_stacks) for exception_stacks in stack["exceptions"]]}
            if stack["is_group"]
            else {}
        )
        for stack in stacks
    ]


def configure(level: int = logging.INFO) -> None:
    """Write events as JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(trace_without_values),
            structlog.processors.JSONRenderer(json.dumps, ensure_ascii=False, default=repr),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(
            sys.stderr
        ),  # the stream of the moment, written to once a line
        cache_logger_on_first_use=False,
    )
