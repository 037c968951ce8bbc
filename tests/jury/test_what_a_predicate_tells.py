"""Check what each answer of a predicate tells, which screens and minutes put into words: its facts, its source, and
what to do.
"""

from dataclasses import replace

import pytest

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Composition, PredicateAnswer, PredicateId, Remedy, SourceKind
from portfolio.domain.jury.rules.enums import Gender, TiesAnswer
from portfolio.domain.jury.rules.predicates import composition_answers, j7_external_members
from portfolio.domain.jury.rules.quorum import DayValue, attendance_answers
from tests.jury.test_attendance_predicates import READY
from tests.jury.test_composition import DIRECTOR, EMPLOYEE, FIVE, MANAGER, PRESIDENT, RULE, TEACHER, jury

TWO_TEACHERS = replace(MANAGER, seat=Seat.TEACHER_TRAINER)
TOO_MANY = jury(*FIVE, replace(TEACHER, person=EMPLOYEE.person, name="Aya Diallo"))


def told(made: Composition | DayValue, of: PredicateId) -> PredicateAnswer:
    answers = composition_answers(made) if isinstance(made, Composition) else attendance_answers(made)
    return next(answer for answer in answers if answer.id is of)


# What is told, of which predicate: its facts among others, and what to do.
TOLD: list[tuple[Composition | DayValue, PredicateId, dict[str, object], Remedy | None]] = [
    (jury(*FIVE), PredicateId.J1, {"members": 5, "wanted": 5, "repeated": ()}, None),
    (jury(PRESIDENT, EMPLOYEE), PredicateId.J1, {"members": 2, "wanted": 5}, Remedy.NAME_MORE),
    (TOO_MANY, PredicateId.J1, {"members": 5, "repeated": ("Aya Diallo",)}, Remedy.NAME_FEWER),
    (jury(*FIVE), PredicateId.J2, {"empty": (), "extra": ()}, None),
    (
        jury(PRESIDENT, TEACHER),
        PredicateId.J2,
        {"empty": ("employee_representative", "director_or_delegate", "pedagogical_manager"), "extra": ()},
        Remedy.FILL_SEATS,
    ),
    (
        jury(PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, TWO_TEACHERS),
        PredicateId.J2,
        {"empty": ("pedagogical_manager",), "extra": ("teacher_trainer",)},
        Remedy.ONE_PER_SEAT,
    ),
    (jury(*FIVE), PredicateId.J7, {"found": 2, "needed": 2, "share": "2/5"}, None),
    (
        jury(*FIVE, rule=replace(RULE, external_min=RULE.external_min * 2)),
        PredicateId.J7,
        {"found": 2, "needed": 4, "share": "4/5"},
        Remedy.MORE_EXTERNAL,
    ),
    (READY, PredicateId.J12, {"balanced": True, "justified": False}, None),
    (
        replace(READY, genders=dict.fromkeys([one.person for one in FIVE], Gender.MAN)),
        PredicateId.J12,
        {"balanced": False, "justified": False},
        Remedy.JUSTIFY_PARITY,
    ),
    (
        replace(READY, readers=READY.readers - {EMPLOYEE.person}),
        PredicateId.J13,
        {"unread": ("Aya Diallo",)},
        Remedy.ATTEST_READING,
    ),
    (
        replace(READY, present=READY.present - {EMPLOYEE.person}),
        PredicateId.J14,
        {"present": 4, "needed": 5, "absent": ("Aya Diallo",), "presided": True},
        Remedy.REACH_QUORUM,
    ),
]


@pytest.mark.parametrize(("made", "of", "facts", "remedy"), TOLD, ids=[f"{of} {remedy}" for _, of, _, remedy in TOLD])
def test_an_answer_tells_its_facts_and_what_to_do(made, of, facts, remedy):
    answer = told(made, of)
    assert answer.holds is (remedy is None)
    assert {name: answer.facts[name] for name in facts} == facts
    assert answer.remedy is remedy


def test_a_member_whose_ties_are_not_known_is_asked_before_others_are_sought():
    silent = replace(EMPLOYEE, ties_answer=TiesAnswer.UNANSWERED)
    answer = told(jury(PRESIDENT, silent, DIRECTOR, TEACHER, MANAGER), PredicateId.J7)
    assert (answer.remedy, answer.facts["unanswered"]) == (Remedy.ANSWER_TIES, ("Aya Diallo",))


def test_a_rule_without_a_share_asks_nothing_and_says_where_it_comes_from():
    answer = j7_external_members(jury(*FIVE, rule=replace(RULE, external_min=None)))
    assert (answer.holds, answer.remedy, answer.facts["found"]) == (True, None, 2)
    assert answer.source is not None
    assert answer.is_without_object


def test_the_reading_is_asked_by_cases():
    assert told(READY, PredicateId.J13).source.kind is SourceKind.CASE
