"""What the product's own rules answer to the same history: a history turned into calls, and nothing decided."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.rules.registration import admissibility_answer
from portfolio.domain.holdings.rules.completion import completion_for, event_on, result_for
from portfolio.domain.holdings.rules.facts import JuryDecisionFacts, Presence
from portfolio.domain.holdings.rules.granting import granting_events, grants_at, grants_for
from portfolio.domain.jury.rules.closing import HearingValue, closing_errors
from portfolio.domain.jury.rules.deliberation import expected_outcome
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.opinions import is_superseded
from portfolio.domain.jury.rules.sitting import SittingEnding
from tests.second_reading import facts as f
from tests.second_reading.our_deliberations import day_of, hearing_of, rows_of
from tests.second_reading.our_holdings import (
    PRESENCES,
    block_of,
    facts_of,
    registrations_of,
    sitting_of,
    standing_of,
    status_of,
)
from tests.second_reading.our_juries import answers_of, names_of, number_of, uuid_of, uuids


@dataclass(slots=True)
class Answer:
    """What the product says of a history, in the words of the second reading."""

    blocking: dict[str, frozenset[str]]
    warnings: dict[str, frozenset[str]]
    asked: dict[str, frozenset[tuple[str, str]]]
    faults: dict[str, frozenset[tuple[str, int | None]]]
    decided_on: dict[str, date]
    # Of each hearing, the blocks whose drafted decision its ballot contradicts.
    superseded: dict[str, frozenset[int]]
    statuses: dict[str, tuple[str, tuple[str | None, ...]]]
    # Of each block held, the first act that is valid: its day, its source, its end; the days on which it is valid, among those asked.
    first: dict[int, tuple[Any, ...]]
    again: dict[int, set[tuple[date, str, str]]]
    valid: dict[int, frozenset[date]]
    grounds: dict[int, str]
    said: dict[int, frozenset[str]]
    ended: dict[int, tuple[date, str]]
    references: dict[int, str]
    lacking: dict[int, frozenset[int]]
    abstentions: dict[tuple[str, int], int | None]
    consistency: dict[tuple[str, int], tuple[object, ...]]
    refused: dict[tuple[str, int], frozenset[str]]
    wholes: dict[int, tuple[object, ...]]
    label: tuple[str, str]
    standings: dict[str, str]
    openings: dict[str, bool]


def faults_of(hearing: HearingValue, today: date) -> frozenset[tuple[str, int | None]]:
    """Return what prevents a closing, and on which block."""
    return frozenset(
        (str(error.code), None if error.block is None else number_of(error.block))
        for error in closing_errors(hearing, today)
    )


def _read_hearing(found: Answer, hearing: f.Hearing, version: f.Version, asked_on: date) -> JuryDecisionFacts:
    """Ask the rules about one hearing; return what the rule of grants reads of it."""
    ref, months = hearing.reference, {block.id: block.months for block in version.blocks}
    today = hearing.closed_on or asked_on
    rows = rows_of(hearing)
    day = day_of(hearing, rows, today)
    decided_on = day.day if rows.attendance is Attendance.HEARD else day.sat_on
    # Each day of sitting is read: that of the sitting, and that of the decision.
    answers = tuple(answer for on in sorted({day.sat_on, decided_on}) for answer in answers_of(hearing, on))
    found.blocking[ref], found.warnings[ref], found.asked[ref] = names_of(answers)
    value = hearing_of(hearing, version, answers, rows, day)
    found.faults[ref] = faults_of(value, today)
    found.decided_on[ref] = decided_on
    noted = value.decisions.keys() | value.ballots.keys()
    records = {number_of(block): record for block in noted if (record := value.decision_on(block)) is not None}
    for block, record in records.items():
        found.abstentions[ref, block] = record.votes.abstentions(value.voters)
    for block in value.blocks:
        made = expected_outcome(block, value.findings, value.deciding)
        ranks = (
            [int(label.partition(".")[2]) for label in labels] for labels in (made.acquired, made.short, made.missing)
        )
        outcome = str(made.expected) if made.expected is not None else None
        found.consistency[ref, number_of(block.id)] = (outcome, *ranks)
    found.statuses[ref] = status_of(hearing.later, decided_on, asked_on)
    closed = hearing.closed_at is not None and hearing.last.ending == f.CLOSED and not found.faults[ref]
    found.superseded[ref] = frozenset(
        number_of(block) for block, ballot in value.ballots.items() if is_superseded(ballot, value.decisions.get(block))
    )
    decided = {block: (record.outcome, months[block]) for block, record in records.items()}
    status = found.statuses[ref][0]
    presence = PRESENCES[str(rows.attendance)]
    sitting = sitting_of(hearing, found.blocking[ref], decided, status, closed, on=decided_on, presence=presence)
    for refused in grants_at(tuple(map(block_of, version.blocks)), sitting, {}):
        grounds = frozenset(map(str, refused.grounds)) - {"granted"}
        found.refused[ref, number_of(refused.block.id)] = grounds
    found.standings[ref] = standing_of(version, hearing, decided_on)
    found.openings[ref] = admissibility_answer(registrations_of(version), hearing.submitted_on).stopped
    return sitting


def answer(history: f.History, days: frozenset[date]) -> Answer:
    """Ask the product's rules everything about a history; `days`: those on which validity is compared."""
    versions = {version.number: version for version in history.versions}
    found = Answer(*({} for _ in range(19)), ("", ""), {}, {})
    sittings = []
    for hearing in history.hearings:
        sitting = _read_hearing(found, hearing, versions[hearing.version], history.today)
        if hearing.last.ending not in (SittingEnding.CANCELLED, SittingEnding.VOID):
            sittings.append(sitting)
    facts = facts_of(history, tuple(sittings))
    acts = granting_events(facts)
    for version in history.versions:
        blocks = tuple(
            replace(block, options_needed=version.options) if block.option else block
            for block in map(block_of, version.blocks)
        )
        for block in blocks:
            events = acts.get(block.id, ())
            valid = frozenset(day for day in days if event_on(day, events) is not None)
            found.valid[number_of(block.id)] = valid
        whole = completion_for(blocks, acts, on=history.today)
        by = number_of(whole.completed_by.id) if whole.completed_by else None
        missing = frozenset(number_of(block.id) for block in whole.missing)
        lacking = completion_for(blocks, acts).missing
        found.lacking[version.number] = frozenset(number_of(block.id) for block in lacking)
        of_options = frozenset(number_of(block.id) for each in whole.missing_options for block in each.blocks)
        options = (whole.options_left, of_options)
        found.wholes[version.number] = (whole.obtained, whole.on, by, whole.is_limited, missing, *options)
        for told in grants_for(
            blocks,
            facts,
            on=history.today,
            requested=uuids(history.requested),
            waiting=uuids(history.waiting),
            deliberated=uuids(history.deliberated),
        ):
            if told.granted and (event := told.act) is not None:
                origin = event.origin and (number_of(event.origin[0]), event.origin[1].reference)
                until = event.until or date.max
                block = number_of(told.block.id)
                found.first[block] = (event.on, str(event.source), until, event.reference, origin)
                found.again[block] = {(act.on, str(act.source), act.reference) for act in told.again}
            else:
                found.grounds[number_of(told.block.id)] = str(told.ground)
                found.references[number_of(told.block.id)] = told.reference
                if told.lapsed is not None:
                    found.ended[number_of(told.block.id)] = (told.lapsed.on, told.lapsed.reference)
                found.said[number_of(told.block.id)] = frozenset(map(str, told.grounds))
    scope = Scope.WHOLE if history.whole_scope else Scope.BLOCKS
    held = {uuid_of(block) for block in found.first}
    last = max(history.hearings, key=lambda one: (one.last.jury.on, one.reference), default=None)
    presence = PRESENCES[str(rows_of(last).attendance)] if last else Presence.PRESENT
    result = result_for(scope, uuids(history.requested), held, presence)
    found.label = (str(result.label), str(result.of))
    return found
