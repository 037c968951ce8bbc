"""What juries found on a competency of a candidacy, once their result was notified."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, exists, select

from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.rules import LaterKind
from portfolio.certificate.services.notified import awaits_notification
from portfolio.jury.minutes import CompetencyFinding, Minutes
from portfolio.jury.models import Hearing
from portfolio.jury.rules import FindingValue
from portfolio.submission.models import Submission


def last_notified_finding(candidacy_id: ColumnElement[UUID], competency_id: ColumnElement[UUID]) -> ScalarSelect[FindingValue]:
    """Return the SQL value: what the last jury of a candidacy found on a competency, NULL when none spoke of it.

    A decision that waits for its notification, or that was annulled, says nothing.
    """
    annulled = exists().where(GrantLaterAct.minutes_id == Minutes.id, GrantLaterAct.kind == LaterKind.ANNULMENT)
    return (
        select(CompetencyFinding.value)
        .join(Minutes, Minutes.id == CompetencyFinding.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(Submission.candidacy_id == candidacy_id, CompetencyFinding.competency_id == competency_id)
        .where(~awaits_notification(Minutes.id), ~annulled)
        .order_by(Minutes.decided_on.desc(), Minutes.closed_at.desc())
        .limit(1)
        .correlate(candidacy_id.table, competency_id.table)
        .scalar_subquery()
    )
