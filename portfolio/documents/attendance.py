"""The certificate of attendance (certificat de réalisation) that a funder asks (R6422-5), with its presence sheet."""

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
