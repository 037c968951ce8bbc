"""A mark given before what it stands on was said in numbers stands on the same things after; a stale one
stays stale. On both stores.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models import Claim, Narrative
from portfolio.domain.dossier.use_cases.content_digest import load_content_digests_by_candidacy
from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.review.models import CoverageReview
from portfolio.domain.review.rules.assessment import Assessment
from portfolio.domain.review.use_cases.assessments import load_reviews
from tests import factories
from tests.factories import AT
from tests.former_names import former_names

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def load(name: str) -> ModuleType:
    """The migration of this subject; its number may change until it is published."""
    spec = importlib.util.spec_from_file_location(name, next(VERSIONS.glob(f"*_{name.partition('_')[2]}.py")))
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    return migration


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
            given = {
                "value": Assessment.COVERED,
                "comment": "",
                "reviewed_digest": basis,
                "seen_versions": "",
                "created_at": AT,
            }
            session.add(CoverageReview(candidacy_id=path, competency_id=one.id, advisor_id=advisor, **given))
    migration = load("0030_basis")
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
        former_names(connection),
    ):
        migration.upgrade()
        load("0050_content_digest").fill()
    with db.reader() as session:
        marks = load_reviews(session, path)
    assert (marks[fresh.id].outdated, marks[stale.id].outdated) == (False, True)


def test_the_digest_written_by_the_migration_is_the_one_that_pages_computed(db: Database) -> None:
    with db.transaction() as session:
        world = factories.world(session)
        other = factories.world(session, filled=False)
        world.pieces[0].revision = 7
        session.flush()
        factories.evidence(session, world.candidacy.id, 90)
        for made in (world, other):
            for competency in made.competencies:
                mark = {
                    "value": Assessment.COVERED,
                    "comment": "",
                    "reviewed_digest": "",
                    "seen_versions": "",
                    "created_at": AT,
                }
                session.add_all(
                    CoverageReview(
                        candidacy_id=made.candidacy.id,
                        competency_id=competency.id,
                        advisor_id=made.advisor.id,
                        **mark,
                    )
                    for _ in range(2)
                )
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
        former_names(connection),
    ):
        load("0050_content_digest").fill()
    with db.reader() as session:
        computed = load_content_digests_by_candidacy(session, [world.candidacy.id, other.candidacy.id])
        marks = session.scalars(select(CoverageReview)).all()
    assert set(computed) == {world.candidacy.id}
    assert len(marks) == 2 * (len(world.competencies) + len(other.competencies))
    for mark in marks:
        assert mark.content_digest == computed.get(mark.candidacy_id, {}).get(mark.competency_id, "")
