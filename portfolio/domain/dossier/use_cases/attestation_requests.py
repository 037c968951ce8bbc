"""The candidate asks a third party, reminds them, withdraws what they asked.

Whom a request is about, before which body: what letters, pages and records say of it; and how a request is held.

Purge expired data of third parties: address, e-mails, statements never signed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import token_hash
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.dossier.models.attestation import (
    Attestation,
    AttestationDraft,
    AttestationLink,
    AttestationRequest,
    attestation_competency,
)
from portfolio.domain.dossier.models.dossier import Dossier, Experience
from portfolio.domain.dossier.rules.attestation import (
    AskedCompetency,
    AttestationRefusal,
    RequestAction,
    RequestText,
    can_request,
    refusal_for,
    transition,
)
from portfolio.domain.dossier.rules.draft import DossierRefusal
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.email.use_cases import EmailTemplate, ExternalRecipient, delete_emails_to, queue_email_to_outsider
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
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Candidacy.id == candidacy_id)
    ).one()
    candidate, name, title, code, body_id = row
    words = load_body_settings(session, body_id)
    contact = words.contact or "\n".join(line for line in (words.legal_name, words.address, words.city) if line)
    return Context(candidacy_id, candidate, name, body_id, words.legal_name, contact, title, code)


def recipient_of(context: Context, request: AttestationRequest) -> ExternalRecipient:
    """Answer whom the letters of a request go to."""
    return ExternalRecipient(request.name, request.email, context.body_id)


def competencies_asked(session: Session, evidence_id: UUID) -> Sequence[UUID]:
    """Return the competencies that the request behind a piece named; none for a piece that no third party signed."""
    signed = or_(Attestation.evidence_id == evidence_id, Attestation.attachment_id == evidence_id)
    asked = select(attestation_competency.c.competency_id).join(
        Attestation, Attestation.request_id == attestation_competency.c.request_id
    )
    return session.scalars(asked.where(signed)).all()


def load_competencies(session: Session, request_id: UUID) -> tuple[AskedCompetency, ...]:
    """Return the competencies that a request names, in the order of the certification."""
    rows = session.execute(
        select(Block.number, Competency.number, Competency.text)
        .join(Block.competencies)
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
    """Lock a request of this candidacy, the dossier before it, and ask whether the act may happen; raises Refusal."""
    session.get_one(Dossier, candidacy_id, with_for_update=True)
    request = session.get(AttestationRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.candidacy_id != candidacy_id:
        raise Refusal(AttestationRefusal.NOT_YOURS)
    if (ground := refusal_for(request.status, act, at)) is not None:
        raise Refusal(ground)
    return request


def ask(session: Session, candidacy_id: UUID, asking: RequestText, life: timedelta, *, by: UUID, at: datetime) -> UUID:
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
        session, "attestation_asked", ("attestation_request", request.id), by=by, at=at, quality=asking.quality
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
        session, "attestation_reminded", ("attestation_request", request_id), by=by, at=at, reminders=request.reminders
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
    """Erase what a third party was writing; answer the key of the file they had joined, empty when there was none."""
    key = session.scalar(select(AttestationDraft.attachment_key).where(AttestationDraft.request_id == request_id)) or ""
    session.execute(delete(AttestationDraft).where(AttestationDraft.request_id == request_id))
    return key


def new_link(session: Session, request_id: UUID, *, at: datetime, until: datetime, is_copy: bool = False) -> str:
    """Make a link and answer its token: 256 random bits, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    link = AttestationLink(
        token_digest=token_hash(token), request_id=request_id, is_download_link=is_copy, created_at=at, expires_at=until
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


def _write(session: Session, context: Context, request: AttestationRequest, at: datetime, *, again: bool) -> None:
    token = new_link(session, request.id, at=at, until=request.expires_at)
    facts = {"name": request.name, "candidate": context.name, "certification": context.certification}
    facts |= {"certifier": context.certifier, "contact": context.contact}
    to = recipient_of(context, request)
    queue_email_to_outsider(
        session, to, EmailTemplate.ATTESTATION_ASKED, at=at, token=token, until=request.expires_at, again=again, **facts
    )


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
