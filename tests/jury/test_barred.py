"""Who may never judge a candidate, whatever they declare: who accompanied them once, who judged them with bias (J10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portfolio.account.models import Person
from portfolio.candidacy.rules import Someone
from portfolio.candidacy.services import assign_advisor
from portfolio.certificate.rules import LaterKind
from portfolio.jury import services
from portfolio.jury.rules import JuryRefusal, Planning, PredicateId, Said, Seat, StatementKind, composition_answers
from portfolio.jury.wording import REFUSALS, predicate_sentence
from portfolio.refusal import Refusal
from portfolio.submission.services import reopen, submit
from tests import factories
from tests.certificate.closings import give_letters
from tests.certificate.later import later
from tests.jury import scene
from tests.jury.test_composition import FIVE, SAMIA, jury

THEN = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)


def test_who_accompanied_a_candidate_once_never_judges_them(db):
    made = scene.scene(db)
    with db.transaction() as session:
        other = Someone("autre@exemple.fr", "Autre Conseil")
        assign_advisor(
            session, made.candidacy_id, Someone(made.advisor.email, made.advisor.name), by=made.certifier.id, at=factories.AT
        )
        assign_advisor(session, made.candidacy_id, other, by=made.certifier.id, at=factories.AT)
    former = replace(scene.FIVE[3], email=made.advisor.email, name=made.advisor.name)
    with pytest.raises(Refusal) as found:
        scene.name(db, made, former, seen=1)
    assert found.value.code is JuryRefusal.MEMBER_IS_ADVISOR
    assert "accompagne ou a accompagné" in REFUSALS[found.value.code](found.value.facts)


def test_after_an_annulment_for_bias_every_member_is_new(db):
    made = scene.scene(db)
    scene.deliberate(db, made)
    scene.close(db, made)
    later(db, LaterKind.ANNULMENT, made.candidate.id, made.blocks[0], made.certifier.id, bias=True)
    with db.transaction() as session:
        give_letters(session, made.candidacy_id)
        reopen(session, made.candidacy_id, by=made.candidate.id, at=THEN)
        submission = submit(session, made.candidacy_id, scene.STATEMENT, by=made.candidate.id, at=THEN)
        planning = Planning(made.version_id, date(2027, 6, 1), "Lyon")
        other = services.plan_session(session, made.body_id, planning, by=made.certifier.id, at=THEN)
        scene.seat_five(session, other.id, made.certifier.id, THEN)
    with db.reader() as session:
        (waiting,) = services.session_page(session, other.id).waiting
    assert waiting.obstacle is JuryRefusal.MEMBER_JUDGED
    with pytest.raises(Refusal) as found, db.transaction() as session:
        services.add_hearing(session, other.id, submission.id, by=made.certifier.id, at=THEN)
    assert found.value.code is JuryRefusal.MEMBER_JUDGED
    assert "annulée pour partialité" in REFUSALS[found.value.code](found.value.facts)


def test_an_annulment_for_another_cause_lets_the_same_people_sit_again(db):
    made = scene.scene(db)
    scene.deliberate(db, made)
    scene.close(db, made)
    later(db, LaterKind.ANNULMENT, made.candidate.id, made.blocks[0], made.certifier.id)
    again = scene.next_scene(db, made, held_on=date(2027, 6, 1), at=THEN)
    with db.reader() as session:
        answers = services.sitting_page(session, again.hearing_id).answers
    assert next(one for one in answers if one.id is PredicateId.J10_KNOWN).holds


def test_the_predicate_names_who_judged_with_bias():
    member = FIVE[3]
    found = composition_answers(jury(*FIVE, candidate=replace(SAMIA, judged_by=frozenset({member.person}))))
    wrong = [one for one in found if one.prevents]
    assert [one.id for one in wrong] == [PredicateId.J10_KNOWN]
    assert member.name in predicate_sentence(wrong[0])
    assert "partialité" in predicate_sentence(wrong[0])


def elsewhere(db, made, advisor: Someone) -> None:
    """Another body opens a candidacy for the same candidate, and gives it an advisor."""
    with db.transaction() as session:
        body = factories.body(session, "Un autre institut")
        version = factories.published_version(session, body.id, "RNCP54321")
        by = factories.certifier(session, body.id, "Noé Ailleurs").id
        path = factories.candidacy(session, version, session.get_one(Person, made.candidate.id))
        assign_advisor(session, path.id, advisor, by=by, at=factories.AT)


def test_who_accompanied_the_candidate_at_another_body_cannot_deny_it_and_that_body_stays_unseen(db):
    made = scene.scene(db, ready=False)
    teacher = made.members[Seat.TEACHER_TRAINER]
    elsewhere(db, made, Someone(teacher.email, "Nom d’ailleurs"))
    with db.reader() as session:
        answers = services.sitting_page(session, made.hearing_id).answers
        waiting = services.session_page(session, made.session_id)
    assert next(one for one in answers if one.id is PredicateId.J10_KNOWN).holds, "the certifier learns nothing by it"
    assert "ailleurs" not in repr(waiting)
    with pytest.raises(Refusal) as found, db.transaction() as session:
        services.state(session, made.hearing_id, Said(teacher.id, StatementKind.NO_RELATION), by=teacher.id, at=scene.ON_THE_DAY)
    assert found.value.code is JuryRefusal.ACCOMPANIED
    assert "Récusez-vous" in REFUSALS[found.value.code](found.value.facts)
    with db.transaction() as session:
        recusal = Said(teacher.id, StatementKind.RECUSAL, "Je connais cette personne.")
        services.state(session, made.hearing_id, recusal, by=teacher.id, at=scene.ON_THE_DAY)


def test_whom_another_bodys_candidate_had_as_advisor_is_seated_like_anyone(db):
    made = scene.scene(db)
    elsewhere(db, made, Someone("remplace@exemple.fr", "Nom d’ailleurs"))
    scene.name(db, made, replace(scene.FIVE[3], email="remplace@exemple.fr", name="Camille Ici"), seen=1)
