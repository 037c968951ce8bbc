"""One JSON line an event: route, status, time; never a text, a name or an address of a person."""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("acquis")
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


def configure(level: int = logging.INFO) -> None:
    """Write events as JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
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
