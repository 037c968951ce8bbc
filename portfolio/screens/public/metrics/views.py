"""Metrics in the OpenMetrics format, for who holds the token of the installation."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.screens.public.metrics.queries import load_gauges
from portfolio.web.clock import now

bp = Blueprint("metrics", __name__)


class _Gauges:
    """The figures of this moment, as a collector reads them."""

    def collect(self) -> Iterator[Metric]:
        """Yield one gauge for each figure."""
        for name, (meaning, value) in load_gauges(
            read_session(), current_app.config["SETTINGS"], now()
        ).items():
            yield GaugeMetricFamily(name, meaning, float(value))


@bp.get("/metrics")
@public_page
def metrics() -> Response:
    """Return the figures of the installation and the counters of this process; 404 without the token of
    METRICS_TOKEN.
    """
    expected = current_app.config["SETTINGS"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        abort(404)
    moment = CollectorRegistry()
    moment.register(_Gauges())  # type: ignore[arg-type]
    counters = generate_latest(current_app.extensions["metrics"]).removesuffix(b"# EOF\n")
    return Response(counters + generate_latest(moment), content_type=CONTENT_TYPE_LATEST)
