"""Appeals against what a jury decided: registered with their clock, answered, listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.contests import Appeal, AppealAnswer
from portfolio.domain.holdings.rules.contests import AppealInput, AppealOutcome, ContestRefusal, answer_due
from portfolio.domain.holdings.use_cases.acquisitions import Proof
from portfolio.domain.holdings.use_cases.observations import file_columns
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.rules.closing import day_of
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True)
class AppealDetails:
    """An appeal with how it ended, if it did."""

    appeal: Appeal
    answer: AppealAnswer | None

    def days_left(self, today: date) -> int | None:
        """Return the days left to answer; negative once silence is a refusal, None once answered."""
        return None if self.answer is not None else (self.appeal.answer_by - today).days


def register(
    session: Session,
    hearing_id: UUID,
    appeal: AppealInput,
    proof: Proof | None = None,
    *,
    by: UUID,
    at: datetime,
) -> Appeal:
    """Register an appeal, with the day on which silence becomes a refusal.

    Raise Refusal: minutes still open, filed before the decision, or a day to come.
    """
    minutes = session.scalar(select(Minutes).where(Minutes.hearing_id == hearing_id))
    if minutes is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    if appeal.filed_on < minutes.decided_on:
        raise Refusal(ContestRefusal.BEFORE_DECISION)
    if max(appeal.filed_on, appeal.received_on) > day_of(at) or appeal.received_on < appeal.filed_on:
        raise Refusal(ContestRefusal.IN_THE_FUTURE)
    row = Appeal(
        minutes_id=minutes.id,
        kind=appeal.kind,
        filed_on=appeal.filed_on,
        received_on=appeal.received_on,
        answer_by=answer_due(appeal.received_on),
        grounds=appeal.grounds,
        recorded_at=at,
        recorded_by=by,
        **file_columns(proof),
    )
    session.add(row)
    session.flush()
    record_event(session, "appeal_registered", ("minutes", minutes.id), by=by, at=at, kind=appeal.kind)
    append(session, [row], at=at)
    return row


def answer(
    session: Session,
    hearing_id: UUID,
    appeal_id: UUID,
    outcome: AppealOutcome,
    answered_on: date,
    text: str,
    *,
    by: UUID,
    at: datetime,
) -> AppealAnswer:
    """Record how an appeal ended.

    Raise Refusal: already answered, before it was received, or a day to come.
    """
    query = select(Appeal).join(Minutes, Minutes.id == Appeal.minutes_id)
    row = session.scalars(
        query.where(Appeal.id == appeal_id, Minutes.hearing_id == hearing_id).with_for_update(of=Appeal)
    ).one()
    if session.scalar(select(AppealAnswer).where(AppealAnswer.appeal_id == appeal_id)) is not None:
        raise Refusal(ContestRefusal.ALREADY_ANSWERED)
    if not row.received_on <= answered_on <= day_of(at):
        raise Refusal(ContestRefusal.IN_THE_FUTURE)
    done = AppealAnswer(
        appeal_id=appeal_id,
        outcome=outcome,
        answered_on=answered_on,
        text=text,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(done)
    session.flush()
    record_event(session, "appeal_answered", ("minutes", row.minutes_id), by=by, at=at, outcome=outcome)
    append(session, [done], at=at)
    return done


def list_appeals(session: Session, hearing_id: UUID) -> list[AppealDetails]:
    """List the appeals against the minutes of a hearing, the oldest first."""
    query = (
        select(Appeal, AppealAnswer)
        .join(Minutes, Minutes.id == Appeal.minutes_id)
        .outerjoin(AppealAnswer, AppealAnswer.appeal_id == Appeal.id)
        .where(Minutes.hearing_id == hearing_id)
        .order_by(Appeal.received_on, Appeal.id)
    )
    return [AppealDetails(appeal, answer) for appeal, answer in session.execute(query)]
