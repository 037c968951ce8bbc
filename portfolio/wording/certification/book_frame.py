"""The words of the frame that a certifier gives to the livret 2."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.certification.rules.book_frame import WORDS_A_PAGE, BookPart, FrameSection
from portfolio.french_text import NBSP, count, thousands

# What each part is called, and its usual title in the book.
PART_NAMES: Mapping[BookPart, str] = {
    BookPart.CAREER: "Mon parcours",
    BookPart.MOTIVATION: "Ma motivation",
    BookPart.EXPERIENCES: "Expériences",
    BookPart.BLOCKS: "Blocs et récits des compétences",
    BookPart.MATRIX: "Tableau de correspondance",
    BookPart.HELD: "Blocs déjà acquis",
    BookPart.CONCLUSION: "Conclusion",
}
PARTS_BY_CODE = {part.value: name for part, name in PART_NAMES.items()}
SAVED = "Le cadre du livret 2 est enregistré."
CONFLICT = (
    "Quelqu’un a enregistré ce brouillon entre-temps. Vérifiez ce que vous avez saisi, puis enregistrez de "
    "nouveau."
)
SAME_PLACE = "Deux parties ont la même place. Donnez une place différente à chacune."


def part_title(section: FrameSection) -> str:
    """Name a part as its certifier does."""
    return section.title or PART_NAMES[section.part]


def length_message(section: FrameSection) -> str:
    """Say how long a part may be: « au plus 3 pages, environ 1 200 mots »."""
    if section.max_words is None:
        return ""
    words = thousands(section.max_words)
    each = " pour chaque compétence" if section.part is BookPart.BLOCKS else ""
    each = " pour chaque expérience" if section.part is BookPart.EXPERIENCES else each
    return f"Au plus {count(section.max_pages or 0, 'page')}{each}, soit environ {words}{NBSP}mots."


def written_message(section: FrameSection, words: int) -> str:
    """Say how long what is written is, and by how much it is too long."""
    if section.max_words is None:
        return ""
    pages = f"{words / WORDS_A_PAGE:.1f}".replace(".", ",")
    written = (
        f"Vous avez écrit {count(words, 'mot')}, environ "
        f"{pages}{NBSP}{'page' if words < 2 * WORDS_A_PAGE else 'pages'}."
    )
    over = words - section.max_words
    return f"{written} C’est {count(over, 'mot')} de trop." if over > 0 else written
