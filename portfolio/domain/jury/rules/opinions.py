"""Opinions of the members before the deliberation: when they are shown, and where they diverge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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
        """How many members chose each value, from acquired to not acquired."""
        counted = Counter(opinion.value for opinion in self.opinions)
        return tuple((value, counted[value]) for value in _ORDER if counted[value])

    @property
    def spread(self) -> int:
        """The distance between the two opinions that are furthest apart."""
        places = [_ORDER.index(opinion.value) for opinion in self.opinions]
        return max(places) - min(places) if places else 0

    @property
    def minority(self) -> int:
        """How many members are not with the most common value."""
        return len(self.opinions) - max((number for _, number in self.counts), default=0)


def divergences_first(compared: Sequence[ComparedOpinions]) -> tuple[ComparedOpinions, ...]:
    """Return the competencies with the widest divergence first; the order of the certification settles a
    tie.
    """
    return tuple(sorted(compared, key=lambda opinions: (-opinions.spread, -opinions.minority)))


def all_given(voters: Collection[UUID], given: Collection[UUID]) -> bool:
    """Return whether every member who votes gave their opinions; False when nobody votes."""
    return bool(voters) and set(voters) <= set(given)


def missing_competencies(presented: Sequence[UUID], opinions: Mapping[UUID, object]) -> tuple[UUID, ...]:
    """Return the competencies on which a member has no opinion yet, in order."""
    return tuple(competency for competency in presented if competency not in opinions)
