"""The whole draft as the rules look at it: what is in scope, which pieces, which texts.

Whether the candidate may still write, and what writing can be refused for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.citation import CitationError, CitationUnit
from portfolio.domain.dossier.rules.coverage import Coverage
from portfolio.domain.dossier.rules.description import (
    EvidenceDescription,
    MissingFact,
    is_described,
    missing_facts,
    sworn_missing_facts,
)


class DossierState(StrEnum):
    """States of the draft: whether the candidate may still write."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class DossierRefusal(StrEnum):
    """Reasons why a write into the dossier is refused."""

    SEALED = "dossier_sealed"
    NOT_IN_SCOPE = "competency_not_in_scope"
    HELD = "block_held"
    SUSPENDED = "block_not_to_prove"
    ATTACHED = "experience_of_suspended_block"
    NOT_YOURS = "not_of_this_dossier"
    REMOVED = "item_removed"
    ALREADY_CLAIMED = "already_claimed"
    NOTHING_DECIDED = "no_decision_yet"
    ONE_BLOCK_LEFT = "one_block_must_stay"
    MEETING_BEFORE_JURY = "meeting_before_jury"
    MEETING_TOMORROW = "meeting_tomorrow"


class GeneralText(StrEnum):
    """A text of the dossier that belongs to no competency (domain §6)."""

    CAREER = "career"
    MOTIVATION = "motivation"
    CONCLUSION = "conclusion"


@dataclass(frozen=True, slots=True)
class CompetencyFact:
    """A competency still to prove, with its place in the certification: block 2, competency 3."""

    id: UUID
    block: int
    number: int
    text: str
    coverage: Coverage

    @property
    def label(self) -> str:
        """Its place as people say it: « 2.3 »."""
        return f"{self.block}.{self.number}"


@dataclass(frozen=True)
class EvidenceFact:
    """A piece of the draft: its number, what it says of itself, whether a competency claims it."""

    id: UUID
    number: int
    piece: EvidenceDescription
    claimed: bool

    @cached_property
    def missing(self) -> tuple[MissingFact, ...]:
        """Return what it does not say yet."""
        return missing_facts(self.piece)

    @cached_property
    def described(self) -> bool:
        """Return whether its cover note is written."""
        return is_described(self.piece)

    @property
    def sworn_missing(self) -> tuple[MissingFact, ...]:
        """Return what it must say before a seal."""
        return sworn_missing_facts(self.piece)


@dataclass(frozen=True)
class MisplacedCitation:
    """A claim whose passage does not fit the current file of its piece: pages that are no longer there."""

    claim_id: UUID
    competency: CompetencyFact
    piece: EvidenceFact
    passage: str
    measure: CitationUnit
    fault: CitationError


@dataclass(frozen=True, slots=True)
class Draft:
    """Draft of a dossier as it stands.

    Competencies are those in scope and not held, in the order of the certification. `pieces` are at least
    those that lack a fact or serve no competency; `settled` counts the others, of which nothing is asked.
    """

    state: DossierState
    competencies: tuple[CompetencyFact, ...]
    pieces: tuple[EvidenceFact, ...]
    experiences: int
    texts: frozenset[GeneralText]
    # Only read once it is submitted.
    stage: PathStep = PathStep.SCHEDULE
    settled: int = 0
    # Looked for before a submission only.
    misplaced: tuple[MisplacedCitation, ...] = ()

    @property
    def has_pieces(self) -> bool:
        """Return whether a first piece was added."""
        return bool(self.pieces) or self.settled > 0

    def missing_texts(self) -> Iterator[GeneralText]:
        """Yield the dossier's own texts that are still empty, in the order of the outline."""
        return (text for text in GeneralText if text not in self.texts)
