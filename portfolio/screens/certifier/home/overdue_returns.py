"""The dossiers returned for completion whose day passed without a new version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name, is_closed_candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.submission.models import DossierReturn


@dataclass(frozen=True, slots=True)
class OverdueReturn:
    """A returned dossier whose day passed."""

    candidacy_id: UUID
    candidate: str
    due_on: date


@dataclass(frozen=True, slots=True)
class OverdueReturns:
    """The first of them, the oldest day first, and how many there are."""

    first: tuple[OverdueReturn, ...]
    number: int


def list_overdue_returns(session: Session, body_id: UUID, today: date, limit: int) -> OverdueReturns:
    """List the first returns of a body whose day passed, and count them, in two queries."""
    overdue = (
        select(Candidacy.id, candidate_display_name(Person).label("candidate"), DossierReturn.due_on)
        .select_from(DossierReturn)
        .join(Candidacy, Candidacy.id == DossierReturn.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(
            Certification.body_id == body_id, DossierReturn.is_open.is_(True), DossierReturn.due_on < today
        )
        .where(~is_closed_candidacy())
    )
    rows = session.execute(overdue.order_by(DossierReturn.due_on, Candidacy.id).limit(limit)).all()
    number = (
        session.scalar(select(func.count()).select_from(overdue.subquery()))
        if len(rows) == limit
        else len(rows)
    )
    return OverdueReturns(
        tuple(OverdueReturn(row.id, row.candidate, row.due_on) for row in rows), number or 0
    )
