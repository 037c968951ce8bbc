"""Measure every request: one JSON line by its route, which holds no identity, and counters for Prometheus."""

from __future__ import annotations

import time
import uuid

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

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
