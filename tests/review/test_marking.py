"""Who marks what, and what a mark must say."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from portfolio.db import Database
from portfolio.dossier.models import Dossier
from portfolio.dossier.rules import DossierState
from portfolio.journal.models import JournalLine
from portfolio.refusal import Refusal
from portfolio.review.rules import MarkValue, ReviewRefusal
from portfolio.review.services import (
    mark_competency,
    say,
    thread_of,
)
from tests import factories
from tests.factories import AT, World
from tests.review.hands import LATER, basis, hold, mark, reading, refused, remark, standing


def test_the_last_mark_stands_and_the_first_is_kept(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.PARTLY, "Il manque le budget.")
    with db.transaction() as session:
        mark(session, made, MarkValue.COVERED, at=LATER)
    view = standing(db, made)
    assert (view.value, view.advisor_name, view.made_at, view.outdated) == (MarkValue.COVERED, "Claire Morel", LATER, False)
    with reading(db) as session:
        assert [entry.mark for entry in thread_of(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)] == [
            MarkValue.PARTLY,
            MarkValue.COVERED,
        ]


def test_a_mark_writes_one_journal_line_without_its_comment(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, MarkValue.PARTLY, "Il manque le budget.")
    with reading(db) as session:
        line = session.scalars(select(JournalLine)).one()
    assert (line.verb, line.actor_id, line.object_id) == ("competency_marked", made.advisor.id, made.candidacy.id)
    assert line.facts == {"competency": str(made.competencies[0].id), "value": "partly"}


@pytest.mark.parametrize("value", [MarkValue.PARTLY, MarkValue.NOT_COVERED])
def test_a_mark_that_asks_for_more_says_what(db: Database, made: World, value: MarkValue) -> None:
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, value, "  \n ")
    assert refused(caught) is ReviewRefusal.COMMENT_MISSING


def test_nobody_but_the_advisor_of_the_candidacy_marks_it(db: Database, made: World) -> None:
    with db.transaction() as session:
        other = factories.person(session, "Paul Autre")
    for by in (other.id, made.candidate.id, made.certifier.id):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            mark_competency(
                session, made.candidacy.id, made.competencies[0].id, MarkValue.COVERED, "", basis(session, made), by=by, at=AT
            )
        assert refused(caught) is ReviewRefusal.NOT_THE_ADVISOR


def test_a_competency_of_another_certification_or_out_of_scope_is_refused(db: Database, made: World) -> None:
    with db.transaction() as session:
        foreign = factories.published_version(session, made.body.id, "RNCP99999").blocks[0].competencies[0]
        candidacy = session.get_one(type(made.candidacy), made.candidacy.id)
        candidacy.blocks = candidacy.blocks[1:]
    for competency_id in (foreign.id, made.competencies[0].id, uuid4()):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            mark_competency(session, made.candidacy.id, competency_id, MarkValue.COVERED, "", "", by=made.advisor.id, at=AT)
        assert refused(caught) is ReviewRefusal.OUT_OF_SCOPE
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            say(session, made.candidacy.id, competency_id, "Bonjour", by=made.advisor.id, at=AT)
        assert refused(caught) is ReviewRefusal.OUT_OF_SCOPE


def test_a_submitted_dossier_takes_no_mark_but_still_a_word(db: Database, made: World) -> None:
    with db.transaction() as session:
        session.get_one(Dossier, made.candidacy.id).state = DossierState.SUBMITTED
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
    assert refused(caught) is ReviewRefusal.DOSSIER_SUBMITTED
    with db.transaction() as session:
        remark(session, made, "Comment préparer l’entretien ?", made.candidate.id)


def test_a_block_held_takes_no_mark(db: Database, made: World) -> None:
    hold(db, made, 0)
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, MarkValue.COVERED)
    assert refused(caught) is ReviewRefusal.BLOCK_HELD
