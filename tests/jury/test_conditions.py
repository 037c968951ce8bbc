"""The conditions that only some rules have: each refuses a jury alone, and a jury whose rule has none answers
as before.
"""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.rules.jury_rule import (
    DecisionRule,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatCollege,
    SeatTerms,
    TermSource,
)
from portfolio.domain.certification.rules.publication import SAMPLES, JurySample
from portfolio.domain.jury.rules.composition import (
    Composition,
    MemberValue,
    PredicateAnswer,
    PredicateId,
    Remedy,
    SeatProof,
    SourceKind,
    jury_rule_of,
)
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    DecidingValue,
    DecisionRecord,
    Votes,
    count_errors,
    expected_outcome,
)
from portfolio.domain.jury.rules.enums import College, Outcome, PresidencyVote
from portfolio.domain.jury.rules.predicates import composition_answers
from portfolio.domain.jury.rules.quorum import DayValue, attendance_answers
from portfolio.wording.jury import QUESTIONS, closing_error_message, predicate_message, remedy_message
from tests.jury.test_composition import FIVE, jury

DAY = date(2026, 6, 18)


def member(number: int, seat: Seat = Seat.MEMBER, place: int = 1, **more: object) -> MemberValue:
    given = {"college": College.NONE, "qualified": number == 1, **more}
    return MemberValue(UUID(int=number), f"Personne {number}", seat, place=place, **given)


def members(count: int, **more: object) -> list[MemberValue]:
    """A president, and members in the numbered seats after them."""
    return [member(1, Seat.PRESIDENT, **more), *(member(n, place=n - 1, **more) for n in range(2, count + 1))]


def composition(people: list[MemberValue], rule: JuryRule) -> Composition:
    return Composition(frozenset(people), jury_rule_of(rule), DAY)


def refused(people: list[MemberValue], rule: JuryRule) -> dict[PredicateId, object]:
    return {answer.id: answer for answer in composition_answers(composition(people, rule)) if answer.prevents}


TWO, PARITY, SEVEN = SAMPLES[JurySample.TWO], SAMPLES[JurySample.PARITY], SAMPLES[JurySample.PROFESSIONALS]


def balanced() -> list[MemberValue]:
    first, second, *rest = members(4, college=College.EMPLOYERS)
    return [first, second, *(replace(member_value, college=College.EMPLOYEES) for member_value in rest)]


def professionals(trades: str = "AAAABB") -> list[MemberValue]:
    """Seven members: a president, and six professionals, each of the trade of a letter."""
    first, *rest = members(7)
    return [first, *(replace(one, is_professional=True, trade=trade) for one, trade in zip(rest, trades, strict=True))]


def test_a_jury_of_two_a_parity_jury_and_a_jury_of_seven_are_regular() -> None:
    assert refused(members(2), TWO) == {}
    assert refused(balanced(), PARITY) == {}
    assert refused(professionals(), SEVEN) == {}


@pytest.mark.parametrize(
    ("people", "rule", "wrong"),
    [
        (members(1), TWO, {"J1", "J2", "J9"}),
        ([replace(member_value, qualified=False) for member_value in members(2)], TWO, {"J9"}),
        ([replace(balanced()[0], college=College.EMPLOYEES), *balanced()[1:]], PARITY, {"college_parity"}),
        (members(4), PARITY, {"college_parity"}),
        (professionals("AAAAAB"), SEVEN, {"trade_max"}),
        ([*professionals()[:6], replace(professionals()[6], is_professional=False)], SEVEN, {"professionals_min"}),
        ([*professionals()[:6], replace(professionals()[6], trade=" ")], SEVEN, {"trade_max"}),
    ],
)
def test_one_fault_refuses_a_jury_with_its_ground(people, rule, wrong) -> None:
    found = refused(people, rule)

    assert {str(id) for id in found} == wrong
    for answer in found.values():
        assert QUESTIONS[answer.id]
        assert predicate_message(answer)
        assert remedy_message(answer)


def test_a_trade_counts_whatever_its_capitals_and_a_named_one_counts_alone() -> None:
    people = [
        replace(professional, trade=professional.trade.replace("A", " Coiffure ").replace("B", "coiffure"))
        for professional in professionals()
    ]
    named = JuryRule(
        7, SEVEN.seats, conditions=(JuryCondition(JuryTerm.TRADE_MAX, 2, "COIFFURE"),), left_out=SEVEN.left_out
    )

    assert refused(people, SEVEN)[JuryTerm.TRADE_MAX].facts["found"] == 6
    assert refused(people, named).keys() == {JuryTerm.TRADE_MAX}
    assert refused([replace(person, trade="menuiserie") for person in people], named) == {}


def test_a_minimum_of_one_trade_and_the_bounds_of_a_college_are_asked() -> None:
    def asked(*conditions: JuryCondition) -> JuryRule:
        return JuryRule(7, SEVEN.seats, conditions=conditions, left_out=SEVEN.left_out)

    assert refused(professionals(), asked(JuryCondition(JuryTerm.TRADE_MIN, 5))).keys() == {JuryTerm.TRADE_MIN}
    assert refused(professionals(), asked(JuryCondition(JuryTerm.TRADE_MIN, 4))) == {}
    employers = [replace(professional, college=College.EMPLOYERS) for professional in professionals()]
    assert refused(employers, asked(JuryCondition(JuryTerm.EMPLOYERS_MAX, 6))).keys() == {JuryTerm.EMPLOYERS_MAX}
    assert refused(employers, asked(JuryCondition(JuryTerm.EMPLOYEES_MIN, 1))).keys() == {JuryTerm.EMPLOYEES_MIN}
    assert (
        refused(employers, asked(JuryCondition(JuryTerm.EMPLOYERS_MIN, 7), JuryCondition(JuryTerm.EMPLOYEES_MAX, 0)))
        == {}
    )


def test_as_many_teachers_as_members_of_the_profession() -> None:
    seats = (Seat.PRESIDENT, Seat.TEACHER_TRAINER, Seat.TEACHER_TRAINER, Seat.MEMBER)
    rule = JuryRule(4, seats, conditions=(JuryCondition(JuryTerm.TEACHING_PARITY),), left_out=SEVEN.left_out)
    people = [
        member(1, Seat.PRESIDENT, college=College.EMPLOYERS),
        member(2, Seat.TEACHER_TRAINER),
        member(3, Seat.TEACHER_TRAINER, 2),
        member(4, is_professional=True),
    ]

    assert refused(people, rule) == {}
    assert refused([*people[:3], replace(people[3], is_professional=False)], rule).keys() == {JuryTerm.TEACHING_PARITY}


def test_what_a_seat_asks_is_checked_for_the_person_in_that_seat() -> None:
    asked = (SeatTerms(), SeatTerms(SeatCollege.EMPLOYEES, "expert", "le syndicat"))
    rule = replace(TWO, seat_terms=asked)
    first, second = members(2)
    fit = replace(second, college=College.EMPLOYEES, meets_seat=True)

    assert refused([first, fit], rule) == {}
    for unfit in (replace(fit, college=College.EMPLOYERS), replace(fit, meets_seat=False)):
        answer = refused([first, unfit], rule)[PredicateId.SEAT_TERMS]
        assert answer.facts["unfit"] == ("Personne 2",)
        assert answer.remedy is Remedy.MEET_SEAT_TERMS


def proven(**changes: object) -> SeatProof:
    proof = SeatProof("le syndicat", DAY, document_attached=True, quality_basis="Contrat du 3 mars 2024")
    return replace(proof, **changes)  # type: ignore[arg-type]


def test_a_quality_is_shown_and_an_appointment_is_proved_by_its_author_its_day_and_its_document() -> None:
    asked = (SeatTerms(), SeatTerms(None, "expert", "le syndicat"))
    rule = replace(TWO, seat_terms=asked)
    first, second = members(2)
    fit = replace(second, meets_seat=True, seat_proof=proven())

    assert refused([first, fit], rule) == {}
    faults = {"unproven": proven(quality_basis=""), "unappointed": proven(appointed_by="")}
    for name, proof in faults.items():
        assert refused([first, replace(fit, seat_proof=proof)], rule)[PredicateId.SEAT_TERMS].facts[name] == (
            "Personne 2",
        )
    for late in (
        proven(appointed_on=DAY + timedelta(days=1)),
        proven(appointed_on=None),
        proven(document_attached=False),
    ):
        assert refused([first, replace(fit, seat_proof=late)], rule)[PredicateId.SEAT_TERMS].facts["unappointed"]


def test_the_box_of_a_member_named_before_proofs_were_asked_still_counts() -> None:
    rule = replace(TWO, seat_terms=(SeatTerms(), SeatTerms(appointed_by="le syndicat")))
    first, second = members(2)

    assert refused([first, replace(second, meets_seat=True)], rule) == {}
    assert refused([first, second], rule).keys() == {PredicateId.SEAT_TERMS}


def test_an_absence_breaks_no_parity_that_is_asked_of_the_members_named() -> None:
    def absent(basis: ParityBasis | None, *, noted: bool = True) -> dict[PredicateId, PredicateAnswer]:
        rule = replace(PARITY, quorum=2, conditions=(JuryCondition(JuryTerm.COLLEGE_PARITY, basis=basis),))
        jury = replace(composition(balanced(), rule), attendance_noted=noted)
        gone = frozenset([max(balanced(), key=lambda one: one.person.int).person]) if noted else frozenset()
        return {answer.id: answer for answer in composition_answers(replace(jury, absent=gone)) if not answer.holds}

    assert absent(ParityBasis.NAMED) == {}
    assert absent(None)[JuryTerm.COLLEGE_PARITY].prevents
    assert absent(ParityBasis.PRESENT)[JuryTerm.COLLEGE_PARITY].prevents


def test_a_parity_of_those_present_only_warns_until_presence_is_noted() -> None:
    rule = replace(PARITY, conditions=(JuryCondition(JuryTerm.COLLEGE_PARITY, basis=ParityBasis.PRESENT),))
    uneven = [replace(member_value, college=College.EMPLOYERS) for member_value in members(4)]
    jury = composition(uneven, rule)
    for noted in (False, True):
        answers = {answer.id: answer for answer in composition_answers(replace(jury, attendance_noted=noted))}
        assert (answers[JuryTerm.COLLEGE_PARITY].holds, answers[JuryTerm.COLLEGE_PARITY].prevents) == (False, noted)


def test_a_condition_is_credited_to_who_asks_for_it() -> None:
    rule = replace(PARITY, sources=((JuryTerm.COLLEGE_PARITY, TermSource.ENTRY),))

    assert refused(members(4), rule)[JuryTerm.COLLEGE_PARITY].source.kind is SourceKind.ENTRY
    assert refused(members(4), PARITY)[JuryTerm.COLLEGE_PARITY].source.kind is SourceKind.PUBLISHED


def test_conditions_left_out_are_not_asked_and_others_stay() -> None:
    kept = replace(TWO, left_out=frozenset())
    asked = {answer.id for answer in attendance_answers(DayValue(composition(members(2), kept)))}
    left = {answer.id for answer in attendance_answers(DayValue(composition(members(2), TWO)))}

    assert asked - left == {PredicateId.J3, PredicateId.J4}


@given(st.lists(st.sampled_from(FIVE), unique=True))
def test_a_rule_without_such_conditions_asks_nothing_more(people: list[MemberValue]) -> None:
    answers = composition_answers(jury(*people))

    assert {answer.id for answer in answers} <= {id for id in PredicateId if id.startswith("J")}


@given(st.permutations(professionals()))
def test_the_order_of_naming_changes_no_answer(people: list[MemberValue]) -> None:
    assert composition_answers(composition(people, SEVEN)) == composition_answers(composition(professionals(), SEVEN))


def test_a_tie_says_whose_voice_decides_or_that_none_does() -> None:
    block = BlockValue(UUID(int=1), 2, ())
    tied = DecisionRecord(Outcome.VALIDATED, votes=Votes(2, 2, 1, PresidencyVote.AGAINST))

    (fault,) = count_errors(block, tied, voters=5, casting_vote=False)
    assert "ne donne pas de voix prépondérante" in closing_error_message(fault)
    (fault,) = count_errors(block, tied, voters=5, casting_vote=True)
    assert "«\u00a0contre\u00a0»" in closing_error_message(fault)


def test_a_block_with_a_rule_of_its_own_follows_it() -> None:
    own = DecidingValue(DecisionRule.THRESHOLD, 50)
    block = BlockValue(UUID(int=1), 2, (), own)

    assert expected_outcome(block, {}, DecidingValue()).deciding is own
