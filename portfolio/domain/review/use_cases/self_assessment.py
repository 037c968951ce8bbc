"""The candidate says how far they think they master a competency, for their advisor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.review.models import OwnAssessment
from portfolio.domain.review.rules.self_assessment import SelfAssessment


def find_self_assessment(session: Session, candidacy_id: UUID, competency_id: UUID) -> SelfAssessment | None:
    """Return what the candidate said of a competency; None when they said nothing."""
    row = session.get(OwnAssessment, (candidacy_id, competency_id))
    return row.value if row is not None else None


def assess_oneself(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    value: SelfAssessment | None,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Keep what the candidate says of a competency, or forget it.

    Raises Refusal: SEALED, NOT_IN_SCOPE, HELD, SUSPENDED.
    """
    lock_draft(session, candidacy_id)
    require_editable_competencies(session, candidacy_id, [competency_id])
    row = session.get(OwnAssessment, (candidacy_id, competency_id))
    if (row.value if row is not None else None) == value:
        return
    if value is None:
        session.delete(row)
    elif row is None:
        session.add(
            OwnAssessment(candidacy_id=candidacy_id, competency_id=competency_id, value=value, changed_at=at)
        )
    else:
        row.value, row.changed_at = value, at
    record_event(
        session, "self_assessed", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id
    )
