"""Check who marks what, and what a mark must say."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.review.use_cases.assessments import assess_competency
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.domain.review.use_cases.thread import load_thread
from portfolio.errors import Refusal
from tests import factories
from tests.factories import AT, World
from tests.review.actions import LATER, basis, hold, mark, reading, refused, remark, standing


def test_the_last_mark_stands_and_the_first_is_kept(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, Assessment.PARTLY, "Il manque le budget.")
    with db.transaction() as session:
        mark(session, made, Assessment.COVERED, at=LATER)
    view = standing(db, made)
    assert (view.value, view.advisor_name, view.made_at, view.outdated) == (
        Assessment.COVERED,
        "Claire Morel",
        LATER,
        False,
    )
    with reading(db) as session:
        assert [
            entry.mark for entry in load_thread(session, made.candidacy.id, made.competencies[0].id, made.advisor.id)
        ] == [Assessment.PARTLY, Assessment.COVERED]


def test_a_mark_writes_one_journal_line_without_its_comment(db: Database, made: World) -> None:
    with db.transaction() as session:
        mark(session, made, Assessment.PARTLY, "Il manque le budget.")
    with reading(db) as session:
        line = session.scalars(select(AuditEvent)).one()
    assert (line.action, line.actor_id, line.object_id) == ("competency_marked", made.advisor.id, made.candidacy.id)
    assert line.details == {"competency": str(made.competencies[0].id), "value": "partly"}


@pytest.mark.parametrize("value", [Assessment.PARTLY, Assessment.NOT_COVERED])
def test_a_mark_that_asks_for_more_says_what(db: Database, made: World, value: Assessment) -> None:
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, value, "  \n ")
    assert refused(caught) is ReviewRefusal.COMMENT_MISSING


def test_nobody_but_the_advisor_of_the_candidacy_marks_it(db: Database, made: World) -> None:
    with db.transaction() as session:
        other = factories.person(session, "Paul Autre")
    for by in (other.id, made.candidate.id, made.certifier.id):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            assess_competency(
                session,
                made.candidacy.id,
                made.competencies[0].id,
                Assessment.COVERED,
                "",
                basis(session, made),
                by=by,
                at=AT,
            )
        assert refused(caught) is ReviewRefusal.NOT_THE_ADVISOR


def test_a_competency_of_another_certification_or_out_of_scope_is_refused(db: Database, made: World) -> None:
    with db.transaction() as session:
        foreign = factories.published_version(session, made.body.id, "RNCP99999").blocks[0].competencies[0]
        candidacy = session.get_one(type(made.candidacy), made.candidacy.id)
        candidacy.blocks = candidacy.blocks[1:]
    for competency_id in (foreign.id, made.competencies[0].id, uuid4()):
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            assess_competency(
                session, made.candidacy.id, competency_id, Assessment.COVERED, "", "", by=made.advisor.id, at=AT
            )
        assert refused(caught) is ReviewRefusal.OUT_OF_SCOPE
        with pytest.raises(Refusal) as caught, db.transaction() as session:
            post_message(session, made.candidacy.id, competency_id, "Bonjour", by=made.advisor.id, at=AT)
        assert refused(caught) is ReviewRefusal.OUT_OF_SCOPE


def test_a_submitted_dossier_takes_no_mark_but_still_a_word(db: Database, made: World) -> None:
    with db.transaction() as session:
        session.get_one(Dossier, made.candidacy.id).state = DossierState.SUBMITTED
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, Assessment.COVERED)
    assert refused(caught) is ReviewRefusal.DOSSIER_SUBMITTED
    with db.transaction() as session:
        remark(session, made, "Comment préparer l’entretien ?", made.candidate.id)


def test_a_block_held_takes_no_mark(db: Database, made: World) -> None:
    hold(db, made, 0)
    with pytest.raises(Refusal) as caught, db.transaction() as session:
        mark(session, made, Assessment.COVERED)
    assert refused(caught) is ReviewRefusal.BLOCK_HELD
