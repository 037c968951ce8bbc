"""Status changes of a grant: suspension, confirmation, annulment, withdrawal, rectification (R10–R12)."""

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
    PROPOSAL_GONE = "equivalence_proposal_gone"
    GROUP_TOO_SMALL = "equivalence_group_too_small"
    GROUP_MIXED = "equivalence_group_mixed"


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
