"""The log: one JSON line an event; never a text, a name or an address of a person.

Measure every request: one JSON line by its route, which holds no identity, and counters for Prometheus.
"""

import json
import logging
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

log = structlog.get_logger("acquis")
_LONGEST = 20_000_000
_file: TextIO | None = None
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


class _FileLogger(structlog.WriteLogger):
    """Writes events to a file, and errors on the screen too."""

    def error(self, message: str) -> None:
        """Write an error."""
        self.msg(message)
        sys.stderr.write(f"{message}\n")

    critical = error


def write_to(path: Path) -> None:
    """Write the events of this process, and of its forks, to the end of a file that only its owner reads; one
    that has grown long is set aside. Raise OSError.
    """
    global _file
    if path.exists() and path.stat().st_size > _LONGEST:
        path.replace(path.with_name(f"{path.name}.1"))
    log_file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _file = os.fdopen(log_file, "a", buffering=1, encoding="utf-8")


def configure(level: int = logging.INFO) -> None:
    """Write events as JSON lines, on standard error unless `write_to` named a file."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(trace_without_values),
            structlog.processors.JSONRenderer(json.dumps, ensure_ascii=False, default=repr),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # The stream of the moment, written to once a line.
        logger_factory=lambda *_: _FileLogger(_file) if _file else structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


log = structlog.get_logger("acquis")
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def init_app(app: Flask) -> CollectorRegistry:
    """Log and count every request of this application; return the registry of its counters."""
    registry = CollectorRegistry()
    requests = Counter("acquis_requests", "Requests answered", ["method", "status"], registry=registry)
    seconds = Histogram(
        "acquis_request_seconds", "Time to answer a request", ["route"], buckets=BUCKETS, registry=registry
    )

    @app.before_request
    def _begin() -> None:
        g.began = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])

    @app.after_request
    def _end(response: Response) -> Response:
        if request.endpoint == "static":
            return response
        took_s = time.monotonic() - g.get("began", time.monotonic())
        requests.labels(request.method, str(response.status_code)).inc()
        seconds.labels(request.endpoint or "-").observe(took_s)
        log.info(
            "request",
            method=request.method,
            route=str(request.url_rule),
            status=response.status_code,
            ms=round(took_s * 1000, 1),
        )
        return response

    return registry
