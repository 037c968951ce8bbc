"""Days on which each kind of data of a candidacy goes, and the reason (domain.md §8): pure answers with their grounds.

The periods are defaults of ours [design], which each body may change within the field's bounds. Nothing goes before the
end of appeals, and nothing at all while somebody or a procedure holds the dossier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portfolio.domain.candidacy.rules.deadlines import months_after
from portfolio.domain.candidacy.rules.stage import Extent

# What each period may be set to, in months or days.
MONTHS = range(1, 121)
# A body answers a request within so many months of it (article 12 of the GDPR).
ANSWER_MONTHS = 1
NOTICE_DAYS = range(7, 91)
# An erasure that a body accepts begins so many days later: the letter is sent first, and the person can still
# get their data.
GRACE = timedelta(days=7)
# An invitation to present observations that no proposal and no decision follows holds its dossier so long
# after the last day to answer, or after the answer (design): the body did not go on. A legal hold keeps the
# dossier longer, with its reason.
OBSERVATION_MONTHS = 12


class DataKind(StrEnum):
    """A kind of data that has a clock of its own."""

    DRAFTS = "drafts"
    SEALED = "sealed"
    DECISIONS = "decisions"
    ACCESS = "access"


class Ground(StrEnum):
    """Reasons why a clock runs, or does not."""

    AFTER_DECISION = "after_decision"
    AFTER_CLOSURE = "after_closure"
    INACTIVE = "inactive"
    AWAITS_DECISION = "awaits_decision"
    AWAITS_NOTIFICATION = "awaits_notification"
    PERMANENT = "permanent"
    ROLLING = "rolling"
    ERASED = "erased"


class Hold(StrEnum):
    """Holds that stop the clocks and the erasures of a dossier."""

    LEGAL_HOLD = "legal_hold"
    APPEAL = "appeal"
    OBSERVATIONS = "observations"
    PROPOSAL = "proposal"
    SUSPENDED = "suspended"


class LegalGround(StrEnum):
    """Grounds on which a body keeps what a person asks to erase (article 17, 3 of the GDPR)."""

    LEGAL_CLAIMS = "legal_claims"
    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC_INTEREST = "public_interest"


class RetentionRefusal(StrEnum):
    """Reasons why a hold, a request or an answer is not recorded."""

    ALREADY_ASKED = "erasure_already_asked"
    ALREADY_ANSWERED = "erasure_already_answered"
    ALREADY_ERASED = "dossier_already_erased"
    AWAITS_DECISION = "dossier_awaits_decision"
    HELD = "dossier_held"
    HOLD_ENDED = "hold_already_ended"


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods for which a body keeps each kind of data."""

    appeal_months: int = 2
    drafts_months: int = 12
    sealed_months: int = 60
    inactive_months: int = 12
    notice_days: int = 30


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """Days from which the clocks of a candidacy are counted."""

    last_activity: date
    has_submission: bool = False
    # A sealed dossier waits for a jury, or for the closing of its minutes.
    awaits_decision: bool = False
    decided_on: date | None = None
    notified_on: date | None = None
    # The day of the last answer to an appeal.
    appeal_answered_on: date | None = None
    closed_on: date | None = None
    holds: tuple[Hold, ...] = ()
    erased: frozenset[Extent] = frozenset()


@dataclass(frozen=True, slots=True)
class Clock:
    """Clock of a kind of data: the day when it goes, counted from which day, and why; no `due_on`: it does not go
    by itself.
    """

    kind: DataKind
    ground: Ground
    since: date | None = None
    due_on: date | None = None
    holds: tuple[Hold, ...] = ()

    def is_due(self, day: date) -> bool:
        """Return whether the data goes on this day: the period is over and nothing holds it."""
        return self.due_on is not None and self.due_on <= day and not self.holds

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing but permanent records is left once this kind has gone."""
        return self.kind is DataKind.SEALED


def clocks_of(facts: DossierFacts, periods: Periods) -> tuple[Clock, ...]:
    """Return the clock of each kind of data of a candidacy."""
    drafts, sealed = _drafts(facts, periods), _sealed(facts, periods)
    if sealed is not None and sealed.due_on and drafts.due_on and sealed.due_on < drafts.due_on:
        # A whole never goes before its parts.
        sealed = Clock(sealed.kind, drafts.ground, drafts.since, drafts.due_on, sealed.holds)
    decisions = (Clock(DataKind.DECISIONS, Ground.PERMANENT),) if facts.decided_on else ()
    return (drafts, *((sealed,) if sealed else ()), *decisions, Clock(DataKind.ACCESS, Ground.ROLLING))


def _drafts(facts: DossierFacts, periods: Periods) -> Clock:
    if facts.erased:
        return Clock(DataKind.DRAFTS, Ground.ERASED)
    return _counted(DataKind.DRAFTS, facts, periods, periods.drafts_months)


def _sealed(facts: DossierFacts, periods: Periods) -> Clock | None:
    if not facts.has_submission:
        return None
    if Extent.WHOLE in facts.erased:
        return Clock(DataKind.SEALED, Ground.ERASED)
    return _counted(DataKind.SEALED, facts, periods, periods.sealed_months)


def _counted(kind: DataKind, facts: DossierFacts, periods: Periods, months: int) -> Clock:
    if facts.closed_on is None and facts.awaits_decision:
        return Clock(kind, Ground.AWAITS_DECISION, holds=facts.holds)
    if facts.decided_on is not None:
        if facts.notified_on is None:
            return Clock(kind, Ground.AWAITS_NOTIFICATION, holds=facts.holds)
        since = end_of_appeals(facts, periods)
        if kind is DataKind.DRAFTS:
            since = max(since, facts.last_activity)
        return Clock(kind, Ground.AFTER_DECISION, since, months_after(since, months), facts.holds)
    if facts.closed_on is not None:
        since = max(facts.closed_on, facts.last_activity)
        return Clock(kind, Ground.AFTER_CLOSURE, since, months_after(since, months), facts.holds)
    since = facts.last_activity
    return Clock(kind, Ground.INACTIVE, since, months_after(since, periods.inactive_months), facts.holds)


def end_of_appeals(facts: DossierFacts, periods: Periods) -> date:
    """Return the day when no appeal against the last notified decision can come or is under way any more."""
    told = facts.notified_on or facts.last_activity
    return max(months_after(told, periods.appeal_months), facts.appeal_answered_on or date.min)


def answer_due_on(asked_on: date) -> date:
    """Return the day by which a body answers a request for erasure (article 12 of the GDPR)."""
    return months_after(asked_on, ANSWER_MONTHS)


def first_day_that_holds(day: date) -> date:
    """Return the earliest end of an invitation, by an answer or by its last day, that still holds a dossier
    on this day.
    """
    return months_after(day, -OBSERVATION_MONTHS)


def extent_of(clock: Clock, facts: DossierFacts) -> Extent:
    """Return what goes with a clock: all of a dossier that was never sealed, its drafts only when it was."""
    return Extent.WHOLE if clock.kind is DataKind.SEALED or not facts.has_submission else Extent.DRAFTS


def due_extent(clocks: Sequence[Clock], facts: DossierFacts, day: date) -> Extent | None:
    """Return what is to be erased of a dossier on this day, the most of it; None when nothing is due."""
    due = {extent_of(clock, facts) for clock in clocks if clock.is_due(day)}
    if Extent.WHOLE in due:
        return Extent.WHOLE
    return Extent.DRAFTS if due else None


def reasons_to_keep(facts: DossierFacts, periods: Periods, day: date) -> tuple[LegalGround, ...]:
    """Return the grounds of law by which a request for erasure may be refused on this day.

    A procedure or a hold keeps everything; a decision that may still be appealed keeps what it rests on.
    Minutes, decisions and certificates stay by legal obligation, whatever is answered.
    """
    found = []
    may_be_appealed = facts.decided_on and (facts.notified_on is None or end_of_appeals(facts, periods) > day)
    if facts.holds or facts.awaits_decision or may_be_appealed:
        found.append(LegalGround.LEGAL_CLAIMS)
    if facts.decided_on:
        found.append(LegalGround.LEGAL_OBLIGATION)
    return tuple(found)
