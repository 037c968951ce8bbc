"""Check what surrounds a session: its hours, its summons, the reading, the votes of those present, fees and the
juror's card.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import MemberValue
from portfolio.domain.jury.rules.enums import College, FindingValue, Gender, StatementKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import (
    READING_DAYS,
    HalfDay,
    JurorCard,
    MemberInput,
    SeatPrefill,
    allows_time_to_read,
    card_of,
    member_input,
)
from portfolio.domain.jury.rules.juror_sheet import FeeLine, FeeRates
from portfolio.domain.jury.rules.member_status import (
    MemberState,
    SignedStatement,
    deliberating,
    vacated,
    voters_among,
    voters_recorded,
    voting,
)
from portfolio.domain.jury.rules.opinions import (
    ComparedOpinions,
    MemberOpinion,
    all_given,
    days_left,
    divergences_first,
    missing_competencies,
)
from portfolio.domain.jury.rules.passage import (
    CalendarMethod,
    SentSummons,
    SessionHours,
    Slot,
    SummonsEvent,
    halves_of,
    is_outdated,
    next_sequence,
    remind_after,
    slots_in,
)

DAY = date(2026, 6, 18)
AT = datetime(2026, 6, 18, 9, tzinfo=UTC)
BLOCK = UUID(int=77)
EVENT = SummonsEvent(AT, AT + timedelta(hours=1), "Bordeaux")


def line(**more: object) -> FeeLine:
    return FeeLine(**({"session_id": BLOCK, "held_on": DAY, "juror_name": "Aya", "email": "a@exemple.fr", "seat": "president"}
                      | {"heard": 3, "distance_km": 40} | more))  # fmt: skip


def test_a_sitting_is_paid_by_session_by_candidate_and_by_kilometre_there_and_back():
    rates = FeeRates(6000, 1500, 30)
    assert (line().vacation_cents(rates), line().travel_cents(rates), line().total_cents(rates)) == (10500, 2400, 12900)
    assert line(distance_km=None).travel_cents(rates) == 0
    assert line(on_site=False).total_cents(rates) == 10500
    assert line(heard=0).total_cents(rates) == 0


def test_a_summons_is_outdated_when_it_is_cancelled_or_says_other_hours_or_another_place():
    sent = SentSummons(EVENT, CalendarMethod.REQUEST, 4)
    assert not is_outdated(sent, EVENT)
    assert is_outdated(None, EVENT)
    assert is_outdated(replace(sent, method=CalendarMethod.CANCEL), EVENT)
    assert is_outdated(sent, replace(EVENT, place="Lyon"))
    assert (next_sequence(None), next_sequence(sent)) == (0, 5)


def test_a_reminder_comes_a_week_before_the_session_unless_that_moment_has_passed():
    week = AT - timedelta(days=7)
    assert remind_after(AT, week - timedelta(seconds=1)) == week
    assert remind_after(AT, week) is None


@pytest.mark.parametrize(("today", "left"), [(DAY - timedelta(days=3), 3), (DAY, 0), (DAY + timedelta(days=2), 0)])
def test_days_are_left_to_read_until_the_day(today, left):
    assert days_left(DAY, today) == left


def test_a_jury_has_two_weeks_to_read_from_the_later_of_the_seal_and_today():
    enough, late = DAY - timedelta(days=READING_DAYS), DAY - timedelta(days=READING_DAYS - 1)
    assert allows_time_to_read(DAY, enough, enough)
    assert not allows_time_to_read(DAY, late, enough)
    assert not allows_time_to_read(DAY, enough, late)


HOURS = SessionHours(9 * 60, 17 * 60, 60)


def test_interviews_fill_the_hours_to_the_last_minute_and_go_around_lunch():
    assert slots_in(HOURS, 2) == (Slot(540, 600), Slot(600, 660))
    assert slots_in(HOURS, 0) == ()
    lunch = replace(HOURS, lunch_start=12 * 60, lunch_end=13 * 60)
    assert [slot.start // 60 for slot in slots_in(lunch, 8)] == [9, 10, 11, 13, 14, 15, 16]
    shifted = replace(lunch, start=9 * 60 + 30)
    assert [slot.start for slot in slots_in(shifted, 3)] == [570, 630, 780], "none that would run into lunch"


@pytest.mark.parametrize(
    ("start", "end", "halves"),
    [(9, 17, {HalfDay.MORNING, HalfDay.AFTERNOON}), (9, 13, {HalfDay.MORNING}), (13, 17, {HalfDay.AFTERNOON})],
)
def test_a_session_meets_in_the_halves_that_its_hours_touch(start, end, halves):
    assert halves_of(SessionHours(start * 60, end * 60, 30)) == halves


def state(number: int, *kinds: StatementKind, seat: Seat = Seat.MEMBER, **more: object) -> MemberState:
    said = tuple(SignedStatement(kind, AT, False) for kind in kinds)
    place = more.pop("place", number)
    return MemberState(MemberValue(UUID(int=number), f"Personne {number}", seat, place=place), statements=said, **more)


def test_those_present_vote_or_everybody_while_presence_is_not_checked():
    sitting = [state(1), state(2), state(3)]
    assert voters_among(sitting, None) == 3
    checked = [state(1, present=True), state(2, present=True), state(3, present=False)]
    assert voters_among(checked, None) == 2
    assert [one.person.int for one in voting(checked, None)] == [1, 2, 3], "all are waited for without a quorum (J14)"
    assert [one.person.int for one in voting(checked, 2)] == [1, 2]
    assert voters_recorded([{"present": True}, {"present": False}, {}]) == 2


def test_a_seat_is_vacant_when_its_holder_is_recused_and_no_substitute_can_take_it():
    recused = state(1, StatementKind.RECUSAL)
    assert vacated([recused, state(2)]) == (recused,)
    substitute = state(9, place=1, rank=1)
    assert vacated([recused, substitute]) == ()
    assert [one.person.int for one in deliberating([recused, substitute])] == [9]
    absent = state(1, present=False)
    assert [one.person.int for one in deliberating([absent, substitute])] == [1], (
        "a substitute takes the seat once present"
    )
    assert [one.person.int for one in deliberating([absent, replace(substitute, present=True)])] == [9]


def test_closed_minutes_keep_the_member_who_deliberated():
    recorded = [state(1, deliberated=False), state(9, place=1, rank=1, deliberated=True)]
    assert [one.person.int for one in deliberating(recorded)] == [9]


def opinions(number: int, *values: FindingValue) -> ComparedOpinions:
    given = tuple(MemberOpinion(UUID(int=n), f"Personne {n}", value, "") for n, value in enumerate(values, 1))
    return ComparedOpinions(UUID(int=number), f"1.{number}", "", given)


def test_the_widest_divergence_comes_first_then_the_most_divided_then_the_order_of_the_entry():
    yes, part, no = FindingValue
    agreed, wide = opinions(1, yes, yes, yes, yes), opinions(2, yes, yes, yes, no)
    divided, narrow, same = (
        opinions(3, yes, yes, no, no),
        opinions(4, yes, part, part, part),
        opinions(5, part, yes, yes, yes),
    )
    found = divergences_first([agreed, wide, divided, narrow, same])
    assert [one.competency_id.int for one in found] == [3, 2, 4, 5, 1]


def test_opinions_are_all_given_once_every_member_who_votes_gave_theirs():
    one, two = UUID(int=1), UUID(int=2)
    assert all_given([one, two], [two, one])
    assert all_given([one], [one, two])
    assert not all_given([one, two], [one])
    assert not all_given([], [])
    assert missing_competencies([one, two], {two: "avis"}) == (one,)
    assert missing_competencies([one, two], {}) == (one, two)


CARD = JurorCard(
    name="Aya Diallo",
    email="aya@exemple.fr",
    quality="Cheffe de projet",
    profession="Développeuse",
    college=College.EMPLOYEES,
    gender=Gender.WOMAN,
    in_activity=True,
    is_professional=True,
    is_director=True,
    delegated_from=DAY,
    delegated_until=DAY + timedelta(days=365),
    seats=(Seat.MEMBER,),
    qualified_for=frozenset({BLOCK}),
    ties_answer=TiesAnswer.NONE,
)
NAMED = MemberInput(
    Seat.MEMBER,
    "aya@exemple.fr",
    "Aya Diallo",
    "Cheffe de projet",
    College.EMPLOYEES,
    in_activity=True,
    is_director=True,
    delegated_from=DAY,
    delegated_until=DAY + timedelta(days=365),
    qualified=True,
    gender=Gender.WOMAN,
    ties_answer=TiesAnswer.NONE,
    is_professional=True,
    trade="Développeuse",
)


def test_a_card_says_everything_of_its_person_in_a_seat_and_the_seat_gives_the_card_back():
    prefill = SeatPrefill(CARD, Seat.MEMBER, certification_id=BLOCK)
    assert member_input(prefill) == NAMED
    assert card_of(NAMED, BLOCK) == CARD
    placed = member_input(replace(prefill, place=2, rank=1, seen=3))
    assert placed == replace(NAMED, place=2, rank=1, seen=3)


def test_a_card_says_nothing_of_another_certification_nor_of_a_trade_that_does_not_sit():
    other = member_input(SeatPrefill(CARD, Seat.MEMBER, certification_id=UUID(int=78)))
    assert not other.qualified
    amateur = member_input(SeatPrefill(replace(CARD, is_professional=False), Seat.MEMBER, certification_id=BLOCK))
    assert (amateur.is_professional, amateur.trade) == (False, "")
    assert member_input(SeatPrefill(replace(CARD, quality=""), Seat.MEMBER)).quality == "Développeuse"
    assert card_of(replace(NAMED, qualified=False), BLOCK).qualified_for == frozenset()
