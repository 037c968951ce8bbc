"""The statement of what a juror is owed for the sessions of a period."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import to_template_value
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One session, in French: its day and place, the seat, the candidates heard, and the amounts."""

    on: str
    seat: str
    heard: str
    sitting: str
    travel: str
    total: str


@dataclass(frozen=True, slots=True)
class FeeStatement:
    """Values of a statement; `note` says what the sum does not count."""

    body: str
    address: tuple[str, ...]
    siret: str
    place: str
    juror: str
    period: str
    lines: tuple[StatementLine, ...]
    total: str
    note: str
    issued_at: datetime


def fee_statement_pdf(value: FeeStatement, look: Look = PLAIN_LOOK) -> bytes:
    """Return the statement as a PDF; raise DocumentTooLarge."""
    values: dict[str, Any] = to_template_value(value)
    return typeset("fees", values, at=value.issued_at, look=look)
