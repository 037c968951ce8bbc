"""Purge expired data of third parties: address, e-mails, statements never signed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.domain.attestation.models import AttestationRequest
from portfolio.domain.attestation.use_cases.requests import delete_draft
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import delete_emails_to

# As long as their own copy can be fetched.
FORGOTTEN_AFTER = timedelta(days=30)
BATCH = 100


def purge_expired(session: Session, *, at: datetime) -> list[str]:
    """Forget the addresses of third parties whose request ended thirty days ago, and what they had not signed
    (domain §8).

    Their name and what they signed stay with the candidate's evidence. Answers the keys of files for the
    caller to delete.
    """
    ended = at - FORGOTTEN_AFTER
    moments = (AttestationRequest.signed_at, AttestationRequest.declined_at, AttestationRequest.withdrawn_at)
    query = select(AttestationRequest).where(
        AttestationRequest.email != "",
        or_(*(moment <= ended for moment in moments), AttestationRequest.expires_at <= ended),
    )
    keys = []
    for request in session.scalars(query.limit(BATCH).with_for_update(skip_locked=True)):
        delete_emails_to(session, request.email, written_before=ended)
        request.email = ""
        keys.append(delete_draft(session, request.id))
        record_event(session, "attester_forgotten", ("attestation_request", request.id), by=None, at=at)
    return [key for key in keys if key]
