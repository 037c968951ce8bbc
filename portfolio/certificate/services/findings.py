"""What juries found on each competency of a candidacy, once their result was notified."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.rules import LaterKind
from portfolio.certificate.services.notified import awaits_notification
from portfolio.jury.minutes import CompetencyFinding, Minutes
from portfolio.jury.models import Hearing
from portfolio.jury.rules import FindingValue
from portfolio.submission.models import Submission


def notified_findings(session: Session, candidacy_id: UUID) -> Mapping[UUID, FindingValue]:
    """Map the competencies that a jury of this candidacy spoke of to its last finding, in one query.

    A decision that waits for its notification, or that was annulled, says nothing.
    """
    annulled = exists().where(GrantLaterAct.minutes_id == Minutes.id, GrantLaterAct.kind == LaterKind.ANNULMENT)
    rows = session.execute(
        select(CompetencyFinding.competency_id, CompetencyFinding.value)
        .join(Minutes, Minutes.id == CompetencyFinding.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(Submission.candidacy_id == candidacy_id, ~awaits_notification(Minutes.id), ~annulled)
        .order_by(Minutes.decided_on, Minutes.closed_at)
    )
    return {row.competency_id: row.value for row in rows}
