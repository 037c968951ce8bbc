"""A whole history read from the tables: predicates, decisions, closings, what is held. Written from the domain alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from tests.second_reading import tables as t
from tests.second_reading.closings import closing_faults
from tests.second_reading.course import Course, course_of, day_of_decision
from tests.second_reading.deliberations import decided, is_void
from tests.second_reading.facts import CANCELLED, CLOSED, HEARD, VOID, Hearing, History, Version
from tests.second_reading.holdings import (
    Act,
    HearingAnswer,
    Whole,
    direct_acts,
    is_valid,
    label,
    refusals,
    standing_acts,
    status_of,
    valid_act,
    whole,
    with_equivalences,
)
from tests.second_reading.juries import Regularity, regularity
from tests.second_reading.registers import standing


@dataclass(slots=True)
class Answer:
    """Everything that the second reading says of a history."""

    hearings: dict[str, HearingAnswer]
    courses: dict[str, Course]
    # Of each block ever granted, the acts, of which the first stands.
    acts: dict[int, set[Act]]
    # Of each block that is not held, the ground, and what its last jury said where that is the ground.
    grounds: dict[int, str]
    said: dict[int, frozenset[str]]
    # Of each block that is not held, the act whose validity ended last, and the act that a suspension holds back.
    ended: dict[int, Act]
    held_back: dict[int, Act]
    refused: dict[tuple[str, int], frozenset[str]]
    wholes: dict[int, Whole]
    label: str
    standings: dict[str, str]


NOTHING_FALSE = Regularity(frozenset(), frozenset(), frozenset())


def answer_of(
    hearing: Hearing, course: Course, version: Version, asked_on: date, *, is_regular: bool = False
) -> HearingAnswer:
    """Return what is answered of one hearing; `is_regular`: its jury is known to be."""
    today = hearing.closed_on or asked_on
    on = day_of_decision(hearing, course, today).on
    regular = NOTHING_FALSE if is_regular else regularity(hearing, (on,))
    faults = closing_faults(hearing, course, version, (), today, regular)
    heard = course.deliberations if course.attendance == HEARD else ()
    return HearingAnswer(
        regular,
        faults,
        {told.block: decided(told, course.jury) for told in heard},
        frozenset(told.block for told in course.deliberations if is_void(told, course.jury)),
        status_of(hearing.later, on, asked_on),
        hearing.closed_at is not None and hearing.last.ending == CLOSED and not faults,
        on,
        course.attendance,
    )


def read(history: History) -> Answer:
    """Read a whole history."""
    versions = {version.number: version for version in history.versions}
    courses = {hearing.reference: course_of(hearing) for hearing in history.hearings}
    hearings = {
        hearing.reference: answer_of(hearing, courses[hearing.reference], versions[hearing.version], history.today)
        for hearing in history.hearings
    }
    acts = with_equivalences(history, direct_acts(history, hearings))
    free = with_equivalences(history, direct_acts(history, hearings, suspensions=False))
    blocks = [block for version in history.versions for block in version.blocks]
    refused = {
        (hearing.reference, block.id): refusals(hearing, hearings[hearing.reference], block.id)
        for hearing in history.hearings
        for block in versions[hearing.version].blocks
    }
    grounds = {
        block.id: not_held(history, block.id, acts.get(block.id, set()), free.get(block.id, set()), refused, hearings)
        for block in blocks
        if not is_valid(acts.get(block.id, ()), history.today)
    }
    held = {block.id for block in blocks} - grounds.keys()
    said = {
        block: refused[latest.reference, block]
        for block, ground in grounds.items()
        if ground == "jury" and (latest := last_jury(history, block, acts.get(block, ()), hearings)) is not None
    }
    latest = max(history.hearings, key=lambda one: (one.last.jury.on, one.reference), default=None)
    return Answer(
        hearings,
        courses,
        acts,
        grounds,
        said,
        {block: standing_acts(acts[block])[-1] for block in grounds if acts.get(block)},
        {
            block: act
            for block, ground in grounds.items()
            if ground == "suspended" and (act := valid_act(free[block], history.today)) is not None
        },
        refused,
        {number: whole(version, acts, history.today) for number, version in versions.items()},
        label(history, held, hearings[latest.reference].attendance if latest else HEARD),
        {
            one.reference: standing(versions[one.version], one.route, one.begun_on, hearings[one.reference].on)
            for one in history.hearings
        },
    )


def last_jury(
    history: History, block: int, acts: Collection[Act], answers: Mapping[str, HearingAnswer]
) -> Hearing | None:
    """Return the last hearing at which a block was presented, since its validity ended if it had one; one that was
    cancelled, or is void, has not taken place.
    """
    ended = max((act.until for act in acts), default=None)
    since = [
        (answers[hearing.reference].on, hearing.reference, hearing)
        for hearing in history.hearings
        if block in hearing.scope
        and hearing.last.ending not in (CANCELLED, VOID)
        and (ended is None or answers[hearing.reference].on > ended)
    ]
    return max(since, key=lambda known: known[:2])[2] if since else None


def not_held(
    history: History,
    block: int,
    acts: Collection[Act],
    free: Collection[Act],
    refused: Mapping[tuple[str, int], frozenset[str]],
    answers: Mapping[str, HearingAnswer],
) -> str:
    """Return the ground to tell for a block that is not held today; `free`: its acts, were nothing suspended."""
    found = [acquired for acquired in history.acquisitions if acquired.block == block and not acquired.imported]
    ended = max((act.until for act in acts), default=None)
    latest = last_jury(history, block, acts, answers)
    fails = refused[latest.reference, block] if latest else frozenset()
    asked = {
        "acquis sans les suspensions": is_valid(free, history.today),
        "décidé, lettre à venir": block in history.deliberated,
        "devant un jury": block in history.waiting,
        "dernière décision annulée": "annulled" in fails and "withdrawn" not in fails,
        "jury passé depuis": latest is not None,
        "validité passée": ended is not None,
        "acquisition non vérifiée": any(not acquired.verified for acquired in found),
        "acquisition retirée": any(acquired.withdrawn for acquired in found),
        "acquisition annulée": any(acquired.annulled for acquired in found),
        "équivalence partielle": any(
            rule.kind == "partial" and rule.counts_for == block and rule.replaced_at is None
            for rule in history.equivalences
        ),
        "demandé": block in history.requested,
    }
    return t.NOT_HELD.decide(asked).then
