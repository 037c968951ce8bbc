"""Papers of certificates closed by the seal of the body: which wait, which are given, which are to be sealed again."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.grants import (
    Certificate,
    CertificateSeal,
    CertificateSignature,
    VerifiableCredential,
)
from portfolio.domain.ledger.recording import append
from portfolio.files.storage.store import FileStore, StoredFile, StoreUnavailable, digest_of
from portfolio.seals import Seal


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
