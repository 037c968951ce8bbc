"""Recording what a closing wrote, last in its transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.jury.models.minutes import Minutes, RecordedDecision, RecordedFinding
from portfolio.domain.ledger.recording import MOMENT, append
from portfolio.domain.ledger.tracking import record_written


def record_closing(session: Session, minutes_id: UUID, *, at: datetime) -> None:
    """Record everything one closing wrote: the sitting, then minutes, decisions, findings, grants, the whole, certificates.

    The sitting comes first, so that the head which covers a certificate is the last one until something else happens.
    To be called last in the transaction: from here to the commit, every other closing waits.
    """
    session.info[MOMENT] = at
    record_written(session)
    grants = select(Grant.id).where(Grant.minutes_id == minutes_id)
    awards = select(Award.id).where(Award.completed_by.in_(grants))
    queries = (
        select(Minutes).where(Minutes.id == minutes_id),
        select(RecordedDecision).where(RecordedDecision.minutes_id == minutes_id),
        select(RecordedFinding).where(RecordedFinding.minutes_id == minutes_id),
        select(Grant).where(Grant.minutes_id == minutes_id),
        select(Award).where(Award.completed_by.in_(grants)),
        select(Certificate).where(or_(Certificate.grant_id.in_(grants), Certificate.award_id.in_(awards))),
    )
    append(session, [act for query in queries for act in session.scalars(query)], at=at)
