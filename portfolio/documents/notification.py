"""The letter that tells a candidate what was decided, why, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import BlockName, CertificationName, HeldName, Signature, plain


class MissingRemedies(ValueError):  # noqa: N818 - an answer about the values, not a fault of the program
    """The certifier's text on remedies is empty: no notification leaves without it (domain.md §7)."""


@dataclass(frozen=True, slots=True)
class GrantedBlock:
    """A block granted by this decision, the number of its certificate, and what the jury found."""

    block: BlockName
    certificate: str
    reason: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class MissingCompetency:
    """Of one competency: what was seen, what was missing, what is expected next, which way leads there."""

    number: str
    text: str
    finding: str
    seen: str = ""
    missing: str = ""
    expected: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class RefusedBlock:
    """A block not granted: why, what was found acquired all the same (« 2.1 »…), what was not, and the way forward."""

    block: BlockName
    reason: str
    competencies: tuple[MissingCompetency, ...]
    acquired: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class Notification:
    """What the letter says. `remedies` is the certifier's own text; `result` and `summary` are French, as data."""

    certifier: str
    certifier_address: tuple[str, ...]
    candidate: str
    candidate_address: tuple[str, ...]
    certification: CertificationName
    minutes: str
    decided_on: date
    place: str
    notified_at: datetime
    result: str
    granted: tuple[GrantedBlock, ...]
    refused: tuple[RefusedBlock, ...]
    remedies: str
    summary: str = ""
    held: tuple[HeldName, ...] = ()
    contact: str = ""
    signed_by: Signature | None = None


def notification_pdf(value: Notification) -> bytes:
    """Answer the letter as a PDF, marked as a draft until signed; raises MissingRemedies, DocumentTooLarge."""
    if not value.remedies.strip():
        raise MissingRemedies
    return typeset("notification", plain(value), at=value.notified_at)
