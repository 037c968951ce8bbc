"""Check who may never judge a candidate, whatever they declare: who accompanied them once, who judged them with
bias (J10).
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.opening import assign_advisor
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.jury.rules.composition import PredicateId
from portfolio.domain.jury.rules.enums import JuryRefusal, StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.predicates import composition_answers
from portfolio.domain.jury_session.use_cases import declarations
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions import page_queries
from portfolio.screens.juror.hearing import minutes
from portfolio.wording.jury import REFUSALS, predicate_message
from tests import factories
from tests.holdings.status_changes import later
from tests.jury import builders
from tests.jury.test_composition import FIVE, SAMIA, jury

THEN = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)


def test_who_accompanied_a_candidate_once_never_judges_them(db):
    made = builders.scene(db)
    with db.transaction() as session:
        other = PersonInput("autre@exemple.fr", "Autre Conseil")
        assign_advisor(
            session,
            made.candidacy_id,
            PersonInput(made.advisor.email, made.advisor.name),
            by=made.certifier.id,
            at=factories.AT,
        )
        assign_advisor(session, made.candidacy_id, other, by=made.certifier.id, at=factories.AT)
    former = replace(builders.FIVE[3], email=made.advisor.email, name=made.advisor.name)
    with pytest.raises(Refusal) as found:
        builders.name(db, made, former, seen=1)
    assert found.value.code is JuryRefusal.MEMBER_IS_ADVISOR
    assert "accompagne ou a accompagné" in REFUSALS[found.value.code](found.value.facts)


def test_after_an_annulment_for_bias_every_member_is_new(db):
    made = builders.scene(db, refused=())
    builders.close(db, made)
    later(db, StatusChangeKind.ANNULMENT, made.candidate.id, made.blocks[0], made.certifier.id, bias=True)
    with db.transaction() as session:
        submission = builders.next_submission(session, made, THEN)
        planning = Planning(made.version_id, date(2027, 6, 1), "Lyon")
        other = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=THEN)
        builders.seat_five(session, other.id, made.certifier.id, THEN)
    with db.reader() as session:
        (waiting,) = page_queries.load_session_page(session, other.id).waiting
    assert waiting.obstacle is JuryRefusal.MEMBER_JUDGED
    with pytest.raises(Refusal) as found, db.transaction() as session:
        planning_use_cases.add_hearing(session, other.id, submission.id, by=made.certifier.id, at=THEN)
    assert found.value.code is JuryRefusal.MEMBER_JUDGED
    assert "annulée pour partialité" in REFUSALS[found.value.code](found.value.facts)


def test_an_annulment_for_another_cause_lets_the_same_people_sit_again(db):
    made = builders.scene(db, refused=())
    builders.close(db, made)
    later(db, StatusChangeKind.ANNULMENT, made.candidate.id, made.blocks[0], made.certifier.id)
    again = builders.next_scene(db, made, held_on=date(2027, 6, 1), at=THEN)
    with db.reader() as session:
        answers = minutes.load_attendance_page(session, again.hearing_id).answers
    assert next(answer for answer in answers if answer.id is PredicateId.J10_KNOWN).holds


def test_the_predicate_names_who_judged_with_bias():
    member = FIVE[3]
    found = composition_answers(jury(*FIVE, candidate=replace(SAMIA, judged_by=frozenset({member.person}))))
    wrong = [predicate_answer for predicate_answer in found if predicate_answer.prevents]
    assert [predicate_answer.id for predicate_answer in wrong] == [PredicateId.J10_KNOWN]
    assert member.name in predicate_message(wrong[0])
    assert "partialité" in predicate_message(wrong[0])


def elsewhere(db, made, advisor: PersonInput) -> None:
    """Another body opens a candidacy for the same candidate, and gives it an advisor."""
    with db.transaction() as session:
        body = factories.body(session, "Un autre institut")
        version = factories.published_version(session, body.id, "RNCP54321")
        by = factories.certifier(session, body.id, "Noé Ailleurs").id
        path = factories.candidacy(session, version, session.get_one(Person, made.candidate.id))
        assign_advisor(session, path.id, advisor, by=by, at=factories.AT)


def test_who_accompanied_the_candidate_at_another_body_cannot_deny_it_and_that_body_stays_unseen(db):
    made = builders.scene(db, ready=False)
    teacher = made.members[Seat.TEACHER_TRAINER]
    elsewhere(db, made, PersonInput(teacher.email, "Nom d’ailleurs"))
    with db.reader() as session:
        answers = minutes.load_attendance_page(session, made.hearing_id).answers
        waiting = page_queries.load_session_page(session, made.session_id)
    assert next(answer for answer in answers if answer.id is PredicateId.J10_KNOWN).holds, (
        "the certifier learns nothing by it"
    )
    assert "ailleurs" not in repr(waiting)
    with pytest.raises(Refusal) as found, db.transaction() as session:
        declarations.record_statement(
            session,
            made.hearing_id,
            MemberDeclarations(teacher.id, StatementKind.NO_RELATION),
            by=teacher.id,
            at=builders.ON_THE_DAY,
        )
    assert found.value.code is JuryRefusal.ACCOMPANIED
    assert "Récusez-vous" in REFUSALS[found.value.code](found.value.facts)
    with db.transaction() as session:
        recusal = MemberDeclarations(teacher.id, StatementKind.RECUSAL, "Je connais cette personne.")
        declarations.record_statement(session, made.hearing_id, recusal, by=teacher.id, at=builders.ON_THE_DAY)


def test_whom_another_bodys_candidate_had_as_advisor_is_seated_like_anyone(db):
    made = builders.scene(db)
    elsewhere(db, made, PersonInput("remplace@exemple.fr", "Nom d’ailleurs"))
    builders.name(db, made, replace(builders.FIVE[3], email="remplace@exemple.fr", name="Camille Ici"), seen=1)
