"""A certificate given to a European wallet: an offer of ten minutes, taken once with the code that its holder reads."""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.grants import Certificate, WalletOffer
from portfolio.wallet_credentials import LASTS, PIN_DIGITS

MOST_TRIES = 5


def offer(session: Session, number: str, *, by: UUID, at: datetime) -> tuple[str, str]:
    """Return the code of a new offer of a certificate and the digits that its holder types; the former offers of the
    certificate end.
    """
    certificate = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    session.execute(delete(WalletOffer).where(WalletOffer.certificate_id == certificate.id))
    code, digits = secrets.token_urlsafe(32), f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    session.add(
        WalletOffer(
            certificate_id=certificate.id, code_hash=_hash(code), digits_hash=_hash(code + digits), tries=0,
            ends_at=at + LASTS,
        )
    )  # fmt: skip
    record_event(session, "wallet_offered", ("certificate", certificate.id), by=by, at=at, number=number)
    return code, digits


def exchange(session: Session, code: str, digits: str, *, at: datetime) -> str | None:
    """Return the token that an offer gives, once; None for one that ended, was taken, or after wrong digits, of which
    five end it.
    """
    row = session.scalar(select(WalletOffer).where(WalletOffer.code_hash == _hash(code)).with_for_update())
    if row is None or row.ends_at <= at or row.token_hash is not None or row.tries >= MOST_TRIES:
        return None
    row.tries += 1
    if not hmac.compare_digest(row.digits_hash, _hash(code + digits)):
        return None
    token = secrets.token_urlsafe(32)
    row.token_hash = _hash(token)
    return token


def take(session: Session, token: str, *, at: datetime) -> Certificate | None:
    """Return the certificate that a token gives, once: the offer ends; None for any other token."""
    row = session.scalar(select(WalletOffer).where(WalletOffer.token_hash == _hash(token)).with_for_update())
    if row is None or row.ends_at <= at:
        return None
    certificate = session.get_one(Certificate, row.certificate_id)
    facts = {"number": certificate.number}
    record_event(session, "wallet_took", ("certificate", certificate.id), by=None, at=at, **facts)
    session.delete(row)
    return certificate


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
