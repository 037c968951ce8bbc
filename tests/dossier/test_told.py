"""The digest of a marked competency is written by each use case that changes what it holds.

On both stores.
"""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.description import CoverNote
from portfolio.domain.dossier.rules.draft import CoverageState, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases import claims, draft_rows, matrix, texts
from portfolio.domain.dossier.use_cases.evidence import describe_evidence, remove_evidence, replace_file
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests import factories
from tests.factories import AT


@pytest.fixture
def world(db):
    """Two competencies of a draft are marked, each twice; the piece of the first one belongs to an experience."""
    with db.transaction() as session:
        made = factories.world(session)
        made.pieces[0].experience_id = factories.experience(session, made.candidacy.id).id
        session.flush()
        for competency in (*made.competencies[:2], made.competencies[0], made.competencies[1]):
            ids = made.candidacy.id, competency.id
            seen = find_competency_page(session, *ids, made.advisor.id).basis
            assess_competency(session, *ids, Assessment.COVERED, "", seen, by=made.advisor.id, at=AT)
        return made


def claim_of(session, world):
    return session.scalars(select(Claim).where(Claim.competency_id == world.competencies[0].id)).one()


def tell(session, world, **by):
    row = session.scalars(select(Narrative).where(Narrative.competency_id == world.competencies[0].id)).one()
    ids = world.candidacy.id, world.competencies[0].id
    texts.save_narrative(session, *ids, NarrativeText("Autre."), row.revision, **by)


def claim(session, world, **by):
    competencies = [world.competencies[0].id]
    claims.add_claims(session, world.candidacy.id, world.pieces[3].id, competencies, ClaimText("1", "Autre."), **by)


def reword(session, world, **by):
    row = claim_of(session, world)
    claims.change_claim(session, world.candidacy.id, row.id, ClaimText("9", "Autre."), row.revision, **by)


def withdraw(session, world, **by):
    claims.remove_claim(session, world.candidacy.id, claim_of(session, world).id, **by)


def describe(session, world, **by):
    piece = session.get_one(Evidence, world.pieces[0].id)
    said = CoverNote(**{name: getattr(piece, name) for name in CoverNote.__dataclass_fields__})
    describe_evidence(session, world.candidacy.id, piece.id, replace(said, own_role="Autre."), piece.revision, **by)


def replace_version(session, world, **by):
    file = ReceivedFile(
        key=uuid4().hex,
        name="b.pdf",
        mime="application/pdf",
        family="document",
        pages=1,
        size=9,
        sha256="cd" * 32,
        seconds=None,
    )
    replace_file(session, world.candidacy.id, world.pieces[0].id, file, **by)


def take_away(session, world, **by):
    remove_evidence(session, world.candidacy.id, world.pieces[0].id, **by)


def forget_experience(session, world, **by):
    experience = session.get_one(Evidence, world.pieces[0].id).experience_id
    texts.remove_experience(session, world.candidacy.id, experience, **by)


CHANGES = [tell, claim, reword, withdraw, describe, replace_version, take_away, forget_experience]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_competency_writes_the_digest_of_its_content(db, world, change):
    before = {mark.seq: mark.content_digest for mark in standing(db)}
    with db.transaction() as session:
        change(session, world, by=world.candidate.id, at=AT)
    first, second = standing(db)
    with db.reader() as session:
        now = draft_rows.load_content_digests(session, world.candidacy.id)
        states = [line.fact.coverage.state for line in matrix.load_matrix(session, world.candidacy.id).lines()]
    assert first.content_digest == now.get(world.competencies[0].id, "") != before[first.seq]
    assert second.content_digest == now[world.competencies[1].id] == before[second.seq]
    without = change in (withdraw, take_away)  # nothing is left to look at
    assert states[:2] == [CoverageState.NONE if without else CoverageState.OUTDATED, CoverageState.COVERED]


def standing(db):
    """Return the mark that stands on each of the two competencies, in their order."""
    with db.reader() as session:
        return session.scalars(select(CoverageReview).order_by(CoverageReview.seq)).all()[2:]


def test_a_mark_is_made_on_the_content_of_that_moment(db, world):
    with db.reader() as session:
        now = draft_rows.load_content_digests(session, world.candidacy.id)
    assert [mark.content_digest for mark in standing(db)] == [
        now[competency.id] for competency in world.competencies[:2]
    ]
    assert all(mark.reviewed_digest == mark.content_digest for mark in standing(db))


def test_the_matrix_reads_no_revision_and_computes_no_digest(db, world):
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with db.reader() as session:
        matrix.load_matrix(session, world.candidacy.id)
    read = " ".join(asked)
    assert "content_digest" in read
    assert "evidence_file" not in read
    # But that of the dossier, and the sums by which a request knows that nothing changed (decision 0178).
    assert "revision" not in re.sub(r"dossier\.revision|sum\((claim|evidence)\.revision\)", "", read)
