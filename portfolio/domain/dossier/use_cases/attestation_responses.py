"""The third party answers: begins, writes, joins a file, declines.

The code that shows that an address is the third party's: sent to it, typed back.

Read the pages of a third party: the request and their own statement; nothing else of the dossier.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.rules import token_hash
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.attestation import (
    Attestation,
    AttestationDraft,
    AttestationLink,
    AttestationOtp,
    AttestationRequest,
)
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.rules.attestation import (
    CODE_LIFE,
    AskedCompetency,
    Attachment,
    AttestationRefusal,
    ClaimedRelationship,
    CodeError,
    RequestAction,
    RequestState,
    Statement,
    code_error,
    mask_email,
    may_send_code,
    missing_answers,
    status_of,
    transition,
)
from portfolio.domain.dossier.use_cases.attestation_requests import (
    Context,
    delete_draft,
    load_competencies,
    load_context,
    lock_request,
    recipient_of,
)
from portfolio.domain.dossier.use_cases.texts import apply_changes
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.email.use_cases import EmailTemplate, queue_email, queue_email_to_outsider
from portfolio.errors import Refusal


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
    queue_email(session, context.candidate, EmailTemplate.ATTESTATION_ANSWERED, at=at, body_id=context.body_id, **facts)


def _draft(session: Session, request: AttestationRequest, at: datetime) -> AttestationDraft:
    """Return the draft of a request that is held, made when it is first written in: as the candidate put it, under
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
    """Return the file that is joined, as evidence takes it; None when there is none."""
    if not draft.attachment_key:
        return None
    return ReceivedFile(
        draft.attachment_key, draft.attachment_name, draft.attachment_mime, draft.attachment_family,
        draft.attachment_pages, draft.attachment_size or 0, draft.attachment_sha256,
    )  # fmt: skip


def load_draft(session: Session, request_id: UUID) -> AttestationDraft | None:
    """Return what is written so far, if anything is."""
    return session.get(AttestationDraft, request_id)


def send_code(session: Session, token: str, *, at: datetime) -> None:
    """Send a new code to the address of the request; the earlier ones no longer hold.

    Raises Refusal: once it has ended, NOT_WRITTEN, CODE_LATELY, CODES_ENOUGH.
    """
    request = lock_request(session, token, RequestAction.WRITE, at)
    draft = load_draft(session, request.id)
    if draft is None or missing_answers(draft.words):
        raise Refusal(AttestationRefusal.NOT_WRITTEN)
    made = session.scalars(select(AttestationOtp.created_at).where(AttestationOtp.request_id == request.id)).all()
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
    queue_email_to_outsider(session, recipient_of(context, request), EmailTemplate.ATTESTATION_CODE, at=at, **facts)
    record_event(
        session, "attestation_code_sent", ("attestation_request", request.id), by=None, at=at, codes=len(made) + 1
    )


def try_code(session: Session, token: str, code: str, *, at: datetime) -> CodeError | None:
    """Answer why a typed code does not confirm the address, None when it does; a wrong one is counted in the store.

    Alone in its transaction, so that the count stands whatever comes after. Raises Refusal once the request has ended.
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
    """Return the code that can still be typed, if there is one."""
    sent = _last(session, request_id)
    return sent if sent and code_error(sent.to_value(), True, at) is None else None


def _last(session: Session, request_id: UUID) -> AttestationOtp | None:
    codes = select(AttestationOtp).where(AttestationOtp.request_id == request_id)
    return session.scalars(codes.order_by(AttestationOtp.created_at.desc()).limit(1)).first()


def _hash_code(request_id: UUID, code: str) -> bytes:
    return token_hash(f"{request_id}:{code}")


def _matches(sent: AttestationOtp | None, code: str) -> bool:
    return sent is not None and hmac.compare_digest(sent.code_hash, _hash_code(sent.request_id, code))


@dataclass(frozen=True, slots=True)
class RespondentSession:
    """A request as its third party sees it, and their own draft.

    `code_until`: until when the code sent can be typed.
    """

    request_id: UUID
    state: RequestState
    name: str
    address: str
    quality: ClaimedRelationship
    organisation: str
    experience: str
    wanted: str
    competencies: tuple[AskedCompetency, ...]
    asked_at: datetime
    opened_at: datetime | None
    expires_at: datetime
    about: Context
    words: Statement
    revision: int
    annex: Attachment | None
    code_until: datetime | None


def load_respondent(session: Session, token: str, *, at: datetime) -> RespondentSession | None:
    """Answer the request that a link answers, whatever became of it; None for a link that is none of ours."""
    request = _find_by_link(session, token, is_copy=False)
    if request is None:
        return None
    draft = load_draft(session, request.id)
    asked = Statement(request.relationship_claimed, request.organisation, request.began_on, request.ended_on)
    code = find_pending_code(session, request.id, at)
    return RespondentSession(
        request_id=request.id,
        state=status_of(request.status, at),
        name=request.name,
        address=mask_email(request.email),
        quality=request.relationship_claimed,
        organisation=request.organisation,
        experience=request.experience,
        wanted=request.request_text,
        competencies=load_competencies(session, request.id),
        asked_at=request.requested_at,
        opened_at=request.opened_at,
        expires_at=request.expires_at,
        about=load_context(session, request.candidacy_id),
        words=draft.words if draft else asked,
        revision=draft.revision if draft else 0,
        annex=Attachment(draft.attachment_name, draft.attachment_size or 0, draft.attachment_sha256)
        if draft and draft.attachment_key
        else None,
        code_until=code.expires_at if code else None,
    )


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """Their own copy of what they signed: where the store keeps it, until when it can be fetched."""

    candidate: str
    certifier: str
    digest: str
    signature: str
    signed_at: datetime
    until: datetime
    key: str
    size: int


def find_signed_copy(session: Session, token: str, *, at: datetime) -> SignedCopy | None:
    """Answer the copy that a link fetches; None once the link has expired, and for one that is none of ours."""
    request = _find_by_link(session, token, is_copy=True)
    link = session.get(AttestationLink, token_hash(token))
    if request is None or link is None or at >= link.expires_at:
        return None
    row = session.execute(
        select(Attestation, EvidenceFile)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Attestation.evidence_id) & (EvidenceFile.number == 1))
        .where(Attestation.request_id == request.id)
    ).one()
    signed, file = row
    about = load_context(session, request.candidacy_id)
    return SignedCopy(
        about.name, about.certifier, signed.record_sha256, signed.signature, signed.signed_at,
        link.expires_at, file.key, file.size,
    )  # fmt: skip


def _find_by_link(session: Session, token: str, *, is_copy: bool) -> AttestationRequest | None:
    link = session.get(AttestationLink, token_hash(token))
    return link.request if link is not None and link.is_download_link is is_copy else None
