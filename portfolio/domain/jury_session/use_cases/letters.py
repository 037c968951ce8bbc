"""Letters that a certifier writes after a sitting that decided nothing yet: its resumption, an absence.

Letters about the day of a jury, each with its calendar file: a summons, a change, a cancellation, a reminder.

The reminders of summons without an answer: the row is the task.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, exists, func, literal, select
from sqlalchemy.orm import Session

from portfolio.calendar import PARIS, day_of
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import MAIL_FROM
from portfolio.domain.email.use_cases import EmailTemplate, add_attachment, queue_email, render_text
from portfolio.domain.holdings.use_cases.appeals import load_words
from portfolio.domain.jury.models.deliberation import AbsenceLetter, Adjournment, Minutes
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, deliberating
from portfolio.domain.jury.rules.passage import CalendarMethod, SendingReason, SummonedAs, SummonsEvent, is_outdated
from portfolio.domain.jury_session.rules.calendar_file import FILE_NAME, CalendarEntry, calendar_text, media_type_of
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.exclusions import drafts_are_open_to
from portfolio.domain.jury_session.use_cases.loaders import find_adjournment
from portfolio.domain.jury_session.use_cases.summons import (
    Recipient,
    answer_token,
    attach_letter,
    cancel_summons,
    event_of,
    record_summons,
)
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


def notify_hearing_scheduled(
    session: Session,
    hearing: Hearing,
    *,
    at: datetime,
    moved_from: date | None = None,
    reason: SendingReason = SendingReason.FIRST,
) -> None:
    """Write to the candidate when and where a jury hears them; `moved_from` is the earlier day of a
    hearing that moves.
    """
    jury = session.get_one(JurySession, hearing.session_id)
    to = recipient_of_hearing(session, hearing)
    row = record_summons(session, jury, to, event_of(jury, hearing), at=at)
    facts = _day_facts(jury, hearing) | {"token": answer_token(row), "changed": reason is SendingReason.CHANGED}
    reminds = reason is SendingReason.REMINDER
    letter = EmailTemplate.HEARING_REMINDER if reminds else EmailTemplate.HEARING_SCHEDULED
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    mail = email_candidate(session, candidacy, letter, at=at, moved_from=moved_from, **facts)
    attach_letter(session, row, to, mail, SendingReason.CHANGED if moved_from and not reminds else reason, at=at)


def notify_hearing_cancelled(session: Session, hearing: Hearing, *, at: datetime, is_begun: bool = False) -> None:
    """Write to a candidate who was summoned, or whose jury had begun, that the jury of that day does not hear them:
    they wait for another date.
    """
    jury = session.get_one(JurySession, hearing.session_id)
    to = recipient_of_hearing(session, hearing)
    row = cancel_summons(session, jury, to)
    if row is None and not is_begun:
        return
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    held_on = day_of(row.starts_at) if row else hearing.sitting_day
    mail = email_candidate(session, candidacy, EmailTemplate.HEARING_CANCELLED, at=at, held_on=held_on)
    if row is not None:
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
    facts = _day_facts(jury) | {"chair": member.seat, "rank": member.rank, "certification": jury.version.title}
    facts |= {"token": answer_token(row), "changed": reason is SendingReason.CHANGED}
    is_today = day_of(at) == jury.held_on
    facts |= {"is_today": is_today, "asks_opinions": _asks_opinions(session, member, is_today=is_today)}
    attach_letter(session, row, to, _email_member(session, member, jury, letter, at=at, **facts), reason, at=at)


def _asks_opinions(session: Session, member: JuryMember, *, is_today: bool) -> bool:
    """Tell whether opinions are asked of a member before the jury opens them: of the presidency until the day alone,
    and of nobody who has given theirs on every candidate.
    """
    if is_today and member.seat is Seat.PRESIDENT:
        return False
    open_to_them = drafts_are_open_to(literal(member.person_id, Uuid()))
    listed = select(open_to_them).where(Hearing.session_id == member.session_id, Hearing.closed_at.is_(None))
    answers = session.scalars(listed).all()
    return not answers or not all(answers)


def notify_seat_withdrawn(session: Session, member: JuryMember, jury: JurySession, *, at: datetime) -> None:
    """Write to a former member who was summoned that they no longer sit in this jury."""
    _cancel_member(session, member, jury, EmailTemplate.SEAT_WITHDRAWN, at=at)


def notify_standing_in(
    session: Session, member: JuryMember, jury: JurySession, holder: JuryMember, *, sits: bool, at: datetime
) -> None:
    """Write to a substitute that they sit in the place of a member who does not come, or, when `sits` is False, that
    this member comes after all.
    """
    facts = _day_facts(jury) | {"chair": member.seat, "holder": holder.name, "sits": sits}
    _email_member(session, member, jury, EmailTemplate.STANDING_IN, at=at, **facts)


def notify_session_cancelled(
    session: Session, member: JuryMember, jury: JurySession, *, at: datetime, is_begun: bool = False
) -> None:
    """Write to a member who was summoned, or whose jury had begun, that the jury does not meet."""
    _cancel_member(session, member, jury, EmailTemplate.SESSION_CANCELLED, at=at, is_begun=is_begun)


def recipient_of_member(member: JuryMember) -> Recipient:
    """Return whom the summons of a member is for."""
    return Recipient(member.person.id, member.name, member.person.email, SummonedAs.JUROR)


def recipient_of_hearing(session: Session, hearing: Hearing) -> Recipient:
    """Return whom the summons of a hearing is for."""
    candidacy = session.get_one(Submission, hearing.submission_id).candidacy
    person = candidacy.candidate
    return Recipient(person.id, candidacy.candidate_name, person.email, SummonedAs.CANDIDATE, hearing.id)


def _day_facts(jury: JurySession, hearing: Hearing | None = None) -> dict[str, Any]:
    start, end = (hearing.start_minute, hearing.end_minute) if hearing else (jury.start_minute, jury.end_minute)
    facts: dict[str, Any] = {"held_on": jury.held_on, "place": jury.place, "start": start, "end": end}
    texts = {"video_link": jury.video_link, "to_bring": jury.to_bring, "day_contact": jury.day_contact}
    return facts | {name: text or "" for name, text in texts.items()}


def _cancel_member(
    session: Session,
    member: JuryMember,
    jury: JurySession,
    letter: EmailTemplate,
    *,
    at: datetime,
    is_begun: bool = False,
) -> None:
    to = recipient_of_member(member)
    row = cancel_summons(session, jury, to)
    if row is None and not is_begun:
        return
    held_on = day_of(row.starts_at) if row else jury.held_on
    mail = _email_member(session, member, jury, letter, at=at, held_on=held_on)
    if row is not None:
        attach_letter(session, row, to, mail, SendingReason.CANCELLED, at=at)


def _email_member(
    session: Session, member: JuryMember, jury: JurySession, letter: EmailTemplate, *, at: datetime, **facts: Any
) -> OutgoingEmail:
    body = session.get_one(CertifyingBody, jury.body_id)
    shared = {"name": member.name, "body": body.name}
    return queue_email(session, member.person, letter, at=at, body_id=body.id, **shared, **facts)


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
    """Write to a candidate that the jury met without them, and that nothing is lost: once, by a letter that is kept.

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
    facts = {"held_on": hearing.sitting_day, "excused": hearing.attendance is Attendance.EXCUSED}
    email_candidate(session, candidacy, EmailTemplate.HEARING_MISSED, at=at, **facts)


def unwritten_absences(body: ColumnElement[UUID], since: ColumnElement[date]) -> Select[*tuple[Any, ...]]:
    """Build the query of the persons without whom a jury met from a day on, and to whom nobody wrote: session, person,
    day; the oldest first.
    """
    return (
        select(JurySession.id, candidate_display_name(Person).label("candidate"), JurySession.held_on)
        .join(Hearing, Hearing.session_id == JurySession.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(Candidacy.candidate)
        .where(
            JurySession.body_id == body,
            JurySession.held_on >= since,
            Minutes.attendance != Attendance.HEARD,
            Minutes.void_reason.is_(None),
            ~exists().where(AbsenceLetter.minutes_id == Minutes.id),
        )
        .order_by(JurySession.held_on, Hearing.id)
    )


def load_absence_letters(session: Session, session_id: UUID) -> dict[UUID, datetime]:
    """Return when the letter of each absence of a session was written, by hearing."""
    query = (
        select(Minutes.hearing_id, AbsenceLetter.written_at)
        .join(AbsenceLetter, AbsenceLetter.minutes_id == Minutes.id)
        .join(Minutes.hearing)
        .where(Hearing.session_id == session_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _write_candidate(session: Session, jury: JurySession, hearing: Hearing, resumes_on: date, *, at: datetime) -> None:
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
    session: Session, jury: JurySession, hearing: Hearing, row: Adjournment, state: MemberState, *, at: datetime
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


# How many reminders one transaction writes.
BATCH = 50


def write_due_reminders(session: Session, at: datetime) -> int:
    """Write a reminder to each person whose summons waits for an answer and is due; return how many letters
    were written.

    Each summons is reminded once: its row loses its moment in the same transaction.
    """
    query = (
        select(Summons)
        .where(_is_due(at))
        .order_by(Summons.run_after, Summons.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return sum(remind(session, row, at=at) for row in session.scalars(query).all())


def count_due_reminders(session: Session, at: datetime) -> int:
    """Return how many summons wait for a reminder."""
    return session.scalar(select(func.count()).select_from(Summons).where(_is_due(at))) or 0


def _is_due(at: datetime) -> ColumnElement[bool]:
    return and_(
        Summons.run_after <= at,
        Summons.starts_at > at,
        Summons.answer.is_(None),
        Summons.method == CalendarMethod.REQUEST,
    )


def remind(session: Session, row: Summons, *, at: datetime) -> bool:
    """Write a reminder to one person; False when they no longer sit, or are no longer heard, in this
    session, or when the day changed since: its update is a deliberate act.
    """
    row.run_after = None
    if row.method is CalendarMethod.CANCEL:
        return False
    if row.summoned_as is SummonedAs.CANDIDATE:
        hearing = session.get(Hearing, row.hearing_id) if row.hearing_id else None
        if hearing is None or hearing.closed_at is not None:
            return False
        jury = session.get_one(JurySession, hearing.session_id)
        if is_outdated(row.to_value(), event_of(jury, hearing)):
            return False
        notify_hearing_scheduled(session, hearing, at=at, reason=SendingReason.REMINDER)
    else:
        query = select(JuryMember).where(JuryMember.session_id == row.session_id, JuryMember.person_id == row.person_id)
        member = session.scalar(query)
        jury = session.get_one(JurySession, row.session_id)
        if member is None or is_outdated(row.to_value(), event_of(jury)):
            return False
        summon_member(session, member, jury, at=at, reason=SendingReason.REMINDER)
    row.run_after = None
    return True
