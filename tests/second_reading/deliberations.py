"""Ballots, decisions, and the obstacles to a closing (J11, R3 to R5)."""

from collections import Counter
from collections.abc import Collection
from fractions import Fraction
from typing import Any

from tests.second_reading import tables as t
from tests.second_reading.facts import (
    AGAINST,
    FOR,
    NOT_VALIDATED,
    PRESIDENT,
    UNDECIDED,
    VALIDATED,
    Ballot,
    Deliberation,
    Draft,
    Jury,
    Member,
    Version,
)
from tests.second_reading.juries import people, voters

Counts = tuple[int | None, int | None, int | None]


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


def counts_of(ballot: Ballot, jury: Jury) -> Counts:
    """Return the votes for, against and of nobody among the members who can vote."""
    able = {member.person for member in present_voters(jury)}
    counted = Counter(choice for person, choice in ballot.votes if person in able)
    return counted[FOR], counted[AGAINST], len(able) - counted[FOR] - counted[AGAINST]
