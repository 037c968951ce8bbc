"""Sign presence at a session, by a code of one's own on a device handed round, or on a scanned sheet."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.calendar import PARIS, day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.rules import ThrottledAction, name_order
from portfolio.domain.account.throttle import NO_WAIT, refund_attempt, register_guess
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.funding.use_cases import hold_jury, release_jury
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.passage import SummonedAs
from portfolio.domain.jury_session.use_cases import seats
from portfolio.domain.jury_session.use_cases.declarations import store_signed_document
from portfolio.domain.ledger.recording import append
from portfolio.domain.presence.models import PresenceOpening, PresenceSignature
from portfolio.domain.presence.rules import (
    SIGNING_ALPHABET,
    SIGNING_LENGTH,
    SIGNING_LIFE,
    Convened,
    PresenceMeans,
    PresenceRefusal,
    is_code_of,
)
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class SigningAnswer:
    """Answer to a code: signed, wrong, or too many tries, with the time to wait."""

    is_signed: bool
    wait: timedelta = NO_WAIT


def load_convened(session: Session, session_id: UUID) -> tuple[Convened, ...]:
    """List who is expected at a session and who has signed: its jury, the presidency first, then its candidates in
    their order, each once for all their hearings.
    """
    jury = session.scalars(
        select(JurySession)
        .where(JurySession.id == session_id)
        .options(
            selectinload(JurySession.members).joinedload(JuryMember.person),
            selectinload(JurySession.hearings)
            .joinedload(Hearing.submission)
            .joinedload(Submission.candidacy)
            .joinedload(Candidacy.candidate),
        )
    ).one()
    signed = load_signatures(session, session_id, jury.held_on)
    is_over = bool(jury.hearings) and all(hearing.closed_at for hearing in jury.hearings)
    sitting = sorted(jury.members, key=lambda each: (each.seat is not Seat.PRESIDENT, name_order(each.name)))
    members = [Convened(each.person_id, each.name, SummonedAs.JUROR, is_closed=is_over) for each in sitting]
    heard = [
        Convened(
            hearing.submission.candidacy.candidate_id,
            hearing.submission.candidacy.candidate_name,
            SummonedAs.CANDIDATE,
            hearing.id,
            hearing.start_minute,
            hearing.end_minute,
            hearing.closed_at is not None,
        )
        for hearing in jury.hearings
    ]
    heard.sort(key=lambda person: (person.start_minute is None, person.start_minute or 0, name_order(person.name)))
    candidates: dict[UUID, Convened] = {}
    for person in heard:
        if person.person_id not in candidates or candidates[person.person_id].is_closed:
            candidates[person.person_id] = person
    return tuple(_with_signature(person, signed.get(person.person_id)) for person in (*members, *candidates.values()))


def _with_signature(person: Convened, row: PresenceSignature | None) -> Convened:
    return person if row is None else replace(person, signed_at=row.signed_at, means=row.means)


def load_signatures(session: Session, session_id: UUID, held_on: date) -> dict[UUID, PresenceSignature]:
    """Return who signed their presence at a session that is held on this day, by person."""
    rows = session.scalars(select(PresenceSignature).where(PresenceSignature.session_id == session_id))
    return {row.person_id: row for row in rows if row.stands_on(held_on)}


def open_signing(session: Session, session_id: UUID, *, by: UUID, at: datetime) -> str:
    """Return a new code that opens the page of signatures for some hours; the one before stops.

    Raise Refusal on another day than that of the session, when it is cancelled, or once its minutes are closed.
    """
    jury = _lock_session(session, session_id)
    if jury.held_on != day_of(at):
        raise Refusal(PresenceRefusal.NOT_THE_DAY, day=jury.held_on.isoformat())
    if not any(person.refusal is not PresenceRefusal.CLOSED for person in load_convened(session, session_id)):
        raise Refusal(PresenceRefusal.CLOSED)
    code = "".join(secrets.choice(SIGNING_ALPHABET) for _ in range(SIGNING_LENGTH))
    row = session.scalar(select(PresenceOpening).where(PresenceOpening.session_id == session_id))
    row = row or PresenceOpening(id=new_id(), session_id=session_id)
    row.code_digest, row.opened_by, row.opened_at, row.expires_at = _digest(code), by, at, at + SIGNING_LIFE
    session.add(row)
    record_event(session, "presence_signing_opened", ("jury_session", session_id), by=by, at=at)
    return code


def close_signing(session: Session, session_id: UUID, *, by: UUID, at: datetime) -> None:
    """Let the code of a session open nothing any more."""
    row = session.scalar(select(PresenceOpening).where(PresenceOpening.session_id == session_id))
    if row is not None and row.expires_at > at:
        row.expires_at = at
        record_event(session, "presence_signing_closed", ("jury_session", session_id), by=by, at=at)


def find_open_signing(session: Session, session_id: UUID, at: datetime) -> PresenceOpening | None:
    """Return the opening of a session, while it lasts."""
    return session.scalar(
        select(PresenceOpening).where(PresenceOpening.session_id == session_id, PresenceOpening.expires_at > at)
    )


def find_signing(session: Session, code: str, at: datetime) -> PresenceOpening | None:
    """Return the opening that a code opens, in capitals or not; None once it is over."""
    typed = "".join(code.upper().split()).replace("-", "")
    query = select(PresenceOpening).where(PresenceOpening.code_digest == _digest(typed))
    return session.scalar(query.where(PresenceOpening.expires_at > at))


def sign_by_code(
    session: Session, opening: PresenceOpening, person_id: UUID, typed: str, key: str, *, at: datetime
) -> SigningAnswer:
    """Sign the presence of a person who types their own code; a wrong code is counted, and says nothing else.

    Raise Refusal for somebody who is not expected, has signed, or whose minutes are closed.
    """
    session_id = opening.session_id
    jury = _lock_session(session, session_id)
    if jury.held_on != day_of(at):
        raise Refusal(PresenceRefusal.NOT_THE_DAY, day=jury.held_on.isoformat())
    person = _expected(load_convened(session, session_id), person_id)
    attempt = register_guess(session, ThrottledAction.PRESENCE, f"{session_id} {person_id}", at=at)
    if attempt.wait:
        return SigningAnswer(is_signed=False, wait=attempt.wait)
    if not is_code_of(typed, key, session_id, person_id):
        return SigningAnswer(is_signed=False)
    refund_attempt(session, attempt)
    _sign(session, jury, [person], PresenceMeans.OWN_CODE, None, by=opening.opened_by, at=at)
    return SigningAnswer(is_signed=True)


def record_sheet(
    session: Session, session_id: UUID, people: Collection[UUID], scan: ReceivedFile, *, by: UUID, at: datetime
) -> int:
    """Keep a scanned sheet with the session, and who signed on it; return how many.

    Raise Refusal before the day, for somebody who is not expected, has signed, or whose minutes are closed.
    """
    jury = _lock_session(session, session_id)
    if jury.held_on > day_of(at):
        raise Refusal(PresenceRefusal.BEFORE_THE_DAY, day=jury.held_on.isoformat())
    convened = load_convened(session, session_id)
    signing = [_expected(convened, person) for person in sorted(set(people))]
    document = store_signed_document(session, session_id, scan, by=by, at=at)
    assert document is not None
    record_event(session, "presence_sheet_recorded", ("jury_session", session_id), by=by, at=at, signed=len(signing))
    _sign(session, jury, signing, PresenceMeans.PAPER_SHEET, document.id, by=by, at=at, also=[document])
    return len(signing)


def list_sheets(session: Session, session_id: UUID) -> Sequence[UUID]:
    """List the scanned sheets of a session, the latest first."""
    query = select(PresenceSignature.document_id).where(
        PresenceSignature.session_id == session_id, PresenceSignature.document_id.is_not(None)
    )
    return [found for found in session.scalars(query.distinct()) if found is not None]


def note_presence(
    session: Session,
    hearing_id: UUID,
    present: Collection[UUID],
    attendance: Attendance,
    reason: str = "",
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Note who is present for a candidate; the jury in the diary of a candidate who signed follows.

    Raise Refusal as `check_presence` does.
    """
    seats.note_presence(session, hearing_id, present, attendance, reason, by=by, at=at)
    hearing = session.scalars(_HEARINGS.where(Hearing.id == hearing_id)).one()
    signed = load_signatures(session, hearing.session_id, hearing.session.held_on)
    signature = signed.get(hearing.submission.candidacy.candidate_id)
    if signature is None or signature.role is not SummonedAs.CANDIDATE:
        return
    if attendance is Attendance.HEARD:
        _hold(session, hearing, signature, by=by)
    else:
        release_jury(
            session, hearing.submission.candidacy_id, hearing.session.held_on,
            is_excused=attendance is Attendance.EXCUSED, by=by, at=at,
        )  # fmt: skip


def _sign(
    session: Session,
    jury: JurySession,
    people: Sequence[Convened],
    means: PresenceMeans,
    document_id: UUID | None,
    *,
    by: UUID,
    at: datetime,
    also: Sequence[object] = (),
) -> None:
    rows = []
    for person in people:
        row = PresenceSignature(
            id=new_id(), session_id=jury.id, person_id=person.person_id, role=person.role,
            signed_for=jury.held_on, hearing_id=person.hearing_id, means=means, document_id=document_id, signed_at=at,
            received_by=by,
        )  # fmt: skip
        rows.append(row)
    session.add_all(rows)
    session.flush()
    for row in rows:
        if row.role is SummonedAs.CANDIDATE:
            for hearing in _list_hearings(session, row):
                _hold(session, hearing, row, by=by)
        if means is PresenceMeans.OWN_CODE:
            subject = ("jury_session", jury.id)
            record_event(session, "jury_presence_signed", subject, by=row.person_id, at=at, role=row.role)
    append(session, [*also, *rows], at=at)  # type: ignore[list-item]


def _hold(session: Session, hearing: Hearing, signature: PresenceSignature, *, by: UUID) -> None:
    """Write the jury in the diary that certificates of attendance are made of: one fact, said once."""
    jury = hearing.session
    start, end = hearing.start_minute, hearing.end_minute
    minutes = end - start if start is not None and end is not None else jury.interview_minutes
    midnight = datetime(jury.held_on.year, jury.held_on.month, jury.held_on.day, tzinfo=PARIS)
    starts_at = midnight.replace(hour=start // 60, minute=start % 60) if start is not None else signature.signed_at
    by_code = signature.means is PresenceMeans.OWN_CODE
    hold_jury(
        session, hearing.submission.candidacy_id, starts_at, minutes, jury.place,
        signed_at=signature.signed_at if by_code else None, by=by, at=signature.signed_at,
    )  # fmt: skip


_HEARINGS = select(Hearing).options(
    joinedload(Hearing.session), joinedload(Hearing.submission).joinedload(Submission.candidacy)
)


def _list_hearings(session: Session, signature: PresenceSignature) -> Sequence[Hearing]:
    """List the open hearings of a candidate who signed: two candidacies in one session are heard on one signature."""
    of_person = select(Submission.id).join(Submission.candidacy).where(Candidacy.candidate_id == signature.person_id)
    open_ones = _HEARINGS.where(
        Hearing.session_id == signature.session_id, Hearing.submission_id.in_(of_person), Hearing.closed_at.is_(None)
    )
    return session.scalars(open_ones.order_by(Hearing.start_minute, Hearing.id)).all()


def _expected(convened: Sequence[Convened], person_id: UUID) -> Convened:
    person = next((each for each in convened if each.person_id == person_id), None)
    if person is None:
        raise Refusal(PresenceRefusal.NOT_CONVENED)
    if person.refusal is not None:
        raise Refusal(person.refusal, name=person.name)
    return person


def _lock_session(session: Session, session_id: UUID) -> JurySession:
    jury = session.scalars(select(JurySession).where(JurySession.id == session_id).with_for_update()).one()
    if jury.cancelled_at is not None:
        raise Refusal(PresenceRefusal.CANCELLED)
    return jury


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
