"""A worker says that it is there; without one, whoever waits is told so, and told when it is back."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from portfolio.domain.evidence.models.renditions import Rendition
from portfolio.tasks.heartbeat import STALLED_AFTER, WorkerStatus, send_heartbeats, worker_status
from portfolio.tasks.queue import create_queue
from portfolio.web.clock import now
from tests import factories, samples
from tests.conftest import config_for
from tests.factories import AT

LONG = STALLED_AFTER + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last", "waits", "working", "told"),
    [
        (None, timedelta(0), False, False),
        (None, LONG, False, True),
        (timedelta(seconds=5), LONG, True, False),
        (LONG, timedelta(seconds=5), False, False),
        (LONG, LONG, False, True),
    ],
)
def test_who_waits_is_told_only_when_nobody_works_and_it_lasts(last, waits, working, told):
    pulse = WorkerStatus(None if last is None else AT - last)
    assert pulse.is_working(AT) is working
    assert pulse.keeps_waiting(AT - waits, AT) is told


def test_a_worker_is_heard_by_every_process(database_url, tmp_path):
    ours, theirs = (create_queue(config_for(database_url, tmp_path)) for _ in range(2))
    assert worker_status(theirs).last is None
    stopping = threading.Event()
    stopping.set()
    for moment in (AT, AT + timedelta(hours=1)):
        send_heartbeats(ours, lambda moment=moment: moment, stopping)
        assert worker_status(theirs).last == moment
    for one in (ours, theirs):
        one.close()


def test_a_reader_the_certifier_and_whoever_watches_are_told_that_nobody_works_then_that_someone_does(client, app, store):
    with store.transaction() as session:
        world = factories.world(session)
    piece = world.pieces[0].id
    client.log_in(world.candidate.email, factories.PASSWORD)
    base = f"/dossiers/{world.candidacy.id}/preuves/{piece}"
    client.send(f"{base}/fichier", {"file": (io.BytesIO(samples.pdf(2)), "plan.pdf")}, content_type="multipart/form-data")
    read, image = f"{base}/versions/2/lire", f"{base}/versions/2/pages/1"
    assert "en préparation" in client.page(read).text, "it came a moment ago"
    assert client.get(image).headers["Retry-After"] == "2"
    with store.transaction() as session:
        session.execute(update(Rendition).values(ordered_at=now() - LONG))
    page = client.page(read)
    assert "La préparation des pages est en pause." in page.text
    assert "Télécharger l’original" in page.text
    assert client.get(image).headers["Retry-After"] == "15"
    assert client.get("/healthz").json == {"status": "ok", "worker": "stopped", "checks": "late"}
    app.extensions["queue"].beat(now())
    assert "en préparation" in client.page(read).text
    assert client.get("/healthz").json == {"status": "ok", "worker": "working", "checks": "late"}
    certifier = app.test_client()
    certifier.log_in(world.certifier.email, factories.PASSWORD)
    assert "flask work" not in certifier.page("/organisme").text
    app.extensions["queue"].beat(now() - LONG)
    assert "flask work" in certifier.page("/organisme").text
