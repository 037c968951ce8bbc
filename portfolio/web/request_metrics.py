"""Count the requests of this process by route and status, and how long they took, for Prometheus."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


def init_app(app: Flask) -> CollectorRegistry:
    """Count every request of this application; return the registry of its counters.

    Labels hold no identity.
    """
    registry = CollectorRegistry()
    requests = Counter("acquis_requests", "Requests answered", ["method", "status"], registry=registry)
    seconds = Histogram(
        "acquis_request_seconds", "Time to answer a request", ["route"], buckets=BUCKETS, registry=registry
    )

    @app.after_request
    def _count(response: Response) -> Response:
        if request.endpoint != "static":
            requests.labels(request.method, str(response.status_code)).inc()
            seconds.labels(request.endpoint or "-").observe(
                time.monotonic() - g.get("began", time.monotonic())
            )
        return response

    return registry
