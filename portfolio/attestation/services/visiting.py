"""What the pages of a third party show: what is asked of them, and what they wrote; nothing else of the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.account.services import digest
from portfolio.attestation.models import Attestation, AttestationLink, AttestationRequest
from portfolio.attestation.rules import (
    Annex,
    AskedCompetency,
    Quality,
    RequestState,
    Words,
    masked,
    state_of,
)
from portfolio.attestation.services.answering import draft_of
from portfolio.attestation.services.codes import waiting_code
from portfolio.attestation.services.context import Context, competencies_of, context_of
from portfolio.evidence.models import EvidenceFile


@dataclass(frozen=True, slots=True)
class Visit:
    """A request as its third party sees it, and their own draft. `code_until`: until when the code sent can be typed."""

    request_id: UUID
    state: RequestState
    name: str
    address: str
    quality: Quality
    organisation: str
    experience: str
    wanted: str
    competencies: tuple[AskedCompetency, ...]
    asked_at: datetime
    opened_at: datetime | None
    expires_at: datetime
    about: Context
    words: Words
    revision: int
    annex: Annex | None
    code_until: datetime | None


def find_visit(session: Session, token: str, *, at: datetime) -> Visit | None:
    """Answer the request that a link answers, whatever became of it; None for a link that is none of ours."""
    request = _behind(session, token, is_copy=False)
    if request is None:
        return None
    draft = draft_of(session, request.id)
    asked = Words(request.quality, request.organisation, request.began_on, request.ended_on)
    code = waiting_code(session, request.id, at)
    return Visit(
        request_id=request.id,
        state=state_of(request.course, at),
        name=request.name,
        address=masked(request.email),
        quality=request.quality,
        organisation=request.organisation,
        experience=request.experience,
        wanted=request.wanted,
        competencies=competencies_of(session, request.id),
        asked_at=request.asked_at,
        opened_at=request.opened_at,
        expires_at=request.expires_at,
        about=context_of(session, request.candidacy_id),
        words=draft.words if draft else asked,
        revision=draft.revision if draft else 0,
        annex=Annex(draft.annex_name, draft.annex_size or 0, draft.annex_sha256) if draft and draft.annex_key else None,
        code_until=code.expires_at if code else None,
    )


@dataclass(frozen=True, slots=True)
class Copy:
    """Their own copy of what they signed: where the store keeps it, until when it can be fetched."""

    candidate: str
    certifier: str
    digest: str
    signature: str
    signed_at: datetime
    until: datetime
    key: str
    size: int


def find_copy(session: Session, token: str, *, at: datetime) -> Copy | None:
    """Answer the copy that a link fetches; None once the link has expired, and for one that is none of ours."""
    request = _behind(session, token, is_copy=True)
    link = session.get(AttestationLink, digest(token))
    if request is None or link is None or at >= link.expires_at:
        return None
    row = session.execute(
        select(Attestation, EvidenceFile)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Attestation.evidence_id) & (EvidenceFile.number == 1))
        .where(Attestation.request_id == request.id)
    ).one()
    signed, file = row
    about = context_of(session, request.candidacy_id)
    return Copy(
        about.name, about.certifier, signed.digest, signed.signature, signed.signed_at, link.expires_at, file.key,
        file.size,
    )  # fmt: skip


def _behind(session: Session, token: str, *, is_copy: bool) -> AttestationRequest | None:
    link = session.get(AttestationLink, digest(token))
    return link.request if link is not None and link.is_copy is is_copy else None
