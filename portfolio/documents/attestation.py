"""The attestation that a third party signed on line: a letter that people file, and how it was collected."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import to_template_value


@dataclass(frozen=True, slots=True)
class Attestation:
    """Values of the letter of a third party.

    `tie` and `delivery` are French, as data; `digest` is the SHA-256 of the signed record. The record itself
    is attached, as it is, under `record`: the person who has the file can compute the digest again.
    """

    certifier: str
    candidate: str
    certification: str
    experience: str
    competencies: tuple[str, ...]
    wanted: str
    name: str
    quality: str
    organisation: str
    tie: str
    began_on: date | None
    ended_on: date | None
    capacity: str
    seen: str
    often: str
    more: str
    oath: str
    address: str
    delivery: str
    asked_at: datetime
    opened_at: datetime
    signed_at: datetime
    annex: str
    annex_digest: str
    digest: str
    record: bytes = b"{}"


def attestation_pdf(value: Attestation) -> bytes:
    """Return the attestation as a PDF with its record attached; raises DocumentTooLarge."""
    values = {
        field.name: to_template_value(getattr(value, field.name)) for field in fields(value) if field.name != "record"
    }
    return typeset("attestation", values, at=value.signed_at, attachment=value.record.decode("utf-8"))
