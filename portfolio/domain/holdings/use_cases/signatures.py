"""Certificates wait for the signature of the person responsible, by a named click."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, contains_eager

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.certifying_body.settings import Signatory, load_body_page, lock_signatory
from portfolio.domain.holdings.models.grants import Award, Certificate, CertificateSignature, CertificateToSign, Grant
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.ledger.recording import append

# A page offers so many certificates to sign, those of the oldest decisions; the next ones come once they are
# signed.
MAX_UNSIGNED = 100


@dataclass(frozen=True)
class UnsignedCertificate:
    """A certificate that nobody signed yet; its words are those of its labels."""

    id: UUID
    number: str
    labels: dict[str, Any]
    status: GrantStatus = GrantStatus.HELD
    # Whether the letter of the decision that gave it has still to leave.
    is_untold: bool = False

    @property
    def delivered_on(self) -> date:
        """Return the day of the decision that gave it."""
        return date.fromisoformat(self.labels["delivered_on"])


@dataclass(frozen=True)
class SigningPageData:
    """The certificates that wait, and who signs them; apart, those that stand no more and are not to be signed."""

    waiting: tuple[UnsignedCertificate, ...]
    aside: tuple[UnsignedCertificate, ...]
    words: BodySettingsValue
    signatory: str

    @property
    def untold(self) -> tuple[str, ...]:
        """Return whose letter of result has still to leave: they read no certificate before it."""
        return tuple(dict.fromkeys(each.labels["holder"] for each in self.waiting if each.is_untold))


def load_signing_page(session: Session, body_id: UUID, limits: Collection[UUID] = ()) -> SigningPageData:
    """Gather the certificates of a body that wait for their signature, the oldest decision first; those of
    the certifications that a task is limited to.
    """
    page = load_body_page(session, body_id)
    found = _list_unsigned(session, body_id, limits=limits)
    waiting = tuple(
        unsigned_certificate for unsigned_certificate in found if unsigned_certificate.status is GrantStatus.HELD
    )
    aside = tuple(
        unsigned_certificate for unsigned_certificate in found if unsigned_certificate.status is not GrantStatus.HELD
    )
    return SigningPageData(waiting, aside, page.words, dict(page.members).get(page.words.signatory_id, ""))  # type: ignore[arg-type]


def count_unsigned(session: Session, body_id: UUID) -> int:
    """Count the certificates of a body that wait for their signature: those that stand."""
    return sum(
        unsigned_certificate.status is GrantStatus.HELD for unsigned_certificate in _list_unsigned(session, body_id)
    )


def _list_unsigned(
    session: Session, body_id: UUID, asked: Collection[UUID] = (), limits: Collection[UUID] = ()
) -> list[UnsignedCertificate]:
    """List the first certificates of a body that wait, the oldest first, or those asked for among the
    ones that wait.
    """
    first = select(CertificateToSign.certificate_id).where(CertificateToSign.body_id == body_id)
    if asked:
        first = first.where(CertificateToSign.certificate_id.in_(asked))
    if limits:
        first = first.where(CertificateToSign.certificate_id.in_(_certificates_of(limits)))
    ids = session.scalars(
        first.order_by(CertificateToSign.issued_at, CertificateToSign.certificate_id).limit(MAX_UNSIGNED)
    ).all()
    if not ids:
        return []
    unsigned = ~exists().where(CertificateSignature.certificate_id == Certificate.id)
    untold = awaits_notification(Grant.minutes_id).label("untold")
    query = select(Certificate, untold).outerjoin(Certificate.grant).where(Certificate.id.in_(ids), unsigned)
    rows = session.execute(query.options(contains_eager(Certificate.grant))).all()
    statuses = load_statuses(session, [row for row, _ in rows]) if rows else {}
    found = [UnsignedCertificate(row.id, row.number, row.printed_text, statuses[row.id], told) for row, told in rows]
    return sorted(
        found, key=lambda certificate: (certificate.delivered_on, certificate.labels["holder"], certificate.number)
    )


def _certificates_of(certifications: Collection[UUID]) -> Select[UUID]:
    return (
        select(Certificate.id)
        .outerjoin(Certificate.grant)
        .outerjoin(Grant.block)
        .outerjoin(Certificate.award)
        .join(CertificationVersion, CertificationVersion.id == func.coalesce(Block.version_id, Award.version_id))
        .where(CertificationVersion.certification_id.in_(certifications))
    )


def sign(session: Session, body_id: UUID, certificates: Collection[UUID], *, by: UUID, at: datetime) -> int:
    """Sign certificates of a body, and answer how many are newly signed; one that is signed already keeps its
    signature.

    Each keeps the name and quality of who signed, and how the body was named that day. One that is suspended, ended or
    replaced meanwhile is left unsigned. Raises Refusal when nobody is designated to sign, or when it is somebody else.
    """
    signing = lock_signatory(session, body_id, by)
    asked = set(certificates)
    unsigned = _list_unsigned(session, body_id, asked) if asked else []
    waiting = [
        unsigned_certificate.id
        for unsigned_certificate in unsigned
        if unsigned_certificate.id in asked and unsigned_certificate.status is GrantStatus.HELD
    ]
    signatures = [_signature(signing, certificate_id, by=by, at=at) for certificate_id in waiting]
    session.add_all(signatures)
    if waiting:
        ids = [str(certificate_id) for certificate_id in waiting]
        record_event(session, "certificates_signed", ("certifying_body", body_id), by=by, at=at, certificates=ids)
    append(session, signatures, at=at)  # last: it takes the ledger's lock
    return len(waiting)


def _signature(signing: Signatory, certificate_id: UUID, *, by: UUID, at: datetime) -> CertificateSignature:
    return CertificateSignature(
        certificate_id=certificate_id,
        person_id=by,
        name=signing.name,
        quality=signing.words.signatory_quality,
        legal_name=signing.words.legal_name,
        city=signing.words.city,
        signed_at=at,
    )


def signed_numbers(session: Session, numbers: Collection[str]) -> frozenset[str]:
    """Return which of these certificates are signed."""
    query = select(Certificate.number).join(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
    return frozenset(session.scalars(query.where(Certificate.number.in_(numbers))))
