"""Letters about the day of a jury, each with its calendar file: a summons, a change, a cancellation, a
reminder.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.candidacy.use_cases.notifications import email_candidate
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.summons import SendingReason, SummonedAs
from portfolio.domain.jury.use_cases.summons import (
    Recipient,
    answer_token,
    attach_letter,
    cancel_summons,
    event_of,
    record_summons,
)
from portfolio.domain.submission.models import Submission


def notify_hearing_scheduled(
    session: Session,
    hearing: Hearing,
    *,
    at: datetime,
    moved_from: date | None = None,
    reason: SendingReason = SendingReason.FIRST,
) -> None:
    """Write to the candidate when and where a jury hears them; `moved_from` is the earlier day of a hearing
    that moves.
    """
    jury = session.get_one(JurySession, hearing.session_id)
    to = recipient_of_hearing(session, hearing)
    row = record_summons(session, jury, to, event_of(jury, hearing), at=at)
    facts = _day_facts(jury, hearing) | {
        "token": answer_token(row),
        "changed": reason is SendingReason.CHANGED,
    }
    reminds = reason is SendingReason.REMINDER
    letter = EmailTemplate.HEARING_REMINDER if reminds else EmailTemplate.HEARING_SCHEDULED
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    mail = email_candidate(session, candidacy, letter, at=at, moved_from=moved_from, **facts)
    attach_letter(
        session, row, to, mail, SendingReason.CHANGED if moved_from and not reminds else reason, at=at
    )


def notify_hearing_cancelled(session: Session, hearing: Hearing, *, at: datetime) -> None:
    """Write to a candidate who was summoned that the jury of that day does not hear them; they wait for
    another date.
    """
    jury = session.get_one(JurySession, hearing.session_id)
    to = recipient_of_hearing(session, hearing)
    row = cancel_summons(session, jury, to)
    if row is None:
        return
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    held_on = day_of(row.starts_at)
    mail = email_candidate(session, candidacy, EmailTemplate.HEARING_CANCELLED, at=at, held_on=held_on)
    attach_letter(session, row, to, mail, SendingReason.CANCELLED, at=at)


def summon_member(
    session: Session,
    member: JuryMember,
    jury: JurySession,
    *,
    at: datetime,
    reason: SendingReason = SendingReason.FIRST,
) -> None:
    """Write to a member when, where and in which seat they sit, and what they do before that day."""
    session.flush()
    to = recipient_of_member(member)
    row = record_summons(session, jury, to, event_of(jury), at=at)
    letter = EmailTemplate.SUMMONS_REMINDER if reason is SendingReason.REMINDER else EmailTemplate.SUMMONS
    facts = _day_facts(jury) | {
        "chair": member.seat,
        "rank": member.rank,
        "certification": jury.version.title,
    }
    facts |= {"token": answer_token(row), "changed": reason is SendingReason.CHANGED}
    attach_letter(
        session, row, to, _email_member(session, member, jury, letter, at=at, **facts), reason, at=at
    )


def notify_seat_withdrawn(session: Session, member: JuryMember, jury: JurySession, *, at: datetime) -> None:
    """Write to a former member who was summoned that they no longer sit in this jury."""
    _cancel_member(session, member, jury, EmailTemplate.SEAT_WITHDRAWN, at=at)


def notify_session_cancelled(
    session: Session, member: JuryMember, jury: JurySession, *, at: datetime
) -> None:
    """Write to a member who was summoned that the jury does not meet."""
    _cancel_member(session, member, jury, EmailTemplate.SESSION_CANCELLED, at=at)


def recipient_of_member(member: JuryMember) -> Recipient:
    """Return whom the summons of a member is for."""
    return Recipient(member.person.id, member.name, member.person.email, SummonedAs.JUROR)


def recipient_of_hearing(session: Session, hearing: Hearing) -> Recipient:
    """Return whom the summons of a hearing is for."""
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    person = candidacy.candidate
    return Recipient(person.id, candidacy.candidate_name, person.email, SummonedAs.CANDIDATE, hearing.id)


def _day_facts(jury: JurySession, hearing: Hearing | None = None) -> dict[str, Any]:
    start, end = (
        (hearing.start_minute, hearing.end_minute) if hearing else (jury.start_minute, jury.end_minute)
    )
    facts: dict[str, Any] = {"held_on": jury.held_on, "place": jury.place, "start": start, "end": end}
    texts = {"video_link": jury.video_link, "to_bring": jury.to_bring, "day_contact": jury.day_contact}
    return facts | {name: text or "" for name, text in texts.items()}


def _cancel_member(
    session: Session, member: JuryMember, jury: JurySession, letter: EmailTemplate, *, at: datetime
) -> None:
    to = recipient_of_member(member)
    row = cancel_summons(session, jury, to)
    if row is None:
        return
    mail = _email_member(session, member, jury, letter, at=at, held_on=day_of(row.starts_at))
    attach_letter(session, row, to, mail, SendingReason.CANCELLED, at=at)


def _email_member(
    session: Session,
    member: JuryMember,
    jury: JurySession,
    letter: EmailTemplate,
    *,
    at: datetime,
    **facts: Any,
) -> OutgoingEmail:
    body = session.get_one(CertifyingBody, jury.body_id)
    shared = {"name": member.name, "body": body.name}
    return queue_email(session, member.person, letter, at=at, body_id=body.id, **shared, **facts)
