"""Letters about the day of a jury: the candidate is given its date, each member is summoned to a seat."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portfolio.account.models import CertifyingBody
from portfolio.candidacy.services.telling import tell_candidate
from portfolio.jury.models import Hearing, JurySession, Member
from portfolio.mail.services import Letter, write
from portfolio.submission.models import Submission


def notify_hearing_scheduled(session: Session, hearing: Hearing, *, at: datetime, moved_from: date | None = None) -> None:
    """Write to the candidate when and where a jury hears them; `moved_from` is the earlier day of a hearing that moves."""
    jury = session.get_one(JurySession, hearing.session_id)
    _tell(session, hearing, jury, Letter.HEARING_SCHEDULED, at=at, place=jury.place, moved_from=moved_from)


def notify_hearing_cancelled(session: Session, hearing: Hearing, *, at: datetime) -> None:
    """Write to the candidate that the jury of that day does not hear them; they wait for another date."""
    jury = session.get_one(JurySession, hearing.session_id)
    _tell(session, hearing, jury, Letter.HEARING_CANCELLED, at=at)


def _tell(
    session: Session, hearing: Hearing, jury: JurySession, letter: Letter, *, at: datetime, **facts: str | date | None
) -> None:
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    tell_candidate(session, candidacy, letter, at=at, held_on=jury.held_on, **facts)


def summon_member(session: Session, member: Member, jury: JurySession, *, at: datetime) -> None:
    """Write to a member when, where and in which seat they sit, and what they do before that day."""
    _write(
        session,
        member,
        jury,
        Letter.SUMMONS,
        at=at,
        place=jury.place,
        chair=member.seat,
        rank=member.rank,
        certification=jury.version.title,
    )


def notify_seat_withdrawn(session: Session, member: Member, jury: JurySession, *, at: datetime) -> None:
    """Write to a former member that they no longer sit in this jury."""
    _write(session, member, jury, Letter.SEAT_WITHDRAWN, at=at)


def _write(session: Session, member: Member, jury: JurySession, letter: Letter, *, at: datetime, **facts: object) -> None:
    body = session.get_one(CertifyingBody, jury.body_id)
    shared = {"name": member.name, "body": body.name, "held_on": jury.held_on}
    write(session, member.person, letter, at=at, body_id=body.id, **shared, **facts)
