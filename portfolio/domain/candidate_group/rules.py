"""Groups of candidates of one employer: each joins by a code, and goes out again."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

# As France VAE has it, a code has 15 characters at most; without 0, O, 1, I and L, which are read one for another.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
MAX_CODE = 15
MAX_NAME = 200


class GroupRefusal(StrEnum):
    """Reasons why an act on a group is refused."""

    IN_IT_ALREADY = "group_in_it_already"
    NOT_IN_IT = "group_not_in_it"
    CLOSED_CANDIDACY = "group_closed_candidacy"


@dataclass(frozen=True, slots=True)
class GroupInput:
    """A group as the body writes it: its name, and the employer who reads its presence."""

    name: str
    employer: str


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A candidate of a group, as their employer reads them: a name, and minutes of presence."""

    candidacy_id: UUID
    name: str
    joined_at: datetime
    planned: int
    attended: int


def new_code() -> str:
    """Return a new code to type: 39 bits, and wrong ones are throttled."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str:
    """Return a code as it is kept, whatever its spaces, hyphens and capitals."""
    return "".join(typed.upper().replace("-", "").split())[:MAX_CODE]
