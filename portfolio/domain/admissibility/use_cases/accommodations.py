"""Accommodations: asked by the candidate or for them, decided by the body, arranged for the day of the jury."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import (
    Accommodation,
    AccommodationDecision,
    Candidacy,
    candidate_display_name,
    is_closed_candidacy,
)
from portfolio.domain.candidacy.rules.opening import (
    AccommodationOutcome,
    AccommodationRefusal,
    Arrangement,
    decision_refusal,
)
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.errors import Refusal

# How many requests the first page reads.
MAX_WAITING = 50


@dataclass(frozen=True, slots=True)
class AccommodationLine:
    """A request, and its decision."""

    id: UUID
    asked: str
    asked_at: datetime
    decision: Arrangement | None
    decided_at: datetime | None


def ask(session: Session, candidacy_id: UUID, asked: str, *, by: UUID, at: datetime) -> None:
    """Record what a candidate asks for; the journal never says what."""
    session.get_one(Candidacy, candidacy_id, with_for_update=True)
    row = Accommodation(candidacy_id=candidacy_id, asked=asked, asked_at=at, asked_by=by)
    session.add(row)
    record_event(session, "accommodation_asked", ("candidacy", candidacy_id), by=by, at=at)


def decide(
    session: Session, candidacy_id: UUID, accommodation_id: UUID, decision: Arrangement, *, by: UUID, at: datetime
) -> None:
    """Record what is decided. Raise Refusal: it says too little, or another decision stands."""
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    if fault := decision_refusal(decision):
        raise Refusal(fault)
    if session.scalar(select(exists().where(AccommodationDecision.accommodation_id == accommodation_id))):
        raise Refusal(AccommodationRefusal.DECIDED_ALREADY)
    row = AccommodationDecision(
        accommodation_id=accommodation_id,
        outcome=decision.outcome,
        arrangements=decision.text,
        extra_minutes=decision.extra_minutes,
        interpreter=decision.interpreter,
        reason=decision.reason,
        decided_at=at,
        decided_by=by,
    )
    session.add(row)
    record_event(session, "accommodation_decided", ("candidacy", candidacy_id), by=by, at=at, outcome=decision.outcome)
    told: dict[str, Any] = {"extra_minutes": decision.extra_minutes, "interpreter": decision.interpreter}
    told |= {"is_granted": decision.outcome is AccommodationOutcome.GRANTED, "reason": decision.reason}
    email_candidate(session, candidacy, EmailTemplate.ACCOMMODATION, at=at, arrangements=decision.text, **told)


def list_accommodations(session: Session, candidacy_id: UUID) -> Sequence[AccommodationLine]:
    """List what was asked for a candidacy, the latest first, each with its decision."""
    query = (
        select(Accommodation, AccommodationDecision)
        .outerjoin(AccommodationDecision, AccommodationDecision.accommodation_id == Accommodation.id)
        .where(Accommodation.candidacy_id == candidacy_id)
        .order_by(Accommodation.asked_at.desc(), Accommodation.id)
    )
    return [
        AccommodationLine(
            row.id, row.asked, row.asked_at, found.to_value() if found else None, found.decided_at if found else None
        )
        for row, found in session.execute(query)
    ]


def waiting_accommodations(body: UUID | ColumnElement[UUID]) -> Select[*tuple[Any, ...]]:
    """Build the query of what waits for the decision of a body: candidacy, candidate, moment; the oldest first."""
    decided = exists().where(AccommodationDecision.accommodation_id == Accommodation.id)
    return (
        select(Accommodation.candidacy_id, candidate_display_name(Person).label("candidate"), Accommodation.asked_at)
        .join(Candidacy, Candidacy.id == Accommodation.candidacy_id)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body, ~decided, ~is_closed_candidacy())
        .order_by(Accommodation.asked_at, Accommodation.id)
        .limit(MAX_WAITING)
    )


def load_arrangements(session: Session, candidacies: Collection[UUID]) -> dict[UUID, list[Arrangement]]:
    """Return what is arranged for each of these candidacies; neither what was asked nor why."""
    query = (
        select(Accommodation.candidacy_id, AccommodationDecision)
        .join(AccommodationDecision, AccommodationDecision.accommodation_id == Accommodation.id)
        .where(
            Accommodation.candidacy_id.in_(candidacies), AccommodationDecision.outcome == AccommodationOutcome.GRANTED
        )
        .order_by(AccommodationDecision.decided_at)
    )
    found: dict[UUID, list[Arrangement]] = {}
    for candidacy_id, row in session.execute(query):
        found.setdefault(candidacy_id, []).append(row.to_value())
    return found
