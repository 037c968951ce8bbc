"""Which dossier needs its advisor first, and why: grounds that are shown, never a score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

QUIET_AFTER = timedelta(days=21)
NEAR = timedelta(days=30)
CALM = timedelta(minutes=10)


class Stage(StrEnum):
    """Where a dossier stands, as its advisor sees it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DELIBERATED = "deliberated"
    DECIDED_IN_PART = "decided_in_part"
    COMPLETE = "complete"


class Cause(StrEnum):
    """Why a dossier needs its advisor, the most pressing first: the order of this list is the order of the board."""

    LAPSE = "lapse"
    UNANSWERED = "unanswered"
    OUTDATED = "outdated"
    UNMARKED = "unmarked"
    NOT_BEGUN = "not_begun"
    QUIET = "quiet"
    NEXT_SUBMISSION = "next_submission"
    NOTHING = "nothing"
    SUBMITTED = "submitted"
    DELIBERATED = "deliberated"
    COMPLETE = "complete"


URGENCY = {cause: place for place, cause in enumerate(Cause)}


@dataclass(frozen=True)
class CompetencyFacts:
    """What counts, for the advisor, about one competency still to prove, and its place in the certification (« 2.3 »)."""

    id: UUID | None = None
    label: str = ""
    claimed_since: datetime | None = None
    marked_at: datetime | None = None
    outdated: bool = False
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class DossierFacts:
    """What counts, for the advisor, about one dossier. `lapse_on`: last day of the admissibility, while no step is recorded."""

    stage: Stage
    opened_at: datetime
    competencies: Sequence[CompetencyFacts] = ()
    last_activity: datetime | None = None
    lapse_on: date | None = None
    missing_blocks: int = 0


@dataclass(frozen=True)
class Ground:
    """One reason to open a dossier: how many times it holds, since when or for which day, and where it has held longest."""

    cause: Cause
    since: datetime
    count: int = 1
    day: date | None = None
    competency: UUID | None = None
    label: str = ""


@dataclass(frozen=True)
class Need:
    """Why a dossier stands where it stands on the board: its grounds, the most pressing first, never a score."""

    grounds: tuple[Ground, ...]

    @property
    def first(self) -> Ground:
        """The ground that gives the dossier its place."""
        return self.grounds[0]

    @property
    def rests(self) -> bool:
        """Whether nothing is expected from the advisor."""
        return URGENCY[self.first.cause] >= URGENCY[Cause.NOTHING]

    def place(self) -> tuple[int, datetime]:
        """What dossiers are sorted by: the most pressing ground, then the longest wait."""
        return URGENCY[self.first.cause], self.first.since


def need_of(facts: DossierFacts, at: datetime) -> Need:
    """Say why a dossier needs its advisor at this moment, the most pressing ground first.

    Someone who waits for an answer comes before work on marks, work before a silence, and what is
    with the jury or complete comes last unless its candidate waits for an answer. Same facts, same answer.
    """
    grounds = sorted(_grounds(facts, at), key=lambda ground: URGENCY[ground.cause])
    return Need(tuple(grounds) or (_rest(facts),))


def _grounds(facts: DossierFacts, at: datetime) -> Iterator[Ground]:
    yield from _counted(Cause.UNANSWERED, [(item.waiting_since, item) for item in facts.competencies])
    if facts.stage is Stage.DRAFT:
        outdated = [(item.marked_at, item) for item in facts.competencies if item.outdated]
        unmarked = [(item.claimed_since, item) for item in facts.competencies if item.marked_at is None]
        # While the candidate is at it, an opinion is not to be given again: the text is between two states (design).
        if facts.last_activity is None or at - facts.last_activity >= CALM:
            yield from _counted(Cause.OUTDATED, outdated)
        yield from _counted(Cause.UNMARKED, unmarked)
        yield from _silence(facts, at)
    if facts.stage is Stage.DECIDED_IN_PART:
        yield Ground(Cause.NEXT_SUBMISSION, facts.last_activity or facts.opened_at, facts.missing_blocks)


def _counted(cause: Cause, moments: Sequence[tuple[datetime | None, CompetencyFacts]]) -> Iterator[Ground]:
    known = [(since, item.label, item.id) for since, item in moments if since is not None]
    if known:
        since, label, competency = min(known, key=lambda one: one[:2])
        yield Ground(cause, since, len(known), competency=competency, label=label)


def _silence(facts: DossierFacts, at: datetime) -> Iterator[Ground]:
    """A draft that nobody touches: not begun, quiet, or about to lapse (R6412-4). The certifier rules on a lapse."""
    if facts.last_activity is None:
        yield Ground(Cause.NOT_BEGUN, facts.opened_at)
        if facts.lapse_on is not None and facts.lapse_on <= (at + NEAR).date():
            yield Ground(Cause.LAPSE, facts.opened_at, day=facts.lapse_on)
    elif at - facts.last_activity >= QUIET_AFTER:
        yield Ground(Cause.QUIET, facts.last_activity)


def _rest(facts: DossierFacts) -> Ground:
    calm = {
        Stage.SUBMITTED: Cause.SUBMITTED,
        Stage.DELIBERATED: Cause.DELIBERATED,
        Stage.COMPLETE: Cause.COMPLETE,
    }
    return Ground(calm.get(facts.stage, Cause.NOTHING), facts.last_activity or facts.opened_at)
