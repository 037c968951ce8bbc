"""What is said of a competency, what the advisor thinks of it, what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from uuid import UUID


class CoverageState(StrEnum):
    """What the evidence of a competency looks like, at a glance; each has its glyph."""

    NONE = "none"
    CLAIMED = "claimed"
    PARTLY = "partly"
    COVERED = "covered"
    NOT_COVERED = "not_covered"
    OUTDATED = "outdated"


class Opinion(StrEnum):
    """What the advisor said of the coverage, in the dossier's own words."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not_covered"


class Lack(StrEnum):
    """What a competency lacks, in the order in which one does it."""

    CLAIM = "claim"
    NARRATIVE = "narrative"
    PROMPTS = "prompts"
    COMMENT = "comment"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class Story:
    """How the candidate tells a competency, from the four prompts (domain §6)."""

    situation: str = ""
    actions: str = ""
    choices: str = ""
    result: str = ""

    def empty_prompts(self) -> tuple[str, ...]:
        """The names of the prompts that are still empty."""
        return tuple(field.name for field in fields(self) if not getattr(self, field.name).strip())


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """One claim, as far as coverage goes: its piece, what it says, whether the piece is described."""

    evidence_id: UUID
    passage: str = ""
    comment: str = ""
    described: bool = True


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer for one competency."""

    state: CoverageState
    pieces: tuple[UUID, ...] = ()
    lacks: tuple[Lack, ...] = ()


def coverage_of(story: Story, claims: Sequence[ClaimFact], opinion: Opinion | None = None, *, outdated: bool = False) -> Coverage:
    """Answer what a competency shows, with which pieces, and what it lacks.

    Without a claim there is nothing to have an opinion on: it stays « none », whatever the advisor said before. An
    opinion older than what it speaks of is outdated, whatever it said (domain §1: coverage). Nothing here decides
    anything about a grant (R5).
    """
    pieces = tuple(dict.fromkeys(claim.evidence_id for claim in claims))
    return Coverage(_state(pieces, opinion, outdated), pieces, tuple(_lacks(story, claims)))


def _state(pieces: Sequence[UUID], opinion: Opinion | None, outdated: bool) -> CoverageState:
    if not pieces:
        return CoverageState.NONE
    if opinion is None:
        return CoverageState.CLAIMED
    return CoverageState.OUTDATED if outdated else CoverageState(opinion.value)


def _lacks(story: Story, claims: Sequence[ClaimFact]) -> Iterator[Lack]:
    empty = len(story.empty_prompts())
    if not claims:
        yield Lack.CLAIM
    if empty == len(fields(Story)):
        yield Lack.NARRATIVE
    elif empty:
        yield Lack.PROMPTS
    if any(not claim.comment.strip() for claim in claims):
        yield Lack.COMMENT
    if any(not claim.described for claim in claims):
        yield Lack.DESCRIPTION
