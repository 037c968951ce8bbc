"""Papers of presence: the sheet that a jury and its candidates sign by hand, and the certificate of attendance
(certificat de réalisation) that a funder asks (R6422-5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import to_template_value
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look


@dataclass(frozen=True, slots=True)
class PresenceLine:
    """A line of the sheet, in French: « 12 mai 2026 à 9 h », what it was, how long, who signed and when."""

    on: str
    what: str
    planned: str
    attended: str
    signed: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Values of a certificate of attendance; `subject` is the title of the certification with its code."""

    number: str
    version: int
    body: str
    address: tuple[str, ...]
    siret: str
    place: str
    holder: str
    employer: str
    subject: str
    period: str
    planned: str
    attended: str
    lines: tuple[PresenceLine, ...]
    issued_at: datetime


def attendance_pdf(value: Attendance, look: Look = PLAIN_LOOK) -> bytes:
    """Return the certificate as a PDF; raise DocumentTooLarge."""
    values: dict[str, Any] = to_template_value(value)
    return typeset("attendance", values, at=value.issued_at, look=look)


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
