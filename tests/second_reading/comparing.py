"""The second reading beside the product's rules, subject by subject, and how many histories reach each outcome."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from tests.second_reading import deliberations, holdings, ours, reading, registers
from tests.second_reading.days import FOREVER
from tests.second_reading.facts import History


class Disagreement(NamedTuple):
    """On what two readings of one history differ, and what each says."""

    subject: str
    where: object
    second: object
    ours: object


def days_of(history: History, second: reading.Answer) -> frozenset[date]:
    """Return the days on which validity is compared: where an act begins or ends, and the days around."""
    edges = {history.today}
    for acts in second.acts.values():
        for act in acts:
            edges.add(act.on)
            if act.until != FOREVER:
                edges.add(act.until)
    return frozenset(day + timedelta(more) for day in edges for more in (-1, 0, 1))


def differences(
    history: History, second: reading.Answer, days: frozenset[date], found: ours.Answer
) -> Iterator[Disagreement]:
    """Yield each subject on which the two readings differ."""
    for ref, hearing in second.hearings.items():
        regular = hearing.regularity
        yield from _differ("jury", ref, regular.blocking, found.blocking[ref])
        yield from _differ("warnings", ref, regular.warnings, found.warnings[ref])
        yield from _differ("asked", ref, regular.asked, found.asked[ref])
        yield from _differ("closing", ref, hearing.faults, found.faults[ref])
        yield from _differ("day", ref, hearing.on, found.decided_on[ref])
        yield from _differ("abstentions", ref, *_abstentions(ref, second, found))
        yield from _differ("void", ref, hearing.void, found.superseded[ref])
        yield from _differ("status", ref, tuple(hearing.status), found.statuses[ref])
        yield from _differ("standing", ref, second.standings[ref], found.standings[ref])
    for version in history.versions:
        for hearing in history.hearings:
            if hearing.version == version.number:
                for told in second.courses[hearing.reference].deliberations:
                    place = (hearing.reference, told.block)
                    if place in found.consistency:
                        made = deliberations.consistency(told, version)
                        yield from _differ("consistency", place, made, found.consistency[place])
                stopped = registers.opening(version, hearing.submitted_on) == "stopped"
                yield from _differ("opening", hearing.reference, stopped, found.openings[hearing.reference])
                for block in version.blocks:
                    place = (hearing.reference, block.id)
                    yield from _differ("grant", place, second.refused[place], found.refused[place])
        for block in version.blocks:
            acts = second.acts.get(block.id, set())
            first = holdings.valid_act(acts, history.today)
            told = (first.on, first.source, first.until, first.reference) if first else None
            event = found.first.get(block.id)
            yield from _differ("held", block.id, told, event and event[:4])
            if first is not None and event is not None:
                yield from _differ("origin", block.id, True, _is_origin(acts, event))
                again = {(act.on, act.source, act.reference) for act in acts}
                again -= {(act.on, act.source, act.reference) for act in holdings.standing_acts(acts)}
                yield from _differ("again", block.id, again, found.again[block.id])
            valid = frozenset(day for day in days if holdings.is_valid(acts, day))
            yield from _differ("validity", block.id, valid, found.valid[block.id])
            if block.id in second.grounds:
                ended, held_back = second.ended.get(block.id), second.held_back.get(block.id)
                if held_back is None:
                    at = (ended.on, ended.reference) if ended else None
                    yield from _differ("ended", block.id, at, found.ended.get(block.id))
                else:
                    at = held_back.reference
                    yield from _differ("held back", block.id, at, found.references.get(block.id))
            if block.id in second.said:
                yield from _differ("said", block.id, second.said[block.id], found.said.get(block.id))
            elif block.id in second.grounds:
                yield from _differ("ground", block.id, second.grounds[block.id], found.grounds.get(block.id))
        number = version.number
        yield from _differ("whole", number, tuple(second.wholes[number]), found.wholes[number])
        stand = [holdings.standing_acts(second.acts.get(block.id, ())) for block in version.blocks]
        last = max((act.on for acts in stand for act in acts), default=None)
        lacking = holdings.whole(version, second.acts, last or date.min).missing
        yield from _differ("missing", number, lacking, found.lacking[number])
    of = "whole" if history.whole_scope else "requested_blocks"
    yield from _differ("label", "", (second.label, of), found.label)


def _abstentions(
    ref: str, second: reading.Answer, found: ours.Answer
) -> tuple[dict[int, int | None], dict[int, int | None]]:
    """Return how many abstained on each block that is decided, by the second reading and by the product."""
    course, decisions = second.courses[ref], second.hearings[ref].decisions
    told = {
        one.block: deliberations.abstentions(one, course.jury)
        for one in course.deliberations
        if decisions.get(one.block) in ("validated", "not_validated")
    }
    return told, {block: found.abstentions.get((ref, block)) for block in told}


def _is_origin(acts: Iterable[holdings.Act], event: tuple[Any, ...]) -> bool:
    """Return whether an act goes back to the act of its own that made it count last; one of its own, to none."""
    *told, origin = event
    same = (act for act in acts if [act.on, act.source, act.until, act.reference] == told)
    return any(origin in act.origins if act.origins else origin is None for act in same)


def _differ(subject: str, where: object, second: object, product: object) -> Iterator[Disagreement]:
    if second != product:
        yield Disagreement(subject, where, second, product)


def compare(history: History) -> tuple[reading.Answer, list[Disagreement]]:
    """Return what the second reading says of a history, and every disagreement."""
    second = reading.read(history)
    days = days_of(history, second)
    return second, list(differences(history, second, days, ours.answer(history, days)))


def outcomes(history: History, second: reading.Answer) -> Iterator[str]:
    """Yield what a history reaches: a condition false, an obstacle, a ground, a label, a line of a table."""
    for hearing in history.hearings:
        answer = second.hearings[hearing.reference]
        yield f"route {hearing.route}"
        yield from (f"false {name}" for name in answer.regularity.blocking | answer.regularity.warnings)
        if len(answer.regularity.blocking) == 1:
            yield f"alone {next(iter(answer.regularity.blocking))}"
        yield from (f"closing {name}" for name, _ in answer.faults)
        yield "closed" if answer.closed else "not closed"
        yield from (f"decided {outcome}" for outcome in answer.decisions.values())
        yield f"status {answer.status.status}"
        yield from (f"later {fault}" for fault in answer.status.refused if fault)
        yield f"standing {second.standings[hearing.reference]}"
    for acts in second.acts.values():
        yield from (f"act {act.source}" for act in acts)
        if any(act.until != FOREVER for act in acts):
            yield "limited"
            yield from ("limited by equivalence" for act in acts if act.source == "equivalence")
    yield from (f"ground {ground}" for ground in second.grounds.values())
    yield from (f"refused {name}" for names in second.refused.values() for name in names)
    yield from ("whole" if whole.obtained else "not whole" for whole in second.wholes.values())
    yield f"label {second.label}"


def reached(read: Iterable[tuple[History, reading.Answer]]) -> Counter[str]:
    """Count the histories that reach each outcome."""
    found: Counter[str] = Counter()
    for history, second in read:
        found.update(set(outcomes(history, second)))
    return found
