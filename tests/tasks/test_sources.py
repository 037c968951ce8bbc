"""The sources of the worker: one statement says which have a task, on both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from config import Smtp
from portfolio import create_app
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.ledger.checkpoints import last_head_seq
from portfolio.run.worker import worker_of
from portfolio.tasks.models import PeriodicRun
from portfolio.tasks.queue import Poll, next_task
from portfolio.web.clock import now
from tests.applications import config_for

pytestmark = pytest.mark.both


def test_a_source_is_due_when_it_has_a_task_and_no_longer_when_it_is_claimed(database_url, tmp_path):
    app = create_app(replace(config_for(database_url, tmp_path), smtp=Smtp("mail.invalid")))
    store = app.extensions["database"]
    worker = worker_of(app)
    poll = Poll(store.engine, worker.sources)
    sources = {source.name: source for source in worker.sources}

    def due() -> list[str]:
        return [source.name for source in poll.due_sources()]

    try:
        assert due() == ["ledger_heads", "periodic"], "nothing was copied yet, and no task has a row"
        next_task([sources["ledger_heads"]])()
        while sources["periodic"].claim() is not None:
            pass
        assert due() == []
        with store.transaction() as session:
            session.add(
                OutgoingEmail(to_email="ines@example.org", subject="Votre dossier", text="Bonjour", created_at=now())
            )
            session.execute(update(PeriodicRun).where(PeriodicRun.name == "back_up").values(run_after=now()))
        assert due() == ["mail", "periodic"]
        assert sources["periodic"].claim() is not None
        assert sources["mail"].claim() is not None
        assert due() == [], "both have a lease"
        with store.transaction() as session:
            session.execute(update(OutgoingEmail).values(next_attempt_at=now() - timedelta(seconds=1)))
        assert due() == ["mail"]
        with store.transaction() as session:
            session.execute(update(OutgoingEmail).values(sent_at=now()))
        assert due() == []
        with store.reader() as session:
            assert last_head_seq(session) == 0
            assert session.scalars(select(OutgoingEmail)).one().attempts == 1
    finally:
        store.engine.dispose()
