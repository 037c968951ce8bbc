"""What closed minutes say, for those who sat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.account.models import Person
from portfolio.assessment.rules import DefenceMinutes
from portfolio.candidacy.models import Candidacy
from portfolio.candidacy.rules import Scope
from portfolio.candidacy.services.telling import tell_candidate
from portfolio.certificate.models import Award, Certificate, Grant, unrectified
from portfolio.certificate.rules import GrantStatus, Lapse, Result, result_for
from portfolio.certificate.services import statuses_of
from portfolio.certificate.services.facts import PRESENCES
from portfolio.certificate.services.ledger import append
from portfolio.certification.models import Block, CertificationVersion
from portfolio.journal.services import note
from portfolio.jury.minutes import BlockDecision, CompetencyFinding, Minutes, MinutesRectification
from portfolio.jury.models import Hearing, HearingMember, sat_in_closed_hearing
from portfolio.jury.rules import EXTERNAL_MONTHS, Attendance, JuryRefusal, Outcome, voters_recorded
from portfolio.jury.services.loading import blocks_of
from portfolio.mail.services import Letter
from portfolio.refusal import Refusal
from portfolio.submission.models import Submission
from portfolio.submission.rules import SealedDossier, read_manifest

# The number of a certificate, and where it stands today.
Given = tuple[str, GrantStatus]


@dataclass(frozen=True)
class DecidedBlock:
    """A block as the minutes tell it, with its findings; the certificate that this decision gave, and where it stands today."""

    number: int
    title: str
    decision: BlockDecision
    findings: tuple[tuple[str, str, CompetencyFinding], ...]
    certificate: str | None
    status: GrantStatus


@dataclass(frozen=True)
class Rectification:
    """What someone wrote later about closed minutes (R12)."""

    text: str
    author: str
    written_at: datetime


@dataclass(frozen=True)
class MinutesPage:
    """The closed minutes of one hearing."""

    hearing_id: UUID
    number: str
    candidate: str
    certification: str
    decided_on: date
    closed_at: datetime
    root: str
    place: str
    members: list[dict[str, Any]]
    blocks: tuple[DecidedBlock, ...]
    whole: str | None
    whole_status: GrantStatus
    result: Result
    attendance: Attendance
    signed_at: datetime | None
    signed_by: str
    others: list[dict[str, Any]]
    parity_reason: str
    rectifications: tuple[Rectification, ...]
    void_reason: str = ""
    external_months: int = EXTERNAL_MONTHS
    casting_vote: bool = True
    is_record: bool = False
    defence: DefenceMinutes | None = None

    @property
    def voters(self) -> int:
        """How many members could vote."""
        return voters_recorded(self.members)


def read_minutes(session: Session, hearing_id: UUID) -> MinutesPage:
    """Gather the closed minutes of a hearing; raises NoResultFound while it is open."""
    minutes = session.scalars(select(Minutes).where(Minutes.hearing_id == hearing_id).options(*_WITH_ALL)).one()
    candidacy = minutes.hearing.submission.candidacy
    numbers, whole = given_by(session, minutes.id)
    decisions = {one.block_id: one for one in minutes.decisions}
    findings = {one.competency_id: one for one in minutes.findings}
    told = [block for block in blocks_of(session, candidacy.version_id) if block.id in decisions]
    return MinutesPage(
        hearing_id,
        minutes.number,
        candidacy.candidate_name,
        f"{candidacy.version.certification.code} · {candidacy.version.title}",
        minutes.decided_on,
        minutes.closed_at,
        minutes.root,
        minutes.composition["place"],
        _told(minutes.composition["members"]),
        tuple(_decided(block, decisions[block.id], findings, numbers) for block in told),
        whole[0] if whole else None,
        whole[1] if whole else GrantStatus.HELD,
        result_of(read_manifest(minutes.hearing.submission.manifest), minutes),
        minutes.attendance or Attendance.HEARD,
        minutes.signed_at,
        named_at(session, hearing_id, minutes.closed_by),
        _told(minutes.composition.get("others", [])),
        minutes.composition.get("parity_reason", ""),
        tuple(Rectification(*row) for row in session.execute(rectifications_of(minutes.id))),
        minutes.void_reason or "",
        minutes.composition.get("external_months", EXTERNAL_MONTHS),
        minutes.composition.get("casting_vote", True),
        minutes.hearing.submission.kind is not None,
        DefenceMinutes(**minutes.composition["defence"]) if "defence" in minutes.composition else None,
    )


def rectify(session: Session, hearing_id: UUID, text: str, *, by: UUID, at: datetime) -> MinutesRectification:
    """Write a later entry that refers to closed minutes, which do not change (R12), record it, and tell the candidate.

    Raises Refusal while the hearing is open.
    """
    minutes = session.scalar(select(Minutes).where(Minutes.hearing_id == hearing_id))
    if minutes is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    entry = MinutesRectification(minutes_id=minutes.id, text=text, written_at=at, written_by=by)
    session.add(entry)
    session.flush()
    note(session, "minutes_rectified", ("minutes", minutes.id), by=by, at=at)
    append(session, [entry], at=at)  # last but for the e-mail: it takes the ledger's lock
    tell_candidate(session, minutes.hearing.submission.candidacy, Letter.DECIDED_LATER, at=at)
    return entry


def named_at(session: Session, hearing_id: UUID, person_id: UUID) -> str:
    """Return the name of a person as recorded at the closing, or of their account when they had no seat."""
    here = select(_recorded_name()).select_from(Person).join(Hearing, Hearing.id == hearing_id)
    return session.scalars(here.outerjoin(HearingMember, sat_in_closed_hearing(Person.id)).where(Person.id == person_id)).one()


def _recorded_name() -> ColumnElement[str]:
    return func.coalesce(HearingMember.named, Person.name)


def rectifications_of(minutes_id: UUID) -> Select[str, str, datetime]:
    """What was added to minutes, the oldest first: the text, who wrote it, when."""
    return (
        select(MinutesRectification.text, _recorded_name(), MinutesRectification.written_at)
        .select_from(MinutesRectification)
        .join(Person, Person.id == MinutesRectification.written_by)
        .join(Minutes, Minutes.id == MinutesRectification.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .outerjoin(HearingMember, sat_in_closed_hearing(Person.id))
        .where(MinutesRectification.minutes_id == minutes_id)
        .order_by(MinutesRectification.written_at, MinutesRectification.id)
    )


_CANDIDACY = joinedload(Minutes.hearing).joinedload(Hearing.submission).joinedload(Submission.candidacy)
_WITH_ALL = (
    selectinload(Minutes.decisions),
    selectinload(Minutes.findings),
    _CANDIDACY.joinedload(Candidacy.candidate),
    _CANDIDACY.joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
)


def _told(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The members of the snapshot, with its moments as moments and its days as days."""
    return [one | {"statements": {kind: _dated(said) for kind, said in one.get("statements", {}).items()}} for one in members]


def _dated(said: dict[str, Any]) -> dict[str, Any]:
    signed_on = said.get("signed_on")
    return said | {
        "at": datetime.fromisoformat(said["at"]),
        "signed_on": date.fromisoformat(signed_on) if signed_on else None,
    }


def _decided(
    block: Block, decision: BlockDecision, findings: dict[UUID, CompetencyFinding], given: dict[UUID, Given]
) -> DecidedBlock:
    lines = tuple(
        (f"{block.number}.{one.number}", one.text, findings[one.id]) for one in block.competencies if one.id in findings
    )
    number, status = given.get(block.id, (None, GrantStatus.HELD))
    return DecidedBlock(block.number, block.title, decision, lines, number, status)


def given_by(session: Session, minutes_id: UUID) -> tuple[dict[UUID, Given], Given | None]:
    """The certificates that these minutes gave, block by block, and the one of the whole when they completed it (R7)."""
    of_blocks = select(Grant.id).where(Grant.minutes_id == minutes_id)
    of_whole = select(Award.id).where(Award.completed_by.in_(of_blocks))
    mine = Certificate.grant_id.in_(of_blocks) | Certificate.award_id.in_(of_whole)
    query = select(Certificate).where(mine, unrectified())
    rows = session.scalars(query.options(joinedload(Certificate.grant))).all()
    statuses = statuses_of(session, rows)
    blocks = {one.grant.block_id: (one.number, statuses[one.id]) for one in rows if one.grant is not None}
    return blocks, next(((one.number, statuses[one.id]) for one in rows if one.grant is None), None)


def result_of(dossier: SealedDossier, minutes: Minutes) -> Result:
    """The label of the result on the day of the minutes, from what was sealed and decided only (R8).

    A block validated while the admissibility had lapsed without a ruling was not acquired that day (R3).
    """
    blocks = {block.number: block.id for block in minutes.hearing.submission.candidacy.version.blocks}
    held = {blocks[one.number] for one in dossier.held_blocks}
    if minutes.composition.get("lapse", Lapse.NONE) in (Lapse.NONE, Lapse.RULED):
        held |= {one.block_id for one in minutes.decisions if one.outcome is Outcome.VALIDATED}
    asked = blocks.keys() if dossier.scope is Scope.WHOLE else dossier.requested
    presence = PRESENCES[minutes.attendance or Attendance.HEARD]
    return result_for(dossier.scope, {blocks[number] for number in asked}, held, presence)
