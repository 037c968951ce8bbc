"""The life of a request: sent, opened, then one end and only one [design]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

REMINDERS = 3
REMINDER_EVERY = timedelta(days=3)


class RequestState(StrEnum):
    """Where a request stands."""

    SENT = "sent"
    OPENED = "opened"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class RequestAction(StrEnum):
    """What happens to a request: the candidate reminds and withdraws, the third party does the rest."""

    REMIND = "remind"
    WITHDRAW = "withdraw"
    OPEN = "open"
    WRITE = "write"
    DECLINE = "decline"
    SIGN = "sign"


class AttestationRefusal(StrEnum):
    """Why an act on a request, or on what came of it, is refused."""

    IS_SIGNED = "attestation_is_signed"
    IS_DECLINED = "attestation_is_declined"
    HAS_EXPIRED = "attestation_has_expired"
    IS_WITHDRAWN = "attestation_is_withdrawn"
    REMINDED_ENOUGH = "reminded_enough"
    REMINDED_LATELY = "reminded_lately"
    NOT_YOURS = "attestation_not_yours"
    OWN_ADDRESS = "own_address"
    ALREADY_ASKED = "already_asked"
    TOO_MANY_WAIT = "too_many_wait"
    NOT_WRITTEN = "attestation_not_written"
    CODES_ENOUGH = "codes_enough"
    CODE_LATELY = "code_lately"
    CHANGED_SINCE = "attestation_changed_since"
    CODE_NO_LONGER = "code_no_longer"


ENDS: Mapping[RequestState, AttestationRefusal] = {
    RequestState.SIGNED: AttestationRefusal.IS_SIGNED,
    RequestState.DECLINED: AttestationRefusal.IS_DECLINED,
    RequestState.EXPIRED: AttestationRefusal.HAS_EXPIRED,
    RequestState.WITHDRAWN: AttestationRefusal.IS_WITHDRAWN,
}


# A mailbox is not a place to try every address: what waits, and what is asked in a day, is bounded.
WAITING_MOST = 10
ASKED_A_DAY = 10


def can_request(
    address: str, own: str, waiting: Sequence[str], asked: Sequence[datetime], at: datetime
) -> AttestationRefusal | None:
    """Answer why a third party at this address is not asked; None when they may be.

    `own` is the candidate's address, `waiting` those of requests without an answer, `asked` the moments of
    all of them.
    """
    if address == own:
        return AttestationRefusal.OWN_ADDRESS
    if address in waiting:
        return AttestationRefusal.ALREADY_ASKED
    lately = sum(1 for moment in asked if moment > at - timedelta(days=1))
    return AttestationRefusal.TOO_MANY_WAIT if len(waiting) >= WAITING_MOST or lately >= ASKED_A_DAY else None


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """What happened to a request so far; `written_at` is the moment of its last letter."""

    written_at: datetime
    expires_at: datetime
    reminders: int = 0
    opened_at: datetime | None = None
    signed_at: datetime | None = None
    declined_at: datetime | None = None
    withdrawn_at: datetime | None = None


def status_of(course: RequestStatus, at: datetime) -> RequestState:
    """Return where a request stands; an end that was written down stands before the passing of time."""
    ends = ((course.signed_at, RequestState.SIGNED), (course.declined_at, RequestState.DECLINED))
    for moment, state in (*ends, (course.withdrawn_at, RequestState.WITHDRAWN)):
        if moment is not None:
            return state
    if at >= course.expires_at:
        return RequestState.EXPIRED
    return RequestState.OPENED if course.opened_at else RequestState.SENT


def refusal_for(course: RequestStatus, act: RequestAction, at: datetime) -> AttestationRefusal | None:
    """Answer why an act is refused at this moment; None when it may happen.

    What has ended never lives again.
    """
    if (end := ENDS.get(status_of(course, at))) is not None:
        return end
    if act is RequestAction.REMIND and course.reminders >= REMINDERS:
        return AttestationRefusal.REMINDED_ENOUGH
    if act is RequestAction.REMIND and at < course.written_at + REMINDER_EVERY:
        return AttestationRefusal.REMINDED_LATELY
    return None


def transition(course: RequestStatus, act: RequestAction, at: datetime) -> RequestStatus:
    """Return the request after the action; the caller asked `refused` first.

    Writing and signing open what was never opened: a person may come back by another way than the first page.
    """
    match act:
        case RequestAction.REMIND:
            return replace(course, reminders=course.reminders + 1, written_at=at)
        case RequestAction.WITHDRAW:
            return replace(course, withdrawn_at=at)
        case RequestAction.DECLINE:
            return replace(course, declined_at=at, opened_at=course.opened_at or at)
        case RequestAction.SIGN:
            return replace(course, signed_at=at, opened_at=course.opened_at or at)
        case RequestAction.OPEN | RequestAction.WRITE:
            return replace(course, opened_at=course.opened_at or at)
