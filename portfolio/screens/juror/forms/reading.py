"""A private note, and the place it is pinned to.

The recorded site of a session.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import HiddenField

from portfolio.domain.jury.models.deliberation import JurorNote
from portfolio.domain.jury.rules.opinions import NoteInput, NoteKind
from portfolio.web.forms import (
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    VersionedForm,
    clean_line,
)
from portfolio.wording.jury.opinions import NOTE_KINDS

MAX_NOTE_CHARS = 4000
_MISSING = "Écrivez votre note, ou quittez cette page : rien n’est encore enregistré."


class NoteForm(IdempotentForm):
    """A new note; the hidden fields hold its place."""

    kind = RadioChoiceField("C’est…", NoteKind, missing="Choisissez : une note, ou une question.", choices=NOTE_KINDS)
    text = MultiLineField("Votre note", missing=_MISSING, limit=MAX_NOTE_CHARS)
    competency = HiddenField()
    exhibit = HiddenField()
    page = HiddenField()
    second = HiddenField()

    def value(self) -> NoteInput:
        """Return the note with its place; an unreadable place is left out."""
        kind: Any = self.kind.data
        exhibit = clean_line(self.exhibit.data or "")[:20] or None
        place = (_uuid(self.competency.data), exhibit, _number(self.page.data), _number(self.second.data))
        return NoteInput(kind, self.text.data or "", *place)


class NoteChangeForm(VersionedForm):
    """A note that is changed."""

    kind = RadioChoiceField("C’est…", NoteKind, missing="Choisissez : une note, ou une question.", choices=NOTE_KINDS)
    text = MultiLineField("Votre note", missing=_MISSING, limit=MAX_NOTE_CHARS)


def note_form(
    competency: UUID | None = None, exhibit: str | None = None, page: int | None = None, second: int | None = None
) -> NoteForm:
    """Return an empty form pinned to a place."""
    place = {"competency": competency, "exhibit": exhibit, "page": page, "second": second}
    texts = {name: str(value) for name, value in place.items() if value is not None}
    return NoteForm(formdata=None, kind=NoteKind.NOTE, **texts)


def change_form(note: JurorNote) -> NoteChangeForm:
    """Return the form of a note as it is stored."""
    return NoteChangeForm(formdata=None, kind=note.kind, text=note.text, revision=str(note.revision))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else None


class SessionSiteForm(IdempotentForm):
    """One of the sites of the body, or none."""

    site_id = SelectChoiceField("Lieu enregistré", UUID)

    def __init__(self, sites: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.site_id.choices = [("", "Aucun lieu enregistré"), *sites]
