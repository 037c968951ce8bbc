"""What the tables answer to a history: predicates, decisions, closings, what is held, by which act, until when.

Written from the domain alone, day by day rather than by chains of acts: a block is valid on a day when one of
the acts that granted it covers that day.
"""

import calendar
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from tests.second_reading import tables as t
from tests.second_reading.facts import (
    AGAINST,
    DIRECTOR,
    EMPLOYEE,
    FOR,
    MANAGER,
    NOT_VALIDATED,
    PRESIDENT,
    TEACHER,
    TRAINING,
    UNDECIDED,
    VAE,
    VALIDATED,
    Ballot,
    Block,
    Deliberation,
    Draft,
    Equivalence,
    Finding,
    Hearing,
    History,
    Jury,
    JuryRule,
    LaterAct,
    Member,
    Version,
)

FOREVER = date.max
Counts = tuple[int | None, int | None, int | None]


# ------------------------------------------------------------------------------------------------- days


def after_months(day: date, months: int) -> date:
    """Return the day of the same number so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_registered(version: Version, day: date) -> bool:
    """Return whether a day is covered by a registration, its two ends included."""
    return any(since <= day <= until for since, until in version.registrations)


# ------------------------------------------------------------------------------------------------- juries


def voters(jury: Jury) -> tuple[Member, ...]:
    """Return the members who deliberate: all of them, or those present where a quorum does without the others."""
    if jury.rule.quorum is None:
        return jury.members
    return tuple(member for member in jury.members if member.present)


def people(members: Iterable[Member]) -> int:
    """Return how many different people these members are."""
    return len({member.person for member in members})


def is_external(member: Member, jury: Jury) -> bool:
    """Return whether a member counts as external (J7)."""
    since = after_months(jury.on, -jury.months)
    counts = [
        tie
        for tie in member.ties
        if (tie.ended_on is None or tie.ended_on >= since)
        and (tie.with_whom != "training_body" or jury.bodies is None or tie.organisation in jury.bodies)
    ]
    answers = {
        "a répondu": member.answered or bool(member.ties),
        "direction ou délégation": member.director or member.delegated_from is not None,
        "lien en cours ou récent": bool(counts),
    }
    return t.EXTERNAL.decide(answers).then == "externe"


def least(share: Fraction, total: int) -> int:
    """Return the smallest whole number of a total that reaches a share."""
    return -(-share.numerator * max(total, 1) // share.denominator)


def shares(jury: Jury) -> dict[str, tuple[int, int]]:
    """Return how many members count for J7 and for J8, and how many are needed: of those who deliberate; of the
    seats while nobody is named.
    """
    sitting, rule = voters(jury), jury.rule
    total = people(sitting) if jury.members else rule.size or len(rule.seats)
    counted = {
        "J7": (rule.external, [member for member in sitting if is_external(member, jury)]),
        "J8": (rule.colleges, [member for member in sitting if member.college != "none"]),
    }
    return {name: (people(them), least(share, total)) for name, (share, them) in counted.items() if share is not None}


def _seat(jury: Jury, id: str, seat: str, fits: Callable[[Member], bool]) -> bool:
    """Return whether who sits there fits; a rule without that seat, or that omits the condition, asks nothing."""
    if seat not in jury.rule.seats or id in jury.rule.left_out:
        return True
    seated = [member for member in jury.members if member.seat == seat]
    return bool(seated) and all(fits(member) for member in seated)


def _may_direct(member: Member, on: date) -> bool:
    begun, until = member.delegated_from, member.delegated_until
    return member.director or (begun is not None and begun <= on and (until is None or on <= until))


def _colleges(jury: Jury) -> bool:
    if jury.rule.colleges is None:
        return True
    found = [member for member in voters(jury) if member.college != "none"]
    both = {member.college for member in found} == {"employers", "employees"}
    return both and people(found) >= least(jury.rule.colleges, people(voters(jury)))


def _external(jury: Jury, share: Fraction | None) -> bool:
    if share is None:
        return True
    sitting = voters(jury)
    known = all(member.answered or member.ties for member in sitting)
    found = people(member for member in sitting if is_external(member, jury))
    return known and found >= least(share, people(sitting))


def _is_free(member: Member, jury: Jury, route: str) -> bool:
    """Return whether a member can sign, and signed, that nothing ties them to the candidate (J10)."""
    teachers_sit = route != VAE and bool({TEACHER, MANAGER} & set(jury.rule.seats))
    return member.free is True and (teachers_sit or not member.taught)


def _nobody_tied(jury: Jury, route: str) -> bool:
    barred = {jury.candidate, *jury.accompanied_by, *jury.related, *jury.biased}
    declared = all(_is_free(member, jury, route) for member in voters(jury))
    return declared and not any(member.person in barred for member in jury.members)


def _present(jury: Jury) -> bool:
    here = {member.person for member in jury.members if member.present}
    needed = people(jury.members) if jury.rule.quorum is None else jury.rule.quorum
    seats = [member for member in jury.members if member.seat == PRESIDENT]
    presided = PRESIDENT not in jury.rule.seats or any(member.person in here for member in seats)
    return len(here) >= max(needed, 1) and presided


HOLDS: Mapping[str, Callable[[Jury, str], bool]] = {
    "J1": lambda jury, _: jury.rule.size is None or people(jury.members) == len(jury.members) == jury.rule.size,
    "J2": lambda jury, _: (
        not jury.rule.seats or Counter(jury.rule.seats) == Counter(member.seat for member in jury.members)
    ),
    "J3": lambda jury, _: _seat(jury, "J3", PRESIDENT, lambda member: member.college == "employers"),
    "J4": lambda jury, _: (
        PRESIDENT not in jury.rule.seats
        or "J4" in jury.rule.left_out
        or (
            jury.appointed_on is not None
            and jury.appointed_on <= jury.on
            and jury.appointed_by_director
            and jury.act_attached
        )
    ),
    "J5": lambda jury, _: _seat(
        jury, "J5", EMPLOYEE, lambda member: member.college == "employees" and member.in_activity
    ),
    "J6": lambda jury, _: _seat(jury, "J6", DIRECTOR, lambda member: _may_direct(member, jury.on)),
    "J7": lambda jury, _: _external(jury, jury.rule.external),
    "J8": lambda jury, _: _colleges(jury),
    "J9": lambda jury, _: people(voters(jury)) >= 2 and any(member.qualified for member in voters(jury)),
    "J10": _nobody_tied,
    "J11": lambda jury, _: people(member for member in jury.members if member.seat == PRESIDENT) == 1,
    "J12": lambda jury, _: (
        {"woman", "man"} <= {member.gender for member in voters(jury)} or bool(jury.gender_reason.strip())
    ),
    "J13": lambda jury, _: all(member.read for member in voters(jury)),
    "J14": lambda jury, _: _present(jury),
    "J15": lambda jury, _: _external(jury, Fraction(1, 2)),
}


class Regularity(NamedTuple):
    """What is asked of a jury for a candidate: the conditions that are false, and each that has an object, with who
    asks it.
    """

    blocking: frozenset[str]
    warnings: frozenset[str]
    asked: frozenset[tuple[str, str]]


def binds(row: t.Predicate, hearing: Hearing) -> bool:
    """Return whether the article of a condition binds the path of a candidate: VAE, of its regime, begun since."""
    begun = hearing.begun_on
    is_vae = hearing.route == VAE and hearing.regime == "france_vae"
    return is_vae and begun is not None and row.law_since is not None and begun >= row.law_since


def regularity(hearing: Hearing) -> Regularity:
    """Ask every condition of the routes that its source binds."""
    jury, route = hearing.jury, hearing.route
    asked = [
        row
        for row in t.PREDICATES
        if route in row.routes
        and (not row.only_by_law or binds(row, hearing))
        and (row.effect != "optional" or jury.rule.half_external)
    ]
    false = [row for row in asked if not HOLDS[row.name](jury, route)]
    return Regularity(
        frozenset(row.name for row in false if row.effect == "blocks"),
        frozenset(row.name for row in false if row.effect != "blocks"),
        frozenset((row.name, who) for row in asked if has_object(row, jury.rule) for who in who_asks(row, hearing)),
    )


SEAT_OF = {"J3": PRESIDENT, "J4": PRESIDENT, "J5": EMPLOYEE, "J6": DIRECTOR}


def has_object(row: t.Predicate, rule: JuryRule) -> bool:
    """Return whether a condition has an object: a rule without that number, share or seat asks nothing."""
    if row.name in SEAT_OF:
        return SEAT_OF[row.name] in rule.seats and row.name not in rule.left_out
    said = {"J1": rule.size, "J2": rule.seats or None, "J7": rule.external, "J8": rule.colleges}
    return said.get(row.name, True) is not None


def who_asks(row: t.Predicate, hearing: Hearing) -> set[str]:
    """Return who asks a condition: the article where it binds, else who wrote the rule, cases, usage or ourselves."""
    jury, rule = hearing.jury, hearing.jury.rule
    told = dict(rule.asked_by)
    quorum = told.get("J14", "certifier") if rule.quorum is not None else "design"
    seated = told.get("J2", "published") if PRESIDENT in rule.seats else "design"
    presidency = seated if rule.casting_vote else told.get("J11", "published")
    elsewhere = {"J10": "design", "J11": presidency, "J12": "case", "J13": "case", "J14": quorum, "J15": "practice"}
    who = {"law"} if binds(row, hearing) else {elsewhere.get(row.name, told.get(row.name, "published"))}
    people_here = {member.person for member in jury.members}
    tied = {jury.candidate, *jury.accompanied_by, *jury.related}
    if row.name == "J10" and people_here & jury.biased and not people_here & tied:
        who.add("case")  # after an annulment for bias, every member must be new
    return who


# ---------------------------------------------------------------------------------- ballots and decisions


def present_voters(jury: Jury) -> tuple[Member, ...]:
    """Return the members who can vote: those who deliberate, present, and not recused."""
    return tuple(member for member in voters(jury) if member.present and member.free is not False)


def presiding(jury: Jury) -> frozenset[int]:
    """Return who presides and can vote: the one person in that seat; of two, neither is the presidency (J11)."""
    named = {member.person for member in jury.members if member.seat == PRESIDENT}
    able = {member.person for member in present_voters(jury)}
    return frozenset(named & able if len(named) == 1 else ())


def ballot_outcome(ballot: Ballot, jury: Jury) -> str:
    """Return the outcome of a ballot: the majority, else the casting vote if it was cast, else not validated."""
    able = {member.person for member in present_voters(jury)}
    counted = Counter(choice for person, choice in ballot.votes if person in able)
    presides = presiding(jury)
    answers = {
        "plus de pour": counted[FOR] > counted[AGAINST],
        "plus de contre": counted[AGAINST] > counted[FOR],
        "voix prépondérante": jury.rule.casting_vote,
        "présidence pour": any(person in presides and vote == FOR for person, vote in ballot.votes),
    }
    return t.BALLOT.decide(answers).then


def settled_by(ballot: Ballot, jury: Jury) -> str | None:
    """Return what settled a tie: the presidency, its abstention, or a rule without casting vote; else None."""
    in_favour, against, _ = counts_of(ballot, jury)
    if in_favour != against:
        return None
    if not jury.rule.casting_vote:
        return "no_casting_vote"
    presides = presiding(jury)
    cast = any(person in presides and vote in (FOR, AGAINST) for person, vote in ballot.votes)
    return "president" if cast else "abstention"


def everyone_voted(ballot: Ballot, jury: Jury) -> bool:
    """Return whether each member who can vote has voted, which ends a ballot."""
    able = {member.person for member in present_voters(jury)}
    return bool(able) and able <= {person for person, _ in ballot.votes}


def is_void(deliberation: Deliberation, jury: Jury) -> bool:
    """Return whether the decision drafted on a block says the other outcome than its last ballot."""
    ballot, draft = last(deliberation, Ballot), last(deliberation, Draft)
    outcome = decided(deliberation, jury)
    return ballot is not None and draft is not None and outcome not in (UNDECIDED, draft.outcome)


def last(deliberation: Deliberation, kind: type[Draft] | type[Ballot]) -> Any:
    """Return the last decision drafted on a block, or its last ballot."""
    return next((act for act in reversed(deliberation.acts) if isinstance(act, kind)), None)


def decided(deliberation: Deliberation, jury: Jury) -> str:
    """Return what is decided of a block when the minutes are closed."""
    ballot, draft = last(deliberation, Ballot), last(deliberation, Draft)
    closed = ballot is not None and ballot.closed
    answers = {
        "scrutin en cours": ballot is not None and not ballot.closed,
        "scrutin clos": closed,
        "mêmes votants": closed and ballot.same_voters,
        "scrutin favorable": closed and ballot_outcome(ballot, jury) == VALIDATED,
        "rédigée": draft is not None,
        "rédigée pour": draft is not None and draft.outcome == VALIDATED,
    }
    return t.DECIDED.decide(answers).then


WEIGHT = {"acquired": Fraction(1), "partially": Fraction(1, 2), "not_acquired": Fraction(0)}


def expected(values: Collection[str | None], rule: str, threshold: int | None) -> str | None:
    """Return what the findings make of a block (R4); None while those that are missing could turn it."""
    if not values:
        return NOT_VALIDATED
    share = Fraction(100 if threshold is None else threshold, 100)
    outcomes = set()
    for missing in ("acquired", "not_acquired"):
        told = [value or missing for value in values]
        acquired, weight = told.count("acquired"), sum((WEIGHT[value] for value in told), Fraction(0))
        reached = {
            "every": acquired == len(told),
            "threshold": acquired >= share * len(told),
            "mean": weight >= share * len(told),
        }
        outcomes.add(VALIDATED if reached[rule] else NOT_VALIDATED)
    return outcomes.pop() if len(outcomes) == 1 else None


def consistency(told: Deliberation, version: Version) -> tuple[str | None, list[int], list[int], list[int]]:
    """Return what the findings make of a block, and which are acquired, short of it, or missing (R4)."""
    values = [finding.value for finding in told.findings]
    ranks = range(len(values))
    return (
        expected(values, version.rule, version.threshold),
        [rank for rank in ranks if values[rank] == "acquired"],
        [rank for rank in ranks if values[rank] not in ("acquired", None)],
        [rank for rank in ranks if values[rank] is None],
    )


def abstentions(told: Deliberation, jury: Jury) -> int | None:
    """Return how many abstained, told or counted among those who could vote; None without a count of votes."""
    ballot, draft = last(told, Ballot), last(told, Draft)
    counts = counts_of(ballot, jury) if ballot is not None else draft.counted if draft else (None, None, None)
    if counts[0] is None or counts[1] is None:
        return None
    here = people(member for member in voters(jury) if member.present) or people(voters(jury))
    return max(here - counts[0] - counts[1], 0) if counts[2] is None else counts[2]


def _finding_faults(finding: Finding) -> Iterator[str]:
    if finding.value is None:
        yield "finding_missing"
    elif finding.value != "acquired":
        if not finding.reason.strip():
            yield "finding_reason_missing"
    elif not finding.claimed:
        if finding.ground is None:
            yield "ground_missing"
        elif finding.ground == "other" and not finding.ground_text.strip():
            yield "ground_text_missing"


def _vote_faults(outcome: str, counts: Counts, jury: Jury) -> Iterator[str]:
    """Yield what a count of votes lacks, whether a ballot gave it or the presidency typed it."""
    in_favour, against, abstained = counts
    if counts == (None, None, None):
        return
    if in_favour is None or against is None:
        yield "votes_incomplete"
        return
    if in_favour + against + (abstained or 0) == 0:
        yield "votes_incomplete"
    elif (outcome == VALIDATED and (in_favour < against or in_favour == 0)) or (
        outcome == NOT_VALIDATED and in_favour > against
    ):
        yield "votes_contradict"
    total = in_favour + against + (abstained or 0)
    here = people(member for member in voters(jury) if member.present) or people(voters(jury))
    if total > here:
        yield "votes_too_many"
    elif abstained is not None and total < here:
        yield "votes_too_few"
    if in_favour == against and not jury.rule.casting_vote and outcome == VALIDATED:
        yield "votes_tied"


def counts_of(ballot: Ballot, jury: Jury) -> Counts:
    """Return the votes for, against and of nobody among the members who can vote."""
    able = {member.person for member in present_voters(jury)}
    counted = Counter(choice for person, choice in ballot.votes if person in able)
    return counted[FOR], counted[AGAINST], len(able) - counted[FOR] - counted[AGAINST]


def _decision_faults(told: Deliberation, hearing: Hearing, version: Version) -> Iterator[str]:
    outcome = decided(told, hearing.jury)
    ballot, draft = last(told, Ballot), last(told, Draft)
    if ballot is not None and not ballot.closed:
        yield "ballot_open"
    elif ballot is not None and not ballot.same_voters:
        yield "ballot_void"
    elif outcome == UNDECIDED:
        yield "decision_missing"
    if outcome == UNDECIDED:
        return
    if draft is None or draft.outcome != outcome:
        draft = Draft(outcome)  # what was written for the other outcome is void
    if outcome == NOT_VALIDATED:
        if not draft.reason.strip():
            yield "refusal_reason_missing"
        if not draft.recommendation.strip():
            yield "recommendation_missing"
    made = expected([finding.value for finding in told.findings], version.rule, version.threshold)
    if made is not None and made != outcome and not draft.override.strip():
        yield "override_reason_missing"
    counts = counts_of(ballot, hearing.jury) if ballot is not None else draft.counted
    yield from _vote_faults(outcome, counts, hearing.jury)


# The requirement of a closing that fails, and the block that it is about.
Fault = tuple[str, int | None]


def closing_faults(
    hearing: Hearing, version: Version, held: Collection[int], today: date, regular: Regularity
) -> frozenset[Fault]:
    """Return what prevents the minutes from being closed, and on which block; of who did not come, only the day and
    the resumption are asked.
    """
    fails = {"before_session_day": today < hearing.jury.on, "suspended": hearing.suspended}
    heard = hearing.attendance == "heard"
    fails["irregular"] = heard and bool(regular.blocking)
    faults: set[Fault] = {(name, None) for name, is_false in fails.items() if is_false}
    for told in hearing.deliberations if heard else ():
        if told.block in hearing.scope and told.block not in held:
            named = [name for finding in told.findings for name in _finding_faults(finding)]
            faults |= {(name, told.block) for name in (*named, *_decision_faults(told, hearing, version))}
    return frozenset(faults)


# ---------------------------------------------------------------------------------------- status of an act


class Status(NamedTuple):
    """Where something granted stands, and which later acts were refused, each with its first fault."""

    status: str
    refused: tuple[str | None, ...]


def later_fault(act: LaterAct, status: str, granted_on: date, today: date) -> str | None:
    """Return the first requirement of a later act that does not hold."""
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


# --------------------------------------------------------------------------------------------- what is held


class Act(NamedTuple):
    """An act that grants a block: its first day, its last day of validity, where it comes from."""

    on: date
    until: date
    source: str
    reference: str
    # The blocks whose acts led to this one, through equivalences; of those acts the last, by block and reference:
    # the one that made the others count, or several of one day.
    through: frozenset[int] = frozenset()
    origins: frozenset[tuple[int, str]] = frozenset()


@dataclass(slots=True)
class HearingAnswer:
    """What is answered of one hearing: its jury, its closing, its decisions, its status."""

    regularity: Regularity
    faults: frozenset[Fault]
    decisions: dict[int, str]
    void: frozenset[int]
    status: Status
    closed: bool


def refusals(hearing: Hearing, answer: HearingAnswer, block: int) -> frozenset[str]:
    """Return the requirements of R3 that do not hold for a block at a hearing."""
    outcome = answer.decisions.get(block, UNDECIDED)
    begun = hearing.begun_on
    fails = {
        "withdrawn": block in hearing.withdrawn,
        "annulled": answer.status.status == t.ANNULLED or block in hearing.appealed,
        "absent": hearing.attendance == "absent",
        "excused": hearing.attendance == "excused",
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
        for told in hearing.deliberations:
            fails = refusals(hearing, answers[hearing.reference], told.block)
            if not fails or (not suspensions and fails == {"suspended"}):
                on = hearing.jury.on
                acts[told.block].add(Act(on, _until(blocks[told.block], on), "jury", hearing.reference))
    for found in history.acquisitions:
        if found.verified and not found.annulled and not found.withdrawn:
            until = _until(blocks[found.block], found.on, found.until or FOREVER)
            source = "prior" if found.imported else "acquisition"
            acts[found.block].add(Act(found.on, until, source, found.reference))
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
    last = max(act.on for act in held)
    each = zip(sorted(rule.asked), held, strict=True)
    own = [act.origins or {(block, act.reference)} for block, act in each if act.on == last]
    if rule.counts_for in through:
        return None  # a chain that comes back on its steps gives nothing
    answers = {
        "identique": rule.kind == "identical",
        "tous les blocs demandés sont acquis et valides": on <= end,
        "avant son remplacement": rule.replaced_on is None or on <= rule.replaced_on,
    }
    if t.EQUIVALENCE.decide(answers).then != "acquis":
        return None
    return Act(on, _until(target, on, end), "equivalence", rule.reference, through, frozenset().union(*own))


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
    """Whether the certification is obtained, on which day, by which block, and whether for a time (R7); else the
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


def standing(version: Version, route: str, begun_on: date | None, delivered_on: date) -> str:
    """Return how a document may speak of the register (R9)."""
    began = begun_on is not None and is_registered(version, begun_on)
    answers = {
        "délivré pendant un enregistrement": is_registered(version, delivered_on),
        "VAE": route == VAE,
        "recevable pendant un enregistrement": began,
        "formation": route in TRAINING,
        "formation commencée pendant un enregistrement": began,
    }
    return t.STANDING.decide(answers).then


Period = tuple[date | None, date | None]


def registration_on(periods: Iterable[Period], day: date) -> Period | None:
    """Return the registration to which a day belongs, both ends included; of several, the last one to begin."""
    covering = [(since, until) for since, until in periods if since and until and since <= day <= until]
    return max(covering, default=None)


def why_standing(
    periods: Sequence[Period], delivered_on: date, admissible_on: date | None, training_on: date | None
) -> tuple[str, date | None, Period | None]:
    """Return why a document may speak of the register or not: the ground, its day, the registration (R9)."""
    if not periods:
        return "no_registration_known", None, None
    days = (
        ("delivered_while_registered", delivered_on),
        ("admissible_while_registered", admissible_on),
        ("training_begun_while_registered", training_on),
    )
    for ground, day in days:
        if day is not None and (covering := registration_on(periods, day)):
            return ground, day, covering
    return "nothing_while_registered", delivered_on, None


def why_opening(periods: Sequence[Period], day: date) -> tuple[str, Period | None, date | None]:
    """Return why a candidacy may be opened on a day or not, by which registration, and when the entry had expired;
    its successor is then proposed (R9).
    """
    if (covering := registration_on(periods, day)) is not None:
        return "registered", covering, None
    if not any(since and until for since, until in periods):
        return "no_registration_known", None, None
    ended = max((until for _, until in periods if until and until < day), default=None)
    last = next((period for period in periods if period[1] == ended), None)
    return ("expired", last, ended) if ended else ("not_yet_registered", None, None)


def act_covers(published: date | None, period: Period) -> bool:
    """Return whether an act can be that of a registration: of a known day, not after its end, at most a year of
    366 days before it begins.
    """
    since, until = period
    too_late = published is not None and until is not None and published > until
    too_early = published is not None and since is not None and published < since - timedelta(366)
    return published is not None and not too_late and not too_early


def opening(version: Version, day: date) -> str:
    """Return whether a candidacy is stopped because the entry had expired (R9)."""
    answers = {
        "pendant un enregistrement": is_registered(version, day),
        "après la fin d’un enregistrement": any(until < day for _, until in version.registrations),
    }
    return t.OPENING.decide(answers).then


@dataclass(slots=True)
class Answer:
    """Everything that the second reading says of a history."""

    hearings: dict[str, HearingAnswer]
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


def read(history: History) -> Answer:
    """Read a whole history."""
    versions = {version.number: version for version in history.versions}
    hearings: dict[str, HearingAnswer] = {}
    for hearing in history.hearings:
        regular = regularity(hearing)
        today = hearing.closed_on or history.today
        faults = closing_faults(hearing, versions[hearing.version], (), today, regular)
        decisions = {
            told.block: decided(told, hearing.jury) for told in hearing.deliberations if hearing.attendance == "heard"
        }
        status = status_of(hearing.later, hearing.jury.on, history.today)
        closed = hearing.closed_on is not None and not faults
        void = frozenset(told.block for told in hearing.deliberations if is_void(told, hearing.jury))
        hearings[hearing.reference] = HearingAnswer(regular, faults, decisions, void, status, closed)
    acts = with_equivalences(history, direct_acts(history, hearings))
    free = with_equivalences(history, direct_acts(history, hearings, suspensions=False))
    blocks = [block for version in history.versions for block in version.blocks]
    refused = {
        (hearing.reference, block.id): refusals(hearing, hearings[hearing.reference], block.id)
        for hearing in history.hearings
        for block in versions[hearing.version].blocks
    }
    grounds = {
        block.id: not_held(history, block.id, acts.get(block.id, set()), free.get(block.id, set()), refused)
        for block in blocks
        if not is_valid(acts.get(block.id, ()), history.today)
    }
    held = {block.id for block in blocks} - grounds.keys()
    said = {
        block: refused[latest.reference, block]
        for block, ground in grounds.items()
        if ground == "jury" and (latest := last_jury(history, block, acts.get(block, ()))) is not None
    }
    latest = max(history.hearings, key=lambda one: (one.jury.on, one.reference), default=None)
    return Answer(
        hearings,
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
        label(history, held, latest.attendance if latest else "heard"),
        {
            hearing.reference: standing(versions[hearing.version], hearing.route, hearing.begun_on, hearing.jury.on)
            for hearing in history.hearings
        },
    )


def last_jury(history: History, block: int, acts: Collection[Act]) -> Hearing | None:
    """Return the last hearing at which a block was presented, since its validity ended if it had one."""
    ended = max((act.until for act in acts), default=None)
    since = [h for h in history.hearings if block in h.scope and (ended is None or h.jury.on > ended)]
    return max(since, key=lambda hearing: (hearing.jury.on, hearing.reference), default=None)


def not_held(
    history: History,
    block: int,
    acts: Collection[Act],
    free: Collection[Act],
    refused: Mapping[tuple[str, int], frozenset[str]],
) -> str:
    """Return the ground to tell for a block that is not held today; `free`: its acts, were nothing suspended."""
    found = [acquired for acquired in history.acquisitions if acquired.block == block and not acquired.imported]
    ended = max((act.until for act in acts), default=None)
    latest = last_jury(history, block, acts)
    fails = refused[latest.reference, block] if latest else frozenset()
    answers = {
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
            rule.kind == "partial" and rule.counts_for == block and rule.replaced_on is None
            for rule in history.equivalences
        ),
        "demandé": block in history.requested,
    }
    return t.NOT_HELD.decide(answers).then
