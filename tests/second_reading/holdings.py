"""Holdings: by which act, until when; the effect of later acts and equivalences (R2, R6 to R8, R10 to R12).

Read day by day rather than by chains of acts: a block is valid on a day when one of the acts that granted it covers
that day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import NamedTuple

from tests.second_reading import tables as t
from tests.second_reading.closings import Fault
from tests.second_reading.days import FOREVER, after_months
from tests.second_reading.facts import (
    ABSENT,
    EXCUSED,
    HEARD,
    NOT_VALIDATED,
    UNDECIDED,
    Block,
    Equivalence,
    Hearing,
    History,
    LaterAct,
    Version,
)
from tests.second_reading.juries import Regularity


class Status(NamedTuple):
    """Where something granted stands, and which later acts were refused, each with its first fault."""

    status: str
    refused: tuple[str | None, ...]


def is_alone(act: LaterAct) -> bool:
    """Return whether one person decided alone what ends or holds a right, which takes two."""
    return act.kind in t.BY_TWO and act.confirmed_by in (None, act.proposed_by)


def later_fault(act: LaterAct, status: str, granted_on: date, today: date) -> str | None:
    """Return the first requirement of a later act that does not hold."""
    if is_alone(act):
        return "later_alone"
    ended = status in (t.ANNULLED, t.WITHDRAWN)
    withdrawal = act.kind == "withdrawal"
    fails = {
        "later_no_reason": not act.reason.strip(),
        "later_ended": ended and act.kind != "rectification",
        "later_already_suspended": act.kind == "suspension" and status == t.SUSPENDED,
        "later_not_suspended": act.kind == "confirmation" and status != t.SUSPENDED,
        "later_decided_tomorrow": act.on > today,
        "later_decided_too_soon": act.on < granted_on,
        "later_not_heard": withdrawal and act.heard_on is None,
        "later_heard_too_soon": withdrawal and act.heard_on is not None and act.heard_on < granted_on,
        "later_heard_after": withdrawal and act.heard_on is not None and act.heard_on > act.on,
    }
    return next((row.name for row in t.LATER if fails[row.name]), None)


def status_of(acts: Iterable[LaterAct], granted_on: date, today: date) -> Status:
    """Return what later acts, in their order, make of something granted; a refused one changes nothing."""
    status, refused = t.HELD, []
    for act in acts:
        fault = later_fault(act, status, granted_on, today)
        refused.append(fault)
        if fault is None:
            status = t.STATUS[status, act.kind]
    return Status(status, tuple(refused))


class Act(NamedTuple):
    """An act that grants a block: its first day, its last day of validity, where it comes from; when the ledger had
    everything that makes it.
    """

    on: date
    until: date
    source: str
    reference: str
    # The blocks whose acts led to this one, through equivalences; of those acts the last, by block and reference:
    # the one that made the others count, or several of one day.
    through: frozenset[int] = frozenset()
    origins: frozenset[tuple[int, str]] = frozenset()
    at: datetime = datetime.min


@dataclass(slots=True)
class HearingAnswer:
    """Answers about one hearing: its jury, its closing, its decisions, their day, their status, who was heard."""

    regularity: Regularity
    faults: frozenset[Fault]
    decisions: dict[int, str]
    void: frozenset[int]
    status: Status
    closed: bool
    on: date
    attendance: str = HEARD


def refusals(hearing: Hearing, answer: HearingAnswer, block: int) -> frozenset[str]:
    """Return the requirements of R3 that do not hold for a block at a hearing."""
    outcome = answer.decisions.get(block, UNDECIDED)
    begun = hearing.begun_on
    fails = {
        "withdrawn": block in hearing.withdrawn,
        "annulled": answer.status.status == t.ANNULLED or block in hearing.appealed,
        "absent": answer.attendance == ABSENT,
        "excused": answer.attendance == EXCUSED,
        "not_presented": block not in hearing.scope,
        "not_closed": not answer.closed,
        "irregular_composition": bool(answer.regularity.blocking),
        "not_admissible": begun is None or begun > hearing.submitted_on,
        "lapse_not_ruled": hearing.lapse == "not_ruled",
        "lapsed": hearing.lapse == "lapsed",
        "not_decided": outcome == UNDECIDED,
        "not_validated": outcome == NOT_VALIDATED,
        "suspended": answer.status.status == t.SUSPENDED,
    }
    return frozenset(row.name for row in t.GRANT if fails[row.name])


def at_hearing(fails: frozenset[str], act: Act, held: Act | None) -> frozenset[str]:
    """Return why a hearing does not grant a block: it is held already for as long, or R3 does not hold (R3, R6)."""
    if not fails and (held is None or act.until > held.until):
        return frozenset()
    return fails if held is None else frozenset({"already_held"})


def _until(block: Block, on: date, *others: date) -> date:
    own = FOREVER if block.months is None else after_months(on, block.months)
    return min(own, *others, FOREVER)


def direct_acts(
    history: History, answers: Mapping[str, HearingAnswer], *, suspensions: bool = True
) -> dict[int, set[Act]]:
    """Return the acts that grant a block by themselves; without suspensions, those that stand but for one."""
    blocks = {block.id: block for version in history.versions for block in version.blocks}
    acts: dict[int, set[Act]] = defaultdict(set)
    for hearing in history.hearings:
        answer = answers[hearing.reference]
        for block in answer.decisions:
            fails = refusals(hearing, answer, block)
            if hearing.closed_at and (not fails or (not suspensions and fails == {"suspended"})):
                until = _until(blocks[block], answer.on)
                acts[block].add(Act(answer.on, until, "jury", hearing.reference, at=hearing.closed_at))
    for found in history.acquisitions:
        if found.verified and not found.annulled and not found.withdrawn:
            until = _until(blocks[found.block], found.on, found.until or FOREVER)
            source = "prior" if found.imported else "acquisition"
            acts[found.block].add(Act(found.on, until, source, found.reference, at=found.recorded_at))
    return acts


def with_equivalences(history: History, direct: Mapping[int, set[Act]]) -> dict[int, set[Act]]:
    """Add the acts that equivalences derive, until nothing more is derived (R2 c): each act of the blocks asked
    for leads to one, as long as all are valid together on its day.
    """
    blocks = {block.id: block for version in history.versions for block in version.blocks}
    acts = {block: set(own) for block, own in direct.items()}
    while True:
        derived = [
            (rule.counts_for, act)
            for rule in history.equivalences
            if all(block in acts for block in rule.asked)
            for held in product(*(acts[block] for block in sorted(rule.asked)))
            if (act := derive(rule, held, blocks[rule.counts_for])) is not None
        ]
        added = [(block, act) for block, act in derived if act not in acts.get(block, ())]
        if not added:
            return acts
        for block, act in added:
            acts.setdefault(block, set()).add(act)


def derive(rule: Equivalence, held: Iterable[Act], target: Block) -> Act | None:
    """Return what an equivalence makes of acts held together, if it counts."""
    held = tuple(held)
    on = max(rule.declared_on, *(act.on for act in held))
    end = min(act.until for act in held)
    through = rule.asked.union(*(act.through for act in held))
    at = max(rule.declared_at, *(act.at for act in held))
    last = max(act.on for act in held)
    each = zip(sorted(rule.asked), held, strict=True)
    own = [act.origins or {(block, act.reference)} for block, act in each if act.on == last]
    if rule.counts_for in through:
        return None  # a chain that comes back on its steps gives nothing
    answers = {
        "identique": rule.kind == "identical",
        "tous les blocs demandés sont acquis et valides": on <= end,
        "inscrits avant son remplacement": rule.replaced_at is None or at < rule.replaced_at,
    }
    if t.EQUIVALENCE.decide(answers).then != "acquis":
        return None
    return Act(on, _until(target, on, end), "equivalence", rule.reference, through, frozenset().union(*own), at)


def is_valid(acts: Iterable[Act], day: date) -> bool:
    """Return whether one of these acts covers a day (R6)."""
    return any(act.on <= day <= act.until for act in acts)


def valid_act(acts: Iterable[Act], day: date) -> Act | None:
    """Return the act by which a block is valid on a day: the first of those that cover it."""
    return next((act for act in in_order(acts) if act.on <= day <= act.until), None)


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Return acts as they stand before one another: the earliest; of one day the longest, then one of its own
    rather than one through an equivalence.
    """
    return sorted(acts, key=lambda act: (act.on, -act.until.toordinal(), act.source == "equivalence", act[:4]))


def standing_acts(acts: Iterable[Act]) -> list[Act]:
    """Return the acts that each stand: the first, and each later one that is valid for longer (R6, R13)."""
    found: list[Act] = []
    for act in in_order(acts):
        if not found or act.until > found[-1].until:
            found.append(act)
    return found


class Whole(NamedTuple):
    """Answer on the certification: obtained or not, on which day, by which block, and whether for a time (R7); else the
    common blocks that are missing, how many options, and the blocks that these lack.
    """

    obtained: bool
    on: date | None = None
    by: int | None = None
    limited: bool = False
    missing: frozenset[int] = frozenset()
    options: int = 0
    of_options: frozenset[int] = frozenset()


def complete_options(version: Version, held: Collection[Block]) -> list[str]:
    """Return the options of a version of which every block is held, in the order of its blocks."""
    names = dict.fromkeys(block.option for block in version.blocks if block.option)
    return [name for name in names if {block for block in version.blocks if block.option == name} <= set(held)]


def whole(version: Version, acts: Mapping[int, set[Act]], today: date = FOREVER) -> Whole:
    """Return whether every common block of a version, and every block of so many of its options, is valid on one
    day: that of the act that completes the set.
    """
    common = {block for block in version.blocks if not block.option}
    needed = min(version.options, len({block.option for block in version.blocks} - {""}))
    days = sorted({act.on for block in version.blocks for act in acts.get(block.id, ())})
    for day in days:
        valid = {block: act for block in version.blocks if (act := valid_act(acts.get(block.id, ()), day))}
        options = complete_options(version, valid)[:needed]
        if common <= set(valid) and len(options) == needed and version.blocks:
            counted = {block: act for block, act in valid.items() if block in common or block.option in options}
            that_day = [block for block, act in counted.items() if act.on == day]
            limited = any(act.until != FOREVER for act in counted.values())
            return Whole(True, day, max(that_day, key=lambda block: block.number).id, limited)
    missing = {block for block in version.blocks if not is_valid(acts.get(block.id, ()), today)}
    left = max(needed - len(complete_options(version, set(version.blocks) - missing)), 0)
    of_options = frozenset(block.id for block in missing - common) if left else frozenset()
    return Whole(False, missing=frozenset(block.id for block in missing & common), options=left, of_options=of_options)


def label(history: History, held: Collection[int], attendance: str) -> str:
    """Return the name of a result (R8)."""
    asked = history.requested
    answers = {
        "absent": attendance == "absent",
        "excusé": attendance == "excused",
        "tout le demandé est acquis": bool(asked) and asked <= set(held),
        "une part du demandé est acquise": bool(asked & set(held)),
    }
    return t.LABEL.decide(answers).then
