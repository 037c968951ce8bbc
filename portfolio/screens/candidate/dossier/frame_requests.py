"""What the certifier asks of a text in its frame of the livret 2, shown beside the field where it is
written.
"""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.domain.certification.rules.book_frame import BookPart, Frame, count_words, section_of
from portfolio.domain.dossier.rules.draft import GeneralText
from portfolio.wording.certification.book_frame import length_message, part_title, written_message


@dataclass(frozen=True, slots=True)
class PartRequest:
    """What is asked of a part: its title, guidance, length, and how long it is now; empty where nothing is
    asked.
    """

    title: str
    guidance: str
    length: str
    written: str
    is_required: bool

    @property
    def help(self) -> str:
        """Return all of it as the help of one field."""
        needed = "Cette partie est obligatoire." if self.is_required else ""
        return " ".join(part for part in (self.guidance, needed, self.length, self.written) if part)


def request_of(frame: Frame, part: BookPart, *texts: str) -> PartRequest | None:
    """Return what a frame asks of a part; None without a frame."""
    if not frame:
        return None
    section, words = section_of(frame, part), count_words(*texts)
    written = written_message(section, words) if words else ""
    return PartRequest(
        part_title(section), section.guidance, length_message(section), written, section.is_required
    )


def request_of_text(frame: Frame, text: GeneralText, typed: str) -> PartRequest | None:
    """Return what a frame asks of one of the dossier's own texts."""
    return request_of(frame, BookPart(text.value), typed)
