"""Keep the appointments and the funding of a candidate, and give the certificate of attendance that funders ask."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name, is_closed_candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.funding.models import Appointment, AttendanceCertificate, Funding, FundingPaper, LeaveRequest
from portfolio.domain.funding.rules import (
    AppointmentInput,
    Commitment,
    FundingInput,
    FundingRefusal,
    Held,
    LeaveInput,
    PaperKind,
    PresenceLine,
    PresencePerson,
    PresenceSheet,
    SheetLine,
    StepKind,
    attendance_number,
    minutes_over,
    presence_sheet,
)
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class AttendanceFacts:
    """Facts that a certificate of attendance prints."""

    year: int
    rank: int
    version: int
    body: str
    address: str
    city: str
    siret: str
    holder: str
    employer: str
    title: str
    code: str
    sheet: PresenceSheet
    issued_at: datetime

    @property
    def number(self) -> str:
        """Return the number as it is printed."""
        return attendance_number(self.year, self.rank)


@dataclass(frozen=True, slots=True)
class Support:
    """Appointments, funding and certificates of one candidacy, for its pages."""

    candidate: str
    title: str
    appointments: tuple[Appointment, ...]
    fundings: tuple[Funding, ...]
    certificates: tuple[AttendanceCertificate, ...]
    sheet: PresenceSheet

    @property
    def over(self) -> int:
        """Return by how many minutes the support exceeds what funders granted."""
        granted = [each.minutes for each in self.fundings if each.commitment is Commitment.GRANTED]
        return minutes_over(self.sheet, granted)

    @property
    def is_certified(self) -> bool:
        """Tell whether the last certificate says what the sheet says now."""
        return bool(self.certificates) and self.certificates[0].sheet_digest == self.sheet.digest()


def load_support(session: Session, candidacy_id: UUID) -> Support:
    """Return what the pages of a candidacy show, in four queries."""
    name, title = session.execute(
        select(candidate_display_name(Person), CertificationVersion.title)
        .select_from(Candidacy)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .where(Candidacy.id == candidacy_id)
    ).one()
    of: list[Any] = [
        tuple(session.scalars(select(model).where(model.candidacy_id == candidacy_id).order_by(*order)))
        for model, order in _SHOWN
    ]
    return Support(name, title, of[0], of[1], of[2], _sheet(of[0]))


_SHOWN: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (Appointment, (Appointment.starts_at, Appointment.id)),
    (Funding, (Funding.recorded_at, Funding.id)),
    (AttendanceCertificate, (AttendanceCertificate.version.desc(),)),
)


def _sheet(appointments: Sequence[Appointment]) -> PresenceSheet:
    return presence_sheet(
        SheetLine(each.starts_at, each.kind, each.minutes, each.held, each.attended or 0, each.signed_at)
        for each in appointments
    )


def save_appointment(
    session: Session,
    candidacy_id: UUID,
    appointment_id: UUID | None,
    written: AppointmentInput,
    *,
    by: UUID,
    at: datetime,
) -> Appointment:
    """Write an appointment, new or changed. A change of its day, length or presence takes the signature away.

    Raise Refusal when it would be held in the future, NoResultFound for one of another candidacy.
    """
    if written.held is Held.HELD and written.starts_at > at:
        raise Refusal(FundingRefusal.NOT_HELD_YET)
    attended = (
        (written.minutes if written.attended is None else written.attended) if written.held is Held.HELD else None
    )
    if appointment_id is None:
        row = Appointment(id=new_id(), candidacy_id=candidacy_id)
        session.add(row)
    else:
        row = _lock_appointment(session, candidacy_id, appointment_id)
    before = (row.starts_at, row.minutes, row.held, row.attended)
    row.kind, row.starts_at, row.minutes, row.place = written.kind, written.starts_at, written.minutes, written.place
    row.held, row.attended, row.recorded_by, row.recorded_at = written.held, attended, by, at
    if before != (row.starts_at, row.minutes, row.held, row.attended):
        row.signed_at = None
    record_event(session, "appointment_saved", ("candidacy", candidacy_id), by=by, at=at)
    return row


def list_presence_people(session: Session, body_id: UUID) -> list[PresencePerson]:
    """Return the candidates of the open candidacies of a body."""
    query = (
        select(Candidacy.id, candidate_display_name(Person).label("name"), Person.email)
        .join(Candidacy.candidate)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id, ~is_closed_candidacy())
    )
    return [PresencePerson(row.id, row.name, row.email.casefold()) for row in session.execute(query)]


def known_appointments(session: Session, candidacies: Collection[UUID]) -> set[tuple[UUID, datetime]]:
    """Return of whom and when the appointments of these candidacies are."""
    query = select(Appointment.candidacy_id, Appointment.starts_at).where(Appointment.candidacy_id.in_(candidacies))
    return {(row.candidacy_id, row.starts_at) for row in session.execute(query)}


def save_presence(session: Session, lines: Sequence[PresenceLine], *, by: UUID, at: datetime) -> int:
    """Write the appointments of a list, all or none, but those that are written already; return how many.

    The candidacies are locked: the same list sent twice at once is written once.
    """
    ids = sorted({line.person.candidacy_id for line in lines if line.person})
    session.scalars(select(Candidacy.id).where(Candidacy.id.in_(ids)).order_by(Candidacy.id).with_for_update()).all()
    known = known_appointments(session, ids)
    new = [line for line in lines if line.place not in known]
    for line in new:
        assert line.person
        assert line.written
        save_appointment(session, line.person.candidacy_id, None, line.written, by=by, at=at)
    return len(new)


def remove_appointment(session: Session, candidacy_id: UUID, appointment_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take an appointment out of the diary; what was certified keeps its copy."""
    session.delete(_lock_appointment(session, candidacy_id, appointment_id))
    record_event(session, "appointment_removed", ("candidacy", candidacy_id), by=by, at=at)


def sign_presence(session: Session, candidacy_id: UUID, appointment_id: UUID, *, by: UUID, at: datetime) -> None:
    """Sign by their own account that the candidate attended. Raise Refusal when it was not held or is signed."""
    row = _lock_appointment(session, candidacy_id, appointment_id)
    if row.held is not Held.HELD or row.signed_at is not None:
        raise Refusal(FundingRefusal.NOT_TO_SIGN)
    row.signed_at = at
    record_event(session, "presence_signed", ("candidacy", candidacy_id), by=by, at=at)


def hold_jury(
    session: Session,
    candidacy_id: UUID,
    starts_at: datetime,
    minutes: int | None,
    place: str,
    *,
    signed_at: datetime | None,
    by: UUID,
    at: datetime,
) -> None:
    """Write that a candidate came before a jury: in the appointment of that day, else in a new one.

    Nothing is new without a length: the hours of that day are not fixed.
    """
    row = _jury_of(session, candidacy_id, day_of(starts_at))
    if row is None and minutes is None:
        return
    if row is None:
        row = Appointment(
            id=new_id(), candidacy_id=candidacy_id, kind=StepKind.JURY, starts_at=starts_at, minutes=minutes,
            place=place,
        )  # fmt: skip
        session.add(row)
    row.held, row.attended = Held.HELD, row.attended or row.minutes
    row.signed_at = row.signed_at or signed_at
    row.recorded_by, row.recorded_at = by, at


def release_jury(session: Session, candidacy_id: UUID, day: date, *, is_excused: bool, by: UUID, at: datetime) -> None:
    """Write that a candidate whom a jury was to hear on that day was not there after all."""
    row = _jury_of(session, candidacy_id, day)
    if row is not None:
        row.held, row.attended, row.signed_at = Held.EXCUSED if is_excused else Held.ABSENT, None, None
        row.recorded_by, row.recorded_at = by, at


def _jury_of(session: Session, candidacy_id: UUID, day: date) -> Appointment | None:
    query = select(Appointment).where(Appointment.candidacy_id == candidacy_id, Appointment.kind == StepKind.JURY)
    rows = session.scalars(query.order_by(Appointment.starts_at, Appointment.id).with_for_update())
    return next((row for row in rows if day_of(row.starts_at) == day), None)


def _lock_appointment(session: Session, candidacy_id: UUID, appointment_id: UUID) -> Appointment:
    query = select(Appointment).where(Appointment.id == appointment_id, Appointment.candidacy_id == candidacy_id)
    return session.scalars(query.with_for_update()).one()


def find_appointment(session: Session, candidacy_id: UUID, appointment_id: UUID) -> Appointment | None:
    """Return an appointment of this candidacy."""
    row = session.get(Appointment, appointment_id)
    return row if row is not None and row.candidacy_id == candidacy_id else None


def find_funding(session: Session, candidacy_id: UUID, funding_id: UUID) -> Funding | None:
    """Return the funding of this candidacy by one funder."""
    row = session.get(Funding, funding_id)
    return row if row is not None and row.candidacy_id == candidacy_id else None


def save_funding(
    session: Session, candidacy_id: UUID, funding_id: UUID | None, written: FundingInput, *, by: UUID, at: datetime
) -> Funding:
    """Write what a funder was asked and answered; raise NoResultFound for one of another candidacy."""
    if funding_id is None:
        row = Funding(id=new_id(), candidacy_id=candidacy_id)
        session.add(row)
    else:
        row = _lock_funding(session, candidacy_id, funding_id)
    for name in FundingInput.__slots__:
        setattr(row, name, getattr(written, name))
    row.recorded_by, row.recorded_at = by, at
    record_event(session, "funding_saved", ("candidacy", candidacy_id), by=by, at=at)
    return row


def add_paper(
    session: Session, funding_id: UUID, kind: PaperKind, file: ReceivedFile, *, by: UUID, at: datetime
) -> None:
    """Keep a paper beside a funding."""
    row = FundingPaper(
        funding_id=funding_id, kind=kind, file_key=file.key, file_name=file.name, file_mime=file.mime,
        file_size=file.size, file_sha256=file.sha256, added_by=by, added_at=at,
    )  # fmt: skip
    session.add(row)
    record_event(session, "funding_paper_added", ("funding", funding_id), by=by, at=at)


def list_papers(session: Session, candidacy_id: UUID) -> Sequence[FundingPaper]:
    """List the papers of the fundings of a candidacy, the latest first."""
    query = select(FundingPaper).join(Funding).where(Funding.candidacy_id == candidacy_id)
    return session.scalars(query.order_by(FundingPaper.added_at.desc(), FundingPaper.id)).all()


def save_leave(
    session: Session, candidacy_id: UUID, leave_id: UUID | None, written: LeaveInput, *, by: UUID, at: datetime
) -> None:
    """Write a request of leave, or what the employer answered; raise NoResultFound for another candidacy's."""
    query = select(LeaveRequest).where(LeaveRequest.id == leave_id, LeaveRequest.candidacy_id == candidacy_id)
    row = session.scalars(query).one() if leave_id else LeaveRequest(candidacy_id=candidacy_id)
    for name in LeaveInput.__slots__:
        setattr(row, name, getattr(written, name))
    row.recorded_by, row.recorded_at = by, at
    session.add(row)
    record_event(session, "leave_saved", ("candidacy", candidacy_id), by=by, at=at)


def list_leave_requests(session: Session, candidacy_id: UUID) -> Sequence[LeaveRequest]:
    """List the requests of leave of a candidacy, the latest first."""
    query = select(LeaveRequest).where(LeaveRequest.candidacy_id == candidacy_id)
    return session.scalars(query.order_by(LeaveRequest.sent_on.desc(), LeaveRequest.id)).all()


def open_link(session: Session, candidacy_id: UUID, funding_id: UUID, *, by: UUID, at: datetime) -> str:
    """Return a new token by which the funder reads presence without an account; the one before stops."""
    token = secrets.token_urlsafe(24)
    _lock_funding(session, candidacy_id, funding_id).link_digest = hashlib.sha256(token.encode()).digest()
    record_event(session, "funder_link_opened", ("candidacy", candidacy_id), by=by, at=at)
    return token


def close_link(session: Session, candidacy_id: UUID, funding_id: UUID, *, by: UUID, at: datetime) -> None:
    """Let the link of a funder open nothing any more."""
    _lock_funding(session, candidacy_id, funding_id).link_digest = None
    record_event(session, "funder_link_closed", ("candidacy", candidacy_id), by=by, at=at)


def _lock_funding(session: Session, candidacy_id: UUID, funding_id: UUID) -> Funding:
    query = select(Funding).where(Funding.id == funding_id, Funding.candidacy_id == candidacy_id)
    return session.scalars(query.with_for_update()).one()


def find_by_token(session: Session, token: str) -> Funding | None:
    """Return the funding that a link opens."""
    digest = hashlib.sha256(token.encode()).digest()
    return session.scalars(select(Funding).where(Funding.link_digest == digest)).one_or_none()


def next_attendance(session: Session, candidacy_id: UUID, at: datetime) -> AttendanceFacts:
    """Return what the certificate of attendance of the sheet as it is now would say: its next version, under the number
    that follows the last one of the body.

    Raise Refusal when nothing was held, or when the last version says the same.
    """
    candidacy = session.get_one(Candidacy, candidacy_id)
    support = load_support(session, candidacy_id)
    if not support.sheet.attended:
        raise Refusal(FundingRefusal.NOTHING_HELD)
    if support.is_certified:
        raise Refusal(FundingRefusal.NOTHING_CHANGED)
    body, code = session.execute(
        select(CertifyingBody, Certification.code)
        .join(Certification, Certification.body_id == CertifyingBody.id)
        .join(CertificationVersion, CertificationVersion.certification_id == Certification.id)
        .where(CertificationVersion.id == candidacy.version_id)
    ).one()
    year = day_of(at).year
    last = select(func.max(AttendanceCertificate.rank)).where(
        AttendanceCertificate.body_id == body.id, AttendanceCertificate.year == year
    )
    rank, words = (session.scalar(last) or 0) + 1, load_body_settings(session, body.id)
    employer = next((each.name for each in support.fundings if each.kind == "employer"), "")
    return AttendanceFacts(
        year, rank, len(support.certificates) + 1, words.legal_name or body.name, words.address, words.city,
        words.siret, candidacy.candidate_name, employer, support.title, code, support.sheet, at,
    )  # fmt: skip


def keep_attendance(
    session: Session, body_id: UUID, candidacy_id: UUID, facts: AttendanceFacts, pdf: bytes, *, by: UUID
) -> AttendanceCertificate | None:
    """Keep a certificate typeset beside; None when something that it prints, its number included, changed meanwhile.

    One after the other for a body: the numbers of a year have no hole.
    """
    session.scalars(select(Candidacy).where(Candidacy.id == candidacy_id).with_for_update()).one()
    session.scalars(select(CertifyingBody).where(CertifyingBody.id == body_id).with_for_update()).one()
    try:
        if next_attendance(session, candidacy_id, facts.issued_at) != facts:
            return None
    except Refusal:
        return None
    row = AttendanceCertificate(
        id=new_id(), body_id=body_id, candidacy_id=candidacy_id, year=facts.year, rank=facts.rank,
        version=facts.version, sheet_digest=facts.sheet.digest(), minutes=facts.sheet.attended, pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(), issued_by=by, issued_at=facts.issued_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    subject = ("candidacy", candidacy_id)
    record_event(session, "attendance_certified", subject, by=by, at=facts.issued_at, version=facts.version)
    return row


def find_certificate(session: Session, candidacy_id: UUID, version: int) -> AttendanceCertificate | None:
    """Return a version of the certificate of attendance of a candidacy."""
    query = select(AttendanceCertificate).where(
        AttendanceCertificate.candidacy_id == candidacy_id, AttendanceCertificate.version == version
    )
    return session.scalars(query).one_or_none()
