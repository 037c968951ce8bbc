"""Certificates wait for the signature of the person responsible, by a named click."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.certifying_body.settings import Signatory, load_body_page, lock_signatory
from portfolio.domain.holdings.models.grants import (
    Award,
    Certificate,
    CertificateSeal,
    CertificateSignature,
    CertificateToSign,
    Grant,
    VerifiableCredential,
)
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, GrantStatus
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal
from portfolio.files.storage.store import FileStore, StoredFile, StoreUnavailable, digest_of
from portfolio.seals import Seal

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
    # The candidacy where the identity that it prints is put right.
    candidacy_id: UUID | None = None

    @property
    def lacks_birth(self) -> bool:
        """Tell whether it is a parchment that says nothing of the birth of its holder."""
        return self.labels["subject"] == "whole" and not self.labels.get("birth")

    @property
    def delivered_on(self) -> date:
        """Return the day of the decision that gave it."""
        return date.fromisoformat(self.labels["delivered_on"])


@dataclass(frozen=True)
class SigningPageData:
    """The certificates that wait, and who signs them; apart, the parchments without a birth, and those that stand no
    more and are not to be signed.
    """

    waiting: tuple[UnsignedCertificate, ...]
    aside: tuple[UnsignedCertificate, ...]
    words: BodySettingsValue
    signatory: str
    without_birth: tuple[UnsignedCertificate, ...] = ()

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
    standing = [
        unsigned_certificate for unsigned_certificate in found if unsigned_certificate.status is GrantStatus.HELD
    ]
    waiting = tuple(unsigned_certificate for unsigned_certificate in standing if not unsigned_certificate.lacks_birth)
    aside = tuple(
        unsigned_certificate for unsigned_certificate in found if unsigned_certificate.status is not GrantStatus.HELD
    )
    signatory = dict(page.members).get(page.words.signatory_id, "")  # type: ignore[arg-type]
    without_birth = _with_candidacies(session, [each for each in standing if each.lacks_birth])
    return SigningPageData(waiting, aside, page.words, signatory, without_birth)


def _with_candidacies(session: Session, rows: Sequence[UnsignedCertificate]) -> tuple[UnsignedCertificate, ...]:
    """Add to parchments the latest candidacy of their holder on their version, in one query."""
    if not rows:
        return ()
    of_holder = (Candidacy.candidate_id == Award.person_id) & (Candidacy.version_id == Award.version_id)
    query = select(Certificate.id, Candidacy.id).join(Certificate.award).join(Candidacy, of_holder)
    query = query.where(Certificate.id.in_([row.id for row in rows])).order_by(Candidacy.opened_at, Candidacy.id)
    found = {row[0]: row[1] for row in session.execute(query)}
    return tuple(replace(row, candidacy_id=found.get(row.id)) for row in rows)


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
    replaced meanwhile is left unsigned. Raises Refusal when nobody is designated to sign, when it is somebody else, or
    for a parchment that says nothing of the birth of its holder.
    """
    signing = lock_signatory(session, body_id, by)
    asked = set(certificates)
    unsigned = _list_unsigned(session, body_id, asked) if asked else []
    waiting = [
        unsigned_certificate.id
        for unsigned_certificate in unsigned
        if unsigned_certificate.id in asked and unsigned_certificate.status is GrantStatus.HELD
    ]
    unborn = [each.labels["holder"] for each in unsigned if each.id in waiting and each.lacks_birth]
    if unborn:
        raise Refusal(CertificateRefusal.NO_BIRTH, names=unborn)
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


def list_to_seal(session: Session) -> Sequence[str]:
    """Return the numbers of the certificates that are signed and not sealed, the first signed first."""
    query = (
        select(Certificate.number)
        .join(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .where(exists().where(VerifiableCredential.certificate_id == Certificate.id))
        .where(~exists().where(CertificateSeal.certificate_id == Certificate.id))
        .order_by(CertificateSignature.signed_at, Certificate.number)
    )
    return session.scalars(query).all()


def list_to_seal_again(session: Session, before: datetime) -> Sequence[str]:
    """Return the numbers of the certificates whose last seal is of a certificate that ends before this moment."""
    query = _latest().where(CertificateSeal.valid_until < before).order_by(CertificateSeal.valid_until)
    return [seal.certificate.number for seal in session.scalars(query)]


def find_seal(session: Session, number: str) -> CertificateSeal | None:
    """Return the last seal of a certificate; None before there is one."""
    return session.scalar(_latest().where(Certificate.number == number))


def _latest() -> Select[CertificateSeal]:
    later = aliased(CertificateSeal)
    is_last = ~exists().where(
        later.certificate_id == CertificateSeal.certificate_id, later.sequence > CertificateSeal.sequence
    )
    query = select(CertificateSeal).join(CertificateSeal.certificate).where(is_last)
    return query.options(contains_eager(CertificateSeal.certificate))


def record_seal(
    session: Session, number: str, kept: StoredFile, seal: Seal, *, is_timestamped: bool, at: datetime
) -> CertificateSeal:
    """Record that a kept file is the sealed paper of a certificate: the ledger holds its digest."""
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    of_certificate = CertificateSeal.certificate_id == certificate.id
    last = session.scalar(select(func.max(CertificateSeal.sequence)).where(of_certificate)) or 0
    made = CertificateSeal(
        certificate_id=certificate.id, sequence=last + 1, file_key=kept.key, file_size=kept.size,
        file_sha256=kept.sha256, sealed_by=seal.name, valid_until=seal.until, is_timestamped=is_timestamped,
        sealed_at=at,
    )  # fmt: skip
    session.add(made)
    record_event(session, "certificate_sealed", ("certificate", certificate.id), by=None, at=at, number=number)
    append(session, [made], at=at)  # last: it takes the ledger's lock
    return made


def read_sealed(files: FileStore, seal: CertificateSeal) -> bytes:
    """Return the sealed paper of a certificate; raise StoreUnavailable when the kept file is not it any more."""
    with files.open(seal.file_key) as kept:
        content = kept.read()
    if digest_of(BytesIO(content))[1] != seal.file_sha256:
        raise StoreUnavailable(seal.file_key)
    return content
