"""Letters about the day of a jury: the candidate is given its date, each member is summoned to a seat."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.candidacy.use_cases.notifications import email_candidate
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.submission.models import Submission


def notify_hearing_scheduled(session: Session, hearing: Hearing, *, at: datetime, moved_from: date | None = None) -> None:
    """Write to the candidate when and where a jury hears them; `moved_from` is the earlier day of a hearing that moves."""
    jury = session.get_one(JurySession, hearing.session_id)
    _email_candidate(session, hearing, jury, EmailTemplate.HEARING_SCHEDULED, at=at, place=jury.place, moved_from=moved_from)


def notify_hearing_cancelled(session: Session, hearing: Hearing, *, at: datetime) -> None:
    """Write to the candidate that the jury of that day does not hear them; they wait for another date."""
    jury = session.get_one(JurySession, hearing.session_id)
    _email_candidate(session, hearing, jury, EmailTemplate.HEARING_CANCELLED, at=at)


def _email_candidate(
    session: Session, hearing: Hearing, jury: JurySession, letter: EmailTemplate, *, at: datetime, **facts: str | date | None
) -> None:
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    email_candidate(session, candidacy, letter, at=at, held_on=jury.held_on, **facts)


def summon_member(session: Session, member: JuryMember, jury: JurySession, *, at: datetime) -> None:
    """Write to a member when, where and in which seat they sit, and what they do before that day."""
    _email_member(
        session,
        member,
        jury,
        EmailTemplate.SUMMONS,
        at=at,
        place=jury.place,
        chair=member.seat,
        rank=member.rank,
        certification=jury.version.title,
    )


def notify_seat_withdrawn(session: Session, member: JuryMember, jury: JurySession, *, at: datetime) -> None:
    """Write to a former member that they no longer sit in this jury."""
    _email_member(session, member, jury, EmailTemplate.SEAT_WITHDRAWN, at=at)


def _email_member(
    session: Session, member: JuryMember, jury: JurySession, letter: EmailTemplate, *, at: datetime, **facts: object
) -> None:
    body = session.get_one(CertifyingBody, jury.body_id)
    shared = {"name": member.name, "body": body.name, "held_on": jury.held_on}
    queue_email(session, member.person, letter, at=at, body_id=body.id, **shared, **facts)
