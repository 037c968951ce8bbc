"""What is missing before a submission: what prevents it, and what a jury would miss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.dossier.rules.coverage import MissingPart
from portfolio.domain.dossier.rules.draft import CompetencyFact, Draft, EvidenceFact, GeneralText, MisplacedCitation
from portfolio.domain.evidence.rules.description import MissingFact


class Gap(StrEnum):
    """Something a submission lacks."""

    NOTHING_TO_PROVE = "nothing_to_prove"
    NO_EXPERIENCE = "no_experience"
    EMPTY_COMPETENCY = "empty_competency"
    PIECE_NOT_SWORN = "piece_not_sworn"
    PASSAGE_MISPLACED = "passage_misplaced"
    NO_CLAIM = "no_claim"
    NO_NARRATIVE = "no_narrative"
    EMPTY_PROMPTS = "empty_prompts"
    NO_COMMENT = "no_comment"
    PIECE_UNDESCRIBED = "piece_undescribed"
    PIECE_UNUSED = "piece_unused"
    EMPTY_TEXT = "empty_text"


BLOCKING = frozenset({Gap.NOTHING_TO_PROVE, Gap.NO_EXPERIENCE, Gap.EMPTY_COMPETENCY, Gap.PIECE_NOT_SWORN, Gap.PASSAGE_MISPLACED})


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing to do before the submission, and what it is about."""

    gap: Gap
    competency: CompetencyFact | None = None
    piece: EvidenceFact | None = None
    text: GeneralText | None = None
    facts: tuple[MissingFact, ...] = ()
    misplaced: MisplacedCitation | None = None

    @property
    def blocks(self) -> bool:
        """Whether the submission waits for it; otherwise it is advice."""
        return self.gap in BLOCKING


def missing_for_submission(draft: Draft) -> tuple[MissingItem, ...]:
    """Answer what is missing, what prevents the submission first, each group in the order of the dossier.

    Evidence never decides (R5): a competency told without a claim may be submitted, and so may one claimed without a
    text; one with neither gives a jury nothing to read. What the sworn statement speaks of must be said of every
    piece (domain §6), and a claim names pages that its piece has.
    """
    items = [*_of_dossier(draft), *_of_competencies(draft), *_of_pieces(draft), *_of_passages(draft)]
    return tuple(sorted(items, key=lambda item: not item.blocks))


def _of_dossier(draft: Draft) -> Iterator[MissingItem]:
    if not draft.competencies:
        yield MissingItem(Gap.NOTHING_TO_PROVE)
    if not draft.experiences:
        yield MissingItem(Gap.NO_EXPERIENCE)
    for text in draft.missing_texts():
        yield MissingItem(Gap.EMPTY_TEXT, text=text)


_OF_COMPETENCY = (
    (MissingPart.CLAIM, Gap.NO_CLAIM),
    (MissingPart.NARRATIVE, Gap.NO_NARRATIVE),
    (MissingPart.PROMPTS, Gap.EMPTY_PROMPTS),
    (MissingPart.COMMENT, Gap.NO_COMMENT),
)


def _of_competencies(draft: Draft) -> Iterator[MissingItem]:
    for competency in draft.competencies:
        missing = competency.coverage.missing_parts
        if MissingPart.CLAIM in missing and MissingPart.NARRATIVE in missing:
            yield MissingItem(Gap.EMPTY_COMPETENCY, competency)
        else:
            yield from (MissingItem(gap, competency) for part, gap in _OF_COMPETENCY if part in missing)


def _of_pieces(draft: Draft) -> Iterator[MissingItem]:
    for piece in draft.pieces:
        if piece.sworn_missing:
            yield MissingItem(Gap.PIECE_NOT_SWORN, piece=piece, facts=piece.sworn_missing)
        elif piece.missing:
            yield MissingItem(Gap.PIECE_UNDESCRIBED, piece=piece, facts=piece.missing)
        if not piece.claimed:
            yield MissingItem(Gap.PIECE_UNUSED, piece=piece)


def _of_passages(draft: Draft) -> Iterator[MissingItem]:
    return (
        MissingItem(Gap.PASSAGE_MISPLACED, misplaced_citation.competency, misplaced_citation.piece, misplaced=misplaced_citation)
        for misplaced_citation in draft.misplaced
    )
