"""Check what a member said of a candidate, and who votes: rules of attendance without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Affiliation, MemberValue
from portfolio.domain.jury.rules.enums import AffiliationKind, Declaration, OrganisationKind, StatementKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import JurorCard, SeatPrefill, card_of, member_input
from portfolio.domain.jury.rules.member_status import (
    MemberState,
    SignedStatement,
    deliberating,
    missing,
    stand_ins,
    voters_among,
)

AT = datetime(2026, 6, 18, 9, tzinfo=UTC)
SEATS = (Seat.PRESIDENT, Seat.EMPLOYEE_REPRESENTATIVE, Seat.TEACHER_TRAINER)
TIES = (Affiliation(AffiliationKind.EMPLOYMENT, OrganisationKind.CERTIFIER, "Institut de l’exemple"),)


def member(number: int, present: bool | None = None, *said: SignedStatement) -> MemberState:
    value = MemberValue(UUID(int=number + 1), f"Membre {number}", SEATS[number])
    return MemberState(value, statements=said, present=present)


def word(kind: StatementKind, hours: int, *, withdrawn: bool = False) -> SignedStatement:
    return SignedStatement(kind, AT + timedelta(hours=hours), on_paper=False, withdrawn=withdrawn)


def test_only_a_statement_of_the_kind_that_stands_was_said():
    read, recused = word(StatementKind.READ, 0), word(StatementKind.RECUSAL, 1, withdrawn=True)
    state = member(0, None, read, recused)
    assert state.said(StatementKind.READ) == read
    assert state.said(StatementKind.RECUSAL) is None
    assert state.said(StatementKind.NO_RELATION) is None
    assert state.declaration is None


def test_the_last_of_two_statements_of_a_kind_is_the_one_said():
    earlier, later = word(StatementKind.READ, 0), word(StatementKind.READ, 2)
    assert member(0, None, earlier, later).said(StatementKind.READ) == later


def test_a_recusal_that_stands_outweighs_an_earlier_word():
    state = member(0, None, word(StatementKind.RECUSAL, 0), word(StatementKind.NO_RELATION, 1))
    assert state.declaration is Declaration.RELATED


def test_with_a_quorum_who_is_noted_absent_has_no_vote_and_without_one_all_are_waited_for():
    nobody_present = [member(0, False), member(1), member(2)]
    assert voters_among(nobody_present, 2) == 2
    assert voters_among(nobody_present, None) == 3


def test_where_presence_is_checked_those_present_vote():
    assert [voters_among([member(0, True), member(1, True), member(2, False)], quorum) for quorum in (None, 2)] == [
        2,
        2,
    ]


def test_a_card_and_the_seat_filled_from_it_say_the_same_ties():
    card = JurorCard("Paul Marin", "paul@exemple.fr", ties=TIES, ties_answer=TiesAnswer.LISTED)
    filled = member_input(SeatPrefill(card, Seat.PRESIDENT))
    assert (filled.ties, filled.ties_answer) == (TIES, TiesAnswer.LISTED)
    assert card_of(filled, UUID(int=9)).ties == TIES


def of_seat(rank: int, *, comes: bool | None, present: bool | None = None, barred: bool = False) -> MemberState:
    value = MemberValue(UUID(int=rank + 10), f"Rang {rank}", Seat.PRESIDENT)
    return MemberState(value, rank, present=present, is_barred=barred, comes=comes)


def ranks(states) -> list[int]:
    return [state.rank for state in states]


def test_the_substitute_who_comes_sits_for_the_holder_who_answered_that_they_do_not():
    holder, first, second = of_seat(0, comes=False), of_seat(1, comes=None), of_seat(2, comes=True)
    assert ranks(deliberating([holder, first, second])) == [2]
    assert missing([holder, first, second]) == ()
    assert stand_ins([holder, first, second]) == {second.person: holder}


def test_a_seat_that_nobody_takes_is_a_hole():
    holder = of_seat(0, comes=False)
    for substitutes in (
        (),
        (of_seat(1, comes=None),),
        (of_seat(1, comes=False),),
        (of_seat(1, comes=True, barred=True),),
    ):
        assert ranks(missing([holder, *substitutes])) == [0], substitutes
        assert stand_ins([holder, *substitutes]) == {}


def test_a_substitute_who_does_not_come_leaves_no_hole_while_the_holder_does():
    assert missing([of_seat(0, comes=True), of_seat(1, comes=False)]) == ()
    assert missing([of_seat(0, comes=None), of_seat(1, comes=False)]) == ()


def test_presence_that_was_checked_outweighs_what_was_answered():
    came, substitute = of_seat(0, comes=False, present=True), of_seat(1, comes=True, present=True)
    assert ranks(deliberating([came, substitute])) == [0]
    assert (missing([came, substitute]), stand_ins([came, substitute])) == ((), {})
    away = of_seat(0, comes=False, present=False)
    assert ranks(deliberating([away, of_seat(1, comes=None, present=True)])) == [1]


def test_a_holder_who_is_recused_is_replaced_by_a_substitute_who_has_not_declined():
    assert ranks(
        deliberating([of_seat(0, comes=None, barred=True), of_seat(1, comes=False), of_seat(2, comes=None)])
    ) == [2]
    assert ranks(missing([of_seat(0, comes=None, barred=True), of_seat(1, comes=False)])) == [1]
