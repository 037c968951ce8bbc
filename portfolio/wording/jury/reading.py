"""Progress of a juror's reading, and their private notes, in French."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.jury.rules.opinions import NoteKind, ReadingExtent
from portfolio.french_text import count

NOTE_KINDS: Mapping[NoteKind, str] = {NoteKind.NOTE: "Une note", NoteKind.QUESTION: "Une question à poser"}
SHORT_NOTE_KINDS: Mapping[NoteKind, str] = {NoteKind.NOTE: "note", NoteKind.QUESTION: "question"}


def progress_message(extent: ReadingExtent, *, is_record: bool = False) -> str:
    """Return how many exhibits were opened: « 14 pièces ouvertes sur 22 »; nothing for a dossier without
    exhibits.
    """
    if not extent.total:
        return ""
    noun = "document" if is_record else "pièce"
    opened = count(
        extent.count, f"{noun} ouvert{'' if is_record else 'e'}", f"{noun}s ouvert{'' if is_record else 'e'}s"
    )
    return f"{opened} sur {extent.total}"


def days_left_message(days: int) -> str:
    """Return how much time is left before the session."""
    return {0: "le jury se réunit aujourd’hui", 1: "il reste 1 jour pour lire"}.get(
        days, f"il reste {days} jours pour lire"
    )


def little_read_message(extent: ReadingExtent) -> str:
    """Return the question asked before attesting a reading of few exhibits."""
    opened = f"{extent.count} des" if extent.count else "aucune des"
    others = "les autres pièces" if extent.count else "les pièces"
    return (
        f"Vous avez ouvert ici {opened} {extent.total} pièces. Un jury qui n’a pas lu le dossier peut voir "
        f"sa décision annulée. Ouvrez {others}, ou dites que vous les avez lues autrement."
    )


def extent_message(opened: int | None, sealed: int | None) -> str:
    """Return what an attestation of reading records: « 14 pièces ouvertes en ligne sur 22 »; nothing when it
    records none.
    """
    if opened is None or not sealed:
        return ""
    return f"{count(opened, 'pièce ouverte', 'pièces ouvertes')} en ligne sur {sealed}"


def place_message(label: str | None, exhibit: str | None, page: int | None, second: int | None) -> str:
    """Return the place a note is pinned to: « 2.1 », « B2-03, page 4 », « B2-03, à 1 min 20 s », or the whole
    dossier.
    """
    if exhibit:
        if second is not None:
            return f"{exhibit}, à {second // 60} min {second % 60:02d} s"
        return f"{exhibit}, page {page}" if page else exhibit
    return label or "Tout le dossier"
