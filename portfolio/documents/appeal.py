"""The letters of an appeal: its acknowledgement, the answer, the silence; the letter of an absence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import CertificationName, Signature, to_template_value
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look


@dataclass(frozen=True, slots=True)
class AppealLetter:
    """What the letter says: every sentence comes as data. `subject` names the jury; `remedies` is the
    certifier's own text, where a remedy is left.
    """

    title: str
    certifier: str
    certifier_address: tuple[str, ...]
    candidate: str
    certification: CertificationName
    subject: str
    minutes: str
    place: str
    written_at: datetime
    said: tuple[str, ...]
    reason_title: str
    reason: str
    after: tuple[str, ...]
    remedies: str
    contact: str
    closing: str
    signed_by: Signature | None


def appeal_letter_pdf(value: AppealLetter, look: Look = PLAIN_LOOK) -> bytes:
    """Return the letter as a PDF; raises DocumentTooLarge."""
    return typeset("appeal", to_template_value(value), at=value.written_at, look=look)
