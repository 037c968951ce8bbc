"""The code that shows that an address is the third party's: sent to it, typed back."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.tokens import token_hash
from portfolio.domain.attestation.models import AttestationOtp
from portfolio.domain.attestation.rules.code import CODE_LIFE, CodeError, code_error, may_send_code
from portfolio.domain.attestation.rules.lifecycle import AttestationRefusal, RequestAction
from portfolio.domain.attestation.rules.record import missing_answers
from portfolio.domain.attestation.use_cases.request_context import load_context, lock_request, recipient_of
from portfolio.domain.attestation.use_cases.responses import load_draft
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email_to_outsider
from portfolio.errors import Refusal


def send_code(session: Session, token: str, *, at: datetime) -> None:
    """Send a new code to the address of the request; the earlier ones no longer hold.

    Raises Refusal: once it has ended, NOT_WRITTEN, CODE_LATELY, CODES_ENOUGH.
    """
    request = lock_request(session, token, RequestAction.WRITE, at)
    draft = load_draft(session, request.id)
    if draft is None or missing_answers(draft.words):
        raise Refusal(AttestationRefusal.NOT_WRITTEN)
    made = session.scalars(
        select(AttestationOtp.created_at).where(AttestationOtp.request_id == request.id)
    ).all()
    if (ground := may_send_code(made, at)) is not None:
        raise Refusal(ground)
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        AttestationOtp(
            request_id=request.id,
            code_hash=_hash_code(request.id, code),
            created_at=at,
            expires_at=at + CODE_LIFE,
            failed_attempts=0,
        )
    )
    context = load_context(session, request.candidacy_id)
    facts = {"name": request.name, "candidate": context.name, "code": code, "until": at + CODE_LIFE}
    queue_email_to_outsider(
        session, recipient_of(context, request), EmailTemplate.ATTESTATION_CODE, at=at, **facts
    )
    record_event(
        session,
        "attestation_code_sent",
        ("attestation_request", request.id),
        by=None,
        at=at,
        codes=len(made) + 1,
    )


def try_code(session: Session, token: str, code: str, *, at: datetime) -> CodeError | None:
    """Answer why a typed code does not confirm the address, None when it does; a wrong one is counted in the
    store.

    Alone in its transaction, so that the count stands whatever comes after. Raises Refusal once the request
    has ended.
    """
    request = lock_request(session, token, RequestAction.SIGN, at)
    sent = _last(session, request.id)
    fault = code_error(sent.to_value() if sent else None, _matches(sent, code), at)
    if fault is CodeError.WRONG and sent is not None:
        sent.failed_attempts += 1
    return fault


def still_confirms(session: Session, request_id: UUID, code: str, at: datetime) -> bool:
    """Return whether this code still confirms the address, in the transaction that signs."""
    sent = _last(session, request_id)
    return code_error(sent.to_value() if sent else None, _matches(sent, code), at) is None


def find_pending_code(session: Session, request_id: UUID, at: datetime) -> AttestationOtp | None:
    """The code that can still be typed, if there is one."""
    sent = _last(session, request_id)
    return sent if sent and code_error(sent.to_value(), True, at) is None else None


def _last(session: Session, request_id: UUID) -> AttestationOtp | None:
    codes = select(AttestationOtp).where(AttestationOtp.request_id == request_id)
    return session.scalars(codes.order_by(AttestationOtp.created_at.desc()).limit(1)).first()


def _hash_code(request_id: UUID, code: str) -> bytes:
    return token_hash(f"{request_id}:{code}")


def _matches(sent: AttestationOtp | None, code: str) -> bool:
    return sent is not None and hmac.compare_digest(sent.code_hash, _hash_code(sent.request_id, code))
