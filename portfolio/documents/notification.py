"""The letter that tells a candidate what was decided, why, and what comes next.

The letters of an appeal: its acknowledgement, the answer, the silence; the letter of an absence.
"""

from dataclasses import dataclass
from datetime import date, datetime

from portfolio.documents.typesetting import typeset, typeset_picture
from portfolio.documents.values import BlockName, CertificationName, HeldName, Signature, to_template_value
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look


class MissingRemedies(ValueError):  # noqa: N818 - an answer about the values, not a fault of the program
    """The certifier's text on remedies is empty: no notification is sent without it (domain.md §7)."""


@dataclass(frozen=True, slots=True)
class GrantedBlock:
    """A block granted by this decision, the number of its certificate, and what the jury found."""

    block: BlockName
    certificate: str
    reason: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class MissingCompetency:
    """One competency not acquired: what was found, and what is `told` of it, each answer under its question."""

    number: str
    text: str
    finding: str
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedBlock:
    """A block not granted: why, what was found acquired all the same under its heading, what was not, and the
    way forward.
    """

    block: BlockName
    reason: str
    competencies: tuple[MissingCompetency, ...]
    acquired_head: str = ""
    acquired: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class OtherBlock:
    """A block neither granted nor refused by this decision, and what is said of it."""

    block: BlockName
    said: str


@dataclass(frozen=True, slots=True)
class Notification:
    """Values of the letter of a result.

    `remedies` is the certifier's own text, between the two of `contest`; `steps` say what to do next. Every
    sentence comes as data: the page and the paper say the same words.
    """

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
    closing: str
    greeting: str = ""
    warm: str = ""
    summary: str = ""
    proof: str = ""
    rule: str = ""
    held: tuple[HeldName, ...] = ()
    others: tuple[OtherBlock, ...] = ()
    reminder: str = ""
    steps: tuple[str, ...] = ()
    contest: tuple[str, str] = ("", "")
    contact: str = ""
    signed_by: Signature | None = None


def notification_pdf(value: Notification, look: Look = PLAIN_LOOK) -> bytes:
    """Return the letter as a PDF, marked as a draft until signed; raises MissingRemedies, DocumentTooLarge."""
    if not value.remedies.strip():
        raise MissingRemedies
    return typeset("notification", to_template_value(value), at=value.notified_at, look=look)


def notification_picture(value: Notification, look: Look, *, points_per_inch: float) -> bytes:
    """Return the first page of a letter as a PNG; raises DocumentTooLarge."""
    return typeset_picture("notification", to_template_value(value), look=look, points_per_inch=points_per_inch)


@dataclass(frozen=True, slots=True)
class AppealLetter:
    """Values of the letter about an appeal: every sentence comes as data. `subject` names the jury; `remedies` is
    the certifier's own text, where a remedy is left.
    """

    title: str
    certifier: str
    certifier_address: tuple[str, ...]
    candidate: str
    candidate_address: tuple[str, ...]
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
