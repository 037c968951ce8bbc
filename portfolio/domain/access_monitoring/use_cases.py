"""Count what accounts open of other people, and tell the body concerned when it is far too much."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CursorResult, Select, delete, distinct, exists, false, func, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent
from portfolio.domain.access_monitoring.models import AccessRecord, BulkAccessAlert
from portfolio.domain.access_monitoring.rules import RETENTION, WINDOW, AccessVolume, exceeded_limits
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate, queue_email, queue_email_to_contact
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JuryMember, JurySession

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Access:
    """Opening of an object: reader, owner, and certifying body of the candidacy; `file` names the file, empty for the
    dossier itself.

    `candidacy_id` is known of the pages of a candidacy only.
    """

    reader_id: UUID
    body_id: UUID
    subject_id: UUID
    file: str = ""
    candidacy_id: UUID | None = None

    @property
    def thing(self) -> str:
        """Return the file, as it is kept: a label says nothing without whose it is."""
        return hashlib.sha256(f"{self.subject_id} {self.file}".encode()).hexdigest()[:32] if self.file else ""


def hour_of(at: datetime) -> int:
    """Return the hour of a moment, counted since 1970."""
    return int(at.timestamp()) // SECONDS_PER_HOUR


def record_access(
    session: Session, access: Access, bounds: AccessVolume, *, day: date, at: datetime, contact: str = ""
) -> bool:
    """Keep that something of somebody else was opened; True when others are told, once a day and account, that it is
    too much.

    `day`: that of the moment, in Paris. `contact`: the address of the person who runs the installation, told when the
    body has nobody else. The page that follows the creation of a candidacy is no reading for the person who created it.
    One query and one short write.
    """
    created, reach = _load_reach(session, access, at)
    if created:
        return False
    keys = {"reader_id": access.reader_id, "body_id": access.body_id}
    row = keys | {"subject_id": access.subject_id, "resource_hash": access.thing, "hour_bucket": hour_of(at)}
    if not insert_if_absent(session, AccessRecord, tuple(row), **row, at=at):
        return False
    passed = exceeded_limits(reach, bounds)
    if not passed:
        return False
    alert = keys | {"day": day}
    if not insert_if_absent(
        session, BulkAccessAlert, tuple(alert), **alert, people=reach.people, files=reach.files, at=at
    ):
        return False
    record_event(session, "bulk_reading", ("certifying_body", access.body_id), by=access.reader_id, at=at,
         people=reach.people, files=reach.files, beyond=" ".join(passed))  # fmt: skip
    _notify_body(session, access, reach, contact, at)
    return True


def _load_reach(session: Session, opened: Access, at: datetime) -> tuple[bool, AccessVolume]:
    """Return whether the reader created this candidacy within the window, and opens it as such: no file, no dossier;
    then how far they went among the dossiers of the body within the hour before a moment, this opening among them.
    """
    created = exists().where(
        AuditEvent.object_id == opened.candidacy_id,
        AuditEvent.action == "candidacy_opened",
        AuditEvent.actor_id == opened.reader_id,
        AuditEvent.occurred_at > at - WINDOW,
    )
    people, things = AccessRecord.subject_id, AccessRecord.resource_hash
    query = select(
        false() if opened.candidacy_id is None or opened.file else created,
        func.count(distinct(people)).filter(people != opened.subject_id),
        func.count(distinct(things)).filter(things.not_in(("", opened.thing))),
    ).where(
        AccessRecord.reader_id == opened.reader_id,
        AccessRecord.body_id == opened.body_id,
        AccessRecord.at > at - WINDOW,
    )
    is_new, others, files = session.execute(query).one()
    return bool(is_new), AccessVolume(others + 1, files + bool(opened.thing))


def _notify_body(session: Session, opened: Access, reach: AccessVolume, contact: str, at: datetime) -> None:
    """Write to the others who act for the body, or to the contact of the installation: who, how many, never
    what it was.

    The person concerned gets a letter of their own, in other words, and is never the only one told when
    somebody else can be.
    """
    reader = session.get_one(Person, opened.reader_id)
    body = session.get_one(CertifyingBody, opened.body_id)
    counts = {"people": reach.people, "files": reach.files, "until": at, "body": body.name}
    facts = counts | {"who": _display_name(session, reader, body.id), "account": reader.email}
    others = session.scalars(_other_members(opened)).all()
    for person in others:
        queue_email(session, person, EmailTemplate.BULK_READING, at=at, body_id=body.id, name=person.name, **facts)
    if not others and contact and contact != reader.email:
        queue_email_to_contact(session, contact, EmailTemplate.BULK_READING, at=at, **facts)
    warned = bool(others or (contact and contact != reader.email))
    queue_email(
        session,
        reader,
        EmailTemplate.OWN_BULK_READING,
        at=at,
        body_id=body.id,
        name=reader.name,
        warned=warned,
        **counts,
    )


def _other_members(opened: Access) -> Select[Person]:
    return (
        select(Person)
        .join(CertifyingBodyMember, CertifyingBodyMember.person_id == Person.id)
        .where(
            CertifyingBodyMember.body_id == opened.body_id, Person.suspended_at.is_(None), Person.id != opened.reader_id
        )
        .order_by(Person.id)
    )


def _display_name(session: Session, reader: Person, body_id: UUID) -> str:
    """Return the name under which a body knows an account: an advisor's or a juror's as it typed it, else that of
    the account.
    """
    path = (
        select(Candidacy.advisor_display_name.label("named"), Candidacy.opened_at.label("at"))
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(
            Certification.body_id == body_id,
            Candidacy.advisor_id == reader.id,
            Candidacy.advisor_display_name.is_not(None),
        )
    )
    seat = (
        select(JuryMember.display_name, JurySession.planned_at)
        .join(JuryMember.session)
        .where(JurySession.body_id == body_id, JuryMember.person_id == reader.id, JuryMember.display_name.is_not(None))
    )
    closed = (
        select(HearingMember.display_name, JurySession.planned_at)
        .join(Hearing, Hearing.id == HearingMember.hearing_id)
        .join(Hearing.session)
        .where(JurySession.body_id == body_id, HearingMember.person_id == reader.id)
    )
    known = union_all(path, seat, closed).subquery()
    return session.scalar(select(known.c.named).order_by(known.c.at.desc()).limit(1)) or reader.name


def purge_access_records(session: Session, *, at: datetime) -> int:
    """Delete the records that are older than the retention, and return how many there were. Alerts stay."""
    gone = session.execute(delete(AccessRecord).where(AccessRecord.at < at - RETENTION))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
