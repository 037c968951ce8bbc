"""Coverage of a competency: its narrative, its claims, the advisor's opinion, its missing parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum


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
