"""Read the pages of a third party: the request and their own statement; nothing else of the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.tokens import token_hash
from portfolio.domain.attestation.models import Attestation, AttestationLink, AttestationRequest
from portfolio.domain.attestation.rules.lifecycle import RequestState, status_of
from portfolio.domain.attestation.rules.record import (
    AskedCompetency,
    Attachment,
    ClaimedRelationship,
    Statement,
    mask_email,
)
from portfolio.domain.attestation.use_cases.codes import find_pending_code
from portfolio.domain.attestation.use_cases.request_context import Context, load_competencies, load_context
from portfolio.domain.attestation.use_cases.responses import load_draft
from portfolio.domain.evidence.models.evidence import EvidenceFile


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
    """Answer the copy that a link fetches; None once the link has expired, and for one that is none of
    ours.
    """
    request = _find_by_link(session, token, is_copy=True)
    link = session.get(AttestationLink, token_hash(token))
    if request is None or link is None or at >= link.expires_at:
        return None
    row = session.execute(
        select(Attestation, EvidenceFile)
        .join(
            EvidenceFile, (EvidenceFile.evidence_id == Attestation.evidence_id) & (EvidenceFile.number == 1)
        )
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
