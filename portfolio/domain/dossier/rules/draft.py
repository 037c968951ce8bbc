"""The whole draft as the rules look at it: what is in scope, which pieces, which texts.

Whether the candidate may still write, and what writing can be refused for.

Coverage of a competency: its narrative, its claims, the advisor's opinion, its missing parts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.citation import CitationError, CitationUnit
from portfolio.domain.dossier.rules.description import (
    EvidenceDescription,
    MissingFact,
    is_described,
    missing_facts,
    sworn_missing_facts,
)


class CoverageState(StrEnum):
    """States of the evidence of a competency; each has its glyph."""

    NONE = "none"
    CLAIMED = "claimed"
    PARTLY = "partly"
    COVERED = "covered"
    NOT_COVERED = "not_covered"
    OUTDATED = "outdated"


class AdvisorOpinion(StrEnum):
    """Opinions of the advisor on the coverage, in the dossier's own words."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not_covered"


class MissingPart(StrEnum):
    """Parts that a competency lacks, in the order in which one does it."""

    CLAIM = "claim"
    NARRATIVE = "narrative"
    PROMPTS = "prompts"
    COMMENT = "comment"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class NarrativeText:
    """Narrative of a competency by its candidate, from the four prompts (domain §6)."""

    situation: str = ""
    actions: str = ""
    choices: str = ""
    result: str = ""

    def empty_prompts(self) -> tuple[str, ...]:
        """Return the names of the prompts that are still empty."""
        return tuple(field.name for field in fields(self) if not getattr(self, field.name).strip())


# How many prompts a narrative answers.
PROMPTS = len(fields(NarrativeText))


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """One claim, as far as coverage goes: the number of its piece, what it says, whether the piece is described."""

    piece: int
    passage: str = ""
    comment: str = ""
    described: bool = True


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """Claims for a competency in sums: the numbers of its pieces, whether a claim lacks its comment, a
    piece its note.
    """

    pieces: tuple[int, ...] = ()
    uncommented: bool = False
    undescribed: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer for one competency, with the numbers of its pieces."""

    state: CoverageState
    pieces: tuple[int, ...] = ()
    missing_parts: tuple[MissingPart, ...] = ()


def coverage_of(
    story: NarrativeText, claims: Sequence[ClaimFact], opinion: AdvisorOpinion | None = None, *, outdated: bool = False
) -> Coverage:
    """Answer what a competency shows, with which pieces, and what it lacks.

    Without a claim there is nothing to have an opinion on: it stays « none », whatever the advisor said
    before. An opinion older than what it speaks of is outdated, whatever it said (domain §1: coverage).
    Nothing here decides anything about a grant (R5).
    """
    return coverage_from_summary(len(story.empty_prompts()), summarise_claims(claims), opinion, outdated=outdated)


def summarise_claims(claims: Sequence[ClaimFact]) -> ClaimSummary:
    """Sum up the claims of one competency."""
    return ClaimSummary(
        tuple(dict.fromkeys(claim.piece for claim in claims)),
        uncommented=any(not claim.comment.strip() for claim in claims),
        undescribed=any(not claim.described for claim in claims),
    )


def coverage_from_summary(
    empty_prompts: int, backing: ClaimSummary, opinion: AdvisorOpinion | None = None, *, outdated: bool = False
) -> Coverage:
    """Return the same answer, where only the number of empty prompts and the sum of the claims were read."""
    missing = tuple(_missing_parts(empty_prompts, backing))
    return Coverage(_state(backing.pieces, opinion, outdated), backing.pieces, missing)


def _state(pieces: Sequence[int], opinion: AdvisorOpinion | None, outdated: bool) -> CoverageState:
    if not pieces:
        return CoverageState.NONE
    if opinion is None:
        return CoverageState.CLAIMED
    return CoverageState.OUTDATED if outdated else CoverageState(opinion.value)


def _missing_parts(empty_prompts: int, backing: ClaimSummary) -> Iterator[MissingPart]:
    if not backing.pieces:
        yield MissingPart.CLAIM
    if empty_prompts == PROMPTS:
        yield MissingPart.NARRATIVE
    elif empty_prompts:
        yield MissingPart.PROMPTS
    if backing.uncommented:
        yield MissingPart.COMMENT
    if backing.undescribed:
        yield MissingPart.DESCRIPTION


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


class WritingHelp(StrEnum):
    """Helps that write nothing in the place of a candidate; the sworn statement names them."""

    DICTATION = "dictation"
    TRANSCRIPTION = "transcription"
    READING_ALOUD = "reading_aloud"


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


@dataclass(frozen=True)
class UnprintedPiece:
    """A piece of which some pages can be laid in no book: neither as they are, nor as their images."""

    piece: EvidenceFact
    pages: int
    unprinted: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Return whether nothing of it can be laid."""
        return len(self.unprinted) >= self.pages


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
    unprinted: tuple[UnprintedPiece, ...] = ()

    @property
    def has_pieces(self) -> bool:
        """Return whether a first piece was added."""
        return bool(self.pieces) or self.settled > 0

    def missing_texts(self) -> Iterator[GeneralText]:
        """Yield the dossier's own texts that are still empty, in the order of the outline."""
        return (text for text in GeneralText if text not in self.texts)
