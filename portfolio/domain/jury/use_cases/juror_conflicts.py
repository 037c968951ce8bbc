"""The candidates whom a juror of the pool cannot judge, as the body recorded it before any declaration
(J10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.rules.juror_card import ConflictKind, PoolRefusal
from portfolio.domain.jury.use_cases.shared_employers import compare_juror
from portfolio.errors import Refusal

# How many candidates the form of a card offers: those whose candidacies are the latest.
MAX_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class RecordedConflict:
    """A candidate whom a juror cannot judge, and why."""

    id: UUID
    candidate: str
    kind: ConflictKind
    is_pinned: bool
    organisation: str
    lifted_at: datetime | None
    lift_reason: str


def list_conflicts(session: Session, juror_id: UUID) -> tuple[RecordedConflict, ...]:
    """List the candidates whom a juror cannot judge, by name."""
    query = (
        select(
            *(
                JurorConflict.id,
                Person.name,
                JurorConflict.kind,
                JurorConflict.is_pinned,
                JurorConflict.organisation,
            ),
            *(JurorConflict.lifted_at, JurorConflict.lift_reason),
        )
        .join(Person, Person.id == JurorConflict.candidate_id)
        .where(JurorConflict.juror_id == juror_id)
        .order_by(Person.name, JurorConflict.id)
    )
    return tuple(RecordedConflict(*row) for row in session.execute(query))


def list_candidates(session: Session, body_id: UUID) -> list[tuple[UUID, str]]:
    """List the candidates of a body that a conflict may name, the latest candidacies only."""
    latest = _of_body(body_id).order_by(Candidacy.admissible_on.desc(), Candidacy.id).limit(MAX_CANDIDATES)
    rows = {row.candidate_id: row.candidate_name for row in session.scalars(latest)}
    return sorted(rows.items(), key=lambda row: name_order(row[1]))


def record_conflict(
    session: Session, juror: Juror, candidate_id: UUID, kind: ConflictKind, *, by: UUID, at: datetime
) -> None:
    """Record that a juror cannot judge a candidate; twice is once.

    Raise Refusal for another body's candidate. What the body records stays until the body removes it, over
    what the comparison of employers found or the body set aside.
    """
    if not session.scalar(
        select(exists(_of_body(juror.body_id).where(Candidacy.candidate_id == candidate_id)))
    ):
        raise Refusal(PoolRefusal.UNKNOWN_CANDIDATE)
    values = {"juror_id": juror.id, "candidate_id": candidate_id, "kind": kind, "is_pinned": True}
    key = ("juror_id", "candidate_id")
    if not insert_if_absent(
        session, JurorConflict, key, id=new_id(), recorded_at=at, recorded_by=by, **values
    ):
        pair = (JurorConflict.juror_id == juror.id, JurorConflict.candidate_id == candidate_id)
        pinned = {"is_pinned": True, "kind": kind, "recorded_at": at, "recorded_by": by}
        lifted = {"organisation": "", "lifted_at": None, "lifted_by": None, "lift_reason": ""}
        found = update(JurorConflict).where(*pair, JurorConflict.is_pinned.is_(False))
        session.execute(found.values(**pinned, **lifted).execution_options(synchronize_session="fetch"))
    record_event(session, "pool_conflict_recorded", ("juror", juror.id), by=by, at=at, candidate=candidate_id)


def remove_conflict(session: Session, juror: Juror, conflict_id: UUID, *, by: UUID, at: datetime) -> None:
    """Remove a conflict that the body recorded by mistake; the audit log keeps both.

    A shared employer is then found again.
    """
    row = _find(session, juror, conflict_id)
    if row is not None and row.is_pinned:
        candidate = row.candidate_id
        session.delete(row)
        record_event(session, "pool_conflict_removed", ("juror", juror.id), by=by, at=at, candidate=candidate)
        compare_juror(session, juror, at=at)


def lift_conflict(
    session: Session, juror: Juror, conflict_id: UUID, reason: str, *, by: UUID, at: datetime
) -> None:
    """Set aside a conflict that the comparison found, with the reason why it is no relation.

    It counts again when another organisation is found. One that the body recorded is removed, not set aside.
    """
    row = _find(session, juror, conflict_id)
    if row is not None and not row.is_pinned and row.lifted_at is None:
        row.lifted_at, row.lifted_by, row.lift_reason = at, by, reason
        record_event(
            session, "pool_conflict_lifted", ("juror", juror.id), by=by, at=at, candidate=row.candidate_id
        )


def _find(session: Session, juror: Juror, conflict_id: UUID) -> JurorConflict | None:
    return session.scalar(
        select(JurorConflict).where(JurorConflict.id == conflict_id, JurorConflict.juror_id == juror.id)
    )


def _of_body(body_id: UUID) -> Select[Candidacy]:
    return (
        select(Candidacy)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id)
    )
