"""Receive a complaint, answer it, close it once what was promised is done; list those of a body or of a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.certifying_body.settings import adopted_remedies
from portfolio.domain.complaint.models import Complaint
from portfolio.domain.complaint.rules import (
    DEFAULT_DAYS,
    AnswerInput,
    Channel,
    ComplaintFacts,
    ComplaintInput,
    ComplaintRefusal,
)
from portfolio.domain.email.models import CertifyingBodySettings
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.errors import Refusal

# A person who is not answered adds to what they wrote; a page shows so many.
MAX_WAITING = 5
MAX_SHOWN = 50


def record_complaint(
    session: Session, body_id: UUID, candidacy_id: UUID | None, received: ComplaintInput, *, by: UUID, at: datetime
) -> Complaint:
    """Record a complaint, written by its candidate or received otherwise by the body.

    Raise Refusal when a candidate has as many that wait as the page takes.
    """
    is_own = received.channel is Channel.ACCOUNT
    if is_own:
        session.execute(select(Candidacy.id).where(Candidacy.id == candidacy_id).with_for_update())
        waiting = select(func.count()).where(Complaint.candidacy_id == candidacy_id, Complaint.answered_at.is_(None))
        if session.scalars(waiting).one() >= MAX_WAITING:
            raise Refusal(ComplaintRefusal.TOO_MANY, number=MAX_WAITING)
    complaint = Complaint(
        id=new_id(),
        body_id=body_id,
        candidacy_id=candidacy_id,
        author="" if candidacy_id else received.author,
        contact="" if candidacy_id else received.contact,
        channel=received.channel,
        subject=received.subject,
        message=received.message,
        received_on=received.received_on,
        recorded_at=at,
        recorded_by=None if is_own else by,
    )
    session.add(complaint)
    session.flush()
    record_event(session, "complaint_received", ("complaint", complaint.id), by=by, at=at)
    return complaint


def answer_complaint(session: Session, complaint_id: UUID, given: AnswerInput, *, by: UUID, at: datetime) -> Complaint:
    """Answer a complaint; its candidate gets the answer by letter. Closed at once when nothing is to be changed.

    Raise Refusal when it was answered before, or when a letter is due and the body adopted no text on remedies for it.
    """
    complaint = _lock(session, complaint_id)
    if complaint.answered_at is not None:
        raise Refusal(ComplaintRefusal.ALREADY_ANSWERED)
    remedies = ""
    if complaint.candidacy_id is not None:
        remedies = adopted_remedies(session, complaint.body_id, RemedyKind.COMPLAINT)
    complaint.outcome, complaint.answer, complaint.measure = given.outcome, given.answer, given.measure
    complaint.answered_at, complaint.answered_by = at, by
    if not given.measure:
        complaint.closed_at, complaint.closed_by = at, by
    if complaint.candidacy_id is not None:
        candidacy = session.get_one(Candidacy, complaint.candidacy_id)
        queue_email(
            session,
            session.get_one(Person, candidacy.candidate_id),
            EmailTemplate.COMPLAINT_ANSWERED,
            at=at,
            body_id=complaint.body_id,
            name=candidacy.candidate_name,
            body=session.get_one(CertifyingBody, complaint.body_id).name,
            received_on=complaint.received_on,
            outcome=given.outcome.value,
            answer=given.answer,
            measure=given.measure,
            remedies=remedies,
        )
    record_event(session, "complaint_answered", ("complaint", complaint_id), by=by, at=at)
    return complaint


def close_complaint(session: Session, complaint_id: UUID, *, by: UUID, at: datetime) -> None:
    """Close a complaint whose measure is done. Raise Refusal when it waits for its answer, or is closed."""
    complaint = _lock(session, complaint_id)
    if complaint.answered_at is None:
        raise Refusal(ComplaintRefusal.NOT_ANSWERED)
    if complaint.closed_at is not None:
        raise Refusal(ComplaintRefusal.ALREADY_CLOSED)
    complaint.closed_at, complaint.closed_by = at, by
    record_event(session, "complaint_closed", ("complaint", complaint_id), by=by, at=at)


def _lock(session: Session, complaint_id: UUID) -> Complaint:
    return session.scalars(select(Complaint).where(Complaint.id == complaint_id).with_for_update()).one()


def find_complaint(session: Session, body_id: UUID, complaint_id: UUID) -> Complaint | None:
    """Return a complaint of this body."""
    complaint = session.get(Complaint, complaint_id)
    return complaint if complaint is not None and complaint.body_id == body_id else None


def load_complaint_days(session: Session, body_id: UUID) -> int:
    """Return the delay of answer that a body announces, in days."""
    query = select(CertifyingBodySettings.complaint_days).where(CertifyingBodySettings.body_id == body_id)
    return session.scalar(query) or DEFAULT_DAYS


def select_complaints(body_id: UUID) -> Select[Any]:
    """Select the complaints of a body, with who complains."""
    who = func.coalesce(candidate_display_name(Person), Complaint.author).label("who")
    return cast(
        "Select[Any]",
        select(Complaint, who)
        .outerjoin(Candidacy, Candidacy.id == Complaint.candidacy_id)
        .outerjoin(Person, Person.id == Candidacy.candidate_id)
        .where(Complaint.body_id == body_id),
    )


def list_waiting(session: Session, body_id: UUID) -> Sequence[Any]:
    """List the complaints that a body has to answer, the oldest first."""
    query = select_complaints(body_id).where(Complaint.answered_at.is_(None))
    return session.execute(query.order_by(Complaint.received_on, Complaint.id).limit(MAX_SHOWN)).all()


def any_waiting(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether a complaint waits for the answer of a body, as a column."""
    return select(Complaint.id).where(Complaint.body_id == body, Complaint.answered_at.is_(None)).exists()


def load_facts(session: Session, body_id: UUID) -> Sequence[ComplaintFacts]:
    """Return what figures read of every complaint of a body."""
    columns = (Complaint.received_on, Complaint.subject, Complaint.answered_at, Complaint.outcome)
    query = select(*columns, Complaint.measure != "", Complaint.closed_at.is_not(None))
    return [
        ComplaintFacts(received, subject, day_of(answered) if answered else None, outcome, has_measure, is_closed)
        for received, subject, answered, outcome, has_measure, is_closed in session.execute(
            query.where(Complaint.body_id == body_id)
        )
    ]


def list_own_complaints(session: Session, person_id: UUID) -> Sequence[Complaint]:
    """List the complaints about the dossiers of a person, the last one first."""
    query = (
        select(Complaint)
        .join(Candidacy, Candidacy.id == Complaint.candidacy_id)
        .where(Candidacy.candidate_id == person_id)
        .order_by(Complaint.received_on.desc(), Complaint.recorded_at.desc())
        .limit(MAX_SHOWN)
    )
    return session.scalars(query).all()


def list_own_bodies(session: Session, person_id: UUID) -> Sequence[Any]:
    """List the candidacies of a person: `id`, `title`, `body_id`, `body`."""
    columns = (Candidacy.id, CertificationVersion.title, Certification.body_id, CertifyingBody.name.label("body"))
    query = (
        select(*columns)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .join(CertifyingBody, CertifyingBody.id == Certification.body_id)
        .where(Candidacy.candidate_id == person_id)
        .order_by(Candidacy.opened_at)
    )
    return session.execute(query).all()
