"""The sittings of a hearing, in order: what each hands to the next, who was heard, and the day of the decision (§10)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from tests.second_reading import tables as t
from tests.second_reading.deliberations import last, present_voters
from tests.second_reading.facts import HEARD, SUSPENDED, Ballot, Deliberation, Draft, Hearing, Jury, Presence, Sitting

# A draft that other members wrote: its block, and the rank of its competency; None for the decision on the block.
Drafted = tuple[int, int | None]


class Course(NamedTuple):
    """Matter before a sitting: all that its jury made, or took over, and who drafted it."""

    jury: Jury
    deliberations: tuple[Deliberation, ...]
    attendance: str
    writers: Mapping[Drafted, frozenset[int]]
    # The outcome of each thing that was said of a presence, sitting by sitting.
    said: tuple[tuple[str, ...], ...]


def to_confirm(course: Course) -> frozenset[Drafted]:
    """Return what other members drafted, and those who sit have not confirmed."""
    now = _people(course.jury)
    return frozenset(drafted for drafted, writers in course.writers.items() if writers != now)


def _people(jury: Jury) -> frozenset[int]:
    """Return who deliberates in a sitting."""
    return frozenset(member.person for member in present_voters(jury))


def course_of(hearing: Hearing) -> Course:
    """Return what stands at the end of the last sitting of a hearing."""
    course, before = None, None
    for sitting in hearing.sittings:
        course = _sat(sitting, course, carried(before, sitting) if before is not None else "rien")
        before = sitting
    assert course is not None
    return course


def carried(before: Sitting, sitting: Sitting) -> str:
    """Return what a sitting takes over from the one before: everything, what it has to confirm, or nothing."""
    answers = {"suspendue": before.ending == SUSPENDED, "mêmes membres": _people(before.jury) == _people(sitting.jury)}
    return t.CARRIED.decide(answers).then


def _sat(sitting: Sitting, before: Course | None, takes: str) -> Course:
    """Return what stands once a sitting has made what it makes, from what it takes over."""
    made = _dated(sitting)
    own = {drafted: _people(sitting.jury) for told in made for drafted in _drafted(told)}
    earlier = before.said if before is not None else ()
    if before is None or takes == "rien":
        attendance, said = presences(HEARD, sitting.said)
        return Course(sitting.jury, made, attendance, own, (*earlier, said))
    attendance, said = presences(before.attendance, sitting.said)
    taken = before.deliberations
    if takes == "à confirmer":
        taken = tuple(replace(told, acts=tuple(_without_votes(told.acts))) for told in taken)
    return Course(sitting.jury, _together(taken, made), attendance, {**before.writers, **own}, (*earlier, said))


def _dated(sitting: Sitting) -> tuple[Deliberation, ...]:
    """Return what a sitting made, each ballot with its day."""
    return tuple(
        replace(told, acts=tuple(_on(act, sitting.jury.on) for act in told.acts)) for told in sitting.deliberations
    )


def _on(act: Draft | Ballot, day: date) -> Draft | Ballot:
    return replace(act, on=act.on or day) if isinstance(act, Ballot) else act


def _without_votes(acts: Iterable[Draft | Ballot]) -> Iterator[Draft]:
    """Yield drafts without the counts of those who voted; a ballot of others is taken again."""
    for act in acts:
        if isinstance(act, Draft):
            yield replace(act, counted=(None, None, None), voice=None)


def _drafted(told: Deliberation) -> Iterator[Drafted]:
    """Yield what is drafted on a block: each finding, and the decision."""
    for rank, finding in enumerate(told.findings):
        if finding.value is not None:
            yield told.block, rank
    if last(told, Draft) is not None:
        yield told.block, None


def _together(taken: Sequence[Deliberation], made: Sequence[Deliberation]) -> tuple[Deliberation, ...]:
    """Return what was taken over with what was made since: a new finding replaces the one before."""
    new = {told.block: told for told in made}
    blocks = [told.block for told in taken]
    return tuple(_one_after_the_other(told, new.get(told.block)) for told in taken) + tuple(
        told for told in made if told.block not in blocks
    )


def _one_after_the_other(taken: Deliberation, made: Deliberation | None) -> Deliberation:
    if made is None:
        return taken
    pairs = zip(taken.findings, made.findings, strict=True)
    findings = tuple(new if new.value is not None else old for old, new in pairs)
    return Deliberation(taken.block, findings, taken.acts + made.acts)


def presences(noted: str, said: Iterable[Presence]) -> tuple[str, tuple[str, ...]]:
    """Return who was heard in the end, and what became of each thing that was said of a presence."""
    outcomes = []
    for each in said:
        answers = {
            "candidat non entendu": each.attendance != HEARD,
            "scrutin clos": each.after == "closed ballot",
            "corrige": each.moves_members or each.attendance != noted,
            "le jury a commencé": each.after != "",
            "motif": bool(each.reason.strip()),
        }
        outcome = t.PRESENCE.decide(answers).then
        noted = each.attendance if outcome == "noted" else noted
        outcomes.append(outcome)
    return noted, tuple(outcomes)


# ------------------------------------------------------------------------------------------------ the day


class Decided(NamedTuple):
    """The day of a decision, and what it lacks; until it is known, the first day on which it can have been made."""

    on: date
    fault: str | None = None


def day_of_decision(hearing: Hearing, course: Course, today: date) -> Decided:
    """Return the day on which the jury decided: that of its last ballot when each block was put to the vote, else that
    of the deliberation as the presidency states it.
    """
    sat_on = course.jury.on
    if course.attendance != HEARD:
        return Decided(sat_on)
    presented = [told for told in course.deliberations if told.block in hearing.scope]
    voted = [act for told in course.deliberations for act in told.acts if isinstance(act, Ballot) and act.closed]
    # A ballot of a suspended sitting counts on the day of the sitting that goes on with it.
    earliest = max((sat_on, *(ballot.on for ballot in voted if ballot.on is not None)))
    final = [last(told, Ballot) for told in presented]
    stated = hearing.stated_on
    answers = {
        "votée": bool(final) and all(ballot and ballot.closed and ballot.same_voters for ballot in final),
        "close plus tard": earliest < today,
        "jour énoncé": stated is not None,
        "entre la séance et la clôture": stated is not None and earliest <= stated <= today,
    }
    told = t.DAY.decide(answers).then
    if told in ("scrutin", "séance"):
        return Decided(earliest)
    on = stated if told != "day_missing" and stated is not None else earliest
    return Decided(on, told if told.startswith("day_") else None)
