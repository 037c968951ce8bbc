"""The hearings that a certifier looks at a second time, and what the second look concludes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.pool import HearingReview
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JurySession
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion, draw_sample
from portfolio.errors import Refusal


@dataclass(frozen=True)
class SampledHearing:
    """A hearing of the sample: who, when, and what the second look concluded."""

    hearing_id: UUID
    held_on: date
    candidate: str
    minutes: str
    review: HearingReview | None


def load_sample(session: Session, body_id: UUID, year: int) -> tuple[SampledHearing, ...]:
    """Return the hearings of a year to look at again, by day: those drawn, and those that were reviewed already."""
    held = (JurySession.body_id == body_id, JurySession.held_on.between(date(year, 1, 1), date(year, 12, 31)))
    closed = select(Hearing.id).join(Hearing.session).join(Minutes, Minutes.hearing_id == Hearing.id).where(*held)
    drawn = draw_sample(session.scalars(closed).all(), year)
    query = (
        select(Hearing.id, JurySession.held_on, Candidacy, Minutes.number, HearingReview)
        .join(Hearing.session)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .outerjoin(HearingReview, HearingReview.hearing_id == Hearing.id)
        .where(*held, Hearing.id.in_(drawn) | HearingReview.id.is_not(None))
        .order_by(JurySession.held_on, Hearing.id)
    )
    return tuple(
        SampledHearing(id, held_on, candidacy.candidate_name, number, review)
        for id, held_on, candidacy, number, review in session.execute(query)
    )


def record_review(
    session: Session, hearing_id: UUID, conclusion: ReviewConclusion, text: str, *, by: UUID, at: datetime
) -> HearingReview:
    """Record a second look; the first one stays.

    Raise Refusal: minutes still open, or by somebody who sat for this hearing.
    """
    if session.scalar(select(Minutes.id).where(Minutes.hearing_id == hearing_id)) is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    sat = select(HearingMember.id).where(HearingMember.hearing_id == hearing_id, HearingMember.person_id == by)
    if session.scalar(sat) is not None:
        raise Refusal(JuryRefusal.REVIEWER_SAT)
    values = {"conclusion": conclusion, "text": text, "reviewed_at": at, "reviewed_by": by}
    if insert_if_absent(session, HearingReview, ("hearing_id",), id=new_id(), hearing_id=hearing_id, **values):
        record_event(session, "hearing_reviewed", ("hearing", hearing_id), by=by, at=at, conclusion=conclusion)
    return session.scalars(select(HearingReview).where(HearingReview.hearing_id == hearing_id)).one()


def find_review(session: Session, hearing_id: UUID) -> HearingReview | None:
    """Find the second look at a hearing."""
    return session.scalar(select(HearingReview).where(HearingReview.hearing_id == hearing_id))
