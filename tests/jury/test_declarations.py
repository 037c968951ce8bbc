"""Before one candidate: who deliberates, who declares and reads."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.enums import JuryRefusal, StatementKind
from portfolio.domain.jury.rules.member_status import JurorStep, MemberDeclarations, MemberState, deliberating
from portfolio.domain.jury_session.use_cases import declarations, minutes
from portfolio.screens.juror.hearing.minutes import load_attendance_page
from tests.jury import builders as stage
from tests.jury.assert_refused import FREE, READ, RECUSAL, refusal_of
from tests.jury.builders import DAY, ON_THE_DAY, SEALED_AT, act, close, say, scene
from tests.jury.test_composition import FIVE as VALUES


def sitting(rank: int, present: bool | None, *kinds: StatementKind) -> MemberState:
    from portfolio.domain.jury.rules.member_status import SignedStatement

    statements = tuple(SignedStatement(kind, SEALED_AT, False) for kind in kinds)
    return MemberState(replace(VALUES[3], person=UUID(int=100 + rank)), rank, statements, present)


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
    assert [member_state.rank for member_state in deliberating([*reversed(substitutes), holder])] == [rank]


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


def test_a_member_declares_then_attests_and_each_stays_as_first_said(db):
    made = scene(db, ready=False)
    person = made.members[Seat.TEACHER_TRAINER].id
    assert refusal_of(lambda: say(db, made, person, READ)).code is JuryRefusal.NOT_DECLARED
    for _click in range(2):
        say(db, made, person, FREE)
        say(db, made, person, READ)
    with db.reader() as session:
        kept = session.scalars(select(Statement).order_by(Statement.created_at)).all()
    assert {(one.person_id, one.kind, one.recorded_by, one.document_id) for one in kept} == {
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
        page = load_attendance_page(session, made.hearing_id)
    assert page.member(person).step is JurorStep.RECUSED
    assert page.member(person).said(RECUSAL).reason == "Ancienne collègue."


def test_a_signed_form_says_whose_it_is_and_keeps_its_scan(db):
    made = scene(db, ready=False)
    person, scan = made.members[Seat.TEACHER_TRAINER].id, act("formulaire.pdf")
    with db.transaction() as session:
        for kind in (FREE, READ):
            said = MemberDeclarations(person, kind, signed_on=DAY)
            declarations.record_statement(session, made.hearing_id, said, scan, by=made.certifier.id, at=ON_THE_DAY)
    with db.reader() as session:
        kept = session.scalars(select(Statement)).all()
        paper = declarations.find_signed_document(session, made.session_id, kept[0].document_id)
    assert {(one.person_id, one.recorded_by, one.signed_on, one.document_id) for one in kept} == {
        (person, made.certifier.id, DAY, paper.id)
    }
    assert (paper.key, paper.sha256) == (scan.key, scan.sha256)


def test_someone_who_does_not_sit_states_nothing(db):
    made = scene(db, ready=False)
    assert refusal_of(lambda: say(db, made, made.advisor.id, FREE)).code is JuryRefusal.NOT_A_MEMBER
    assert refusal_of(lambda: stage.check(db, made, [made.advisor.id])).code is JuryRefusal.NOT_A_MEMBER


def test_nothing_is_stated_or_checked_once_the_minutes_are_closed(db):
    made = scene(db, refused=())
    close(db, made)
    assert refusal_of(lambda: say(db, made, made.president.id, RECUSAL)).code is JuryRefusal.ALREADY_CLOSED
    assert refusal_of(lambda: stage.check(db, made, [])).code is JuryRefusal.ALREADY_CLOSED


@pytest.mark.slow
@pytest.mark.both
@pytest.mark.parametrize("table", ["juror_statement", "signed_document", "minutes_rectification"])
def test_the_store_itself_refuses_to_change_what_was_signed(db, table):
    made = scene(db, refused=())
    close(db, made)
    with db.transaction() as session:
        minutes.rectify(session, made.hearing_id, "Lire « Bordeaux ».", by=made.certifier.id, at=ON_THE_DAY)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
        with pytest.raises(DBAPIError), db.transaction() as session:
            session.execute(text(statement))
