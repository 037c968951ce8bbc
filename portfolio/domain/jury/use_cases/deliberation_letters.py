"""Letters that a certifier writes after a sitting that decided nothing yet: its resumption, an absence."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import PARIS
from portfolio.documents.calendar_file import FILE_NAME, CalendarEntry, calendar_text, media_type_of
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.use_cases.notifications import email_candidate
from portfolio.domain.email.rules import MAIL_FROM
from portfolio.domain.email.use_cases import EmailTemplate, add_attachment, queue_email, render_text
from portfolio.domain.holdings.use_cases.appeals import load_words
from portfolio.domain.jury.models.deliberation import Adjournment
from portfolio.domain.jury.models.minutes import AbsenceLetter, Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.member_status import MemberState, deliberating
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.rules.summons import SendingReason, SummonsEvent
from portfolio.domain.jury.use_cases.declarations import load_member_states
from portfolio.domain.jury.use_cases.email_notices import recipient_of_hearing
from portfolio.domain.jury.use_cases.in_session import find_adjournment
from portfolio.domain.jury.use_cases.summons import answer_token, attach_letter, record_summons
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


def write_resumption(session: Session, hearing_id: UUID, *, by: UUID, at: datetime) -> int:
    """Write to the candidate and to the members who deliberate the day on which a suspended sitting resumes,
    with a calendar file each; return how many letters.

    The same day is written once. Raise Refusal when the sitting is not suspended, or that day is not known.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    row = find_adjournment(session, hearing_id) if hearing.closed_at is None else None
    if row is None:
        raise Refusal(JuryRefusal.NOT_ADJOURNED)
    if row.resumes_on is None:
        raise Refusal(JuryRefusal.NO_RESUMPTION_DAY)
    if row.written_for == row.resumes_on:
        return 0
    row.written_for, row.written_times = row.resumes_on, (row.written_times or 0) + 1
    jury = session.get_one(JurySession, hearing.session_id)
    _write_candidate(session, jury, hearing, row.resumes_on, at=at)
    members = [state for state in deliberating(load_member_states(session, hearing)) if not state.is_excluded]
    for state in members:
        _write_member(session, jury, hearing, row, state, at=at)
    session.flush()
    facts = {"resumes_on": row.resumes_on, "letters": len(members) + 1}
    record_event(session, "resumption_written", ("hearing", hearing_id), by=by, at=at, **facts)
    return len(members) + 1


def write_absence(session: Session, hearing_id: UUID, *, by: UUID, at: datetime) -> None:
    """Write to a candidate that the jury met without them, and that nothing is lost: once, by a letter that
    is kept.

    Raise Refusal while the minutes are open, or when the candidate was heard.
    """
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True)
    if hearing.closed_at is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    if hearing.attendance is Attendance.HEARD or hearing.is_void:
        raise Refusal(JuryRefusal.WAS_HEARD)
    minutes_id = session.scalars(select(Minutes.id).where(Minutes.hearing_id == hearing_id)).one()
    if session.scalar(select(AbsenceLetter.id).where(AbsenceLetter.minutes_id == minutes_id)):
        return
    candidacy = hearing.submission.candidacy
    words = load_words(session, candidacy, by)
    letter = AbsenceLetter(minutes_id=minutes_id, words=words, written_at=at, written_by=by)
    session.add(letter)
    session.flush()
    record_event(session, "absence_written", ("hearing", hearing_id), by=by, at=at)
    append(session, [letter], at=at)  # last but for the e-mail: it takes the ledger's lock
    facts = {"held_on": hearing.session.held_on, "excused": hearing.attendance is Attendance.EXCUSED}
    email_candidate(session, candidacy, EmailTemplate.HEARING_MISSED, at=at, **facts)


def load_absence_letters(session: Session, session_id: UUID) -> dict[UUID, datetime]:
    """Return when the letter of each absence of a session was written, by hearing."""
    query = (
        select(Minutes.hearing_id, AbsenceLetter.written_at)
        .join(AbsenceLetter, AbsenceLetter.minutes_id == Minutes.id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .where(Hearing.session_id == session_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _write_candidate(
    session: Session, jury: JurySession, hearing: Hearing, resumes_on: date, *, at: datetime
) -> None:
    to = recipient_of_hearing(session, hearing)
    summons = record_summons(session, jury, to, _whole_day(jury, resumes_on), at=at)
    facts = _facts(jury, resumes_on) | {"is_juror": False, "candidate": ""}
    mail = email_candidate(
        session,
        hearing.submission.candidacy,
        EmailTemplate.HEARING_RESUMES,
        at=at,
        token=answer_token(summons),
        **facts,
    )
    attach_letter(session, summons, to, mail, SendingReason.CHANGED, at=at)


def _write_member(
    session: Session,
    jury: JurySession,
    hearing: Hearing,
    row: Adjournment,
    state: MemberState,
    *,
    at: datetime,
) -> None:
    body = session.get_one(CertifyingBody, jury.body_id)
    person = session.scalars(select(Person).where(Person.id == state.person)).one()
    event = _whole_day(jury, row.resumes_on or jury.held_on)
    facts = _facts(jury, row.resumes_on or jury.held_on) | {
        "name": state.member.name,
        "body": body.name,
        "is_juror": True,
        "candidate": hearing.submission.candidacy.candidate_name,
        "token": "",
    }
    mail = queue_email(session, person, EmailTemplate.HEARING_RESUMES, at=at, body_id=body.id, **facts)
    told = {"body": body.name, "certification": jury.version.title, "place": jury.place}
    told |= {"video_link": event.video_link, "to_bring": "", "contact": jury.day_contact or ""}
    summary, description = render_text("calendar", is_juror=True, **told)
    entry = CalendarEntry(
        f"{row.id}-{state.person}@acquis.invalid",
        (row.written_times or 1) - 1,
        False,
        event.starts_at,
        event.ends_at,
        summary,
        description,
        event.place,
        session.info.get(MAIL_FROM, "ne-pas-repondre@acquis.invalid"),
        body.name,
        state.member.name,
        person.email,
        at,
        True,
        event.video_link,
    )
    add_attachment(mail, FILE_NAME, calendar_text(entry), media_type_of(entry))


def _whole_day(jury: JurySession, day: date) -> SummonsEvent:
    midnight = datetime.combine(day, time(), PARIS)
    following = datetime.combine(day + timedelta(days=1), time(), PARIS)
    return SummonsEvent(midnight, following, jury.place, jury.video_link or "", True)


def _facts(jury: JurySession, resumes_on: date) -> dict[str, Any]:
    texts = {"video_link": jury.video_link or "", "day_contact": jury.day_contact or ""}
    return {"held_on": jury.held_on, "resumes_on": resumes_on, "place": jury.place, **texts}
