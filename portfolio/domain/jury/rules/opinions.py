"""Opinions of the members before the deliberation: when they are shown, and where they diverge.

Part of a sealed dossier that a member opened, and when it is too small to attest a reading (J13).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from portfolio.domain.jury.rules.enums import FindingValue

_ORDER = tuple(FindingValue)


class InterviewKind(StrEnum):
    """The occasion on which the jury heard or saw something (R5)."""

    INTERVIEW = "interview"
    PRACTICAL_CASE = "practical_case"


@dataclass(frozen=True, slots=True)
class OpinionInput:
    """The opinion of one member on one competency."""

    value: FindingValue
    comment: str = ""


@dataclass(frozen=True, slots=True)
class InterviewInput:
    """One line of the interview sheet: the question, what was heard, who asked, on which competency."""

    kind: InterviewKind
    question: str
    heard: str
    asked_by: UUID | None = None
    competency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MemberOpinion:
    """An opinion that is shown: who gave it, its value and its comment."""

    person: UUID
    name: str
    value: FindingValue
    comment: str


@dataclass(frozen=True, slots=True)
class ComparedOpinions:
    """The opinions on one competency, with how far apart they are: 0 when all agree, 2 at most."""

    competency_id: UUID
    label: str
    text: str
    opinions: tuple[MemberOpinion, ...]

    @property
    def counts(self) -> tuple[tuple[FindingValue, int], ...]:
        """Return how many members chose each value, from acquired to not acquired."""
        counted = Counter(opinion.value for opinion in self.opinions)
        return tuple((value, counted[value]) for value in _ORDER if counted[value])

    @property
    def spread(self) -> int:
        """Return the distance between the two opinions that are furthest apart."""
        places = [_ORDER.index(opinion.value) for opinion in self.opinions]
        return max(places) - min(places) if places else 0

    @property
    def minority(self) -> int:
        """Return how many members are not with the most common value."""
        return len(self.opinions) - max((number for _, number in self.counts), default=0)


def divergences_first(compared: Sequence[ComparedOpinions]) -> tuple[ComparedOpinions, ...]:
    """Return the competencies with the widest divergence first; the order of the certification settles a tie."""
    return tuple(sorted(compared, key=lambda opinions: (-opinions.spread, -opinions.minority)))


def all_given(voters: Collection[UUID], given: Collection[UUID]) -> bool:
    """Return whether every member who votes gave their opinions; False when nobody votes."""
    return bool(voters) and set(voters) <= set(given)


def missing_competencies(presented: Sequence[UUID], opinions: Mapping[UUID, object]) -> tuple[UUID, ...]:
    """Return the competencies on which a member has no opinion yet, in order."""
    return tuple(competency for competency in presented if competency not in opinions)


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
        """Return the number of exhibits opened."""
        return len(self.opened)

    @property
    def is_little(self) -> bool:
        """Tell whether fewer than half of the exhibits were opened here; a dossier without exhibits is never little
        read.
        """
        return self.count < self.total * LITTLE_READ

    @property
    def is_complete(self) -> bool:
        """Tell whether every exhibit was opened at least once."""
        return self.count >= self.total


def reading_extent(opened: Iterable[str], sealed: Collection[str]) -> ReadingExtent:
    """Return the extent of a reading; an exhibit that is not in the sealed dossier does not count."""
    return ReadingExtent(frozenset(opened) & frozenset(sealed), len(sealed))


def days_left(held_on: date, today: date) -> int:
    """Return the whole days before the session; 0 on its day and after."""
    return max((held_on - today).days, 0)
