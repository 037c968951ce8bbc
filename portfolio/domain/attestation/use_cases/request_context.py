"""Whom a request is about, before which body: what letters, pages and records say of it; and how a request is
held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.account.tokens import token_hash
from portfolio.domain.attestation.models import (
    Attestation,
    AttestationLink,
    AttestationRequest,
    attestation_competency,
)
from portfolio.domain.attestation.rules.lifecycle import AttestationRefusal, RequestAction, refusal_for
from portfolio.domain.attestation.rules.record import AskedCompetency
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.dossier.models import Dossier
from portfolio.domain.email.use_cases import ExternalRecipient
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class Context:
    """A candidate, the certification they aim at, the body that certifies, and how to reach it."""

    candidacy_id: UUID
    candidate: Person
    name: str
    body_id: UUID
    certifier: str
    contact: str
    certification: str
    code: str


def load_context(session: Session, candidacy_id: UUID) -> Context:
    """Answer whom a candidacy is about; raises NoResultFound."""
    row = session.execute(
        select(
            Person,
            candidate_display_name(Person),
            CertificationVersion.title,
            Certification.code,
            Certification.body_id,
        )
        .join(Candidacy, Candidacy.candidate_id == Person.id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Candidacy.id == candidacy_id)
    ).one()
    candidate, name, title, code, body_id = row
    words = load_body_settings(session, body_id)
    contact = words.contact or "\n".join(
        line for line in (words.legal_name, words.address, words.city) if line
    )
    return Context(candidacy_id, candidate, name, body_id, words.legal_name, contact, title, code)


def recipient_of(context: Context, request: AttestationRequest) -> ExternalRecipient:
    """Answer whom the letters of a request go to."""
    return ExternalRecipient(request.name, request.email, context.body_id)


def competencies_asked(session: Session, evidence_id: UUID) -> Sequence[UUID]:
    """Return the competencies that the request behind a piece named; none for a piece that no third party
    signed.
    """
    signed = or_(Attestation.evidence_id == evidence_id, Attestation.attachment_id == evidence_id)
    asked = select(attestation_competency.c.competency_id).join(
        Attestation, Attestation.request_id == attestation_competency.c.request_id
    )
    return session.scalars(asked.where(signed)).all()


def load_competencies(session: Session, request_id: UUID) -> tuple[AskedCompetency, ...]:
    """Return the competencies that a request names, in the order of the certification."""
    rows = session.execute(
        select(Block.number, Competency.number, Competency.text)
        .join(Competency, Competency.block_id == Block.id)
        .join(attestation_competency, attestation_competency.c.competency_id == Competency.id)
        .where(attestation_competency.c.request_id == request_id)
        .order_by(Block.number, Competency.number)
    )
    return tuple(AskedCompetency(f"{block}.{number}", text) for block, number, text in rows)


def lock_request(session: Session, token: str, act: RequestAction, at: datetime) -> AttestationRequest:
    """Lock the request that a link answers, the dossier before it, and ask whether the act may happen.

    Raises Refusal: NOT_YOURS for a link that is none of ours, else what the rules say.
    """
    link = session.get(AttestationLink, token_hash(token))
    if link is None or link.is_download_link:
        raise Refusal(AttestationRefusal.NOT_YOURS)
    candidacy_id = session.scalars(
        select(AttestationRequest.candidacy_id).where(AttestationRequest.id == link.request_id)
    ).one()
    return lock_own_request(session, candidacy_id, link.request_id, act, at)


def lock_own_request(
    session: Session, candidacy_id: UUID, request_id: UUID, act: RequestAction, at: datetime
) -> AttestationRequest:
    """Lock a request of this candidacy, the dossier before it, and ask whether the act may happen; raises
    Refusal.
    """
    session.get_one(Dossier, candidacy_id, with_for_update=True)
    request = session.get(AttestationRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.candidacy_id != candidacy_id:
        raise Refusal(AttestationRefusal.NOT_YOURS)
    if (ground := refusal_for(request.status, act, at)) is not None:
        raise Refusal(ground)
    return request
