"""The third party answers: begins, writes, joins a file, declines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.attestation.models import AttestationDraft, AttestationRequest
from portfolio.domain.attestation.rules.lifecycle import RequestAction, transition
from portfolio.domain.attestation.rules.record import Statement
from portfolio.domain.attestation.use_cases.request_context import load_context, lock_request
from portfolio.domain.attestation.use_cases.requests import delete_draft
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.use_cases.texts import apply_changes
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.evidence.use_cases.upload_batch import ReceivedFile


def start(session: Session, token: str, *, at: datetime) -> None:
    """Say that a person, and not a machine that looks at links, has opened the request.

    Raises Refusal once it has ended.
    """
    request = lock_request(session, token, RequestAction.OPEN, at)
    if request.opened_at is None:
        request.take(transition(request.status, RequestAction.OPEN, at))
        record_event(session, "attestation_opened", ("attestation_request", request.id), by=None, at=at)


def save_statement(session: Session, token: str, words: Statement, revision: int, *, at: datetime) -> int:
    """Keep what is written so far and answer its revision; nothing has 0.

    Raises Conflict, Refusal once it has ended.
    """
    draft = _draft(session, lock_request(session, token, RequestAction.WRITE, at), at)
    apply_changes(draft, asdict(words), revision, at)
    return draft.revision


def attach_file(session: Session, token: str, file: ReceivedFile, *, at: datetime) -> str:
    """Join a file, in place of the one before, whose key is answered for the caller to delete.

    Raises Refusal.
    """
    draft = _draft(session, lock_request(session, token, RequestAction.WRITE, at), at)
    return _join(draft, file, at)


def detach_file(session: Session, token: str, *, at: datetime) -> str:
    """Take the joined file away; answer its key for the caller to delete, empty when there was none.

    Raises Refusal.
    """
    draft = _draft(session, lock_request(session, token, RequestAction.WRITE, at), at)
    return _join(draft, None, at) if draft.attachment_key else ""


def decline(session: Session, token: str, reason: str, *, at: datetime) -> str:
    """Say no, with or without a reason: the link is dead, the candidate is told.

    Raises Refusal once it has ended. Answers the key of the file that was joined, for the caller to delete;
    empty when there was none.
    """
    request = lock_request(session, token, RequestAction.DECLINE, at)
    request.take(transition(request.status, RequestAction.DECLINE, at))
    request.reason = reason
    notify_candidate(session, request, at, signed=False)
    record_event(session, "attestation_declined", ("attestation_request", request.id), by=None, at=at)
    return delete_draft(session, request.id)


def notify_candidate(session: Session, request: AttestationRequest, at: datetime, *, signed: bool) -> None:
    """Write to the candidate that a request was answered, without a word of the answer."""
    context = load_context(session, request.candidacy_id)
    ids = {"candidacy_id": str(request.candidacy_id), "request_id": str(request.id)}
    facts: dict[str, Any] = {"name": context.name, "signed": signed, **ids}
    queue_email(
        session,
        context.candidate,
        EmailTemplate.ATTESTATION_ANSWERED,
        at=at,
        body_id=context.body_id,
        **facts,
    )


def _draft(session: Session, request: AttestationRequest, at: datetime) -> AttestationDraft:
    """The draft of a request that is held, made when it is first written in: as the candidate put it, under
    revision 0.
    """
    request.take(transition(request.status, RequestAction.WRITE, at))
    draft = session.get(AttestationDraft, request.id)
    if draft is None:
        draft = AttestationDraft(
            request_id=request.id, quality=request.relationship_claimed, organisation=request.organisation,
            began_on=request.began_on, ended_on=request.ended_on, capacity="", seen="",
            often="", more="", attachment_key="", revision=0, changed_at=at,
        )  # fmt: skip
        session.add(draft)
        session.flush()
    return draft


def _join(draft: AttestationDraft, file: ReceivedFile | None, at: datetime) -> str:
    former, draft.changed_at = draft.attachment_key, at
    draft.revision += 1
    for name in ("key", "name", "mime", "family", "sha256"):
        setattr(draft, f"attachment_{name}", getattr(file, name) if file else "")
    draft.attachment_pages, draft.attachment_size = (file.pages, file.size) if file else (None, None)
    return former


def attachment_of(draft: AttestationDraft) -> ReceivedFile | None:
    """The file that is joined, as evidence takes it; None when there is none."""
    if not draft.attachment_key:
        return None
    return ReceivedFile(
        draft.attachment_key, draft.attachment_name, draft.attachment_mime, draft.attachment_family,
        draft.attachment_pages, draft.attachment_size or 0, draft.attachment_sha256,
    )  # fmt: skip


def load_draft(session: Session, request_id: UUID) -> AttestationDraft | None:
    """What is written so far, if anything is."""
    return session.get(AttestationDraft, request_id)
