"""The summons of candidates and members: one row a person, the calendar file of each letter, answers and reminders.

The recorded site of a session, and whether the partner whose place it is may hold an assessment on the day.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import PARIS
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.models import CertificationSite
from portfolio.domain.certification.rules.juries import HabilitationAnswer, Purpose
from portfolio.domain.certification.use_cases.partners import find_site, habilitation_of
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import MAIL_FROM
from portfolio.domain.email.use_cases import add_attachment, render_text
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Summons, SummonsEmail
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.passage import (
    CalendarMethod,
    SendingReason,
    SummonedAs,
    SummonsEvent,
    is_outdated,
    next_sequence,
    remind_after,
)
from portfolio.domain.jury_session.rules.calendar_file import FILE_NAME, CalendarEntry, calendar_text, media_type_of
from portfolio.errors import Refusal

PURPOSE = b"acquis summons v1"
# A link still answers on the day after the session.
LINK_DAYS_AFTER = 1


@dataclass(frozen=True, slots=True)
class Recipient:
    """Reader of a summons: a member of the jury, or the candidate of a hearing."""

    person_id: UUID
    name: str
    email: str
    summoned_as: SummonedAs
    hearing_id: UUID | None = None


def event_of(jury: JurySession, hearing: Hearing | None = None) -> SummonsEvent:
    """Return when and where a member, or the candidate of a hearing, is expected; the whole day while no
    hour is fixed.
    """
    timed = hearing or jury
    return event_at(jury, timed.start_minute, timed.end_minute)


def event_at(jury: JurySession, start: int | None, end: int | None) -> SummonsEvent:
    """Return the event of a session between two minutes of its day."""
    midnight = datetime.combine(jury.held_on, time(), PARIS)
    place, link = jury.place, jury.video_link or ""
    if start is None or end is None:
        return SummonsEvent(
            midnight, datetime.combine(jury.held_on + timedelta(days=1), time(), PARIS), place, link, True
        )
    return SummonsEvent(_moment(midnight, start), _moment(midnight, end), place, link)


def _moment(midnight: datetime, minute: int) -> datetime:
    hour, rest = divmod(minute, 60)
    if hour == 24:
        return datetime.combine(midnight.date() + timedelta(days=1), time(), PARIS)
    return midnight.replace(hour=hour, minute=rest)


def record_summons(session: Session, jury: JurySession, to: Recipient, event: SummonsEvent, *, at: datetime) -> Summons:
    """Write what a person is summoned to now, before its letter; a person summoned before keeps their row
    and its UID.
    """
    row = find_summons(session, jury.id, to)
    if row is None:
        row = Summons(id=new_id(), session_id=jury.id, person_id=to.person_id, summoned_as=to.summoned_as, sequence=0)
        row.answer_key = secrets.token_bytes(32)
        row.emails = []
        session.add(row)
    else:
        changed = row.to_value().event != event or row.method is CalendarMethod.CANCEL
        row.sequence = next_sequence(row.to_value())
        if changed:  # what was answered was about another day, other hours or another place
            row.answer = row.answered_at = row.answered_by = None
    row.session_id, row.hearing_id, row.method = jury.id, to.hearing_id, CalendarMethod.REQUEST
    _write_event(row, event)
    row.run_after = remind_after(event.starts_at, at) if row.answer is None else None
    session.flush()
    return row


def cancel_summons(session: Session, jury: JurySession, to: Recipient) -> Summons | None:
    """Write that a person is no longer expected; None for one who was never summoned, or was told already."""
    row = find_summons(session, jury.id, to)
    if row is None or row.method is CalendarMethod.CANCEL:
        return None
    row.method, row.sequence, row.run_after = CalendarMethod.CANCEL, next_sequence(row.to_value()), None
    row.answer = row.answered_at = row.answered_by = None
    return row


def find_summons(session: Session, session_id: UUID, to: Recipient) -> Summons | None:
    """Return the row of a person, which follows a candidate whose hearing moves to another session; None when
    there is none.
    """
    if to.hearing_id is not None:
        row = session.scalar(select(Summons).where(Summons.hearing_id == to.hearing_id).with_for_update())
        if row is not None:
            return row
    query = select(Summons).where(
        Summons.session_id == session_id, Summons.person_id == to.person_id, Summons.summoned_as == to.summoned_as
    )
    return session.scalar(query.with_for_update())


def attach_letter(
    session: Session, row: Summons, to: Recipient, mail: OutgoingEmail, reason: SendingReason, *, at: datetime
) -> None:
    """Attach the calendar file to a letter, and record the letter."""
    entry = calendar_entry(session, row, to.name, to.email, at=at)
    add_attachment(mail, FILE_NAME, calendar_text(entry), media_type_of(entry))
    session.flush()
    row.emails.append(SummonsEmail(email_id=mail.id, reason=reason, sequence=row.sequence, written_at=at))


def calendar_entry(session: Session, row: Summons, name: str, email: str, *, at: datetime) -> CalendarEntry:
    """Return the calendar entry of a person, as their last letter says it."""
    jury = session.get_one(JurySession, row.session_id)
    body = session.get_one(CertifyingBody, jury.body_id)
    facts: dict[str, object] = {"body": body.name, "certification": jury.version.title}
    facts |= {"place": row.place, "video_link": row.video_link}
    facts |= {
        "is_juror": row.summoned_as is SummonedAs.JUROR,
        "to_bring": jury.to_bring or "",
        "contact": jury.day_contact or "",
    }
    summary, description = render_text("calendar", **facts)
    return CalendarEntry(
        f"{row.id}@acquis.invalid",
        row.sequence,
        row.method is CalendarMethod.CANCEL,
        row.starts_at,
        row.ends_at,
        summary,
        description,
        row.place,
        session.info.get(MAIL_FROM, "ne-pas-repondre@acquis.invalid"),
        body.name,
        name,
        email,
        at,
        row.is_whole_day,
        row.video_link,
    )


def find_candidate_summons(session: Session, candidacy_id: UUID) -> tuple[Summons, bool] | None:
    """Return the summons of a candidacy to the hearing that is still open, and whether it is no longer true;
    None before it is written, and once it is noted that they did not come.
    """
    query = (
        select(Summons, Hearing)
        .options(joinedload(Summons.session), joinedload(Hearing.session))
        .join(Hearing, Hearing.id == Summons.hearing_id)
        .join(Hearing.submission)
        .where(Submission.candidacy_id == candidacy_id, Hearing.closed_at.is_(None))
        .where(Hearing.attendance == Attendance.HEARD)
        .where(Summons.method == CalendarMethod.REQUEST)
        .order_by(Summons.starts_at.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, hearing = found
    return row, is_outdated(row.to_value(), event_of(hearing.session, hearing))


def answer_token(row: Summons) -> str:
    """Return the link of a person: it can do one thing, answer this summons."""
    signed = row.id.bytes + hmac.new(row.answer_key, PURPOSE + row.id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def find_by_token(session: Session, token: str, *, at: datetime, lock: bool = False) -> Summons | None:
    """Return the summons that a link answers; None when nobody signed it, or the session is over."""
    try:
        row_id = UUID(bytes=base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))[:16])
    except (ValueError, UnicodeError):
        return None
    query = select(Summons).where(Summons.id == row_id)
    row = session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if row is None or not hmac.compare_digest(answer_token(row).encode(), token.encode("utf-8", "surrogatepass")):
        return None
    return row if at < row.ends_at + timedelta(days=LINK_DAYS_AFTER) else None


def _write_event(row: Summons, event: SummonsEvent) -> None:
    row.starts_at, row.ends_at, row.is_whole_day = event.starts_at, event.ends_at, event.is_whole_day
    row.place, row.video_link = event.place, event.video_link


@dataclass(frozen=True, slots=True)
class SessionSite:
    """Site of a session; `answer` says whether its partner may hold it on the day, None for the
    certifier's own site.
    """

    id: UUID
    name: str
    address: str
    partner: str
    answer: HabilitationAnswer | None


def site_of_session(session: Session, session_id: UUID) -> SessionSite | None:
    """Return the recorded site of a session with the habilitation of its partner on the day; None when none
    is recorded.
    """
    jury = session.get_one(JurySession, session_id)
    site = session.get(CertificationSite, jury.site_id) if jury.site_id else None
    if site is None:
        return None
    partner, answer = site.partner, None
    if partner is not None:
        answer = habilitation_of(session, partner, jury.version.certification_id, Purpose.ORGANISE, jury.held_on)
    return SessionSite(site.id, site.name, site.address, partner.name if partner else "", answer)


def choose_site(session: Session, session_id: UUID, site_id: UUID | None, *, by: UUID, at: datetime) -> None:
    """Record the site of a session, or none; the place written on summons stays.

    Raise Refusal when the site is not one of the body's, or when minutes of the session are closed.
    """
    jury = session.get_one(JurySession, session_id, with_for_update=True)
    if site_id is not None and find_site(session, jury.body_id, site_id) is None:
        raise Refusal(JuryRefusal.SITE_UNKNOWN)
    if jury.site_id == site_id:
        return
    if session.scalar(select(exists().where(Hearing.session_id == session_id, Hearing.closed_at.is_not(None)))):
        raise Refusal(JuryRefusal.SITE_FIXED)
    jury.site_id = site_id
    record_event(session, "session_site_chosen", ("jury_session", session_id), by=by, at=at, site=site_id)
