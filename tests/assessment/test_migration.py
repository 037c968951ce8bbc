"""Dossiers of the other routes that nobody began are marked by the migration; one begun there stays a livret
2. On both stores.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models import Dossier
from tests import factories
from tests.former_names import former_names

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def mark(db: Database) -> None:
    """Run the part of the migration that marks dossiers."""
    spec = importlib.util.spec_from_file_location("migration", next(VERSIONS.glob("*_assessments.py")))
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
        former_names(connection),
    ):
        migration._mark_unwritten_dossiers()


def test_an_unwritten_dossier_of_another_route_is_no_livret_2_any_more(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        empty = factories.candidacy(session, made.version, factories.person(session))
        begun = factories.candidacy(session, made.version, factories.person(session))
        told = factories.candidacy(session, made.version, factories.person(session))
        for candidacy in (empty, begun, told):
            candidacy.route = Route.APPRENTICESHIP
        factories.experience(session, begun.id)
        session.get_one(Dossier, told.id).career = "Mon parcours."
        ids = [candidacy.id for candidacy in (made.candidacy, empty, begun, told)]
    mark(db)
    with db.reader() as session:
        assert [session.get_one(Dossier, one).is_required for one in ids] == [True, False, True, True]
