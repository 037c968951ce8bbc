"""Gather what a hearing says to an inspection: who sat, what was read, decided, notified, contested, and what
is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, ScalarSelect, func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.calendar import day_of
from portfolio.domain.candidacy.models import Candidacy, SealedFile, Submission
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certifying_body.look import load_looks
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.holdings.models.events import (
    Appeal,
    AppealAnswer,
    GrantStatusChange,
    NotificationReceipt,
    Observation,
    ObservationInvitation,
    ResultNotification,
)
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.appeals import AppealDetails, list_appeals_of
from portfolio.domain.holdings.use_cases.contest_tasks import InvitationDetails, list_invitations
from portfolio.domain.holdings.use_cases.status_history import StatusDecision, last_decision_on
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.jury.models.deliberation import Minutes, MinutesRectification, MinutesSignature
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import SignedDocument
from portfolio.domain.jury_session.use_cases.signing import load_unsigned
from portfolio.domain.notification.use_cases.document_data import MinutesData, load_minutes_data
from portfolio.domain.submission.use_cases.editions import PackSource
from portfolio.files.filenames import download_name_of

MAX_HEARINGS = 500
# R6412-7: the result is notified within fifteen days.
NOTIFICATION_DAYS = 15


@dataclass(frozen=True)
class HearingRecord:
    """Everything that the rows say of one hearing, and what they lack."""

    hearing_id: UUID
    session_id: UUID
    candidacy_id: UUID
    submission_id: UUID
    number: int
    candidate: str
    held_on: date
    place: str
    certification: str
    version: int
    minutes: MinutesData | None
    letter: dict[str, Any] | None
    # That of the body on the day of the letter.
    letter_look: Look
    notified_on: date | None
    # The first day that is proven.
    received_on: date | None
    due_on: date | None
    # As the notification cites them.
    remedies: str
    appeals: tuple[AppealDetails, ...]
    changes: tuple[GrantStatusChange, ...]
    invitations: tuple[InvitationDetails, ...]
    # Who sat and has not signed the minutes.
    unsigned: tuple[str, ...] = ()

    @property
    def delay_days(self) -> int | None:
        """Days between the decision and its notification; None while it is not notified."""
        return (self.notified_on - self.minutes.decided_on).days if self.minutes and self.notified_on else None

    @property
    def ended(self) -> dict[int, StatusDecision]:
        """Map the blocks whose decision no longer has its effects to the act that suspended or ended it."""
        if self.minutes is None:
            return {}
        last = {
            each.block.number: last_decision_on(self.minutes.since, each.block.number) for each in self.minutes.blocks
        }
        return {number: act for number, act in last.items() if act is not None}

    @property
    def is_suspended(self) -> bool:
        """Tell whether the effects of a decision of this jury are held."""
        return any(act.kind is StatusChangeKind.SUSPENSION for act in self.ended.values())

    @property
    def awaits_jury(self) -> bool:
        """Tell whether a decision was annulled, and no other jury decided its block since."""
        annulled = [act for act in self.ended.values() if act.kind is StatusChangeKind.ANNULMENT]
        return any(again.on is None for act in annulled for again in act.again)

    @property
    def missing(self) -> tuple[str, ...]:
        """Codes of what an inspector would look for and not find."""
        if self.minutes is None:
            return ("minutes",)
        members = self.minutes.composition["members"]
        found = {
            "signature": self.minutes.signed_at is None,
            "signatures": bool(self.unsigned),
            "declaration": any("no_relation" not in (member.get("statements") or {}) for member in members),
            "reading": any("read" not in (member.get("statements") or {}) for member in members),
            "irregular": any(
                not predicate["holds"] and predicate["blocking"] for predicate in self.minutes.composition["predicates"]
            ),
            "notification": self.notified_on is None and not self.minutes.void_reason,
            "late": self.due_on is not None and self.notified_on is not None and self.notified_on > self.due_on,
            "suspended": self.is_suspended,
            "annulled": self.awaits_jury,
            "remedies": self.notified_on is not None and not self.remedies,
        }
        return tuple(code for code, lacks in found.items() if lacks)


@dataclass(frozen=True)
class ControlFile:
    """One stored file of a pack: where it goes, and its key in the store."""

    name: str
    key: str


def find_pack(
    session: Session,
    body_id: UUID,
    title: str,
    *,
    on: date,
    since: date | None = None,
    until: date | None = None,
    session_id: UUID | None = None,
) -> PackSource | None:
    """Return what names the pack of a period or of one session, in two queries; None while nobody is heard.

    The name changes with each act that the pack tells of, and with the day, for delays run. No more than
    `MAX_HEARINGS` are named, by day.
    """
    query = select(Hearing.id, JurySession.held_on, JurySession.place, Candidacy.candidate_display_name)
    query = query.join(Hearing.session).join(Hearing.submission).join(Submission.candidacy)
    query = query.where(JurySession.body_id == body_id)
    if since is not None:
        query = query.where(JurySession.held_on >= since)
    if until is not None:
        query = query.where(JurySession.held_on <= until)
    if session_id is not None:
        query = query.where(JurySession.id == session_id)
    hearings = session.execute(query.order_by(JurySession.held_on, Hearing.id).limit(MAX_HEARINGS)).all()
    if not hearings:
        return None
    ids = [row.id for row in hearings]
    told = (title, on, list(map(tuple, hearings)), sorted(map(tuple, session.execute(_acts_of(ids)))))
    about = {"title": title, "hearings": [str(each) for each in ids]}
    return PackSource(body_id=body_id, root=sha256(repr(told).encode()).hexdigest(), about=about)


def _acts_of(hearing_ids: list[UUID]) -> CompoundSelect[Any]:
    """Return how many rows each table has of what a pack tells: none of them is changed once written."""
    minutes = select(Minutes.id).where(Minutes.hearing_id.in_(hearing_ids))
    grants = select(Grant.id).where(Grant.minutes_id.in_(minutes))
    letters = select(ResultNotification.id).where(ResultNotification.minutes_id.in_(minutes))
    appeals = select(Appeal.id).where(Appeal.minutes_id.in_(minutes))
    invitations = select(ObservationInvitation.id).where(ObservationInvitation.grant_id.in_(grants))
    sessions = select(Hearing.session_id).where(Hearing.id.in_(hearing_ids))
    counted: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (Minutes, Minutes.hearing_id.in_(hearing_ids)),
        (MinutesRectification, MinutesRectification.minutes_id.in_(minutes)),
        (MinutesSignature, MinutesSignature.minutes_id.in_(minutes)),
        (ResultNotification, ResultNotification.id.in_(letters)),
        (NotificationReceipt, NotificationReceipt.notification_id.in_(letters)),
        (Appeal, Appeal.id.in_(appeals)),
        (AppealAnswer, AppealAnswer.appeal_id.in_(appeals)),
        (GrantStatusChange, GrantStatusChange.minutes_id.in_(minutes) | GrantStatusChange.grant_id.in_(grants)),
        (ObservationInvitation, ObservationInvitation.id.in_(invitations)),
        (Observation, Observation.invitation_id.in_(invitations)),
        (SignedDocument, SignedDocument.session_id.in_(sessions)),
    )
    return union_all(
        *(select(literal(table.__tablename__), func.count(table.id)).where(held) for table, held in counted)
    )


def load_hearing_record(session: Session, hearing_id: UUID) -> HearingRecord:
    """Read what a hearing says to an inspection. Raises KeyError for an unknown hearing."""
    return load_hearing_records(session, [hearing_id])[hearing_id]


def load_hearing_records(session: Session, hearing_ids: Sequence[UUID]) -> dict[UUID, HearingRecord]:
    """Map hearings to what they say to an inspection, in their order, in as many queries for five hundred as for one,
    and a few for each result that a later act changed.
    """
    version = joinedload(Hearing.session).joinedload(JurySession.version)
    query = select(Hearing).where(Hearing.id.in_(hearing_ids))
    rows = session.scalars(
        query.options(
            version.defer(CertificationVersion.entry),
            version.joinedload(CertificationVersion.certification),
            joinedload(Hearing.submission).joinedload(Submission.candidacy).joinedload(Candidacy.candidate),
        )
    ).all()
    hearings = {row.id: row for row in rows}
    look_of = load_looks(session, frozenset(row.session.body_id for row in rows))
    minutes = load_minutes_data(session, hearing_ids, look_of)
    later = _load_later(session, hearing_ids, look_of)
    unsigned = load_unsigned(session, hearing_ids)
    return {
        each: _record(hearings[each], minutes.get(each), later[each], unsigned.get(each, ())) for each in hearing_ids
    }


@dataclass
class _Later:
    """Sequel of the minutes of a hearing: its letter, the look of that day, the proof of its receipt, what was
    contested and changed.
    """

    notice: ResultNotification | None = None
    look: Look = PLAIN_LOOK
    received_on: date | None = None
    appeals: list[AppealDetails] = field(default_factory=list)
    changes: list[GrantStatusChange] = field(default_factory=list)
    invitations: list[InvitationDetails] = field(default_factory=list)


def _load_later(
    session: Session, hearing_ids: Sequence[UUID], look_of: Callable[[UUID, datetime], Look]
) -> dict[UUID, _Later]:
    found = {each: _Later() for each in hearing_ids}
    closed = select(Minutes.id, Minutes.hearing_id, Grant.id, ResultNotification, JurySession.body_id, _first_receipt())
    closed = closed.join(Minutes.hearing).join(Hearing.session).outerjoin(Grant, Grant.minutes_id == Minutes.id)
    closed = closed.outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
    hearing_of: dict[UUID, UUID] = {}
    of_grant: dict[UUID, UUID] = {}
    rows = session.execute(closed.where(Minutes.hearing_id.in_(hearing_ids))).all()
    for minutes_id, hearing_id, grant_id, notice, body_id, received_on in rows:
        hearing_of[minutes_id] = hearing_id
        if grant_id is not None:
            of_grant[grant_id] = hearing_id
        if notice is not None:
            later = found[hearing_id]
            later.notice, later.look, later.received_on = notice, look_of(body_id, notice.notified_at), received_on
    if not hearing_of:
        return found
    for appeal in list_appeals_of(session, hearing_ids):
        found[hearing_of[appeal.appeal.minutes_id]].appeals.append(appeal)
    about = GrantStatusChange.minutes_id.in_(hearing_of) | GrantStatusChange.grant_id.in_(of_grant)
    for change in session.scalars(select(GrantStatusChange).where(about).order_by(GrantStatusChange.recorded_at)):
        named = (hearing_of.get(change.minutes_id or change.id), of_grant.get(change.grant_id or change.id))
        found[next(each for each in named if each is not None)].changes.append(change)
    for details in list_invitations(session, of_grant.keys()):
        found[of_grant[details.invitation.grant_id]].invitations.append(details)
    return found


def _first_receipt() -> ScalarSelect[date]:
    """Return the first day on which the letter of the row is proven received: delays of remedies run from it."""
    of_letter = NotificationReceipt.notification_id == ResultNotification.id
    return (
        select(func.min(NotificationReceipt.received_on))
        .where(of_letter)
        .correlate(ResultNotification)
        .scalar_subquery()
    )


def _record(hearing: Hearing, minutes: MinutesData | None, later: _Later, unsigned: tuple[str, ...]) -> HearingRecord:
    decided = minutes.decided_on if minutes is not None else None
    row, notice = hearing.session.version, later.notice
    return HearingRecord(
        hearing.id,
        hearing.session_id,
        hearing.submission.candidacy_id,
        hearing.submission_id,
        hearing.submission.number,
        hearing.submission.candidacy.candidate_name,
        hearing.session.held_on,
        hearing.session.place,
        f"{row.certification.code} · {row.title}",
        row.number,
        minutes,
        dict(notice.letter) if notice is not None else None,
        later.look,
        day_of(notice.notified_at) if notice is not None else None,
        later.received_on,
        decided + timedelta(days=NOTIFICATION_DAYS) if decided else None,
        notice.letter.get("remedies", "") if notice is not None else "",
        tuple(later.appeals),
        tuple(later.changes),
        tuple(later.invitations),
        unsigned,
    )


def list_signed_documents(session: Session, folders: Mapping[UUID, str]) -> dict[UUID, list[ControlFile]]:
    """Map sessions to their signed documents, each in the folder of its session: appointments and forms of members."""
    query = select(SignedDocument).where(SignedDocument.session_id.in_(folders))
    found: dict[UUID, list[ControlFile]] = {session_id: [] for session_id in folders}
    for row in session.scalars(query.order_by(SignedDocument.received_at)):
        of_session = found[row.session_id]
        of_session.append(ControlFile(f"{folders[row.session_id]}/{len(of_session) + 1:02d}-{row.name}", row.key))
    return found


def list_sealed_files(session: Session, submission_id: UUID, folder: str) -> list[ControlFile]:
    """List the sealed exhibits of a dossier."""
    rows = session.scalars(
        select(SealedFile).where(SealedFile.submission_id == submission_id).order_by(SealedFile.exhibit)
    )
    return [ControlFile(f"{folder}/{row.exhibit}-{download_name_of(row.name, row.mime)}", row.key) for row in rows]


def load_manifest(session: Session, submission_id: UUID) -> bytes:
    """Return the manifest of a sealed dossier, byte for byte."""
    return session.scalars(select(Submission.manifest).where(Submission.id == submission_id)).one()


def last_check(session: Session) -> IntegrityCheck | None:
    """Return the last run of the integrity checks."""
    return session.scalar(select(IntegrityCheck).order_by(IntegrityCheck.ended_at.desc()).limit(1))


def list_versions(session: Session, hearing_ids: list[UUID]) -> list[CertificationVersion]:
    """List the published versions that these hearings answer, with their entry."""
    wanted = select(JurySession.version_id).join(JurySession.hearings).where(Hearing.id.in_(hearing_ids))
    query = select(CertificationVersion).where(CertificationVersion.id.in_(wanted))
    loading = (joinedload(CertificationVersion.certification), selectinload(CertificationVersion.blocks))
    return list(session.scalars(query.options(*loading).order_by(CertificationVersion.published_at)).unique())
