"""Check who may sit: each predicate by itself, whatever the order in which members were named."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm, Seat, TermSource
from portfolio.domain.jury.rules.composition import (
    Affiliation,
    CandidateValue,
    Composition,
    JuryRuleValue,
    MemberValue,
    PredicateId,
    Remedy,
    SourceKind,
    is_external,
    jury_rule_of,
    minimum_members,
    months_before,
)
from portfolio.domain.jury.rules.enums import AffiliationKind, College, OrganisationKind, TiesAnswer
from portfolio.domain.jury.rules.predicates import composition_answers, is_regular

DAY = date(2020, 6, 18)
SEATS = (
    Seat.PRESIDENT,
    Seat.EMPLOYEE_REPRESENTATIVE,
    Seat.DIRECTOR_OR_DELEGATE,
    Seat.TEACHER_TRAINER,
    Seat.PEDAGOGICAL_MANAGER,
)
# J1 to J8; the terms after them are conditions that only some rules have.
EIGHT = list(JuryTerm)[:8]
SAID = tuple((term, TermSource.ENTRY) for term in EIGHT)
RULE = JuryRuleValue(5, SEATS, Fraction(2, 5), Fraction(2, 5), sources=SAID)
NO_TIE = TiesAnswer.NONE
HOUSE = frozenset({Affiliation(AffiliationKind.EMPLOYMENT, OrganisationKind.CERTIFIER, "École")})

PRESIDENT = MemberValue(
    UUID(int=1), "Paul Marin", Seat.PRESIDENT, College.EMPLOYERS, qualified=True, ties_answer=NO_TIE
)
EMPLOYEE = MemberValue(
    UUID(int=2), "Aya Diallo", Seat.EMPLOYEE_REPRESENTATIVE, College.EMPLOYEES, in_activity=True, ties_answer=NO_TIE
)
DIRECTOR = MemberValue(UUID(int=3), "Luc Roux", Seat.DIRECTOR_OR_DELEGATE, is_director=True, ties=HOUSE)
TEACHER = MemberValue(UUID(int=4), "Inès Faure", Seat.TEACHER_TRAINER, ties=HOUSE)
MANAGER = MemberValue(UUID(int=5), "Zoé Petit", Seat.PEDAGOGICAL_MANAGER, ties=HOUSE)
FIVE = (PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, MANAGER)
SAMIA = CandidateValue(UUID(int=9), "Samia Benali", frozenset({UUID(int=8)}))


def jury(*members: MemberValue, rule: JuryRuleValue = RULE, candidate: CandidateValue | None = SAMIA) -> Composition:
    return Composition(frozenset(members), rule, DAY, candidate)


def refused(composition: Composition) -> set[PredicateId]:
    return {answer.id for answer in composition_answers(composition) if answer.prevents}


def test_five_members_in_their_seats_make_a_regular_jury():
    answers = composition_answers(jury(*FIVE))

    assert is_regular(answers)
    assert all(answer.remedy is None for answer in answers)
    assert [answer.id for answer in answers] == ["J1", "J2", "J3", "J5", "J6", "J7", "J8", "J9", "J10a", "J11"]


# Each composition is refused for one predicate alone.
TWICE = replace(TEACHER, seat=Seat.PEDAGOGICAL_MANAGER)
OUTSIDER = MemberValue(UUID(int=6), "Max Olive", Seat.TEACHER_TRAINER, ties_answer=NO_TIE)
NO_PRESIDENT_SEAT = replace(RULE, seats=(Seat.EXTERNAL_PROFESSIONAL, *SEATS[1:]))
PLAIN_PROFESSIONAL = replace(PRESIDENT, seat=Seat.EXTERNAL_PROFESSIONAL)
ALONE = {
    PredicateId.J1: jury(PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, TWICE),
    PredicateId.J2: jury(PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, replace(MANAGER, seat=Seat.TEACHER_TRAINER)),
    PredicateId.J3: jury(
        replace(PRESIDENT, college=College.NONE),
        EMPLOYEE,
        DIRECTOR,
        TEACHER,
        replace(MANAGER, college=College.EMPLOYERS),
    ),
    PredicateId.J5: jury(PRESIDENT, replace(EMPLOYEE, in_activity=False), DIRECTOR, TEACHER, MANAGER),
    PredicateId.J6: jury(PRESIDENT, EMPLOYEE, replace(DIRECTOR, is_director=False), TEACHER, MANAGER),
    PredicateId.J7: jury(replace(PRESIDENT, ties=HOUSE), EMPLOYEE, DIRECTOR, TEACHER, MANAGER),
    PredicateId.J8: jury(
        PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, MANAGER, rule=replace(RULE, representatives_min=Fraction(3, 5))
    ),
    PredicateId.J9: jury(replace(PRESIDENT, qualified=False), EMPLOYEE, DIRECTOR, TEACHER, MANAGER),
    PredicateId.J10_KNOWN: jury(*FIVE, candidate=replace(SAMIA, accompanied_by=frozenset({TEACHER.person}))),
    PredicateId.J11: jury(PLAIN_PROFESSIONAL, EMPLOYEE, DIRECTOR, TEACHER, MANAGER, rule=NO_PRESIDENT_SEAT),
}


@pytest.mark.parametrize("alone", ALONE)
def test_each_predicate_can_refuse_a_jury_alone(alone: PredicateId):
    assert refused(ALONE[alone]) == {alone}


@pytest.mark.parametrize("alone", ALONE)
def test_a_refusal_says_what_would_mend_it_and_who_says_so(alone: PredicateId):
    answer = next(
        predicate_answer for predicate_answer in composition_answers(ALONE[alone]) if predicate_answer.id is alone
    )

    assert answer.remedy is not None
    assert answer.source.kind is (
        SourceKind.ENTRY if alone in {"J1", "J2", "J3", "J5", "J6", "J7", "J8"} else SourceKind.LAW
    )


@pytest.mark.parametrize("kept", range(5))
def test_four_members_are_not_five(kept: int):
    assert {PredicateId.J1, PredicateId.J2} <= refused(jury(*FIVE[:kept], *FIVE[kept + 1 :]))


def test_six_members_are_not_five():
    answer = composition_answers(jury(*FIVE, OUTSIDER))[0]

    assert not answer.holds
    assert answer.remedy is Remedy.NAME_FEWER


def test_a_person_in_two_seats_is_counted_once():
    answer = composition_answers(ALONE[PredicateId.J1])[0]

    assert answer.facts["members"] == 4
    assert answer.facts["repeated"] == ("Inès Faure",)


def test_both_colleges_must_be_present_however_many_represent_one():
    employers = [replace(member, college=College.EMPLOYERS) for member in (DIRECTOR, TEACHER, MANAGER)]
    no_employee_seat = replace(RULE, seats=(Seat.PRESIDENT, Seat.EXTERNAL_PROFESSIONAL, *SEATS[2:]))
    outsider = replace(OUTSIDER, seat=Seat.EXTERNAL_PROFESSIONAL)

    assert refused(jury(PRESIDENT, outsider, *employers, rule=no_employee_seat)) == {PredicateId.J8}


def test_an_empty_jury_is_irregular_and_asks_for_its_seats():
    answers = {answer.id: answer for answer in composition_answers(jury())}

    assert not is_regular(answers.values())
    assert answers[PredicateId.J3].remedy is Remedy.FILL_THIS_SEAT
    assert not answers[PredicateId.J7].holds


def test_the_candidate_cannot_sit():
    assert refused(jury(*FIVE, candidate=replace(SAMIA, person=EMPLOYEE.person))) == {PredicateId.J10_KNOWN}


def test_a_member_barred_for_one_candidate_may_sit_for_another():
    barred = replace(SAMIA, accompanied_by=frozenset({TEACHER.person}))

    assert refused(jury(*FIVE, candidate=barred)) == {PredicateId.J10_KNOWN}
    assert refused(jury(*FIVE, candidate=SAMIA)) == set()
    assert refused(jury(*FIVE, candidate=None)) == set()


@pytest.mark.parametrize(
    ("began", "until", "valid"),
    [
        (DAY, DAY, True),
        (date(2020, 1, 1), None, True),
        (date(2020, 6, 19), None, False),
        (date(2020, 1, 1), date(2020, 6, 17), False),
        (None, date(2020, 12, 31), False),
    ],
)
def test_a_delegation_counts_on_its_days_only(began: date | None, until: date | None, valid: bool):
    delegate = replace(DIRECTOR, is_director=False, delegated_from=began, delegated_until=until)

    assert (refused(jury(PRESIDENT, EMPLOYEE, delegate, TEACHER, MANAGER)) == set()) is valid


@pytest.mark.parametrize(
    ("ended", "external"),
    [(None, False), (date(2018, 6, 17), True), (date(2018, 6, 18), False), (date(2030, 1, 1), False)],
)
def test_a_tie_stops_counting_after_the_months_of_the_setting(ended: date | None, external: bool):
    former = replace(
        PRESIDENT, ties=frozenset({Affiliation(AffiliationKind.MANDATE, OrganisationKind.CERTIFIER, "École", ended)})
    )

    assert is_external(former, jury(former)) is external


def test_a_member_whose_ties_nobody_answered_is_neither_external_nor_internal_and_blocks():
    silent = replace(DIRECTOR, ties=frozenset())
    (answer,) = (
        predicate_answer
        for predicate_answer in composition_answers(jury(PRESIDENT, EMPLOYEE, silent, TEACHER, MANAGER))
        if predicate_answer.id == "J7"
    )

    assert answer.prevents
    assert answer.remedy is Remedy.ANSWER_TIES
    assert answer.facts["unanswered"] == (DIRECTOR.name,)
    assert answer.facts["unanswered_seats"] == ("director_or_delegate",)
    assert (answer.facts["found"], answer.facts["needed"]) == (2, 2)


def test_silence_of_the_outside_members_does_not_make_them_external():
    silent = [replace(member_value, ties=frozenset(), ties_answer=TiesAnswer.UNANSWERED) for member_value in FIVE]

    assert refused(jury(*silent)) == {PredicateId.J7}
    assert not any(is_external(member_value, jury(*silent)) for member_value in silent)


@pytest.mark.parametrize(
    "member",
    [
        DIRECTOR,
        replace(DIRECTOR, is_director=False, delegated_from=date(2020, 1, 1)),
        replace(PRESIDENT, is_director=True),
        replace(PRESIDENT, delegated_from=date(2020, 1, 1)),
    ],
)
@pytest.mark.parametrize("answer", TiesAnswer)
def test_who_directs_the_body_is_never_external_whatever_was_answered(member, answer):
    free = replace(member, ties=frozenset(), ties_answer=answer)

    assert not is_external(free, jury(free))


@pytest.mark.parametrize("seat", Seat)
def test_the_answer_about_ties_decides_and_never_the_seat(seat: Seat):
    free = replace(TEACHER, seat=seat, ties=frozenset(), ties_answer=NO_TIE)

    assert is_external(free, jury(free))
    assert not is_external(replace(free, ties=HOUSE), jury(free))
    assert not is_external(replace(free, ties_answer=TiesAnswer.UNANSWERED), jury(free))


def test_the_reference_jury_reaches_forty_percent_by_its_president_and_its_employee_representative():
    (answer,) = (
        predicate_answer for predicate_answer in composition_answers(jury(*FIVE)) if predicate_answer.id == "J7"
    )

    assert answer.holds
    assert answer.facts["who"] == (EMPLOYEE.name, PRESIDENT.name)


def test_an_absent_member_who_does_not_vote_needs_no_answer():
    silent = replace(MANAGER, ties=frozenset())
    without = replace(jury(PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, silent), absent=frozenset({silent.person}))

    assert PredicateId.J7 not in refused(without)


TERMS = dict(
    zip(
        ("J1", "J2", "J3", "J5", "J6", "J7", "J8"),
        (term for term in EIGHT if term != "president_appointed"),
        strict=True,
    )
)


@pytest.mark.parametrize("id", TERMS)
@pytest.mark.parametrize(
    ("kept", "kind"),
    [
        (TermSource.ENTRY, SourceKind.ENTRY),
        (TermSource.CERTIFIER, SourceKind.CERTIFIER),
        (TermSource.DESIGN, SourceKind.DESIGN),
        (None, SourceKind.PUBLISHED),
    ],
)
def test_a_condition_is_credited_to_who_asks_for_it(id: str, kept: TermSource | None, kind: SourceKind):
    others = tuple((term, source) for term, source in SAID if term is not TERMS[id])
    rule = replace(RULE, sources=(*others, (TERMS[id], kept)) if kept else others)
    sources = {answer.id: answer.source.kind for answer in composition_answers(jury(*FIVE, rule=rule))}

    assert sources[id] is kind
    assert all(sources[other] is SourceKind.ENTRY for other in TERMS if other != id)


def test_a_tie_with_a_training_body_counts_for_whom_it_trained_and_while_nobody_knows():
    trainer = replace(
        PRESIDENT,
        ties=frozenset({Affiliation(AffiliationKind.TEACHING, OrganisationKind.TRAINING_BODY, "Formations du Lac")}),
    )
    elsewhere = replace(SAMIA, bodies=frozenset({"Cours du Soir"}))
    there = replace(SAMIA, bodies=frozenset({"FORMATIONS DU LAC"}))

    assert is_external(trainer, jury(trainer, candidate=elsewhere))
    assert not is_external(trainer, jury(trainer, candidate=there))
    assert not is_external(trainer, jury(trainer, candidate=SAMIA))
    assert not is_external(trainer, jury(trainer, candidate=None))


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2023, 3, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 15), 1, date(2023, 12, 15)),
        (date(2024, 1, 31), 13, date(2022, 12, 31)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 5, 1), 0, date(2024, 5, 1)),
    ],
)
def test_months_are_counted_date_to_date(day: date, months: int, earlier: date):
    assert months_before(day, months) == earlier


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2), (6, 3), (10, 4), (100, 40)])
def test_forty_percent_is_a_minimum_without_surprise(members: int, needed: int):
    exact = jury_rule_of(JuryRule(5, SEATS, 0.4, 0.4)).external_min

    assert exact == Fraction(2, 5)
    assert minimum_members(exact, members) == needed


@given(st.integers(1, 99), st.integers(1, 400))
def test_a_share_in_percent_is_reached_by_exactly_enough_members(percent: int, members: int):
    needed = minimum_members(jury_rule_of(JuryRule(5, SEATS, percent / 100, None)).external_min, members)

    assert needed * 100 >= percent * members
    assert (needed - 1) * 100 < percent * members


def test_an_entry_that_says_nothing_of_its_jury_leaves_the_law():
    silent = jury(PRESIDENT, EMPLOYEE, rule=jury_rule_of(None))

    assert refused(silent) == set()
    assert refused(jury(rule=jury_rule_of(None))) == {PredicateId.J9, PredicateId.J11}


members_given = st.lists(
    st.builds(
        MemberValue,
        person=st.integers(1, 6).map(lambda n: UUID(int=n)),
        name=st.sampled_from(["A", "B", "C"]),
        seat=st.sampled_from(Seat),
        college=st.sampled_from(College),
        in_activity=st.booleans(),
        is_director=st.booleans(),
        qualified=st.booleans(),
        ties=st.sampled_from([frozenset(), HOUSE]),
        ties_answer=st.sampled_from(TiesAnswer),
    ),
    max_size=7,
)


@given(members_given, st.randoms())
def test_the_order_in_which_members_are_named_changes_nothing(members, random):
    shuffled = random.sample(members, len(members))

    assert composition_answers(jury(*members)) == composition_answers(jury(*shuffled))


@given(members_given)
def test_a_regular_jury_has_exactly_five_distinct_members_and_one_a_seat(members):
    composition = jury(*members)
    if is_regular(composition_answers(composition)):
        assert len({member.person for member in members}) == 5
        assert {member.seat for member in composition.members} == set(SEATS)


@given(st.permutations(FIVE), st.integers(0, 4))
def test_a_regular_jury_stays_so_in_any_order_and_loses_it_without_any_one_member(five, missing):
    assert is_regular(composition_answers(jury(*five)))
    assert not is_regular(composition_answers(jury(*five[:missing], *five[missing + 1 :])))
