"""A worker records that it is alive; without one, people who wait for it read so, and read when it is back."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.on_commit import open_database
from portfolio.screens.certifier.home import views as home
from portfolio.tasks.heartbeat import STOPPED_AFTER, WorkerStatus, record_heartbeat, send_heartbeats, worker_status
from portfolio.web.clock import now
from tests import factories, samples
from tests.factories import AT

pytestmark = pytest.mark.both

LONG = STOPPED_AFTER + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last", "waits", "working", "stalled"),
    [
        (None, timedelta(0), False, False),
        (None, LONG, False, True),
        (timedelta(seconds=5), LONG, True, False),
        (LONG, timedelta(seconds=5), False, False),
        (LONG, LONG, False, True),
    ],
)
def test_a_task_is_stalled_only_when_no_worker_runs_and_it_lasts(last, waits, working, stalled):
    status = WorkerStatus(None if last is None else AT - last)
    assert status.is_working(AT) is working
    assert status.is_stalled(AT - waits, AT) is stalled


def test_the_heartbeat_of_a_worker_is_read_by_every_process(db, database_url):
    theirs = open_database(database_url)
    with theirs.reader() as session:
        assert worker_status(session).last is None
    stopping = threading.Event()
    stopping.set()
    for moment in (AT, AT + timedelta(hours=1)):
        send_heartbeats(db, lambda moment=moment: moment, stopping)
        with theirs.reader() as session:
            assert worker_status(session).last == moment
    theirs.engine.dispose()


def test_a_database_that_is_away_does_not_end_the_heartbeats(db, capfd):
    with db.transaction() as session:
        session.execute(text("DROP TABLE heartbeat"))
    stopping = threading.Event()
    stopping.set()
    send_heartbeats(db, lambda: AT, stopping)
    assert "heartbeat_not_recorded" in "".join(capfd.readouterr())


def test_a_reader_the_certifier_and_healthz_say_that_no_worker_runs_then_that_one_does(client, app, store, monkeypatch):
    def beat(at):
        with store.transaction() as session:
            record_heartbeat(session, at=at)

    with store.transaction() as session:
        world = factories.world(session)
    piece = world.pieces[0].id
    client.log_in(world.candidate.email, factories.PASSWORD)
    base = f"/dossiers/{world.candidacy.id}/preuves/{piece}"
    client.send(
        f"{base}/fichier", {"file": (io.BytesIO(samples.pdf(2)), "plan.pdf")}, content_type="multipart/form-data"
    )
    read, image = f"{base}/versions/2/lire", f"{base}/versions/2/pages/1"
    assert "en préparation" in client.page(read).text, "it came a moment ago"
    assert client.get(image).headers["Retry-After"] == "1"
    with store.transaction() as session:
        session.execute(update(Rendition).values(requested_at=now() - LONG))
    page = client.page(read)
    assert "La préparation des pages est en pause." in page.text
    assert "Télécharger l’original" in page.text
    assert client.get(image).headers["Retry-After"] == "15"
    assert client.get("/healthz").json.items() >= {"status": "ok", "worker": "stopped", "checks": "late"}.items()
    beat(now())
    assert "en préparation" in client.page(read).text
    assert client.get("/healthz").json.items() >= {"status": "ok", "worker": "working", "checks": "late"}.items()
    monkeypatch.setattr(home, "NO_ROOM_BYTES", 1 << 60)
    full = client.get("/healthz")
    assert (full.status_code, full.json["status"]) == (507, "full")
    certifier = app.test_client()
    certifier.log_in(world.certifier.email, factories.PASSWORD)
    assert "flask work" not in certifier.page("/organisme").text
    beat(now() - LONG)
    assert "flask work" in certifier.page("/organisme").text
