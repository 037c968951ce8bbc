"""The facts that each condition of a jury names, and what would mend it: what the certifier reads when a jury
is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from portfolio.domain.certification.rules.jury_rule import (
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    TermSource,
)
from portfolio.domain.jury.rules.composition import (
    Composition,
    JuryRuleValue,
    MemberValue,
    PredicateAnswer,
    PredicateId,
    Remedy,
    Source,
    SourceKind,
    jury_rule_of,
    place_in,
)
from portfolio.domain.jury.rules.conditions import condition_answers
from portfolio.domain.jury.rules.enums import College, Declaration, Gender
from portfolio.domain.jury.rules.quorum import DayValue, attendance_answers
from tests.jury.test_attendance_predicates import ALONE, READY
from tests.jury.test_composition import FIVE, PRESIDENT, RULE, TEACHER

DAY = date(2026, 6, 18)
EMPLOYERS, EMPLOYEES = College.EMPLOYERS, College.EMPLOYEES


def member(number: int, seat: Seat = Seat.MEMBER, **more: object) -> MemberValue:
    return MemberValue(
        UUID(int=number), f"Personne {number}", seat, **({"college": College.NONE, "place": number} | more)
    )


def ask(
    people: Sequence[MemberValue], term: JuryTerm, count: int = 0, text: str = "", **more: object
) -> PredicateAnswer:
    condition = JuryCondition(term, count, text, more.pop("basis", None))
    rule = JuryRuleValue(None, (), None, None, conditions=(condition,))
    (answer,) = condition_answers(Composition(frozenset(people), rule, DAY, **more))
    return answer


def told(answer: PredicateAnswer) -> tuple[bool, dict[str, object], Remedy | None]:
    return answer.holds, dict(answer.facts), answer.remedy


def test_as_many_members_of_each_college_even_one_of_each():
    employer, employee = member(1, college=EMPLOYERS), member(2, college=EMPLOYEES)
    facts = {"employers": ("Personne 1",), "employees": ("Personne 2",), "members": 3}
    assert told(ask([employer, employee, member(3)], JuryTerm.COLLEGE_PARITY)) == (True, facts, None)
    alone = {"employers": ("Personne 1",), "employees": (), "members": 1}
    assert told(ask([employer], JuryTerm.COLLEGE_PARITY)) == (False, alone, Remedy.BALANCE_COLLEGES)
    assert not ask([member(3)], JuryTerm.COLLEGE_PARITY).holds, "nobody of either is no parity"


def test_as_many_teachers_as_people_of_the_profession_even_one_of_each():
    teacher, worker = member(1, Seat.TEACHER_TRAINER), member(2, is_professional=True)
    facts = {"teachers": ("Personne 1",), "profession": ("Personne 2",), "members": 2}
    assert told(ask([teacher, worker], JuryTerm.TEACHING_PARITY)) == (True, facts, None)
    holds, facts, remedy = told(ask([teacher], JuryTerm.TEACHING_PARITY))
    assert (holds, facts["profession"], facts["members"], remedy) == (False, (), 1, Remedy.BALANCE_TEACHING)
    assert not ask([member(3)], JuryTerm.TEACHING_PARITY).holds, "nobody of either is no parity"


@pytest.mark.parametrize(
    ("basis", "noted", "blocks"), [("named", False, True), ("present", False, False), ("present", True, True)]
)
def test_a_parity_of_those_present_only_warns_until_presence_is_noted(basis, noted, blocks):
    counted = ParityBasis(basis)
    answer = ask([member(1, college=EMPLOYERS)], JuryTerm.COLLEGE_PARITY, basis=counted, attendance_noted=noted)
    assert (answer.blocking, answer.facts["basis"], answer.holds) == (blocks, basis, False)
    assert "basis" not in ask([member(1)], JuryTerm.COLLEGE_PARITY).facts


def test_a_parity_of_those_named_counts_the_absent_and_one_of_those_present_does_not():
    pair = [member(1, college=EMPLOYERS), member(2, college=EMPLOYEES)]
    away = {"absent": frozenset({UUID(int=2)})}
    assert ask(pair, JuryTerm.COLLEGE_PARITY, basis=ParityBasis.NAMED, **away).holds
    assert not ask(pair, JuryTerm.COLLEGE_PARITY, basis=ParityBasis.PRESENT, **away).holds


def workers(*trades: str) -> list[MemberValue]:
    return [member(n, is_professional=True, trade=trade) for n, trade in enumerate(trades, 1)]


@pytest.mark.parametrize(("count", "remedy"), [(2, None), (3, Remedy.MORE_PROFESSIONALS)])
def test_professionals_are_counted_among_those_who_vote(count, remedy):
    facts = {"found": 2, "needed": count, "members": 3, "who": ("Personne 1", "Personne 2")}
    assert told(ask([*workers("A", "B"), member(3)], JuryTerm.PROFESSIONALS_MIN, count)) == (
        remedy is None,
        facts,
        remedy,
    )


@pytest.mark.parametrize(
    ("trades", "text", "found", "who", "trade", "silent", "remedy"),
    [
        (["Web", " web ", "Print"], "", 2, ("Personne 1", "Personne 2"), "Web", (), None),
        (["Web", "web", "WEB"], "", 3, ("Personne 1", "Personne 2", "Personne 3"), "Web", (), Remedy.OTHER_TRADES),
        (["Web", "web", ""], "", 2, ("Personne 1", "Personne 2"), "Web", ("Personne 3",), Remedy.NAME_TRADES),
        (["Print", "Print", "Print"], "Web", 0, (), "Web", (), None),
        (["Web", "web", "WEB"], "Web", 3, ("Personne 1", "Personne 2", "Personne 3"), "Web", (), Remedy.OTHER_TRADES),
        ([], "", 0, (), "", (), None),
    ],
)
def test_no_more_than_so_many_professionals_of_one_trade(trades, text, found, who, trade, silent, remedy):
    facts = {"found": found, "most": 2, "who": who, "silent": silent, "trade": trade}
    assert told(ask(workers(*trades), JuryTerm.TRADE_MAX, 2, text)) == (remedy is None, facts, remedy)


@pytest.mark.parametrize(
    ("trades", "text", "found", "who", "trade", "silent", "remedy"),
    [
        (["Web", " web ", "Print"], "", 2, ("Personne 1", "Personne 2"), "Web", (), None),
        (["Web", "Print", ""], "", 1, ("Personne 2",), "Print", ("Personne 3",), Remedy.MORE_OF_TRADE),
        (["Print", "Print", "Print"], "Web", 0, (), "Web", (), Remedy.MORE_OF_TRADE),
        (["Web", "WEB", "Print"], " web", 2, ("Personne 1", "Personne 2"), " web", (), None),
        ([], "", 0, (), "", (), Remedy.MORE_OF_TRADE),
    ],
)
def test_no_fewer_than_so_many_professionals_of_one_trade(trades, text, found, who, trade, silent, remedy):
    facts = {"found": found, "needed": 2, "who": who, "silent": silent, "trade": trade}
    assert told(ask(workers(*trades), JuryTerm.TRADE_MIN, 2, text)) == (remedy is None, facts, remedy)


@pytest.mark.parametrize(
    ("college", "least", "most"),
    [
        (EMPLOYERS, JuryTerm.EMPLOYERS_MIN, JuryTerm.EMPLOYERS_MAX),
        (EMPLOYEES, JuryTerm.EMPLOYEES_MIN, JuryTerm.EMPLOYEES_MAX),
    ],
)
def test_a_college_has_no_fewer_and_no_more_members_than_the_rule_says(college, least, most):
    people = [member(1, college=college), member(2, college=college), member(3)]
    facts = {"college": str(college), "found": 2, "who": ("Personne 1", "Personne 2")}
    for count, remedy in ((2, None), (3, Remedy.MORE_OF_COLLEGE)):
        assert told(ask(people, least, count)) == (remedy is None, facts | {"needed": count}, remedy)
    for count, remedy in ((2, None), (1, Remedy.FEWER_OF_COLLEGE)):
        assert told(ask(people, most, count)) == (remedy is None, facts | {"most": count}, remedy)


def on_the_day(id: PredicateId, day: DayValue) -> PredicateAnswer:
    return next(answer for answer in attendance_answers(day) if answer.id is id)


def test_a_president_who_was_not_appointed_is_told_apart_from_one_appointed_late():
    answer = on_the_day(PredicateId.J4, replace(READY, appointment=None))
    wanted = {"asked": True, "appointed": False, "in_time": False, "by_director": False, "attached": False}
    assert (dict(answer.facts), answer.remedy) == (wanted, Remedy.APPOINT_PRESIDENT)
    assert dict(on_the_day(PredicateId.J4, READY).facts) == dict.fromkeys(wanted, True)


def test_a_member_who_is_related_is_replaced_and_one_who_said_nothing_declares():
    related = on_the_day(PredicateId.J10, ALONE[PredicateId.J10])
    assert (related.remedy, related.facts["related"], related.facts["silent"]) == (
        Remedy.REPLACE_BARRED,
        (TEACHER.name,),
        (),
    )
    free = {person: said for person, said in READY.declarations.items() if person != TEACHER.person}
    silent = on_the_day(PredicateId.J10, replace(READY, declarations=free))
    assert (silent.remedy, silent.facts["related"], silent.facts["silent"]) == (Remedy.DECLARE, (), (TEACHER.name,))
    assert Declaration.FREE in free.values()


def test_women_and_men_both_sit_whatever_the_others_do_not_say():
    genders = {PRESIDENT.person: Gender.MAN, TEACHER.person: Gender.WOMAN}
    assert on_the_day(PredicateId.J12, replace(READY, genders=genders)).holds
    everyone = dict(zip(sorted(READY.readers), [Gender.MAN, Gender.WOMAN] * 3, strict=False))
    assert on_the_day(PredicateId.J12, replace(READY, genders=everyone)).holds, "nobody needs to say nothing"
    alone = on_the_day(PredicateId.J12, ALONE[PredicateId.J12])
    assert (alone.blocking, alone.remedy) == (False, Remedy.JUSTIFY_PARITY)


@pytest.mark.parametrize(("quorum", "everyone"), [(None, True), (4, False)])
def test_the_quorum_names_who_is_absent_and_whether_all_are_asked(quorum, everyone):
    answer = on_the_day(PredicateId.J14, replace(ALONE[PredicateId.J14], quorum=quorum))
    needed = 5 if everyone else 4
    facts = {"present": 4, "needed": needed, "absent": (TEACHER.name,), "presided": True, "all": everyone}
    facts["noted"] = False  # the jury of this test has members, and no presence noted
    assert (dict(answer.facts), answer.holds) == (facts, not everyone)


def test_a_quorum_of_one_is_the_president_alone():
    alone = replace(READY, quorum=1, present=frozenset({PRESIDENT.person}))
    assert on_the_day(PredicateId.J14, alone).holds
    assert not on_the_day(PredicateId.J14, replace(alone, present=frozenset())).holds
    without = on_the_day(PredicateId.J14, replace(alone, present=frozenset({TEACHER.person})))
    assert (without.holds, without.facts["presided"]) == (False, False)


def test_a_quorum_is_asked_by_whom_the_version_records_else_by_the_certifier():
    rule = READY.composition.rule
    asked = replace(READY, quorum=4, composition=replace(READY.composition, rule=replace(rule, sources=())))
    assert on_the_day(PredicateId.J14, asked).source == Source(SourceKind.CERTIFIER)
    told_by_entry = replace(rule, sources=((JuryTerm.QUORUM, TermSource.ENTRY),))
    recorded = replace(READY, quorum=4, composition=replace(READY.composition, rule=told_by_entry))
    assert (
        on_the_day(PredicateId.J14, recorded).source
        == told_by_entry.source_of(JuryTerm.QUORUM)
        != Source(SourceKind.CERTIFIER)
    )
    assert on_the_day(PredicateId.J14, READY).source == Source(SourceKind.DESIGN)


def test_half_of_the_members_external_says_how_many_are_needed_and_what_would_help():
    answer = on_the_day(PredicateId.J15, ALONE[PredicateId.J15])
    assert (answer.facts["needed"], answer.facts["found"], answer.remedy) == (3, 2, Remedy.MORE_EXTERNAL)
    assert (answer.source, answer.blocking) == (Source(SourceKind.PRACTICE), False)
    silent = replace(TEACHER, ties=frozenset())
    people = frozenset({*FIVE} - {TEACHER} | {silent})
    doubt = on_the_day(PredicateId.J15, replace(READY, composition=replace(READY.composition, members=people)))
    assert (doubt.holds, doubt.remedy) == (False, Remedy.ANSWER_TIES)


def test_the_rule_of_an_entry_is_kept_whole_and_its_shares_exact():
    condition = JuryCondition(JuryTerm.TRADE_MAX, 2, "Web")
    entry = JuryRule(
        5, (Seat.PRESIDENT,), 0.4, 0.2, quorum=3, half_external=True, conditions=(condition,), casting_vote=False
    )  # fmt: skip
    rule = jury_rule_of(entry)
    assert (rule.external_min, rule.representatives_min) == (Fraction(2, 5), Fraction(1, 5))
    assert (rule.size, rule.seats, rule.quorum, rule.half_external, rule.casting_vote) == (
        5,
        (Seat.PRESIDENT,),
        3,
        True,
        False,
    )
    assert rule.condition(JuryTerm.TRADE_MAX) == condition
    assert rule.condition(JuryTerm.TRADE_MIN) is None


def test_members_are_listed_from_the_presidency_on_in_the_order_of_the_seats_and_last_without_one():
    assert [place_in(RULE, one) for one in FIVE] == [-1, 1, 2, 3, 4]
    assert place_in(RULE, member(7)) == place_in(RULE, replace(PRESIDENT, place=2)) == 5
