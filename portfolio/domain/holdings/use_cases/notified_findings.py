"""Findings of juries on a competency of a candidacy, after notification of the result."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, exists, select
from sqlalchemy.orm import aliased

from portfolio.domain.certification.models import Competency
from portfolio.domain.holdings.models.events import GrantStatusChange, bears_on
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.submission.models import Submission


def last_notified_finding(
    candidacy_id: ColumnElement[UUID], competency_id: ColumnElement[UUID]
) -> ScalarSelect[FindingValue]:
    """Return the SQL value: what the last jury of a candidacy found on a competency, NULL when none spoke of
    it.

    A decision that waits for its notification, or that was annulled, says nothing.
    """
    found_on = aliased(Competency)
    annulled = exists().where(
        bears_on(GrantStatusChange, Minutes.id, found_on.block_id),
        GrantStatusChange.kind == StatusChangeKind.ANNULMENT,
    )
    return (
        select(RecordedFinding.value)
        .join(found_on, found_on.id == RecordedFinding.competency_id)
        .join(Minutes, Minutes.id == RecordedFinding.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(Submission.candidacy_id == candidacy_id, RecordedFinding.competency_id == competency_id)
        .where(~awaits_notification(Minutes.id), ~annulled)
        .order_by(Minutes.decided_on.desc(), Minutes.closed_at.desc())
        .limit(1)
        .correlate(candidacy_id.table, competency_id.table)
        .scalar_subquery()
    )
