"""Sittings that follow one another, counts typed by hand and days of decision, on every combination (domain §10)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product

from tests.second_reading import our_deliberations, our_juries, ours, reading
from tests.second_reading.course import course_of
from tests.second_reading.facts import (
    CLOSED,
    FOR,
    NOT_VALIDATED,
    PRESIDENT,
    REPLACED,
    SUSPENDED,
    TEACHER,
    VAE,
    VALIDATED,
    VOICES,
    Ballot,
    Block,
    Deliberation,
    Draft,
    Finding,
    Hearing,
    Jury,
    JuryRule,
    Member,
    Sitting,
    Version,
)

DAY = date(2025, 6, 18)
BLOCKS = (Block(11, 1, 1, competencies=1), Block(12, 1, 2, competencies=1))
VERSION = Version(1, BLOCKS)
ACQUIRED, NOTHING = (Finding("acquired"),), (Finding(None),)
WRITTEN = ("Trop peu d’exemples.", "L’entretien l’a montré.", "Présenter un budget.")
DRAFTED = Draft(VALIDATED)


def differences() -> Iterator[tuple[object, object, object]]:
    """Yield what differs: the case, what the second reading says, what the product says."""
    for hearing in (*_counted(), *_dated(), *_followed()):
        second, found = said_of(hearing)
        if second != found:
            yield hearing, second, found


def said_of(hearing: Hearing) -> tuple[object, object]:
    """Return the day of the decision and what prevents a closing, by the second reading and by the product."""
    today = hearing.closed_at.date() if hearing.closed_at else DAY
    answer = reading.answer_of(hearing, course_of(hearing), VERSION, today)
    rows = our_deliberations.rows_of(hearing)
    day = our_deliberations.day_of(hearing, rows, today)
    answers = our_juries.answers_of(hearing, day.day)
    value = our_deliberations.hearing_of(hearing, VERSION, answers, rows, day)
    outcomes = {
        block.number + 10: str(record.outcome) if (record := value.decision_on(block.id)) is not None else "undecided"
        for block in value.blocks
    }
    return (answer.on, answer.faults, answer.decisions), (day.day, ours.faults_of(value, today), outcomes)


def a_jury(size: int, casting_vote: bool = True, on: date = DAY, newcomer: bool = False) -> Jury:
    """Return a jury of so many members."""
    members = [
        Member(person, PRESIDENT if person == 0 else TEACHER, "employers", qualified=True, gender="woman")
        for person in range(size)
    ]
    if newcomer:
        members[-1] = replace(members[-1], person=9)
    return Jury(on, JuryRule(None, (), None, None, casting_vote=casting_vote), tuple(members), candidate=99)


def a_hearing(*sittings: Sitting, closed_on: date = DAY, stated_on: date | None = None) -> Hearing:
    scope = frozenset(told.block for told in sittings[-1].deliberations)
    closed_at = datetime.combine(closed_on, datetime.min.time())
    return Hearing("PV", 1, VAE, DAY, "other", DAY, "none", scope, sittings, closed_at, stated_on)


def _counted() -> Iterator[Hearing]:
    """Yield each count of three members or fewer, with each voice, each rule and each decision."""
    numbers = (None, 0, 1, 2, 3)
    for size, casting_vote in product((2, 3), (True, False)):
        jury = a_jury(size, casting_vote)
        for counted, voice, outcome in product(product(numbers, repeat=3), (None, *VOICES), (VALIDATED, NOT_VALIDATED)):
            draft = Draft(outcome, *WRITTEN, counted, voice)
            yield a_hearing(Sitting(jury, (Deliberation(11, ACQUIRED, (draft,)),)))


def _dated() -> Iterator[Hearing]:
    """Yield closings on each day, with each day stated, and with a ballot on none, one or two of two blocks."""
    days = tuple(DAY + timedelta(number) for number in range(-1, 4))
    ballots = (None, *(Ballot(((0, FOR), (1, FOR)), on=day) for day in (None, days[2], days[3])))
    for first, second, closed_on, stated in product(ballots, ballots, days, (None, *days, days[-1] + timedelta(1))):
        told = (
            Deliberation(block.id, ACQUIRED, (DRAFTED,) if ballot is None else (DRAFTED, ballot))
            for block, ballot in zip(BLOCKS, (first, second), strict=True)
        )
        yield a_hearing(Sitting(a_jury(2), tuple(told)), closed_on=closed_on, stated_on=stated)


def _followed() -> Iterator[Hearing]:
    """Yield each sitting after each other one: how it ended, with which members, what was made before and again."""
    ballot, refused = Ballot(((0, FOR), (1, FOR))), Draft(NOT_VALIDATED, *WRITTEN)
    counted = replace(DRAFTED, counted=(2, 0, 0), voice=FOR)
    made = (
        (),
        (DRAFTED,),
        (refused,),
        (counted,),
        (DRAFTED, ballot),
        (ballot,),
        (ballot, replace(ballot, closed=False)),
    )
    again = ((), (DRAFTED,), (ballot,), (ballot, DRAFTED))
    later = DAY + timedelta(2)
    for ending, newcomer, acts, more in product((SUSPENDED, *REPLACED), (True, False), made, again):
        if newcomer and ending == SUSPENDED and more == (ballot,) and acts and acts[0] in (DRAFTED, counted):
            continue  # `test_faults_seen.py`
        for findings, found in product((ACQUIRED, NOTHING), repeat=2):
            before = Sitting(a_jury(2), (Deliberation(11, findings, acts),), ending)
            after = Sitting(a_jury(2, on=later, newcomer=newcomer), (Deliberation(11, found, more),), CLOSED)
            yield a_hearing(before, after, closed_on=later)
