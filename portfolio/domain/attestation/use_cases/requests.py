"""The candidate asks a third party, reminds them, withdraws what they asked."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.account.tokens import token_hash
from portfolio.domain.attestation.models import AttestationDraft, AttestationLink, AttestationRequest
from portfolio.domain.attestation.rules.lifecycle import RequestAction, can_request, refusal_for, transition
from portfolio.domain.attestation.rules.record import RequestText
from portfolio.domain.attestation.use_cases.request_context import (
    Context,
    load_context,
    lock_own_request,
    recipient_of,
)
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models import Experience
from portfolio.domain.dossier.rules.state import DossierRefusal
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.email.use_cases import EmailTemplate, queue_email_to_outsider
from portfolio.errors import Refusal


def ask(
    session: Session, candidacy_id: UUID, asking: RequestText, life: timedelta, *, by: UUID, at: datetime
) -> UUID:
    """Ask a third party for an attestation, and write to them; answer the id of the request.

    `life` is that of its link. Raises Refusal: SEALED, NOT_YOURS (the experience), NOT_IN_SCOPE, HELD,
    SUSPENDED, OWN_ADDRESS, ALREADY_ASKED, TOO_MANY_WAIT.
    """
    lock_draft(session, candidacy_id)
    experience = session.get(Experience, asking.experience_id)
    if experience is None or experience.candidacy_id != candidacy_id:
        raise Refusal(DossierRefusal.NOT_YOURS)
    context = load_context(session, candidacy_id)
    address = normalise_email(asking.email)
    _require_can_request(session, context, address, at)
    request = AttestationRequest(
        candidacy_id=candidacy_id,
        name=asking.name,
        email=address,
        relationship_claimed=asking.quality,
        organisation=asking.organisation,
        experience_id=experience.id,
        experience=f"{experience.post}, {experience.structure}",
        began_on=asking.began_on,
        ended_on=asking.ended_on,
        request_text=asking.wanted,
        requested_at=at,
        emailed_at=at,
        expires_at=at + life,
        competencies=require_editable_competencies(session, candidacy_id, asking.competency_ids)
        if asking.competency_ids
        else [],
    )
    session.add(request)
    session.flush()
    _write(session, context, request, at, again=False)
    record_event(
        session,
        "attestation_asked",
        ("attestation_request", request.id),
        by=by,
        at=at,
        quality=asking.quality,
    )
    return request.id


def remind(session: Session, candidacy_id: UUID, request_id: UUID, *, by: UUID, at: datetime) -> None:
    """Write again, with a link of its own: the first one keeps working.

    Raises Refusal (ended, reminded enough or lately).
    """
    request = lock_own_request(session, candidacy_id, request_id, RequestAction.REMIND, at)
    request.take(transition(request.status, RequestAction.REMIND, at))
    _write(session, load_context(session, candidacy_id), request, at, again=True)
    record_event(
        session,
        "attestation_reminded",
        ("attestation_request", request_id),
        by=by,
        at=at,
        reminders=request.reminders,
    )


def withdraw(session: Session, candidacy_id: UUID, request_id: UUID, *, by: UUID, at: datetime) -> str:
    """Take a request back: its links are dead, what was being written is erased.

    Raises Refusal once it has ended. Answers the key of the file that was joined, for the caller to delete;
    empty when there was none.
    """
    request = lock_own_request(session, candidacy_id, request_id, RequestAction.WITHDRAW, at)
    request.take(transition(request.status, RequestAction.WITHDRAW, at))
    record_event(session, "attestation_withdrawn", ("attestation_request", request_id), by=by, at=at)
    return delete_draft(session, request_id)


def delete_draft(session: Session, request_id: UUID) -> str:
    """Erase what a third party was writing; answer the key of the file they had joined, empty when there was
    none.
    """
    key = (
        session.scalar(
            select(AttestationDraft.attachment_key).where(AttestationDraft.request_id == request_id)
        )
        or ""
    )
    session.execute(delete(AttestationDraft).where(AttestationDraft.request_id == request_id))
    return key


def new_link(
    session: Session, request_id: UUID, *, at: datetime, until: datetime, is_copy: bool = False
) -> str:
    """Make a link and answer its token: 256 random bits, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    link = AttestationLink(
        token_digest=token_hash(token),
        request_id=request_id,
        is_download_link=is_copy,
        created_at=at,
        expires_at=until,
    )
    session.add(link)
    return token


def _require_can_request(session: Session, context: Context, address: str, at: datetime) -> None:
    own = select(AttestationRequest).where(AttestationRequest.candidacy_id == context.candidacy_id)
    waiting = [
        attestation_request
        for attestation_request in session.scalars(own)
        if refusal_for(attestation_request.status, RequestAction.WRITE, at) is None
    ]
    asked = list(session.scalars(own.with_only_columns(AttestationRequest.requested_at)))
    ground = can_request(
        address,
        normalise_email(context.candidate.email),
        [attestation_request.email for attestation_request in waiting],
        asked,
        at,
    )
    if ground is not None:
        raise Refusal(ground)


def _write(
    session: Session, context: Context, request: AttestationRequest, at: datetime, *, again: bool
) -> None:
    token = new_link(session, request.id, at=at, until=request.expires_at)
    facts = {"name": request.name, "candidate": context.name, "certification": context.certification}
    facts |= {"certifier": context.certifier, "contact": context.contact}
    to = recipient_of(context, request)
    queue_email_to_outsider(
        session,
        to,
        EmailTemplate.ATTESTATION_ASKED,
        at=at,
        token=token,
        until=request.expires_at,
        again=again,
        **facts,
    )
