"""One JSON line an event: route, status, time; never a text, a name or an address of a person."""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

log = structlog.get_logger("acquis")
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)
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
            structlog.processors.JSONRenderer(lambda said, **_: _ENCODER.encode(said)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(
            sys.stderr
        ),  # the stream of the moment, written to once a line
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Log each request by its route, which holds no identity."""
    configure()

    @app.before_request
    def _begin() -> None:
        g.began = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])

    @app.after_request
    def _end(response: Response) -> Response:
        if request.endpoint != "static":
            took = round((time.monotonic() - g.get("began", time.monotonic())) * 1000, 1)
            log.info(
                "request",
                method=request.method,
                route=str(request.url_rule),
                status=response.status_code,
                ms=took,
            )
        return response
