"""Priority of dossiers for their advisor: reasons that are shown, never a score.

Filter and sort the dossiers of an advisor.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.rehearsal import SILENCE

QUIET_AFTER = SILENCE
DEADLINE_IS_NEAR = timedelta(days=30)
MIN_SILENCE = timedelta(minutes=10)


class AttentionReason(StrEnum):
    """Reasons why a dossier needs its advisor, the most pressing first: the order of this list is the order of the
    board.
    """

    LAPSE = "lapse"
    UNANSWERED = "unanswered"
    OUTDATED = "outdated"
    UNMARKED = "unmarked"
    NOT_BEGUN = "not_begun"
    QUIET = "quiet"
    NEXT_SUBMISSION = "next_submission"
    NOTHING = "nothing"
    SUBMITTED = "submitted"
    JURY_FIXED = "jury_fixed"
    SUSPENDED = "suspended"
    NOT_HEARD = "not_heard"
    DELIBERATED = "deliberated"
    COMPLETE = "complete"


URGENCY = {cause: place for place, cause in enumerate(AttentionReason)}


@dataclass(frozen=True)
class CompetencyFacts:
    """Facts that count, for the advisor, about one competency still to prove, and its place in the certification («
    2.3 »).
    """

    id: UUID | None = None
    label: str = ""
    claimed_since: datetime | None = None
    marked_at: datetime | None = None
    outdated: bool = False
    waiting_since: datetime | None = None


@dataclass(frozen=True)
class DossierFacts:
    """Facts that count, for the advisor, about one dossier.

    `lapse_on`: last day of the admissibility, while no step is recorded.
    """

    stage: PathStep
    opened_at: datetime
    competencies: Sequence[CompetencyFacts] = ()
    last_activity: datetime | None = None
    lapse_on: date | None = None
    missing_blocks: int = 0
    heard_on: date | None = None


@dataclass(frozen=True)
class AttentionGround:
    """One reason to open a dossier: how many times it holds, since when or for which day, and where it has
    held longest.
    """

    cause: AttentionReason
    since: datetime
    count: int = 1
    day: date | None = None
    competency: UUID | None = None
    label: str = ""


@dataclass(frozen=True)
class Priority:
    """Place of a dossier on the board: its grounds, the most pressing first, never a score."""

    grounds: tuple[AttentionGround, ...]

    @property
    def first(self) -> AttentionGround:
        """Return the ground that gives the dossier its place."""
        return self.grounds[0]

    @property
    def needs_nothing(self) -> bool:
        """Tell whether nothing is expected from the advisor."""
        return URGENCY[self.first.cause] >= URGENCY[AttentionReason.NOTHING]

    def place(self) -> tuple[int, datetime]:
        """Return what dossiers are sorted by: the most pressing ground, then the longest wait."""
        return URGENCY[self.first.cause], self.first.since


def priority_of(facts: DossierFacts, at: datetime) -> Priority:
    """Say why a dossier needs its advisor at this moment, the most pressing ground first.

    Someone who waits for an answer comes before work on marks, work before a silence, and what is
    with the jury or complete comes last unless its candidate waits for an answer. Same facts, same answer.
    """
    grounds = sorted(_grounds(facts, at), key=lambda ground: URGENCY[ground.cause])
    return Priority(tuple(grounds) or (_rest(facts),))


def _grounds(facts: DossierFacts, at: datetime) -> Iterator[AttentionGround]:
    yield from _counted(AttentionReason.UNANSWERED, [(item.waiting_since, item) for item in facts.competencies])
    if facts.stage is PathStep.WRITE:
        outdated = [(item.marked_at, item) for item in facts.competencies if item.outdated]
        unmarked = [(item.claimed_since, item) for item in facts.competencies if item.marked_at is None]
        # While the candidate is at it, an opinion is not to be given again: the text is between two states
        # (design).
        if facts.last_activity is None or at - facts.last_activity >= MIN_SILENCE:
            yield from _counted(AttentionReason.OUTDATED, outdated)
        yield from _counted(AttentionReason.UNMARKED, unmarked)
        yield from _silence(facts, at)
    if facts.stage is PathStep.DECIDED:
        yield AttentionGround(
            AttentionReason.NEXT_SUBMISSION, facts.last_activity or facts.opened_at, facts.missing_blocks
        )


def _counted(
    cause: AttentionReason, moments: Sequence[tuple[datetime | None, CompetencyFacts]]
) -> Iterator[AttentionGround]:
    known = [(since, item.label, item.id) for since, item in moments if since is not None]
    if known:
        since, label, competency = min(known, key=lambda row: row[:2])
        yield AttentionGround(cause, since, len(known), competency=competency, label=label)


def _silence(facts: DossierFacts, at: datetime) -> Iterator[AttentionGround]:
    """A draft that nobody touches: not begun, quiet, or about to lapse (R6412-4).

    The certifier rules on a lapse.
    """
    if facts.last_activity is None:
        yield AttentionGround(AttentionReason.NOT_BEGUN, facts.opened_at)
        if facts.lapse_on is not None and facts.lapse_on <= day_of(at + DEADLINE_IS_NEAR):
            yield AttentionGround(AttentionReason.LAPSE, facts.opened_at, day=facts.lapse_on)
    elif at - facts.last_activity >= QUIET_AFTER:
        yield AttentionGround(AttentionReason.QUIET, facts.last_activity)


def _rest(facts: DossierFacts) -> AttentionGround:
    cause = _CALM.get(facts.stage, AttentionReason.SUBMITTED)
    return AttentionGround(cause, facts.last_activity or facts.opened_at, day=facts.heard_on)


# What is said of a dossier that needs nothing; every other step is before a jury.
_CALM = {
    PathStep.WRITE: AttentionReason.NOTHING,
    PathStep.NOTIFY: AttentionReason.DELIBERATED,
    PathStep.OBTAINED: AttentionReason.COMPLETE,
    PathStep.ABSENT: AttentionReason.NOT_HEARD,
    PathStep.NOT_HEARD: AttentionReason.NOT_HEARD,
    PathStep.HEAR: AttentionReason.JURY_FIXED,
    PathStep.SUSPENDED: AttentionReason.SUSPENDED,
}


class WaitingFor(StrEnum):
    """Situations that an advisor can look for among their dossiers."""

    ANSWER = "answer"
    MARK = "mark"
    NUDGE = "nudge"
    NEXT = "next"
    JURY = "jury"
    REST = "rest"


class Order(StrEnum):
    """In which order dossiers are shown."""

    NEED = "need"
    DEADLINE = "deadline"
    ACTIVITY = "activity"
    NAME = "name"


GROUPS: Mapping[WaitingFor, frozenset[AttentionReason]] = {
    WaitingFor.ANSWER: frozenset({AttentionReason.UNANSWERED}),
    WaitingFor.MARK: frozenset({AttentionReason.OUTDATED, AttentionReason.UNMARKED}),
    WaitingFor.NUDGE: frozenset({AttentionReason.LAPSE, AttentionReason.NOT_BEGUN, AttentionReason.QUIET}),
    WaitingFor.NEXT: frozenset({AttentionReason.NEXT_SUBMISSION}),
    WaitingFor.JURY: frozenset(
        {
            *(AttentionReason.SUBMITTED, AttentionReason.JURY_FIXED, AttentionReason.SUSPENDED),
            *(AttentionReason.NOT_HEARD, AttentionReason.DELIBERATED),
        }
    ),
    WaitingFor.REST: frozenset({AttentionReason.NOTHING, AttentionReason.COMPLETE}),
}


def waiting_for(need: Priority) -> frozenset[WaitingFor]:
    """Say under which headings a dossier is found: every cause has one, and a dossier may have several."""
    causes = {ground.cause for ground in need.grounds}
    return frozenset(heading for heading, group in GROUPS.items() if causes & group)
