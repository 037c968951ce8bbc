"""The frame that a certifier gives to the livret 2: its parts in order, their titles, guidance, length, what
must be there.

Without a frame the outline is that of domain.md §6, which `DEFAULT_ORDER` lists: cover, contents and sworn
statement come before it, exhibits after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class BookPart(StrEnum):
    """A part of the book that a certifier may move and name."""

    CAREER = "career"
    MOTIVATION = "motivation"
    EXPERIENCES = "experiences"
    BLOCKS = "blocks"
    MATRIX = "matrix"
    HELD = "held"
    CONCLUSION = "conclusion"


DEFAULT_ORDER = tuple(BookPart)
# Parts that a candidate writes: guidance and a length are for them. Of the blocks, both are about each
# narrative.
WRITTEN = frozenset({BookPart.CAREER, BookPart.MOTIVATION, BookPart.EXPERIENCES, BookPart.BLOCKS, BookPart.CONCLUSION})
# Each block stands under its own title.
TITLED = frozenset(BookPart) - {BookPart.BLOCKS}
# Parts that may be left empty, unless the certifier asks for them; an experience is always asked for.
MAY_BE_REQUIRED = frozenset({BookPart.CAREER, BookPart.MOTIVATION, BookPart.BLOCKS, BookPart.CONCLUSION})
# What a page of text of the book holds, about. [design]
WORDS_A_PAGE = 400
MAX_PAGES = 100


@dataclass(frozen=True, slots=True)
class FrameSection:
    """A part, and what the certifier asks of it; an empty title is the usual one, no length is as long as one likes."""

    part: BookPart
    title: str = ""
    guidance: str = ""
    max_pages: int | None = None
    is_required: bool = False

    @property
    def max_words(self) -> int | None:
        """Return how many words fit in the length; None without one."""
        return None if self.max_pages is None else self.max_pages * WORDS_A_PAGE


Frame = tuple[FrameSection, ...]
DEFAULT_FRAME: Frame = tuple(FrameSection(part) for part in DEFAULT_ORDER)


def whole_frame(frame: Iterable[FrameSection]) -> Frame:
    """Return every part once: those of a frame in its order, then those that it does not name."""
    known = {section.part: section for section in reversed(tuple(frame))}
    order = dict.fromkeys([*(section.part for section in frame), *DEFAULT_ORDER])
    return tuple(known.get(part, FrameSection(part)) for part in order)


def stored_frame(frame: Iterable[FrameSection]) -> Frame:
    """Return a frame as it is kept: empty when it asks nothing that the usual outline does not."""
    whole = whole_frame(tuple(frame))
    return () if whole == DEFAULT_FRAME else whole


def section_of(frame: Frame, part: BookPart) -> FrameSection:
    """Return what a frame asks of a part."""
    return next((section for section in frame if section.part is part), FrameSection(part))


def changes_outline(frame: Frame) -> bool:
    """Return whether the book is laid out otherwise than usual: another order, or a title of the certifier."""
    whole = whole_frame(frame)
    return tuple(section.part for section in whole) != DEFAULT_ORDER or any(section.title for section in whole)


def count_words(*texts: str) -> int:
    """Return how many words texts have together, split on spaces."""
    return sum(len(text.split()) for text in texts)
