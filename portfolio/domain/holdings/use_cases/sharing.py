"""The link by which the holder of a certificate shows it: theirs to give, and to withdraw."""

import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.grants import Certificate, CertificateShare, CertificateSignature

_TOKEN_BYTES = 20


def list_shares(session: Session, numbers: Collection[str]) -> dict[str, str | None]:
    """Return those of these certificates that are signed, each with the token of its open link; in one query."""
    is_open = (CertificateShare.certificate_id == Certificate.id) & CertificateShare.withdrawn_at.is_(None)
    query = (
        select(Certificate.number, CertificateShare.token)
        .join(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .outerjoin(CertificateShare, is_open)
        .where(Certificate.number.in_(numbers))
    )
    return {row.number: row.token for row in session.execute(query)}


def find_shared_number(session: Session, token: str) -> str | None:
    """Return the number of the certificate that a link shows; None for a link withdrawn, as for an unknown one."""
    query = select(Certificate.number).join(CertificateShare, CertificateShare.certificate_id == Certificate.id)
    return session.scalar(query.where(CertificateShare.token == token, CertificateShare.withdrawn_at.is_(None)))


def share(session: Session, number: str, *, by: UUID, at: datetime) -> None:
    """Open a link to a certificate, unless one is open."""
    certificate = _locked(session, number)
    if list_shares(session, [number]).get(number) is None:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session.add(CertificateShare(certificate_id=certificate.id, token=token, created_at=at))
        record_event(session, "certificate_shared", ("certificate", certificate.id), by=by, at=at, number=number)


def withdraw_share(session: Session, number: str, *, by: UUID, at: datetime) -> None:
    """Withdraw the open link of a certificate: it then answers as one that never was."""
    certificate = _locked(session, number)
    is_open = CertificateShare.withdrawn_at.is_(None)
    query = select(CertificateShare).where(CertificateShare.certificate_id == certificate.id, is_open)
    for row in session.scalars(query):
        row.withdrawn_at = at
        record_event(session, "share_withdrawn", ("certificate", certificate.id), by=by, at=at, number=number)


def _locked(session: Session, number: str) -> Certificate:
    return session.scalars(select(Certificate).where(Certificate.number == number).with_for_update()).one()
