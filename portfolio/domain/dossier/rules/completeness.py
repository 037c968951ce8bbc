"""Missing parts before a submission: those that prevent it, and those that a jury would miss."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from portfolio.domain.certification.rules.book_frame import BookPart, Frame, FrameSection
from portfolio.domain.dossier.rules.description import MissingFact
from portfolio.domain.dossier.rules.draft import (
    CompetencyFact,
    Draft,
    EvidenceFact,
    GeneralText,
    MisplacedCitation,
    MissingPart,
    UnprintedPiece,
)


class Gap(StrEnum):
    """Something a submission lacks."""

    NOTHING_TO_PROVE = "nothing_to_prove"
    NO_EXPERIENCE = "no_experience"
    EMPTY_COMPETENCY = "empty_competency"
    PIECE_NOT_SWORN = "piece_not_sworn"
    PASSAGE_MISPLACED = "passage_misplaced"
    PIECE_UNPRINTABLE = "piece_unprintable"
    PAGES_UNPRINTABLE = "pages_unprintable"
    NO_CLAIM = "no_claim"
    NO_NARRATIVE = "no_narrative"
    EMPTY_PROMPTS = "empty_prompts"
    NO_COMMENT = "no_comment"
    PIECE_UNDESCRIBED = "piece_undescribed"
    PIECE_UNUSED = "piece_unused"
    EMPTY_TEXT = "empty_text"
    # What the certifier asks for in the frame of the book.
    REQUIRED_TEXT = "required_text"
    REQUIRED_NARRATIVE = "required_narrative"
    TOO_LONG = "too_long"


BLOCKING = frozenset(
    {
        Gap.NOTHING_TO_PROVE,
        Gap.NO_EXPERIENCE,
        Gap.EMPTY_COMPETENCY,
        Gap.PIECE_NOT_SWORN,
        Gap.PASSAGE_MISPLACED,
        Gap.PIECE_UNPRINTABLE,
        Gap.REQUIRED_TEXT,
        Gap.REQUIRED_NARRATIVE,
    }
)


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing to do before the submission, and what it is about."""

    gap: Gap
    competency: CompetencyFact | None = None
    piece: EvidenceFact | None = None
    text: GeneralText | None = None
    facts: tuple[MissingFact, ...] = ()
    misplaced: MisplacedCitation | None = None
    unprinted: UnprintedPiece | None = None
    # Of a text that is too long: what the frame says of its part, and how many words it has.
    section: FrameSection | None = None
    words: int = 0

    @property
    def blocks(self) -> bool:
        """Tell whether the submission waits for it; otherwise it is advice."""
        return self.gap in BLOCKING


@dataclass(frozen=True, slots=True)
class Lengths:
    """Number of words of each text, beside the frame that asks for them."""

    frame: Frame
    texts: Mapping[GeneralText, int]
    narratives: Mapping[UUID, int]
    experiences: tuple[int, ...] = ()


def missing_for_submission(draft: Draft, lengths: Lengths | None = None) -> tuple[MissingItem, ...]:
    """Answer what is missing, what prevents the submission first, each group in the order of the dossier.

    Evidence never decides (R5): a competency told without a claim may be submitted, and so may one claimed
    without a text; one with neither gives a jury nothing to read. What the sworn statement speaks of must be
    said of every piece (domain §6), a claim names pages that its piece has, and a book lays something of each piece.
    """
    items = [*_of_dossier(draft), *_of_competencies(draft), *_of_pieces(draft), *_of_passages(draft), *_of_books(draft)]
    if lengths is not None:
        asked = list(_of_frame(draft, lengths))
        told = {(item.text, item.competency) for item in asked if item.blocks}
        items = [
            item for item in items if not (item.gap in _ASKED_BETTER and (item.text, item.competency) in told)
        ] + asked
    return tuple(sorted(items, key=lambda item: not item.blocks))


# Advice that the certifier's own demand for the same text makes useless.
_ASKED_BETTER = frozenset({Gap.EMPTY_TEXT, Gap.NO_NARRATIVE})
_TEXT_PARTS = {
    BookPart.CAREER: GeneralText.CAREER,
    BookPart.MOTIVATION: GeneralText.MOTIVATION,
    BookPart.CONCLUSION: GeneralText.CONCLUSION,
}


def _of_frame(draft: Draft, lengths: Lengths) -> Iterator[MissingItem]:
    """Look at what the certifier asks of each part: texts that must be there, and texts that are too long."""
    for section in lengths.frame:
        if text := _TEXT_PARTS.get(section.part):
            words = lengths.texts.get(text, 0)
            if section.is_required and not words:
                yield MissingItem(Gap.REQUIRED_TEXT, text=text, section=section)
            yield from _too_long(section, words, text=text)
        elif section.part is BookPart.BLOCKS:
            for competency in draft.competencies:
                words = lengths.narratives.get(competency.id, 0)
                missing = competency.coverage.missing_parts
                empty = MissingPart.CLAIM in missing and MissingPart.NARRATIVE in missing
                if section.is_required and not words and not empty:
                    yield MissingItem(Gap.REQUIRED_NARRATIVE, competency, section=section)
                yield from _too_long(section, words, competency=competency)
        elif section.part is BookPart.EXPERIENCES:
            yield from _too_long(section, max(lengths.experiences, default=0))


def _too_long(section: FrameSection, words: int, **about: Any) -> Iterator[MissingItem]:
    if section.max_words is not None and words > section.max_words:
        yield MissingItem(Gap.TOO_LONG, section=section, words=words, **about)


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
        MissingItem(
            Gap.PASSAGE_MISPLACED, misplaced_citation.competency, misplaced_citation.piece, misplaced=misplaced_citation
        )
        for misplaced_citation in draft.misplaced
    )


def _of_books(draft: Draft) -> Iterator[MissingItem]:
    for found in draft.unprinted:
        gap = Gap.PIECE_UNPRINTABLE if found.is_whole else Gap.PAGES_UNPRINTABLE
        yield MissingItem(gap, piece=found.piece, unprinted=found)
