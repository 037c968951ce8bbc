"""The two documents people frame: the certificate of one block, the parchment of the whole certification."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import segno

from portfolio.documents.typesetting import typeset
from portfolio.documents.values import (
    BlockName,
    CertificationName,
    LedgerCheckpoint,
    Register,
    Signature,
    to_template_value,
)
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look


@dataclass(frozen=True, slots=True)
class CertificateStatusNote:
    """Note on a certificate that no longer stands: a word (« Suspendu »), and the sentence that dates and
    explains it.
    """

    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class BlockCertificate:
    """A certificate of one block and it only.

    `birth` (« Date et lieu de naissance : 12 mai 1984, Bordeaux ») completes the holder's identity;
    `decision` names the act in French (« Décision du jury réuni à Bordeaux le …, procès-verbal 2020-14 »).
    `validity` says how long it is valid (R6).
    """

    number: str
    certifier: str
    certification: CertificationName
    register: Register
    block: BlockName
    blocks: int
    competencies: tuple[str, ...]
    holder: str
    birth: str
    decision: str
    delivered_on: date
    place: str
    issued_at: datetime
    public_url: str
    validity: str
    is_permanent: bool = True
    ledger: LedgerCheckpoint | None = None
    signed_by: Signature | None = None
    became: CertificateStatusNote | None = None
    rectifies: str = ""


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """A block of the whole: the day it was granted, the number of its certificate, and the act that gave
    it in French.
    """

    block: BlockName
    granted_on: date
    certificate: str
    act: str = ""


@dataclass(frozen=True, slots=True)
class Parchment:
    """The whole certification, dated by the act that completed the set of its blocks (R7)."""

    number: str
    certifier: str
    certification: CertificationName
    register: Register
    held: tuple[HeldBlock, ...]
    holder: str
    birth: str
    decision: str
    delivered_on: date
    place: str
    issued_at: datetime
    public_url: str
    validity: str
    ledger: LedgerCheckpoint | None = None
    signed_by: Signature | None = None
    became: CertificateStatusNote | None = None
    rectifies: str = ""


def block_certificate_pdf(value: BlockCertificate, look: Look = PLAIN_LOOK) -> bytes:
    """Return the certificate as a PDF, marked as a draft until signed; raises DocumentTooLarge."""
    return _framed("certificate", value, look)


def parchment_pdf(value: Parchment, look: Look = PLAIN_LOOK) -> bytes:
    """Return the parchment as a PDF, marked as a draft until signed; raises DocumentTooLarge."""
    return _framed("parchment", value, look)


def _framed(template: str, value: BlockCertificate | Parchment, look: Look) -> bytes:
    values: dict[str, Any] = to_template_value(value)
    values["qr"] = _qr(value.public_url)
    return typeset(template, values, at=value.issued_at, look=look)


def _qr(address: str) -> str:
    """Return the address as an SVG path, with the quiet zone that readers need."""
    drawing = BytesIO()
    code = segno.make(address.encode("utf-8", "replace"), error="m", micro=False)
    code.save(drawing, kind="svg", border=4, dark="#1c2329", xmldecl=False, svgns=True)
    return drawing.getvalue().decode("utf-8")
