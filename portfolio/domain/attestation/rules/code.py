"""The code that confirms an address: six digits, short-lived, a few tries, a few codes a request [design]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portfolio.domain.attestation.rules.lifecycle import AttestationRefusal

CODE_LIFE = timedelta(minutes=20)
CODE_TRIES = 5
CODES_APART = timedelta(minutes=1)
# With five tries each, a hundred guesses of a million at most, by someone who already holds the link.
CODES_MOST = 20


class CodeError(StrEnum):
    """Why a code does not confirm the address."""

    NONE_SENT = "none_sent"
    EXPIRED = "expired"
    SPENT = "spent"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class SentCode:
    """The last code that was sent: until when it holds, and how many wrong ones were typed against it."""

    made_at: datetime
    expires_at: datetime
    wrong: int = 0


def code_error(sent: SentCode | None, matches: bool, at: datetime) -> CodeError | None:
    """Answer why a typed code does not confirm the address; None when it does.

    A spent code never does, even typed right.
    """
    if sent is None:
        return CodeError.NONE_SENT
    if sent.wrong >= CODE_TRIES:
        return CodeError.SPENT
    if at >= sent.expires_at:
        return CodeError.EXPIRED
    return None if matches else CodeError.WRONG


def may_send_code(made: Sequence[datetime], at: datetime) -> AttestationRefusal | None:
    """Answer why no other code is sent now; None when one may be."""
    if len(made) >= CODES_MOST:
        return AttestationRefusal.CODES_ENOUGH
    return AttestationRefusal.CODE_LATELY if any(moment > at - CODES_APART for moment in made) else None
