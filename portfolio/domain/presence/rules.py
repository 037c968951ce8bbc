"""Presence signed on the day of a jury (émargement): codes, who may still sign, by which means."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.passage import SummonedAs

# How long the device that is handed round stays open.
SIGNING_LIFE = timedelta(hours=4)
# Without 0, O, 1, I and L, which are read one for another: ten of them are 49 bits, for four hours.
SIGNING_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
SIGNING_LENGTH = 10
CODE_DIGITS = 6


class PresenceMeans(StrEnum):
    """Means by which a presence is signed."""

    OWN_CODE = "own_code"
    PAPER_SHEET = "paper_sheet"


class PresenceRefusal(StrEnum):
    """Reasons why a presence is not signed."""

    NOT_THE_DAY = "presence_not_the_day"
    BEFORE_THE_DAY = "presence_before_the_day"
    CANCELLED = "presence_session_cancelled"
    CLOSED = "presence_minutes_closed"
    NOT_CONVENED = "presence_not_convened"
    SIGNED_ALREADY = "presence_signed_already"


@dataclass(frozen=True, slots=True)
class Convened:
    """A person who is expected at a session: a member of its jury, or a candidate on its list."""

    person_id: UUID
    name: str
    role: SummonedAs
    hearing_id: UUID | None = None
    start_minute: int | None = None
    end_minute: int | None = None
    # The minutes of their hearing, or of every hearing for a member, are closed.
    is_closed: bool = False
    signed_at: datetime | None = None
    means: PresenceMeans | None = None

    @property
    def refusal(self) -> PresenceRefusal | None:
        """Return why this person signs no more; None while they may."""
        if self.signed_at is not None:
            return PresenceRefusal.SIGNED_ALREADY
        return PresenceRefusal.CLOSED if self.is_closed else None


def presence_code(key: str, session_id: UUID, person_id: UUID) -> str:
    """Return the six digits by which a person proves at one session that they are who they say; kept nowhere."""
    made = hmac.digest(key.encode(), b"presence " + session_id.bytes + person_id.bytes, "sha256")
    return f"{int.from_bytes(made[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_code_of(typed: str, key: str, session_id: UUID, person_id: UUID) -> bool:
    """Tell whether what was typed is the code of this person; spaces do not count."""
    expected = presence_code(key, session_id, person_id)
    return hmac.compare_digest("".join(typed.split()).encode(), expected.encode())
