"""The digest of a marked competency is written by each use case that changes what it holds. On both stores."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from portfolio.dossier import services
from portfolio.dossier.models import Claim, Narrative
from portfolio.dossier.rules import ClaimText, CoverageState, Story
from portfolio.evidence.models import Evidence
from portfolio.evidence.rules import Description
from portfolio.evidence.services import ReceivedFile, describe_piece, remove_piece, replace_file
from portfolio.review.models import Mark
from portfolio.review.rules import MarkValue
from portfolio.review.services import find_competency_page, mark_competency
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
            mark_competency(session, *ids, MarkValue.COVERED, "", seen, by=made.advisor.id, at=AT)
        return made


def claim_of(session, world):
    return session.scalars(select(Claim).where(Claim.competency_id == world.competencies[0].id)).one()


def tell(session, world, **by):
    row = session.scalars(select(Narrative).where(Narrative.competency_id == world.competencies[0].id)).one()
    ids = world.candidacy.id, world.competencies[0].id
    services.save_narrative(session, *ids, Story("Autre."), row.revision, **by)


def claim(session, world, **by):
    competencies = [world.competencies[0].id]
    services.add_claims(session, world.candidacy.id, world.pieces[3].id, competencies, ClaimText("1", "Autre."), **by)


def reword(session, world, **by):
    row = claim_of(session, world)
    services.change_claim(session, world.candidacy.id, row.id, ClaimText("9", "Autre."), row.revision, **by)


def withdraw(session, world, **by):
    services.remove_claim(session, world.candidacy.id, claim_of(session, world).id, **by)


def describe(session, world, **by):
    piece = session.get_one(Evidence, world.pieces[0].id)
    said = Description(**{name: getattr(piece, name) for name in Description.__dataclass_fields__})
    describe_piece(session, world.candidacy.id, piece.id, replace(said, own_role="Autre."), piece.revision, **by)


def replace_version(session, world, **by):
    file = ReceivedFile(
        key=uuid4().hex, name="b.pdf", mime="application/pdf", family="document", pages=1, size=9, sha256="cd" * 32, seconds=None
    )
    replace_file(session, world.candidacy.id, world.pieces[0].id, file, **by)


def take_away(session, world, **by):
    remove_piece(session, world.candidacy.id, world.pieces[0].id, **by)


def forget_experience(session, world, **by):
    experience = session.get_one(Evidence, world.pieces[0].id).experience_id
    services.remove_experience(session, world.candidacy.id, experience, **by)


CHANGES = [tell, claim, reword, withdraw, describe, replace_version, take_away, forget_experience]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_competency_writes_the_digest_of_its_content(db, world, change):
    before = {mark.seq: mark.content_digest for mark in standing(db)}
    with db.transaction() as session:
        change(session, world, by=world.candidate.id, at=AT)
    first, second = standing(db)
    with db.reader() as session:
        now = services.competency_basis(session, world.candidacy.id)
        states = [line.fact.coverage.state for line in services.matrix_of(session, world.candidacy.id).lines()]
    assert first.content_digest == now.get(world.competencies[0].id, "") != before[first.seq]
    assert second.content_digest == now[world.competencies[1].id] == before[second.seq]
    without = change in (withdraw, take_away)  # nothing is left to look at
    assert states[:2] == [CoverageState.NONE if without else CoverageState.OUTDATED, CoverageState.COVERED]


def standing(db):
    """The mark that stands on each of the two competencies, in their order."""
    with db.reader() as session:
        return session.scalars(select(Mark).order_by(Mark.seq)).all()[2:]


def test_a_mark_is_made_on_the_content_of_that_moment(db, world):
    with db.reader() as session:
        now = services.competency_basis(session, world.candidacy.id)
    assert [mark.content_digest for mark in standing(db)] == [now[one.id] for one in world.competencies[:2]]
    assert all(mark.basis == mark.content_digest for mark in standing(db))


def test_the_matrix_reads_no_revision_and_computes_no_digest(db, world):
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with db.reader() as session:
        services.matrix_of(session, world.candidacy.id)
    read = " ".join(asked)
    assert "content_digest" in read
    assert "evidence_file" not in read
    assert "revision" not in read.replace("dossier.revision", "")
