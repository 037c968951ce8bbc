"""Whom a request is about, before which body: what letters, pages and records say of it; and how a request is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.account.services import digest
from portfolio.attestation.models import Attestation, AttestationLink, AttestationRequest, attestation_competency
from portfolio.attestation.rules import Act, AskedCompetency, AttestationRefusal, refused
from portfolio.candidacy.models import Candidacy, named_candidate
from portfolio.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.dossier.models import Dossier
from portfolio.mail.services import Outsider
from portfolio.paper.services.settings import words_of
from portfolio.refusal import Refusal


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


def context_of(session: Session, candidacy_id: UUID) -> Context:
    """Answer whom a candidacy is about; raises NoResultFound."""
    row = session.execute(
        select(Person, named_candidate(Person), CertificationVersion.title, Certification.code, Certification.body_id)
        .join(Candidacy, Candidacy.candidate_id == Person.id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Candidacy.id == candidacy_id)
    ).one()
    candidate, name, title, code, body_id = row
    words = words_of(session, body_id)
    contact = words.contact or "\n".join(one for one in (words.legal_name, words.address, words.city) if one)
    return Context(candidacy_id, candidate, name, body_id, words.legal_name, contact, title, code)


def outsider(context: Context, request: AttestationRequest) -> Outsider:
    """Answer whom the letters of a request go to."""
    return Outsider(request.name, request.email, context.body_id)


def competencies_asked(session: Session, evidence_id: UUID) -> Sequence[UUID]:
    """Answer the competencies that the request behind a piece named; none for a piece that no third party signed."""
    signed = or_(Attestation.evidence_id == evidence_id, Attestation.annex_id == evidence_id)
    asked = select(attestation_competency.c.competency_id).join(
        Attestation, Attestation.request_id == attestation_competency.c.request_id
    )
    return session.scalars(asked.where(signed)).all()


def competencies_of(session: Session, request_id: UUID) -> tuple[AskedCompetency, ...]:
    """Answer the competencies that a request names, in the order of the certification."""
    rows = session.execute(
        select(Block.number, Competency.number, Competency.text)
        .join(Competency, Competency.block_id == Block.id)
        .join(attestation_competency, attestation_competency.c.competency_id == Competency.id)
        .where(attestation_competency.c.request_id == request_id)
        .order_by(Block.number, Competency.number)
    )
    return tuple(AskedCompetency(f"{block}.{number}", text) for block, number, text in rows)


def hold(session: Session, token: str, act: Act, at: datetime) -> AttestationRequest:
    """Lock the request that a link answers, the dossier before it, and ask whether the act may happen.

    Raises Refusal: NOT_YOURS for a link that is none of ours, else what the rules say.
    """
    link = session.get(AttestationLink, digest(token))
    if link is None or link.is_copy:
        raise Refusal(AttestationRefusal.NOT_YOURS)
    candidacy_id = session.scalars(select(AttestationRequest.candidacy_id).where(AttestationRequest.id == link.request_id)).one()
    return hold_own(session, candidacy_id, link.request_id, act, at)


def hold_own(session: Session, candidacy_id: UUID, request_id: UUID, act: Act, at: datetime) -> AttestationRequest:
    """Lock a request of this candidacy, the dossier before it, and ask whether the act may happen; raises Refusal."""
    session.get_one(Dossier, candidacy_id, with_for_update=True)
    request = session.get(AttestationRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.candidacy_id != candidacy_id:
        raise Refusal(AttestationRefusal.NOT_YOURS)
    if (ground := refused(request.course, act, at)) is not None:
        raise Refusal(ground)
    return request
