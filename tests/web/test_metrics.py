"""/metrics answers who holds the token, in OpenMetrics, without an identity."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from portfolio import create_app
from tests import factories


@pytest.fixture
def watched(config):
    app = create_app(config.with_changes(metrics_token="t0k3n-of-monitoring"))
    with app.extensions["database"].transaction() as session:
        factories.world(session)
    yield app.test_client()
    app.extensions["database"].engine.dispose()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_the_figures_are_read_with_the_token_only(watched, client):
    assert watched.get("/metrics").status_code == 404
    assert watched.get("/metrics", headers=bearer("other")).status_code == 404
    assert watched.get("/metrics", headers=bearer("")).status_code == 404
    assert client.get("/metrics", headers=bearer("")).status_code == 404, "without a setting, nobody reads them"


def test_the_figures_are_those_of_the_rows_and_of_the_requests(watched):
    watched.get("/healthz")
    answer = watched.get("/metrics", headers=bearer("t0k3n-of-monitoring"))
    assert answer.status_code == 200
    found = {sample.name: sample for family in text_string_to_metric_families(answer.text) for sample in family.samples}
    assert found["acquis_uploads_open"].value == 0
    assert found["acquis_disk_free_bytes"].value > 0
    assert "acquis_worker_silent_seconds" not in found, "no worker was ever alive"
    assert found["acquis_requests_total"].labels == {"method": "GET", "status": "200"}
    assert "@" not in answer.text
    assert "camille" not in answer.text.lower()
