"""The return that a candidate has to answer, and the new sealed version that answers it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.jury.models.deliberation import JurorOpinion
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.models.statements import MemberAttendance
from portfolio.domain.jury.use_cases.new_version import read_new_version
from portfolio.domain.submission.models import DossierReturn, Submission
from portfolio.domain.submission.rules.refusals import SubmissionRefusal
from portfolio.domain.submission.rules.returns import ReturnEnding
from portfolio.errors import Refusal


def find_open_return(session: Session, candidacy_id: UUID) -> DossierReturn | None:
    """Find the return that the candidate has to answer, with what it asks."""
    query = select(DossierReturn).where(
        DossierReturn.candidacy_id == candidacy_id, DossierReturn.is_open.is_(True)
    )
    return session.scalar(query.options(selectinload(DossierReturn.requests)))


def has_begun(session: Session, hearing_id: UUID) -> bool:
    """Return whether a jury checked who is present, or wrote an opinion, a finding or a decision."""
    models = (MemberAttendance, JurorOpinion, FindingDraft, DecisionDraft)
    return bool(
        session.scalar(select(or_(*(exists().where(model.hearing_id == hearing_id) for model in models))))
    )


def lock_current_hearing(session: Session, candidacy_id: UUID) -> Hearing | None:
    """Lock the hearing of the last sealed version, if a jury is named: its closing and a return happen one
    after the other.

    It is taken before the candidate and the draft, as closing takes them.
    """
    last = (
        select(func.max(Submission.number)).where(Submission.candidacy_id == candidacy_id).scalar_subquery()
    )
    query = (
        select(Hearing)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(
            Submission.candidacy_id == candidacy_id, Submission.number == last, Hearing.is_current.is_(True)
        )
    )
    return session.scalar(query.with_for_update(of=Hearing))


def require_not_begun(session: Session, hearing: Hearing | None) -> None:
    """Raise Refusal once the jury that is to read an answer has begun: it decides on the version that it
    read.
    """
    if hearing is not None and (hearing.closed_at is not None or has_begun(session, hearing.id)):
        raise Refusal(SubmissionRefusal.JURY_HAS_BEGUN)


def end_by_submission(
    session: Session,
    row: DossierReturn,
    hearing: Hearing | None,
    submission: Submission,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """End a return with the sealed version that answers it, and let the jury that is named read it."""
    end(row, ReturnEnding.SUBMITTED, at)
    row.answer_id = submission.id
    if hearing is not None:
        read_new_version(session, hearing, submission, by=by, at=at)


def end(row: DossierReturn, ending: ReturnEnding, at: datetime) -> None:
    """Say how a return ended."""
    row.is_open, row.ending, row.ended_at = None, ending, at
