"""Check what is asked of a jury on the day: appointment, declarations, balance, reading, quorum."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.rules.jury_rule import JuryTerm, Seat, TermSource
from portfolio.domain.jury.rules.composition import PredicateId, Remedy, SourceKind
from portfolio.domain.jury.rules.enums import Declaration, Gender
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury.rules.quorum import Appointment, DayValue, attendance_answers
from tests.jury.test_composition import DAY, EMPLOYEE, FIVE, HOUSE, NO_TIE, PRESIDENT, RULE, TEACHER, jury

PEOPLE = [member.person for member in FIVE]
# A jury of which half and more can be external: a teacher's seat is given to a professional from outside.
OUTSIDER = replace(TEACHER, seat=Seat.EXTERNAL_PROFESSIONAL, ties=frozenset(), ties_answer=NO_TIE)
OPEN_RULE = replace(
    RULE, seats=tuple(Seat.EXTERNAL_PROFESSIONAL if seat is TEACHER.seat else seat for seat in RULE.seats)
)
READY = DayValue(
    jury(*(member for member in FIVE if member is not TEACHER), OUTSIDER, rule=OPEN_RULE),
    appointment=Appointment(DAY, by_director=True, document_attached=True),
    genders={PRESIDENT.person: Gender.MAN, EMPLOYEE.person: Gender.WOMAN},
    declarations=dict.fromkeys(PEOPLE, Declaration.FREE),
    readers=frozenset(PEOPLE),
    present=frozenset(PEOPLE),
)
ALONE = {
    PredicateId.J4: replace(READY, appointment=None),
    PredicateId.J10: replace(READY, declarations={**READY.declarations, TEACHER.person: Declaration.RELATED}),
    PredicateId.J12: replace(READY, genders=dict.fromkeys(PEOPLE, Gender.MAN)),
    PredicateId.J13: replace(READY, readers=READY.readers - {TEACHER.person}),
    PredicateId.J14: replace(READY, present=READY.present - {TEACHER.person}),
    PredicateId.J15: replace(READY, composition=jury(*FIVE)),
}
WARNS = {PredicateId.J12, PredicateId.J15}
# J1 to J15: the others are conditions that only some rules have.
NUMBERED = [predicate_id for predicate_id in PredicateId if predicate_id.startswith("J")]


def wrong(day: DayValue) -> set[PredicateId]:
    return {answer.id for answer in attendance_answers(day) if not answer.holds}


def test_a_jury_that_is_ready_answers_every_predicate_in_order():
    answers = attendance_answers(READY)
    assert wrong(READY) == set()
    assert [answer.id for answer in answers] == NUMBERED


@pytest.mark.parametrize("alone", ALONE)
def test_each_predicate_of_the_day_can_be_false_alone(alone: PredicateId):
    assert wrong(ALONE[alone]) == {alone}


@pytest.mark.parametrize("alone", ALONE)
def test_what_warns_does_not_block(alone: PredicateId):
    assert is_regular(attendance_answers(ALONE[alone])) is (alone in WARNS)


@pytest.mark.parametrize(
    "act",
    [Appointment(DAY + timedelta(days=1), True, True), Appointment(DAY, False, True), Appointment(DAY, True, False)],
)
def test_an_appointment_is_signed_by_the_director_in_time_with_its_document(act: Appointment):
    assert wrong(replace(READY, appointment=act)) == {PredicateId.J4}
    assert wrong(replace(READY, appointment=Appointment(date(2015, 1, 1), True, True))) == set()


def test_silence_is_not_a_declaration():
    silent = {key: value for key, value in READY.declarations.items() if key != TEACHER.person}
    assert wrong(replace(READY, declarations=silent)) == {PredicateId.J10}


def test_a_written_reason_stands_for_the_balance():
    unbalanced = ALONE[PredicateId.J12]
    assert wrong(replace(unbalanced, parity_reason="Aucune candidate n’était disponible.")) == set()
    assert wrong(replace(unbalanced, parity_reason="   ")) == {PredicateId.J12}


def test_a_smaller_quorum_may_be_set_but_nobody_never_deliberates():
    assert wrong(replace(ALONE[PredicateId.J14], quorum=4)) == set()
    assert wrong(replace(READY, present=frozenset(), quorum=0)) == {PredicateId.J14}


def test_a_stranger_in_the_room_does_not_make_the_quorum():
    from uuid import UUID

    assert wrong(replace(ALONE[PredicateId.J14], present=READY.present - {TEACHER.person} | {UUID(int=77)})) == {
        PredicateId.J14
    }


def test_what_the_certifier_leaves_out_is_not_asked():
    assert PredicateId.J15 not in {answer.id for answer in attendance_answers(READY, without=[PredicateId.J15])}


def test_the_appointment_and_the_quorum_are_credited_to_who_asks_for_them():
    ours = replace(OPEN_RULE, sources=((JuryTerm.PRESIDENT_APPOINTED, TermSource.DESIGN),))
    day = replace(READY, composition=replace(READY.composition, rule=ours))
    kinds = {answer.id: answer.source.kind for answer in attendance_answers(day)}
    assert (kinds["J4"], kinds["J14"]) == (SourceKind.DESIGN, SourceKind.DESIGN)
    kinds = {answer.id: answer.source.kind for answer in attendance_answers(replace(READY, quorum=4))}
    assert (kinds["J4"], kinds["J14"]) == (SourceKind.ENTRY, SourceKind.CERTIFIER)


def test_half_external_warns_while_a_member_has_not_answered():
    silent = replace(FIVE[2], ties=frozenset())
    open_jury = jury(
        *(member_value for member_value in FIVE if member_value not in (TEACHER, FIVE[2])),
        silent,
        OUTSIDER,
        rule=OPEN_RULE,
    )
    (found,) = (
        answer for answer in attendance_answers(replace(READY, composition=open_jury)) if answer.id is PredicateId.J15
    )

    assert (found.holds, found.blocking, found.remedy) == (False, False, Remedy.ANSWER_TIES)
    assert found.facts["unanswered"] == (silent.name,)


def test_half_external_counts_people():
    assert wrong(
        replace(READY, composition=jury(*FIVE[:2], *(replace(member_value, ties=HOUSE) for member_value in FIVE[2:])))
    ) == {PredicateId.J15}


@given(st.permutations(FIVE))
def test_the_order_of_members_changes_nothing_on_the_day_either(five):
    assert attendance_answers(replace(READY, composition=jury(*five))) == attendance_answers(
        replace(READY, composition=jury(*FIVE))
    )


@given(st.sets(st.sampled_from(PEOPLE)), st.integers(2, 5))
def test_a_quorum_asks_for_its_number_and_for_the_president(present: set, quorum: int):
    answers = attendance_answers(replace(READY, present=frozenset(present), quorum=quorum))
    (found,) = (answer for answer in answers if answer.id is PredicateId.J14)
    assert found.holds is (len(present) >= quorum and PRESIDENT.person in present)


@given(st.sets(st.sampled_from(PEOPLE), max_size=4))
def test_by_default_everyone_is_there(present: set):
    assert PredicateId.J14 in wrong(replace(READY, present=frozenset(present)))


def test_whoever_is_absent_neither_declares_nor_reads_and_does_not_count_in_the_shares():
    without = frozenset({TEACHER.person})
    day = replace(
        READY,
        composition=replace(READY.composition, absent=without),
        declarations={one: word for one, word in READY.declarations.items() if one not in without},
        readers=READY.readers - without,
        present=READY.present - without,
        quorum=4,
    )
    assert wrong(day) == set()
    (shares,) = (answer for answer in attendance_answers(day) if answer.id is PredicateId.J7)
    assert (shares.facts["members"], shares.facts["needed"]) == (4, 2)


def test_a_quorum_does_not_do_without_the_shares_of_those_who_vote():
    without = frozenset({PRESIDENT.person, EMPLOYEE.person})
    day = replace(READY, composition=replace(jury(*FIVE), absent=without), present=READY.present - without, quorum=3)
    assert {PredicateId.J7, PredicateId.J8, PredicateId.J14} <= wrong(day)
