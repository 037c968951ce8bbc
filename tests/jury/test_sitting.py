"""Before one candidate: who declares, reads, comes; who deliberates; what each predicate alone refuses; what the minutes keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portfolio.certificate.models import Grant
from portfolio.certificate.services.ledger import check
from portfolio.jury import services
from portfolio.jury.minutes import BlockDecision, Minutes, MinutesRectification
from portfolio.jury.models import Hearing, Member
from portfolio.jury.rules import (
    Attendance,
    ClosingFaultCode,
    College,
    DecisionRecord,
    Gender,
    JurorStep,
    JuryRefusal,
    Outcome,
    Planning,
    PredicateId,
    Said,
    Seat,
    SittingMember,
    StatementKind,
    Votes,
    deliberating,
)
from portfolio.jury.statements import Presence, Statement
from portfolio.refusal import Refusal
from tests.jury import scene as stage
from tests.jury.scene import (
    DAY,
    EMPLOYEE,
    FIVE,
    ON_THE_DAY,
    PRESIDENT,
    SEALED_AT,
    SUBSTITUTE,
    TEACHER,
    VALIDATED,
    act,
    close,
    decide,
    deliberate,
    find,
    get_ready,
    name,
    say,
    scene,
)
from tests.jury.test_composition import FIVE as VALUES

RECUSAL, FREE, READ = StatementKind.RECUSAL, StatementKind.NO_RELATION, StatementKind.READ


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value


def irregular(db, made) -> list[str]:
    """The predicates for which closing is refused; nothing else prevents it."""
    refused = refusal_of(lambda: close(db, made))
    assert refused.code is JuryRefusal.NOT_READY
    faults = refused.facts["faults"]
    assert {fault.code for fault in faults} == {ClosingFaultCode.IRREGULAR}
    return [fault.facts["predicate"] for fault in faults]


def change(db, made, seat: Seat, **columns) -> None:
    """Bend a member in the store, as no service would."""
    with db.transaction() as session:
        member = session.scalars(select(Member).where(Member.session_id == made.session_id, Member.seat == seat)).one()
        for column, value in columns.items():
            setattr(member, column, value)


def take_away(db, made, seat: Seat) -> None:
    with db.transaction() as session:
        session.delete(session.scalars(select(Member).where(Member.session_id == made.session_id, Member.seat == seat)).one())


# --- Who deliberates: pure ---


def sitting(rank: int, present: bool | None, *kinds: StatementKind) -> SittingMember:
    from portfolio.jury.rules import SignedStatement

    statements = tuple(SignedStatement(kind, SEALED_AT, False) for kind in kinds)
    return SittingMember(replace(VALUES[3], person=UUID(int=100 + rank)), rank, statements, present)


@pytest.mark.parametrize(
    ("holder", "substitutes", "rank"),
    [
        (sitting(0, None), [sitting(1, True, FREE, READ)], 0),
        (sitting(0, True), [sitting(1, True, FREE, READ)], 0),
        (sitting(0, False), [sitting(1, True, FREE, READ)], 1),
        (sitting(0, True, RECUSAL), [sitting(1, True, FREE)], 1),
        (sitting(0, None, FREE, RECUSAL), [sitting(1, True, FREE)], 1),
        (sitting(0, False), [sitting(1, None, FREE, READ)], 0),
        (sitting(0, False), [sitting(1, True, RECUSAL), sitting(2, True)], 2),
        (sitting(0, False), [], 0),
        (sitting(0, True, RECUSAL), [], 0),
    ],
)
def test_a_seat_is_held_by_its_holder_unless_recused_or_absent_then_by_a_present_substitute(holder, substitutes, rank):
    assert [one.rank for one in deliberating([*reversed(substitutes), holder])] == [rank]


@pytest.mark.parametrize(
    ("kinds", "step"),
    [
        ((), JurorStep.DECLARE),
        ((FREE,), JurorStep.READ),
        ((FREE, READ), JurorStep.READY),
        ((RECUSAL,), JurorStep.RECUSED),
        ((FREE, READ, RECUSAL), JurorStep.RECUSED),
    ],
)
def test_each_member_has_one_next_step(kinds, step):
    assert sitting(0, None, *kinds).step is step


@pytest.mark.parametrize(
    ("votes", "outcome", "contradicts", "tied"),
    [
        (Votes(3, 2), Outcome.VALIDATED, False, False),
        (Votes(3, 2), Outcome.NOT_VALIDATED, True, False),
        (Votes(1, 4), Outcome.VALIDATED, True, False),
        (Votes(2, 2), Outcome.VALIDATED, False, True),
        (Votes(2, 2), Outcome.NOT_VALIDATED, False, True),
        (Votes(), Outcome.VALIDATED, False, False),
        (Votes(5, None), Outcome.NOT_VALIDATED, False, False),
    ],
)
def test_the_majority_decides_and_a_tie_is_the_presidents(votes, outcome, contradicts, tied):
    assert (votes.contradicts(outcome), votes.tied) == (contradicts, tied)


# --- Declaring, reading ---


def test_a_member_declares_then_attests_and_each_stays_as_first_said(db):
    made = scene(db, ready=False)
    person = made.members[Seat.TEACHER_TRAINER].id
    assert refusal_of(lambda: say(db, made, person, READ)).code is JuryRefusal.NOT_DECLARED
    for _click in range(2):
        say(db, made, person, FREE)
        say(db, made, person, READ)
    with db.reader() as session:
        kept = session.scalars(select(Statement).order_by(Statement.made_at)).all()
    assert {(one.person_id, one.kind, one.recorded_by, one.paper_id) for one in kept} == {
        (person, FREE, person, None),
        (person, READ, person, None),
    }


def test_a_recusal_is_for_good_and_outweighs_an_earlier_word(db):
    made = scene(db, ready=False)
    person = made.members[Seat.TEACHER_TRAINER].id
    say(db, made, person, FREE)
    say(db, made, person, RECUSAL, "Ancienne collègue.")
    assert refusal_of(lambda: say(db, made, person, READ)).code is JuryRefusal.RECUSED
    with db.reader() as session:
        page = services.sitting_page(session, made.hearing_id)
    assert page.member(person).step is JurorStep.RECUSED
    assert page.member(person).said(RECUSAL).reason == "Ancienne collègue."


def test_a_signed_form_says_whose_it_is_and_keeps_its_scan(db):
    made = scene(db, ready=False)
    person, scan = made.members[Seat.TEACHER_TRAINER].id, act("formulaire.pdf")
    with db.transaction() as session:
        for kind in (FREE, READ):
            said = Said(person, kind, signed_on=DAY)
            services.state(session, made.hearing_id, said, scan, by=made.certifier.id, at=ON_THE_DAY)
    with db.reader() as session:
        kept = session.scalars(select(Statement)).all()
        paper = services.find_paper(session, made.session_id, kept[0].paper_id)
    assert {(one.person_id, one.recorded_by, one.signed_on, one.paper_id) for one in kept} == {
        (person, made.certifier.id, DAY, paper.id)
    }
    assert (paper.key, paper.sha256) == (scan.key, scan.sha256)


def test_someone_who_does_not_sit_states_nothing(db):
    made = scene(db, ready=False)
    assert refusal_of(lambda: say(db, made, made.advisor.id, FREE)).code is JuryRefusal.NOT_A_MEMBER
    assert refusal_of(lambda: stage.check(db, made, [made.advisor.id])).code is JuryRefusal.NOT_A_MEMBER


def test_nothing_is_stated_or_checked_once_the_minutes_are_closed(db):
    made = scene(db)
    deliberate(db, made)
    close(db, made)
    assert refusal_of(lambda: say(db, made, made.president.id, RECUSAL)).code is JuryRefusal.ALREADY_CLOSED
    assert refusal_of(lambda: stage.check(db, made, [])).code is JuryRefusal.ALREADY_CLOSED


@pytest.mark.parametrize("table", ["juror_statement", "jury_paper", "minutes_rectification"])
def test_the_store_itself_refuses_to_change_what_was_signed(db, table):
    made = scene(db)
    deliberate(db, made)
    close(db, made)
    with db.transaction() as session:
        services.rectify(session, made.hearing_id, "Lire « Bordeaux ».", by=made.certifier.id, at=ON_THE_DAY)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
        with pytest.raises(DBAPIError), db.transaction() as session:
            session.execute(text(statement))


# --- Nothing is decided before ---


def test_the_president_finds_nothing_before_having_read(db):
    made = scene(db, ready=False)
    assert refusal_of(lambda: find(db, made, made.competencies[0])).code is JuryRefusal.NOT_READ


def test_nothing_is_decided_before_every_member_has_declared_and_read(db):
    made = scene(db, ready=False)
    get_ready(db, made, [made.members[seat].id for seat in made.members if seat is not Seat.TEACHER_TRAINER])
    find(db, made, made.competencies[0])
    refused = refusal_of(lambda: decide(db, made, made.blocks[0]))
    assert (refused.code, refused.facts["who"]) == (JuryRefusal.NOT_DELIBERATING, ("Inès Faure",))


def without_appointment(db, made):
    change(db, made, Seat.PRESIDENT, appointed_on=None)


ALONE = {
    PredicateId.J3: lambda db, made: swap_colleges(db, made),
    PredicateId.J4: without_appointment,
    PredicateId.J5: lambda db, made: name(db, made, EMPLOYEE, in_activity=False, seen=1),
    PredicateId.J6: lambda db, made: change(db, made, Seat.DIRECTOR_OR_DELEGATE, is_director=False),
    PredicateId.J7: lambda db, made: name(db, made, EMPLOYEE, ties=TEACHER.ties, seen=1),
    PredicateId.J9: lambda db, made: change(db, made, Seat.PRESIDENT, qualified=False),
    PredicateId.J10: lambda db, made: say(db, made, made.members[Seat.TEACHER_TRAINER].id, RECUSAL),
    PredicateId.J10_KNOWN: lambda db, made: becomes_advisor(db, made),
    PredicateId.J14: lambda db, made: stage.check(db, made, [one.id for one in list(made.members.values())[:4]]),
}


def swap_colleges(db, made):
    """The president speaks for nobody; the director, for employers: J8 still holds."""
    change(db, made, Seat.PRESIDENT, college=College.NONE)
    change(db, made, Seat.DIRECTOR_OR_DELEGATE, college=College.EMPLOYERS)


def becomes_advisor(db, made):
    from portfolio.candidacy.models import Candidacy

    with db.transaction() as session:
        session.get_one(Candidacy, made.candidacy_id).advisor_id = made.members[Seat.TEACHER_TRAINER].id


@pytest.mark.parametrize("alone", ALONE)
def test_closing_is_refused_for_each_predicate_alone(db, alone):
    made = scene(db)
    deliberate(db, made)
    ALONE[alone](db, made)
    assert irregular(db, made) == [alone]
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Grant)) == 0


def test_closing_is_refused_for_a_dossier_unread_alone(db):
    made = scene(db, members=FIVE)
    deliberate(db, made)
    newcomer = name(db, made, TEACHER, email="neuve@exemple.fr", name="Nadia Klein", seen=1)
    say(db, made, newcomer, FREE)
    stage.check(db, made, [*(one.id for one in made.members.values() if one.name != "Inès Faure"), newcomer])
    assert irregular(db, made) == [PredicateId.J13]
    say(db, made, newcomer, READ)
    close(db, made)


def test_a_seat_emptied_late_is_refused_by_the_size_and_the_seat_together(db):
    """One seat less is always one member less (J1, J2): the pure rules show each alone."""
    made = scene(db)
    deliberate(db, made)
    take_away(db, made, Seat.TEACHER_TRAINER)
    assert irregular(db, made)[:2] == [PredicateId.J1, PredicateId.J2]


def test_a_jury_of_men_only_is_warned_not_refused_and_the_reason_is_kept(db):
    made = scene(db)
    deliberate(db, made)
    change(db, made, Seat.EMPLOYEE_REPRESENTATIVE, gender=Gender.MAN)
    with db.reader() as session:
        (warned,) = [one for one in services.session_page(session, made.session_id).answers if not one.holds]
    assert (warned.id, warned.prevents) == (PredicateId.J12, False)
    with db.transaction() as session:
        services.justify_parity(session, made.session_id, "Aucune candidate.", by=made.certifier.id, at=ON_THE_DAY)
    close(db, made)
    with db.reader() as session:
        assert services.read_minutes(session, made.hearing_id).parity_reason == "Aucune candidate."


# --- Substitutes ---


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
        holder = session.scalars(select(Member).where(Member.seat == Seat.TEACHER_TRAINER, Member.rank == 0)).one().id

    def remove():
        with db.transaction() as session:
            services.remove_member(session, made.session_id, holder, by=made.certifier.id, at=SEALED_AT)

    assert refusal_of(remove).code is JuryRefusal.HOLDER_FIRST


def test_the_substitute_of_an_absent_president_presides_and_signs(db):
    made = scene(db, ready=False)
    deputy = name(db, made, PRESIDENT, email="adjoint@exemple.fr", name="Rémi Adam", rank=1)
    everyone = [one.id for one in made.members.values()]
    get_ready(db, made, [*everyone, deputy])
    stage.check(db, made, [one for one in [*everyone, deputy] if one != made.president.id])
    assert refusal_of(lambda: find(db, made, made.competencies[0])).code is JuryRefusal.NOT_PRESIDENT
    made.members[Seat.PRESIDENT] = replace_id(made.president, deputy)
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        page = services.read_minutes(session, made.hearing_id)
    assert page.signed_by == "Rémi Adam"


def replace_id(person, id):
    from types import SimpleNamespace

    return SimpleNamespace(id=id, name=person.name, email=person.email)


# --- Votes ---


@pytest.mark.parametrize(
    ("votes", "code"),
    [
        (Votes(2, 3), ClosingFaultCode.VOTES_CONTRADICT),
        (Votes(5, None), ClosingFaultCode.VOTES_INCOMPLETE),
        (Votes(0, 0), ClosingFaultCode.VOTES_INCOMPLETE),
        (Votes(4, 2), ClosingFaultCode.VOTES_TOO_MANY),
    ],
)
def test_a_count_that_does_not_stand_prevents_closing(db, votes, code):
    made = scene(db)
    deliberate(db, made)
    decide(db, made, made.blocks[0], replace(VALIDATED, votes=votes), revision=1)
    faults = refusal_of(lambda: close(db, made)).facts["faults"]
    assert [(fault.code, fault.block) for fault in faults] == [(code, made.blocks[0].id)]


def test_a_tie_is_the_presidents_and_both_counts_are_kept(db):
    made = scene(db)
    deliberate(db, made)
    decide(db, made, made.blocks[0], DecisionRecord(Outcome.VALIDATED, votes=Votes(2, 2)), revision=1)
    close(db, made)
    with db.reader() as session:
        kept = session.scalars(select(BlockDecision).where(BlockDecision.block_id == made.blocks[0].id)).one()
    assert (kept.votes_for, kept.votes_against, kept.votes.tied) == (2, 2, True)


# --- Absent, excused ---


@pytest.mark.parametrize("attendance", [Attendance.ABSENT, Attendance.EXCUSED])
def test_a_candidate_who_does_not_come_loses_nothing_and_is_heard_by_another_jury(db, attendance):
    made = scene(db)
    stage.check(db, made, [one.id for one in made.members.values()], attendance)
    close(db, made)
    with db.reader() as session:
        minutes = session.scalars(select(Minutes)).one()
        assert (minutes.attendance, minutes.decisions, minutes.findings) == (attendance, [], [])
        assert session.scalar(select(func.count()).select_from(BlockDecision)) == 0
        assert [one.submission_id for one in services.list_sessions(session, made.body_id).waiting] == [made.submission_id]
        assert services.read_minutes(session, made.hearing_id).attendance is attendance

    with db.transaction() as session:
        planning = Planning(made.version_id, DAY + timedelta(days=60), "Lyon")
        jury = services.plan_session(session, made.body_id, planning, by=made.certifier.id, at=ON_THE_DAY)
        stage.seat_five(session, jury.id, made.certifier.id, ON_THE_DAY)
        again = services.add_hearing(session, jury.id, made.submission_id, by=made.certifier.id, at=ON_THE_DAY)
        made = replace(made, session_id=jury.id, hearing_id=again.id)
    get_ready(db, made, at=ON_THE_DAY)
    deliberate(db, made)
    close(db, made, datetime(2026, 9, 1, 12, 0, tzinfo=UTC))
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Grant)) == 4
        assert session.scalar(select(func.count()).select_from(Minutes)) == 2


def test_an_absence_is_not_written_before_the_day(db):
    made = scene(db)
    stage.check(db, made, [], Attendance.ABSENT)
    stage.check(db, made, [made.president.id], Attendance.ABSENT)
    early = ON_THE_DAY - timedelta(days=3)
    faults = refusal_of(lambda: close(db, made, early)).facts["faults"]
    assert [fault.code for fault in faults] == [ClosingFaultCode.BEFORE_SESSION_DAY]


def test_two_hearings_at_once_on_one_dossier_are_refused_by_the_store_itself(db):
    made = scene(db)
    with db.transaction() as session:
        planning = Planning(made.version_id, DAY, "Lyon")
        other = services.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT).id
    with pytest.raises(DBAPIError), db.transaction() as session:
        session.add(Hearing(session_id=other, submission_id=made.submission_id))


# --- Minutes and what is written after ---


def test_the_minutes_keep_declarations_reading_presence_and_the_signature(db):
    made = scene(db)
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        minutes = session.scalars(select(Minutes)).one()
        presences = session.scalars(select(Presence)).all()
    assert (minutes.signed_at, minutes.closed_by, minutes.attendance) == (ON_THE_DAY, made.president.id, Attendance.HEARD)
    assert len(presences) == 5
    for member in minutes.composition["members"]:
        assert member["present"] is True
        assert member["statements"] == {
            kind: {"at": SEALED_AT.isoformat(), "on_paper": False} for kind in ("no_relation", "read")
        }
    assert [one["id"] for one in minutes.composition["predicates"]] == [one for one in PredicateId if one is not PredicateId.J15]


def test_a_rectification_is_a_later_entry_in_the_ledger_and_changes_nothing(db):
    made = scene(db)
    deliberate(db, made)
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        services.rectify(session, made.hearing_id, "Trop tôt.", by=made.certifier.id, at=ON_THE_DAY)
    assert refused.value.code is JuryRefusal.STILL_OPEN
    close(db, made)
    with db.reader() as session:
        before = services.read_minutes(session, made.hearing_id)
    with db.transaction() as session:
        services.rectify(session, made.hearing_id, "Lire « Lyon ».", by=made.president.id, at=ON_THE_DAY + timedelta(days=2))
    with db.reader() as session:
        after = services.read_minutes(session, made.hearing_id)
        kept = session.scalars(select(MinutesRectification)).one()
        ledger = check(session)
    assert replace_rectifications(after) == replace_rectifications(before)
    assert [(one.text, one.author) for one in after.rectifications] == [("Lire « Lyon ».", "Paul Marin")]
    assert kept.written_by == made.president.id
    assert ledger.ok


def replace_rectifications(page):
    return (page.number, page.members, page.place, page.closed_at, page.signed_at, page.parity_reason)


def test_a_dossier_its_jury_acted_on_stays_on_the_list(db):
    made = scene(db, ready=False)
    say(db, made, made.president.id, FREE)

    def remove():
        with db.transaction() as session:
            services.remove_hearing(session, made.session_id, made.hearing_id, by=made.certifier.id, at=SEALED_AT)

    assert refusal_of(remove).code is JuryRefusal.NOTES_TAKEN
