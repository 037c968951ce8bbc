"""Before and after a decision of the certifier: the observations of the person, a second member's
confirmation, appeals.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.holdings.rules.status_changes import StatusChangeKind

# Decisions that end a grant: one member of the body proposes them, another one confirms them (design).
CONFIRMED_BY_TWO = frozenset({StatusChangeKind.ANNULMENT, StatusChangeKind.WITHDRAWAL})
# Months without an answer after which an appeal to the certifier is taken as refused (CRPA L231-4, for a
# public body).
APPEAL_MONTHS = 2
# Days that a person has, at the least, to present observations (design).
MIN_OBSERVATION_DAYS = 8


class ObservationManner(StrEnum):
    """Ways in which a person presented observations, or that they did not (R11)."""

    HEARD = "heard"
    WRITTEN = "written"
    NONE = "none"


class AppealKind(StrEnum):
    """Authorities that decide an appeal."""

    CERTIFIER = "certifier"
    HIERARCHICAL = "hierarchical"
    COURT = "court"


class AppealOutcome(StrEnum):
    """Outcomes of an appeal."""

    REJECTED = "rejected"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class AppealState(StrEnum):
    """States of an appeal on a day: silence past its day is a refusal, and a court has no such day."""

    WAITING = "waiting"
    LAPSED = "lapsed"
    REJECTED = "rejected"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class ContestRefusal(StrEnum):
    """Reasons why an invitation, an observation, a confirmation or an appeal is not recorded."""

    TOO_SHORT = "contest_too_short"
    IN_THE_FUTURE = "contest_in_the_future"
    BEFORE_INVITATION = "contest_before_invitation"
    DELAY_RUNNING = "contest_delay_running"
    NOT_INVITED = "contest_not_invited"
    NO_OBSERVATION = "contest_no_observation"
    SAME_PERSON = "contest_same_person"
    ALREADY_PROPOSED = "contest_already_proposed"
    NOT_PENDING = "contest_not_pending"
    BEFORE_DECISION = "contest_before_decision"
    ALREADY_ANSWERED = "contest_already_answered"
    GRANT_PROPOSED = "contest_grant_proposed"
    GRANT_NOT_PENDING = "contest_grant_not_pending"
    NO_SUCH_BLOCK = "contest_no_such_block"
    NEEDS_SECOND_MEMBER = "contest_needs_second_member"


@dataclass(frozen=True, slots=True)
class InvitationInput:
    """The invitation to present observations: the facts alleged, its day, and the last day to answer."""

    facts: str
    invited_on: date
    answer_by: date


@dataclass(frozen=True, slots=True)
class ObservationInput:
    """Answer of a person to an invitation."""

    manner: ObservationManner
    given_on: date
    text: str = ""


@dataclass(frozen=True, slots=True)
class AppealInput:
    """An appeal as it was received; without blocks it contests everything that was decided, or an absence."""

    kind: AppealKind
    filed_on: date
    received_on: date
    grounds: str
    blocks: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class AppealGrant:
    """Annulments that granting an appeal would make: the decisions on these blocks, everything without any; whether
    for bias.
    """

    answered_on: date
    reason: str
    blocks: frozenset[UUID] = frozenset()
    bias: bool = False


def invitation_refusal(invitation: InvitationInput, today: date) -> ContestRefusal | None:
    """Return why an invitation is not recorded; None when it is."""
    if invitation.invited_on > today:
        return ContestRefusal.IN_THE_FUTURE
    if (invitation.answer_by - invitation.invited_on).days < MIN_OBSERVATION_DAYS:
        return ContestRefusal.TOO_SHORT
    return None


def observation_refusal(
    observation: ObservationInput, invited_on: date, answer_by: date, today: date
) -> ContestRefusal | None:
    """Return why an observation is not recorded: a day to come, before the invitation, or silence before the
    delay ended.
    """
    if observation.given_on > today:
        return ContestRefusal.IN_THE_FUTURE
    if observation.given_on < invited_on:
        return ContestRefusal.BEFORE_INVITATION
    if observation.manner is ObservationManner.NONE and today <= answer_by:
        return ContestRefusal.DELAY_RUNNING
    return None


def confirmation_refusal(proposed_by: UUID, confirmed_by: UUID) -> ContestRefusal | None:
    """Return why a member does not confirm a decision: the member who proposed it is not alone to take it."""
    return ContestRefusal.SAME_PERSON if proposed_by == confirmed_by else None


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month when it has fewer days."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def answer_due(received_on: date) -> date:
    """Return the day on which the silence of the certifier becomes a refusal."""
    return months_later(received_on, APPEAL_MONTHS)


def lapses_by_silence(kind: AppealKind) -> bool:
    """Return whether the silence of who received an appeal ends it: a court always answers."""
    return kind is not AppealKind.COURT


def appeal_state(kind: AppealKind, answer_by: date, outcome: AppealOutcome | None, today: date) -> AppealState:
    """Return where an appeal stands: an answer counts whenever it comes, even after the silence refused."""
    if outcome is not None:
        return AppealState(outcome.value)
    is_lapsed = lapses_by_silence(kind) and today > answer_by
    return AppealState.LAPSED if is_lapsed else AppealState.WAITING


def granted_blocks(
    contested: frozenset[UUID], decided: frozenset[UUID], chosen: frozenset[UUID]
) -> frozenset[UUID] | ContestRefusal:
    """Return the blocks whose decision is annulled by an appeal that is granted; empty: everything decided.

    An appeal that contests blocks annuls those that are chosen among them, all of them when none is. One that
    contests everything does the same among the blocks decided.
    """
    among = contested or decided
    if not chosen <= among:
        return ContestRefusal.NO_SUCH_BLOCK
    annulled = chosen or contested
    return frozenset() if annulled == decided else annulled
