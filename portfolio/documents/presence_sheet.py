"""The sheet that a jury and its candidates sign by hand on the day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import to_template_value
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """A person who is expected: their name, their role, and the hours of their passage."""

    name: str
    role: str
    passage: str


@dataclass(frozen=True, slots=True)
class PresenceSheet:
    """Values of a sheet, in French."""

    body: str
    subject: str
    day: str
    hours: str
    place: str
    rows: tuple[PresenceRow, ...]
    printed_at: datetime


def presence_sheet_pdf(value: PresenceSheet, look: Look = PLAIN_LOOK) -> bytes:
    """Return the sheet as a PDF; raise DocumentTooLarge."""
    values: dict[str, Any] = to_template_value(value)
    return typeset("presence", values, at=value.printed_at, look=look)
