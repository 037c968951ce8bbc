"""The candidates whom a juror of the pool cannot judge, as the body recorded it before any declaration (J10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.rules.juror_card import ConflictKind, PoolRefusal
from portfolio.errors import Refusal

# How many candidates the form of a card offers: those whose candidacies are the latest.
MAX_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class RecordedConflict:
    """A candidate whom a juror cannot judge, and why."""

    id: UUID
    candidate: str
    kind: ConflictKind


def list_conflicts(session: Session, juror_id: UUID) -> tuple[RecordedConflict, ...]:
    """List the candidates whom a juror cannot judge, by name."""
    query = (
        select(JurorConflict.id, Person.name, JurorConflict.kind)
        .join(Person, Person.id == JurorConflict.candidate_id)
        .where(JurorConflict.juror_id == juror_id)
        .order_by(Person.name, JurorConflict.id)
    )
    return tuple(RecordedConflict(*row) for row in session.execute(query))


def list_candidates(session: Session, body_id: UUID) -> list[tuple[UUID, str]]:
    """List the candidates of a body that a conflict may name, the latest candidacies only."""
    latest = _of_body(body_id).order_by(Candidacy.admissible_on.desc(), Candidacy.id).limit(MAX_CANDIDATES)
    rows = {row.candidate_id: row.candidate_name for row in session.scalars(latest)}
    return sorted(rows.items(), key=lambda row: row[1].casefold())


def record_conflict(session: Session, juror: Juror, candidate_id: UUID, kind: ConflictKind, *, by: UUID, at: datetime) -> None:
    """Record that a juror cannot judge a candidate; twice is once. Raise Refusal for another body's candidate."""
    if not session.scalar(select(exists(_of_body(juror.body_id).where(Candidacy.candidate_id == candidate_id)))):
        raise Refusal(PoolRefusal.UNKNOWN_CANDIDATE)
    values = {"juror_id": juror.id, "candidate_id": candidate_id, "kind": kind, "is_pinned": True}
    insert_if_absent(session, JurorConflict, ("juror_id", "candidate_id"), id=new_id(), recorded_at=at, recorded_by=by, **values)
    record_event(session, "pool_conflict_recorded", ("juror", juror.id), by=by, at=at, candidate=candidate_id)


def remove_conflict(session: Session, juror: Juror, conflict_id: UUID, *, by: UUID, at: datetime) -> None:
    """Remove a conflict that was recorded by mistake; the audit log keeps both."""
    row = session.get(JurorConflict, conflict_id)
    if row is not None and row.juror_id == juror.id:
        candidate = row.candidate_id
        session.delete(row)
        record_event(session, "pool_conflict_removed", ("juror", juror.id), by=by, at=at, candidate=candidate)


def _of_body(body_id: UUID) -> Select[Candidacy]:
    return (
        select(Candidacy)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id)
    )
