"""Status changes of a grant: suspension, confirmation, annulment, withdrawal, rectification (R10–R12)."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.opening import Birth
from portfolio.domain.holdings.rules.facts import EquivalenceKind


class StatusChangeKind(StrEnum):
    """Acts done later to something granted; an entry of its own, never an edit."""

    SUSPENSION = "suspension"
    CONFIRMATION = "confirmation"
    ANNULMENT = "annulment"
    WITHDRAWAL = "withdrawal"
    RECTIFICATION = "rectification"


# Acts that end or hold a right, which the holder may contest.
CONTESTABLE = frozenset({StatusChangeKind.SUSPENSION, StatusChangeKind.ANNULMENT, StatusChangeKind.WITHDRAWAL})


class GrantStatus(StrEnum):
    """Status of a grant or an award today; derived from the facts, of which lists keep a copy."""

    HELD = "held"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"
    REPLACED = "replaced"


# What a later act made of something granted: it is not held (R10–R12).
ENDED = frozenset({GrantStatus.SUSPENDED, GrantStatus.WITHDRAWN, GrantStatus.ANNULLED})


class CertificateRefusal(StrEnum):
    """Reasons why an acquisition, an equivalence or a later act is not recorded."""

    ALREADY_SUSPENDED = "later_already_suspended"
    NOT_SUSPENDED = "later_not_suspended"
    ENDED = "later_ended"
    NO_REASON = "later_no_reason"
    NOT_HEARD = "later_not_heard"
    HEARD_TOO_SOON = "later_heard_too_soon"
    HEARD_AFTER = "later_heard_after"
    DECIDED_TOO_SOON = "later_decided_too_soon"
    DECIDED_TOMORROW = "later_decided_tomorrow"
    NO_JURY = "later_no_jury"
    NOTHING_TO_RECTIFY = "nothing_to_rectify"
    ACQUIRED_HELD = "acquired_held"
    ACQUIRED_WAITING = "acquired_waiting"
    ACQUIRED_FOREIGN = "acquired_foreign"
    ACQUIRED_TOMORROW = "acquired_tomorrow"
    EQUIVALENCE_ELSEWHERE = "equivalence_elsewhere"
    EQUIVALENCE_DECLARED = "equivalence_declared"
    EQUIVALENCE_BY_TWO = "equivalence_by_two"
    NO_BIRTH = "certificate_no_birth"
    PROPOSAL_GONE = "equivalence_proposal_gone"
    GROUP_TOO_SMALL = "equivalence_group_too_small"
    GROUP_MIXED = "equivalence_group_mixed"
    NOT_STANDING = "certificate_not_standing"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Decision of the certifier on something granted: why, since when, and when the candidate was heard.

    `bias`: an annulment because a member was biased; every member of the next jury must then be new (domain §4, cases).
    """

    kind: StatusChangeKind
    reason: str
    decided_on: date
    heard_on: date | None = None
    bias: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Holder that a certificate names: the name, and the birth as its labels hold it, when it was given."""

    holder: str
    birth: Birth | None = None


@dataclass(frozen=True, slots=True)
class AcquisitionInput:
    """Facts that the certifier reads on the proof: which block, when, and where it was acquired."""

    block_id: UUID
    acquired_on: date
    obtained_at: str


@dataclass(frozen=True, slots=True)
class EquivalenceInput:
    """Equivalence of two blocks: which counts, how much, and why (R2 c)."""

    held_id: UUID
    counts_for_id: UUID
    kind: EquivalenceKind
    reason: str


@dataclass(frozen=True, slots=True)
class GroupEquivalenceInput:
    """Equivalence of blocks held together: which others count, how much, and why (R2 c)."""

    held: frozenset[UUID]
    counts_for: frozenset[UUID]
    kind: EquivalenceKind
    reason: str


def takes_back(current: EquivalenceKind | None, ruled: EquivalenceKind) -> bool:
    """Return whether a ruling ends what an equivalence would still give: two members decide it (domain §10)."""
    return current is EquivalenceKind.IDENTICAL and ruled is not EquivalenceKind.IDENTICAL


def status_after(kinds: Sequence[StatusChangeKind]) -> GrantStatus:
    """Say what later acts, in the order of their recording, make of a grant.

    Annulment and withdrawal are for ever (R11, R12), and a withdrawal outweighs an annulment; a suspension lasts until
    it is confirmed or annulled (R10); a rectification changes no status.
    """
    if StatusChangeKind.WITHDRAWAL in kinds:
        return GrantStatus.WITHDRAWN
    if StatusChangeKind.ANNULMENT in kinds:
        return GrantStatus.ANNULLED
    turns = [kind for kind in kinds if kind in (StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION)]
    return GrantStatus.SUSPENDED if turns and turns[-1] is StatusChangeKind.SUSPENSION else GrantStatus.HELD


def status_of_whole(blocks: Sequence[GrantStatus]) -> GrantStatus:
    """Say what a whole certification became, from the grants of the blocks that are no longer held.

    Something ended outweighs something suspended: only what is suspended may come back by itself.
    """
    order = (GrantStatus.WITHDRAWN, GrantStatus.ANNULLED, GrantStatus.SUSPENDED)
    return next((status for status in order if status in blocks), GrantStatus.REPLACED)


def refusal_of(act: StatusChange, status: GrantStatus, granted_on: date, today: date) -> CertificateRefusal | None:
    """Say what forbids a later act, or None.

    A suspension needs something that stands, a confirmation something suspended (R10); what is annulled or withdrawn
    can only be rectified; a withdrawal needs a candidate heard before it and after the grant (R11); all need a reason.
    """
    asked = (
        (CertificateRefusal.NO_REASON, not act.reason.strip()),
        (CertificateRefusal.ENDED, _is_ended(status) and act.kind is not StatusChangeKind.RECTIFICATION),
        (
            CertificateRefusal.ALREADY_SUSPENDED,
            act.kind is StatusChangeKind.SUSPENSION and status is GrantStatus.SUSPENDED,
        ),
        (
            CertificateRefusal.NOT_SUSPENDED,
            act.kind is StatusChangeKind.CONFIRMATION and status is not GrantStatus.SUSPENDED,
        ),
        (CertificateRefusal.DECIDED_TOMORROW, act.decided_on > today),
        (CertificateRefusal.DECIDED_TOO_SOON, act.decided_on < granted_on),
    )
    found = next((code for code, applies in asked if applies), None)
    return found or (_hearing_fault(act, granted_on) if act.kind is StatusChangeKind.WITHDRAWAL else None)


def _is_ended(status: GrantStatus) -> bool:
    return status in (GrantStatus.ANNULLED, GrantStatus.WITHDRAWN)


def _hearing_fault(act: StatusChange, granted_on: date) -> CertificateRefusal | None:
    if act.heard_on is None:
        return CertificateRefusal.NOT_HEARD
    if act.heard_on < granted_on:
        return CertificateRefusal.HEARD_TOO_SOON
    return CertificateRefusal.HEARD_AFTER if act.heard_on > act.decided_on else None


# Decisions that end or hold a grant: one member of the body proposes them, another one confirms them (domain §10).
CONFIRMED_BY_TWO = frozenset({StatusChangeKind.SUSPENSION, StatusChangeKind.ANNULMENT, StatusChangeKind.WITHDRAWAL})
# Months without an answer after which an appeal to the certifier is taken as refused (CRPA L231-4, for a
# public body).
APPEAL_MONTHS = 2
# Days that a person has, at the least, to present observations (design).
MIN_OBSERVATION_DAYS = 8


class ProposalSubject(StrEnum):
    """Subjects of a decision that one member proposes and another one confirms."""

    CERTIFICATE = "certificate"
    APPEAL = "appeal"
    HOLDING = "holding"
    EQUIVALENCE = "equivalence"


class EndingKind(StrEnum):
    """Kinds of acts that end a right, and the appeal against a decision while it waits for its answer."""

    ANNULMENT = "annulment"
    WITHDRAWAL = "withdrawal"
    RECTIFICATION = "rectification"
    EQUIVALENCE = "equivalence"
    APPEAL = "appeal"


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
