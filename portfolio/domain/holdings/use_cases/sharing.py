"""The link by which the holder of a certificate shows it: theirs to give, and to withdraw."""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.grants import (
    Certificate,
    CertificateSeal,
    CertificateShare,
    CertificateSignature,
    VerifiableCredential,
)

_TOKEN_BYTES = 20


class SignedCertificate(NamedTuple):
    """A certificate that is signed: its words, the token of its open link, whether its paper is sealed, and whether it
    is signed for the tools of strangers.
    """

    text: Mapping[str, Any]
    token: str | None
    is_sealed: bool
    has_credential: bool


def list_signed(session: Session, numbers: Collection[str]) -> dict[str, SignedCertificate]:
    """Return those of these certificates that are signed, by number, in one query."""
    is_open = (CertificateShare.certificate_id == Certificate.id) & CertificateShare.withdrawn_at.is_(None)
    query = (
        select(Certificate.number, Certificate.printed_text, CertificateShare.token)
        .add_columns(exists().where(CertificateSeal.certificate_id == Certificate.id))
        .add_columns(exists().where(VerifiableCredential.certificate_id == Certificate.id))
        .join(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .outerjoin(CertificateShare, is_open)
        .where(Certificate.number.in_(numbers))
    )
    return {number: SignedCertificate(*row) for number, *row in session.execute(query)}


def find_shared_number(session: Session, token: str) -> str | None:
    """Return the number of the certificate that a link shows; None for a link withdrawn, as for an unknown one."""
    query = select(Certificate.number).join(CertificateShare, CertificateShare.certificate_id == Certificate.id)
    return session.scalar(query.where(CertificateShare.token == token, CertificateShare.withdrawn_at.is_(None)))


def share(session: Session, number: str, *, by: UUID, at: datetime) -> None:
    """Open a link to a certificate, unless one is open."""
    certificate = _locked(session, number)
    signed = list_signed(session, [number]).get(number)
    if signed is None or signed.token is None:
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
