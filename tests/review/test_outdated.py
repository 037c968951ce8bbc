"""Check when a mark is outdated, and what the page says has changed."""

from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.assessment import Assessment, Change, ChangeKind, ReviewRefusal
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT, World
from tests.review.actions import (
    LATER,
    add_claim,
    basis,
    edit_narrative,
    mark,
    reading,
    refused,
    standing,
    write_digests,
)


def reword_claim(session: Session, made: World) -> None:
    row = session.scalars(select(Claim).where(Claim.competency_id == made.competencies[0].id)).one()
    row.passage, row.revision = "9", row.revision + 1


def remove_claim(session: Session, made: World) -> None:
    session.delete(session.scalars(select(Claim).where(Claim.competency_id == made.competencies[0].id)).one())


def describe_piece(session: Session, made: World) -> None:
    row = session.get_one(Evidence, made.pieces[0].id)
    row.own_role, row.revision = "Autre rôle.", row.revision + 1


def remove_piece(session: Session, made: World) -> None:
    session.get_one(Evidence, made.pieces[0].id).removed_at = LATER


def replace_file(session: Session, made: World) -> None:
    piece = session.get_one(Evidence, made.pieces[0].id)
    piece.files.append(
        EvidenceFile(
            number=2,
            key=uuid4().hex,
            name="b.pdf",
            mime="application/pdf",
            family="document",
            size=9,
            sha256="cd" * 32,
            received_at=AT,
        )
    )


CHANGES = [
    (edit_narrative, Change(0, ChangeKind.NARRATIVE)),
    (reword_claim, Change(1, ChangeKind.CLAIM_REWORDED)),
    (remove_claim, Change(1, ChangeKind.CLAIM_REMOVED)),
    (remove_piece, Change(1, ChangeKind.CLAIM_REMOVED)),
    (add_claim, Change(5, ChangeKind.CLAIM_ADDED)),
    (describe_piece, Change(1, ChangeKind.PIECE_DESCRIBED)),
    (replace_file, Change(1, ChangeKind.FILE_REPLACED)),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_mark_older_than_a_change_is_outdated_and_says_what_changed(
    db: Database, made: World, change, told: Change
) -> None:
    with db.transaction() as session:
        mark(session, made, Assessment.COVERED)
        mark(session, made, Assessment.COVERED, place=1)
    with db.transaction() as session:
        change(session, made)
        write_digests(session, made)
    view = standing(db, made)
    assert (view.outdated, view.changes) == (True, (told,))
    other = standing(db, made, place=1)
    assert (other.outdated, other.changes) == (False, ())


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_mark_on_a_page_that_has_changed_meanwhile_is_refused_and_says_what(
    db: Database, made: World, change, told: Change
) -> None:
    with reading(db) as session:
        opened = basis(session, made)
    with db.transaction() as session:
        change(session, made)
    ids = made.candidacy.id, made.competencies[0].id
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        assess_competency(session, *ids, Assessment.PARTLY, "Il manque…", opened, by=made.advisor.id, at=LATER)
    assert refused(caught) is ReviewRefusal.CHANGED_MEANWHILE
    assert caught.value.facts["changes"] == (told,)
    with reading(db) as session:
        assert session.scalar(select(func.count(CoverageReview.seq))) == 0


@pytest.mark.both
def test_a_mark_waits_for_the_candidate_who_is_saving_and_then_sees_what_was_saved(db: Database, made: World) -> None:
    with reading(db) as session:
        opened = basis(session, made)
    ids = made.candidacy.id, made.competencies[0].id
    answers: list[ReviewRefusal] = []

    def marking() -> None:
        try:
            with db.transaction() as session:
                assess_competency(session, *ids, Assessment.COVERED, "", opened, by=made.advisor.id, at=LATER)
        except Refusal as refusal:
            answers.append(refusal.code)

    with db.transaction() as session:
        session.get_one(Dossier, made.candidacy.id, with_for_update=True)
        edit_narrative(session, made)
        session.flush()
        waiting = Thread(target=marking)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(10)
    assert answers == [ReviewRefusal.CHANGED_MEANWHILE]


def test_an_autosave_of_the_same_text_between_reading_and_marking_is_no_change(db: Database, made: World) -> None:
    with reading(db) as session:
        opened = basis(session, made)
    with db.transaction() as session:
        row = session.scalars(select(Narrative).where(Narrative.competency_id == made.competencies[0].id)).one()
        row.situation, row.revision = row.situation + "\n", row.revision + 1
    ids = made.candidacy.id, made.competencies[0].id
    with db.transaction() as session:
        assess_competency(session, *ids, Assessment.COVERED, "", opened, by=made.advisor.id, at=LATER)
    assert not standing(db, made).outdated


def test_a_mark_made_before_its_text_was_kept_is_outdated_by_every_change(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, Assessment.COVERED)
    with db.transaction() as session:
        session.scalars(select(CoverageReview)).one().content_snapshot = None
        edit_narrative(session, made)
    view = standing(db, made)
    assert (view.changes, view.compared) == ((Change(0, ChangeKind.NARRATIVE),), ())


def test_a_competency_with_nothing_yet_can_be_marked(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        mark(session, made, Assessment.NOT_COVERED, "Commencez par l’organigramme.")
    assert not standing(db, made).outdated
