"""A mark given before what it stands on was said in numbers stands on the same things after; a stale one stays stale. On both stores."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models import Claim, Narrative
from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.review.models import CoverageReview
from portfolio.domain.review.rules.assessment import Assessment
from portfolio.domain.review.use_cases.assessments import load_reviews
from tests import factories
from tests.factories import AT

FILE = next((Path(__file__).parents[2] / "migrations" / "versions").glob("*_basis.py"))


def said_before(session, candidacy_id, competency_id) -> str:
    """What stood behind a competency, as marks of that time kept it."""
    narrative = session.scalars(select(Narrative).where(Narrative.competency_id == competency_id)).one()
    parts = [f"narrative {narrative.id} {narrative.revision}"]
    for claim in session.scalars(select(Claim).where(Claim.competency_id == competency_id)):
        piece = session.get_one(Evidence, claim.evidence_id)
        parts.append(f"claim {claim.id} {claim.revision} {piece.id} {piece.revision} {piece.file.sha256}")
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def test_marks_given_before_stand_as_they_stood(db: Database) -> None:
    with db.transaction() as session:
        world = factories.world(session)
        fresh, stale = world.competencies[:2]
        path, advisor = world.candidacy.id, world.advisor.id
        for one, basis in ((fresh, said_before(session, path, fresh.id)), (stale, "0" * 64)):
            given = {"value": Assessment.COVERED, "comment": "", "basis": basis, "seen": "", "made_at": AT}
            session.add(CoverageReview(candidacy_id=path, competency_id=one.id, advisor_id=advisor, **given))
    spec = importlib.util.spec_from_file_location("basis", FILE)
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        migration.upgrade()
    with db.reader() as session:
        marks = load_reviews(session, path)
    assert (marks[fresh.id].outdated, marks[stale.id].outdated) == (False, True)
