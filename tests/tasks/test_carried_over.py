"""What was pending before rows were the queue is still pending after the migration, on both stores."""

from __future__ import annotations

import importlib.util
import io
from datetime import timedelta
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text

from portfolio.db.engine import Database
from portfolio.domain.evidence.rules.rendition import Priority
from portfolio.domain.evidence.use_cases.evidence import add_evidence
from portfolio.domain.evidence.use_cases.renditions import claim, next_renditions
from portfolio.domain.evidence.use_cases.upload_batch import ReceivedFile
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from tests import factories, samples
from tests.factories import AT
from tests.former_names import former_names

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
BEFORE = (
    "DROP INDEX ix_rendition_pending", "ALTER TABLE rendition DROP COLUMN priority", "DROP TABLE page_request",
    "DROP TABLE periodic_run", "DROP TABLE heartbeat",
)  # fmt: skip


def migrate(db: Database) -> None:
    """Put the tables back as they were, with those of the former queue, then upgrade."""
    spec = importlib.util.spec_from_file_location("migration", next(VERSIONS.glob("*_task_rows.py")))
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    is_postgresql = db.engine.dialect.name == "postgresql"
    former = (
        ("CREATE SCHEMA acquis_queue", "CREATE TABLE acquis_queue.task (id integer)") if is_postgresql else ()
    )
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
        former_names(connection),
    ):
        for statement in (*BEFORE, *former):
            connection.execute(text(statement))
        migration.upgrade()


def test_a_file_that_waited_for_its_pages_is_taken_after_the_upgrade(db: Database, tmp_path: Path) -> None:
    stored = LocalStore(tmp_path / "files").save(new_key(), io.BytesIO(samples.pdf(2)))
    file = ReceivedFile(stored.key, "plan.pdf", "application/pdf", "document", 2, stored.size, stored.sha256)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
        add_evidence(session, world.candidacy.id, [file], by=world.candidate.id, at=AT)
    migrate(db)
    with db.transaction() as session:
        [pending] = next_renditions(session, AT + timedelta(minutes=1))
        job = claim(session, pending, at=AT + timedelta(minutes=1))
        assert (job.missing, job.priority) == ((1, 2), Priority.NORMAL)
    assert "acquis_queue" not in inspect(db.engine).get_schema_names()
