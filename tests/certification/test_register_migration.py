"""Partners that published versions named before the table existed are taken from their entries.

On both stores.
"""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import delete, select

from portfolio.db.engine import Database
from portfolio.domain.certification.organisations import Partner
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.details import Habilitation, HabilitationState
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.certification.use_cases.publishing import publish
from portfolio.domain.certification.use_cases.watching import watch_entry
from tests import factories
from tests.certification.readers.exports import export
from tests.certification.test_watching import ENTRY

FILE = next((Path(__file__).parents[2] / "migrations" / "versions").glob("*_register_watch.py"))


def test_the_partners_of_published_entries_are_taken_and_a_watch_finds_them_unchanged(db: Database) -> None:
    entry = read_entry(export(ENTRY), "")
    with db.transaction() as session:
        made = import_entry(session, factories.body(session).id, entry, by=None, at=factories.AT)
        certification_id = publish(session, made.version.id, by=None, at=factories.AT).certification_id
        session.execute(delete(Partner))
    spec = importlib.util.spec_from_file_location("register_watch", FILE)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        migration._take_partners()
    with db.transaction() as session:
        partner = session.scalars(select(Partner)).one()
        assert (partner.name, partner.siret) == ("Rucher du Sud", "11111111100011")
        assert (partner.habilitation, partner.state) == (Habilitation.BOTH, HabilitationState.ACTIVE)
        assert (partner.starts_on, partner.ends_on, partner.is_by_hand) == (date(2023, 9, 1), None, False)
        on = factories.AT.date()
        assert not watch_entry(session, certification_id, entry, "", on=on, at=factories.AT).notices
        assert len(session.scalars(select(Partner)).all()) == 1
