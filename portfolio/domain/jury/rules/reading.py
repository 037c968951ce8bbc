"""Part of a sealed dossier that a member opened, and when it is too small to attest a reading (J13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

# Under this share of the exhibits, the attestation is asked a second time (design).
LITTLE_READ = Fraction(1, 2)


class NoteKind(StrEnum):
    """The kind of a private note: a remark, or a question to ask at the interview."""

    NOTE = "note"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class NoteInput:
    """A private note as typed, with the place it is pinned to."""

    kind: NoteKind
    text: str
    competency_id: UUID | None = None
    exhibit: str | None = None
    page: int | None = None
    second: int | None = None


@dataclass(frozen=True, slots=True)
class ReadingExtent:
    """The exhibits that a member opened among those of the sealed dossier."""

    opened: frozenset[str]
    total: int

    @property
    def count(self) -> int:
        """The number of exhibits opened."""
        return len(self.opened)

    @property
    def is_little(self) -> bool:
        """Whether fewer than half of the exhibits were opened here; a dossier without exhibits is never
        little read.
        """
        return self.count < self.total * LITTLE_READ

    @property
    def is_complete(self) -> bool:
        """Whether every exhibit was opened at least once."""
        return self.count >= self.total


def reading_extent(opened: Iterable[str], sealed: Collection[str]) -> ReadingExtent:
    """Return the extent of a reading; an exhibit that is not in the sealed dossier does not count."""
    return ReadingExtent(frozenset(opened) & frozenset(sealed), len(sealed))


def days_left(held_on: date, today: date) -> int:
    """Return the whole days before the session; 0 on its day and after."""
    return max((held_on - today).days, 0)
