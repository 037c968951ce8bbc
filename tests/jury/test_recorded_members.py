"""Minutes closed before members were recorded for each hearing get those of their composition.

On both stores.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select, text

from portfolio.db.engine import Database
from portfolio.domain.jury.models.sessions import HearingMember
from tests.former_names import former_names
from tests.jury.builders import SUBSTITUTE, close, deliberate, name, scene

FILE = next((Path(__file__).parents[2] / "migrations" / "versions").glob("*_hearing_member.py"))


def rows(db: Database) -> set[tuple[object, ...]]:
    with db.reader() as session:
        one = HearingMember
        found = session.execute(
            select(one.hearing_id, one.person_id, one.seat, one.rank, one.display_name, one.deliberated)
        )
        return {tuple(row) for row in found}


def test_who_sat_is_copied_from_the_composition_of_minutes_closed_before(db: Database) -> None:
    made = scene(db)
    name(db, made, SUBSTITUTE)
    deliberate(db, made)
    close(db, made)
    before = rows(db)
    assert len(before) == 6
    spec = importlib.util.spec_from_file_location("hearing_member", FILE)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
        former_names(connection),
    ):
        connection.execute(text("DROP TABLE hearing_member"))
        migration._create_members()
        migration._record_closed_hearings()
    assert rows(db) == before
