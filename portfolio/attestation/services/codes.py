"""The code that shows that an address is the third party's: sent to it, typed back."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.account.services import digest
from portfolio.attestation.models import AttestationCode
from portfolio.attestation.rules import CODE_LIFE, Act, AttestationRefusal, CodeFault, code_fault, may_send_code, unsaid
from portfolio.attestation.services.answering import draft_of
from portfolio.attestation.services.context import context_of, hold, outsider
from portfolio.journal.services import note
from portfolio.mail.services import Letter, write_outside
from portfolio.refusal import Refusal


def send_code(session: Session, token: str, *, at: datetime) -> None:
    """Send a new code to the address of the request; the earlier ones no longer hold.

    Raises Refusal: once it has ended, NOT_WRITTEN, CODE_LATELY, CODES_ENOUGH.
    """
    request = hold(session, token, Act.WRITE, at)
    draft = draft_of(session, request.id)
    if draft is None or unsaid(draft.words):
        raise Refusal(AttestationRefusal.NOT_WRITTEN)
    made = session.scalars(select(AttestationCode.made_at).where(AttestationCode.request_id == request.id)).all()
    if (ground := may_send_code(made, at)) is not None:
        raise Refusal(ground)
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        AttestationCode(request_id=request.id, digest=_kept(request.id, code), made_at=at, expires_at=at + CODE_LIFE, wrong=0)
    )
    context = context_of(session, request.candidacy_id)
    facts = {"name": request.name, "candidate": context.name, "code": code, "until": at + CODE_LIFE}
    write_outside(session, outsider(context, request), Letter.ATTESTATION_CODE, at=at, **facts)
    note(session, "attestation_code_sent", ("attestation_request", request.id), by=None, at=at, codes=len(made) + 1)


def try_code(session: Session, token: str, code: str, *, at: datetime) -> CodeFault | None:
    """Answer why a typed code does not confirm the address, None when it does; a wrong one is counted in the store.

    Alone in its transaction, so that the count stands whatever comes after. Raises Refusal once the request has ended.
    """
    request = hold(session, token, Act.SIGN, at)
    sent = _last(session, request.id)
    fault = code_fault(sent.as_value() if sent else None, _matches(sent, code), at)
    if fault is CodeFault.WRONG and sent is not None:
        sent.wrong += 1
    return fault


def still_confirms(session: Session, request_id: UUID, code: str, at: datetime) -> bool:
    """Whether this code still confirms the address, in the transaction that signs."""
    sent = _last(session, request_id)
    return code_fault(sent.as_value() if sent else None, _matches(sent, code), at) is None


def waiting_code(session: Session, request_id: UUID, at: datetime) -> AttestationCode | None:
    """The code that can still be typed, if there is one."""
    sent = _last(session, request_id)
    return sent if sent and code_fault(sent.as_value(), True, at) is None else None


def _last(session: Session, request_id: UUID) -> AttestationCode | None:
    codes = select(AttestationCode).where(AttestationCode.request_id == request_id)
    return session.scalars(codes.order_by(AttestationCode.made_at.desc()).limit(1)).first()


def _kept(request_id: UUID, code: str) -> bytes:
    return digest(f"{request_id}:{code}")


def _matches(sent: AttestationCode | None, code: str) -> bool:
    return sent is not None and hmac.compare_digest(sent.digest, _kept(sent.request_id, code))
