"""The receipt of a submission: what was sealed, when, and the fingerprint that proves it."""

from dataclasses import dataclass, fields
from datetime import datetime

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import BlockName, CertificationName, HeldName, to_template_value
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.french_text import size


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A sealed exhibit: its label « B2-03 », its file, its size in bytes, its SHA-256 in hexadecimal."""

    label: str
    title: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AssessmentLine:
    """One assessment of a record: its title, what it is, its result, the label of its document; French, as data."""

    title: str
    about: str
    result: str
    exhibit: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Values of a receipt.

    `manifest` is attached as it is, byte for byte; `statement` is the one that was signed. An assessment
    record names its `route` and lists its assessments; nobody signs a statement.
    """

    certifier: str
    candidate: str
    certification: CertificationName
    number: int
    submitted_at: datetime
    root: str
    blocks: tuple[BlockName, ...]
    statement: str
    statement_signed_at: datetime | None
    exhibits: tuple[Exhibit, ...]
    manifest: bytes
    held: tuple[HeldName, ...] = ()
    route: str = ""
    assessments: tuple[AssessmentLine, ...] = ()


def receipt_pdf(value: Receipt, look: Look = PLAIN_LOOK) -> bytes:
    """Answer the receipt as a PDF with the manifest attached; raises DocumentTooLarge.

    It is an act of the system: unsigned.
    """
    values = {
        field.name: to_template_value(getattr(value, field.name)) for field in fields(value) if field.name != "manifest"
    }
    for line, exhibit in zip(values["exhibits"], value.exhibits, strict=True):
        line["size"] = size(exhibit.size)
    return typeset("receipt", values, at=value.submitted_at, attachment=value.manifest.decode("utf-8"), look=look)
