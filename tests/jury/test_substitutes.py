"""Substitutes, and candidates who do not come."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing, JuryMember
from portfolio.domain.jury.rules.deliberation import ClosingErrorCode
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import minutes as minutes_use_cases
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.screens.certifier.sessions import listing_queries
from tests.jury import builders as stage
from tests.jury.assert_refused import RECUSAL, refusal_of
from tests.jury.builders import (
    DAY,
    FIVE,
    ON_THE_DAY,
    PRESIDENT,
    SEALED_AT,
    SUBSTITUTE,
    TEACHER,
    close,
    deliberate,
    find,
    get_ready,
    name,
    say,
    scene,
)


def with_substitute(db, **more):
    made = scene(db, **more)
    substitute = name(db, made, SUBSTITUTE)
    return made, substitute


def test_a_substitute_takes_the_seat_of_a_recused_member_for_that_candidate(db):
    made, substitute = with_substitute(db, ready=False)
    teacher = made.members[Seat.TEACHER_TRAINER].id
    others = [one.id for seat, one in made.members.items() if seat is not Seat.TEACHER_TRAINER]
    say(db, made, teacher, RECUSAL)
    get_ready(db, made, [*others, substitute])
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        composition = session.scalars(select(Minutes)).one().composition
    assert [(one["name"], one["substitute"]) for one in composition["members"] if one["seat"] == "teacher_trainer"] == [
        ("Ivan Perrin", True)
    ]
    assert [(one["name"], list(one["statements"])) for one in composition["others"]] == [("Inès Faure", ["recusal"])]


def test_a_substitute_who_is_not_needed_changes_nothing(db):
    made, substitute = with_substitute(db)
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        composition = session.scalars(select(Minutes)).one().composition
    assert "Ivan Perrin" not in {one["name"] for one in composition["members"]}
    assert {one["name"] for one in composition["others"]} == {"Ivan Perrin"}
    assert substitute


def test_a_seat_without_its_holder_takes_no_substitute_and_a_holder_leaves_last(db):
    made = scene(db, members=FIVE[:3], heard=False)
    assert refusal_of(lambda: name(db, made, SUBSTITUTE)).code is JuryRefusal.HOLDER_FIRST
    name(db, made, TEACHER)
    name(db, made, SUBSTITUTE)
    with db.reader() as session:
        holder = (
            session.scalars(select(JuryMember).where(JuryMember.seat == Seat.TEACHER_TRAINER, JuryMember.rank == 0))
            .one()
            .id
        )

    def remove():
        with db.transaction() as session:
            planning_use_cases.remove_member(session, made.session_id, holder, by=made.certifier.id, at=SEALED_AT)

    assert refusal_of(remove).code is JuryRefusal.HOLDER_FIRST


def test_the_substitute_of_an_absent_president_presides_and_signs(db):
    made = scene(db, ready=False)
    deputy = name(db, made, PRESIDENT, email="adjoint@exemple.fr", name="Rémi Adam", rank=1)
    everyone = [member.id for member in made.members.values()]
    get_ready(db, made, [*everyone, deputy])
    stage.check(db, made, [one for one in [*everyone, deputy] if one != made.president.id])
    assert refusal_of(lambda: find(db, made, made.competencies[0])).code is JuryRefusal.NOT_PRESIDENT
    made.members[Seat.PRESIDENT] = replace_id(made.president, deputy)
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        page = minutes_use_cases.load_minutes_page(session, made.hearing_id)
    assert page.signed_by == "Rémi Adam"


def replace_id(person, id):
    from types import SimpleNamespace

    return SimpleNamespace(id=id, name=person.name, email=person.email)


@pytest.mark.parametrize("attendance", [Attendance.ABSENT, Attendance.EXCUSED])
def test_a_candidate_who_does_not_come_loses_nothing_and_is_heard_by_another_jury(db, attendance):
    made = scene(db)
    stage.check(db, made, [member.id for member in made.members.values()], attendance)
    close(db, made)
    with db.reader() as session:
        minutes = session.scalars(select(Minutes)).one()
        assert (minutes.attendance, minutes.decisions, minutes.findings) == (attendance, [], [])
        assert session.scalar(select(func.count()).select_from(RecordedDecision)) == 0
        assert [
            unscheduled_dossier.submission_id
            for unscheduled_dossier in listing_queries.load_sessions_page(session, made.body_id, DAY).waiting
        ] == [made.submission_id]
        assert minutes_use_cases.load_minutes_page(session, made.hearing_id).attendance is attendance

    with db.transaction() as session:
        planning = Planning(made.version_id, DAY + timedelta(days=60), "Lyon")
        jury = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=ON_THE_DAY)
        stage.seat_five(session, jury.id, made.certifier.id, ON_THE_DAY)
        again = planning_use_cases.add_hearing(
            session, jury.id, made.submission_id, by=made.certifier.id, at=ON_THE_DAY
        )
        made = replace(made, session_id=jury.id, hearing_id=again.id)
    get_ready(db, made, at=ON_THE_DAY)
    deliberate(db, made)
    close(db, made, ON_THE_DAY + timedelta(days=60))
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Grant)) == 4
        assert session.scalar(select(func.count()).select_from(Minutes)) == 2


def test_an_absence_is_not_written_before_the_day(db):
    made = scene(db)
    stage.check(db, made, [], Attendance.ABSENT)
    stage.check(db, made, [made.president.id], Attendance.ABSENT)
    early = ON_THE_DAY - timedelta(days=3)
    faults = refusal_of(lambda: close(db, made, early)).facts["faults"]
    assert [fault.code for fault in faults] == [ClosingErrorCode.BEFORE_SESSION_DAY]


@pytest.mark.both
def test_two_hearings_at_once_on_one_dossier_are_refused_by_the_store_itself(db):
    made = scene(db)
    with db.transaction() as session:
        planning = Planning(made.version_id, DAY, "Lyon")
        other = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT).id
    with pytest.raises(DBAPIError), db.transaction() as session:
        session.add(Hearing(session_id=other, submission_id=made.submission_id))
