"""A jury proposed from the pool: regular for every candidate, the smallest one, or the smallest reason why
there is none.
"""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import permutations, product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Composition, JuryRuleValue, MemberValue, PredicateId
from portfolio.domain.jury.rules.day_proposal import (
    DayProblem,
    DayProposal,
    Impossible,
    ImpossibleReason,
    ProposableJuror,
    propose_day,
    seat_fits,
)
from portfolio.domain.jury.rules.enums import College, Gender, TiesAnswer
from portfolio.domain.jury.rules.predicates import composition_answers, is_regular

DAY = date(2026, 6, 18)
SEATS = (
    Seat.PRESIDENT,
    Seat.EMPLOYEE_REPRESENTATIVE,
    Seat.DIRECTOR_OR_DELEGATE,
    Seat.TEACHER_TRAINER,
    Seat.PEDAGOGICAL_MANAGER,
)
RULE = JuryRuleValue(5, SEATS, Fraction(2, 5), Fraction(2, 5))
SMALL_RULE = JuryRuleValue(2, (Seat.PRESIDENT, Seat.EMPLOYEE_REPRESENTATIVE), Fraction(1, 2), None)
KINDS = {
    Seat.PRESIDENT: {"college": College.EMPLOYERS, "qualified": True, "ties_answer": TiesAnswer.NONE},
    Seat.EMPLOYEE_REPRESENTATIVE: {"college": College.EMPLOYEES, "in_activity": True, "ties_answer": TiesAnswer.NONE},
    Seat.DIRECTOR_OR_DELEGATE: {"delegated_from": date(2020, 1, 1), "ties_answer": TiesAnswer.NONE},
    Seat.TEACHER_TRAINER: {"ties_answer": TiesAnswer.NONE},
    Seat.PEDAGOGICAL_MANAGER: {"ties_answer": TiesAnswer.NONE},
}


def candidates(number: int) -> list[UUID]:
    return [UUID(int=1000 + rank) for rank in range(number)]


def juror(number: int, seat: Seat, free: list[UUID], **more: object) -> ProposableJuror:
    value = MemberValue(UUID(int=number), f"Juré {number}", seat, **(KINDS[seat] | dict(more.pop("value", {}))))
    gender = Gender.WOMAN if number % 2 else Gender.MAN
    return ProposableJuror(UUID(int=number), value, frozenset(free), frozenset({seat}), gender, **more)


def pool(heard: list[UUID], each: int = 4) -> list[ProposableJuror]:
    return [juror(rank * each + number + 1, seat, heard) for rank, seat in enumerate(SEATS) for number in range(each)]


def checked(problem: DayProblem, found: DayProposal) -> None:
    """Ask the real predicates of the jury of each candidate, and that each member is free for them."""
    known = {proposable_juror.id: proposable_juror for proposable_juror in problem.jurors}
    named = [each for ranked in found.seats.values() for each in ranked]
    assert len(named) == len(set(named)), "a person holds one seat"
    for candidate in problem.candidates:
        sits = found.sitting[candidate]
        for place, each in sits.items():
            first = next(one for one in found.seats[place] if candidate in known[one].free_for)
            assert first == each, "substitutes are called in their order"
        members = frozenset(
            replace(known[each].value, seat=seat, place=place, meets_seat=True) for (seat, place), each in sits.items()
        )
        assert is_regular(composition_answers(Composition(members, problem.rule, problem.on, None, 24)))


def test_ten_candidates_a_pool_of_twenty_and_thirty_barred_pairs_have_a_jury():
    heard = candidates(10)
    for seed in range(20):
        chance = random.Random(seed)
        people = pool(heard)
        pairs = chance.sample(list(product(range(20), heard)), 30)
        barred = [frozenset(candidate for number, candidate in pairs if number == index) for index in range(20)]
        jurors = [replace(one, free_for=one.free_for - barred[index]) for index, one in enumerate(people)]
        problem = DayProblem(RULE, DAY, jurors, heard)
        found = propose_day(problem)
        assert isinstance(found, DayProposal), (seed, found)
        assert 5 <= found.people <= 10
        checked(problem, found)


def test_without_a_barred_pair_five_people_sit_and_those_named_least_are_preferred():
    heard = candidates(10)
    jurors = [
        replace(proposable_juror, load=0 if proposable_juror.id.int % 4 == 3 else 5) for proposable_juror in pool(heard)
    ]
    found = propose_day(DayProblem(RULE, DAY, jurors, heard))
    assert found.people == 5
    assert found.is_balanced
    loads = [
        proposable_juror.load
        for proposable_juror in jurors
        if proposable_juror.id in {each for ranked in found.seats.values() for each in ranked}
    ]
    assert sum(loads) <= 5, "one member of the other gender at most is chosen for the balance"


def test_who_is_seated_stays_and_a_withdrawal_is_replaced_by_a_substitute():
    heard = candidates(3)
    jurors = pool(heard)
    kept = {(seat, 1): (jurors[rank * 4].id,) for rank, seat in enumerate(SEATS)}
    gone = jurors[4]
    day = [
        replace(proposable_juror, free_for=frozenset()) if proposable_juror is gone else proposable_juror
        for proposable_juror in jurors
    ]
    problem = DayProblem(RULE, DAY, day, heard, kept)
    found = propose_day(problem)
    assert found.people == 6
    assert found.seats[Seat.EMPLOYEE_REPRESENTATIVE, 1][0] == gone.id
    assert found.sitting[heard[0]][Seat.EMPLOYEE_REPRESENTATIVE, 1] == found.seats[Seat.EMPLOYEE_REPRESENTATIVE, 1][1]
    checked(problem, found)


def test_the_smallest_reason_names_the_seat_the_candidate_or_the_predicate():
    heard = candidates(2)
    people = pool(heard, 2)
    without = [person for person in people if Seat.PRESIDENT not in person.seats]
    assert propose_day(DayProblem(RULE, DAY, without, heard)) == Impossible(
        ImpossibleReason.NOBODY_FITS, (Seat.PRESIDENT, 1)
    )
    barred = [
        replace(person, free_for=frozenset(heard[:1])) if Seat.PRESIDENT in person.seats else person
        for person in people
    ]
    assert propose_day(DayProblem(RULE, DAY, barred, heard)) == Impossible(
        ImpossibleReason.NOBODY_FREE, (Seat.PRESIDENT, 1), (heard[1],)
    )
    inside = [replace(person, value=replace(person.value, ties_answer=TiesAnswer.UNANSWERED)) for person in people]
    found = propose_day(DayProblem(RULE, DAY, inside, heard))
    assert (found.reason, found.predicates) == (ImpossibleReason.PREDICATES, (PredicateId.J7,))
    assert (
        propose_day(DayProblem(JuryRuleValue(None, (), None, None), DAY, people, heard)).reason
        is ImpossibleReason.NO_SEATS
    )


def test_the_candidate_to_hear_elsewhere_is_named():
    heard = candidates(3)
    # One person alone may sit in both seats for the last candidate, and holds only one of them.
    both = MemberValue(
        UUID(int=9), "Juré 9", Seat.PRESIDENT, College.EMPLOYERS, True, qualified=True, ties_answer=TiesAnswer.NONE
    )
    rule = JuryRuleValue(2, (Seat.PROFESSIONAL, Seat.MEMBER), None, None, left_out=frozenset())
    rule = replace(rule, seats=(Seat.PRESIDENT, Seat.PROFESSIONAL))
    shared = ProposableJuror(UUID(int=9), both, frozenset(heard))
    first = ProposableJuror(
        UUID(int=1), replace(both, person=UUID(int=1)), frozenset(heard[:2]), frozenset({Seat.PRESIDENT})
    )
    second = ProposableJuror(
        UUID(int=2), replace(both, person=UUID(int=2)), frozenset(heard[2:]), frozenset({Seat.PROFESSIONAL})
    )
    third = ProposableJuror(
        UUID(int=3), replace(both, person=UUID(int=3)), frozenset({heard[2]}), frozenset({Seat.PRESIDENT})
    )
    found = propose_day(DayProblem(rule, DAY, [shared, first, second, third], heard))
    assert isinstance(found, DayProposal)
    # Without the third one, the last candidate needs « 9 » to preside, and the others need « 9 » in the other
    # seat.
    found = propose_day(DayProblem(rule, DAY, [shared, first, second], heard))
    assert found == Impossible(ImpossibleReason.LEAVE_OUT, candidates=(heard[2],))


def brute_force(problem: DayProblem) -> int | None:
    """Return the smallest number of people of a regular jury, by trying every ranked choice."""
    known = {proposable_juror.id: proposable_juror for proposable_juror in problem.jurors}
    places = problem.rule.places
    options = []
    for seat, place in places:
        fit = [
            proposable_juror.id
            for proposable_juror in problem.jurors
            if (not proposable_juror.seats or seat in proposable_juror.seats)
            and seat_fits(replace(proposable_juror.value, seat=seat, place=place), problem.rule, problem.on)
        ]
        options.append([ranked for size in range(1, len(fit) + 1) for ranked in permutations(fit, size)])
    best = None
    for chosen in product(*options):
        named = [each for ranked in chosen for each in ranked]
        if len(named) != len(set(named)) or (best is not None and len(named) >= best):
            continue
        if all(_regular_for(problem, known, places, chosen, candidate) for candidate in problem.candidates):
            best = len(named)
    return best


def _regular_for(problem, known, places, chosen, candidate) -> bool:
    members = []
    for (seat, place), ranked in zip(places, chosen, strict=True):
        sits = next((each for each in ranked if candidate in known[each].free_for), None)
        if sits is None:
            return False
        members.append(replace(known[sits].value, seat=seat, place=place, meets_seat=True))
    return is_regular(composition_answers(Composition(frozenset(members), problem.rule, problem.on, None, 24)))


@st.composite
def small_problems(draw) -> DayProblem:
    heard = candidates(draw(st.integers(1, 3)))
    people = []
    for number in range(draw(st.integers(1, 5))):
        seat = draw(st.sampled_from((Seat.PRESIDENT, Seat.EMPLOYEE_REPRESENTATIVE)))
        free = [one for one in heard if draw(st.booleans())]
        changes = {
            "qualified": draw(st.booleans()),
            "ties_answer": draw(st.sampled_from((TiesAnswer.NONE, TiesAnswer.UNANSWERED))),
        }
        one = juror(
            number + 1, seat, free, value=changes, load=draw(st.integers(0, 3)), is_available=draw(st.booleans())
        )
        people.append(replace(one, seats=draw(st.sampled_from((one.seats, frozenset())))))
    return DayProblem(SMALL_RULE, DAY, people, heard)


@settings(max_examples=150, deadline=None)
@given(small_problems())
def test_the_search_finds_a_jury_exactly_when_one_exists_and_none_is_smaller(problem: DayProblem):
    found, smallest = propose_day(problem), brute_force(problem)
    if smallest is None:
        assert isinstance(found, Impossible)
    else:
        assert isinstance(found, DayProposal)
        assert found.people == smallest
        checked(problem, found)


@pytest.mark.parametrize("seed", range(5))
def test_a_pool_that_is_barred_almost_everywhere_answers_within_its_bound(seed: int):
    heard = candidates(10)
    chance = random.Random(seed)
    people = [
        replace(proposable_juror, free_for=frozenset(chance.sample(heard, 2))) for proposable_juror in pool(heard, 6)
    ]
    found = propose_day(DayProblem(RULE, DAY, people, heard))
    assert isinstance(found, Impossible)
