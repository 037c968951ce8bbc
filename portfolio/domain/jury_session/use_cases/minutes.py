"""Read closed minutes, for the members who sat.

The answers of the predicates as closed minutes record them: a later change of the rules does not change them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portfolio.domain.account.models import Person
from portfolio.domain.assessment.rules import DefenceMinutes
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.use_cases.publishing import load_blocks
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.completion import Result, end_of_validity, result_for
from portfolio.domain.holdings.rules.facts import Lapse
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.facts import PRESENCES
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.holdings.use_cases.status_history import (
    DecidedAgain,
    StatusDecision,
    load_decided_again,
    load_decided_since,
)
from portfolio.domain.jury.models.deliberation import Minutes, MinutesRectification, RecordedDecision, RecordedFinding
from portfolio.domain.jury.models.sessions import Hearing, HearingMember, JurySession, sat_in_closed_hearing
from portfolio.domain.jury.rules.composition import (
    EXTERNAL_MONTHS,
    JURY_ARTICLE,
    PathValue,
    PredicateAnswer,
    common_path,
)
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.enums import Attendance, JuryRefusal, Outcome
from portfolio.domain.jury_session.use_cases.loaders import OF_THE_DAY, answers_for
from portfolio.domain.ledger.recording import append
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.errors import Refusal

# The number of a certificate, and where it stands today.
Given = tuple[str, GrantStatus]


@dataclass(frozen=True)
class DecidedBlock:
    """A block as the minutes tell it, with its findings; the certificate that this decision gave, and where
    it stands today.
    """

    number: int
    title: str
    decision: RecordedDecision
    findings: tuple[tuple[str, str, RecordedFinding], ...]
    certificate: str | None
    status: GrantStatus
    # The last day of a block whose validity is limited (R6).
    valid_until: date | None = None


@dataclass(frozen=True)
class Rectification:
    """Text written later about closed minutes (R12)."""

    text: str
    author: str
    written_at: datetime


@dataclass(frozen=True)
class MinutesPageData:
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
    is_record: bool = False
    defence: DefenceMinutes | None = None
    # The composition and the course of the sitting, as the closing copied them.
    recorded: Mapping[str, Any] = field(default_factory=dict)
    # What the body decided of it later (R10–R12); what another jury did, of minutes without a decision.
    since: tuple[StatusDecision, ...] = ()
    again: tuple[DecidedAgain, ...] = ()
    # When the letter of the result left; None before.
    notified_at: datetime | None = None

    @property
    def annulled(self) -> frozenset[int]:
        """Return the blocks whose decision was annulled since (R12)."""
        acts = (act for act in self.since if act.kind is StatusChangeKind.ANNULMENT)
        return frozenset(number for act in acts for number in act.blocks)


def load_minutes_page(session: Session, hearing_id: UUID) -> MinutesPageData:
    """Gather the closed minutes of a hearing; raises NoResultFound while it is open."""
    minutes, notified_at = session.execute(
        select(Minutes, ResultNotification.notified_at)
        .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
        .where(Minutes.hearing_id == hearing_id)
        .options(*_WITH_ALL)
    ).one()
    candidacy = minutes.hearing.submission.candidacy
    numbers, whole = load_granted_certificates(session, minutes.id)
    decisions = {decision.block_id: decision for decision in minutes.decisions}
    findings = {finding.competency_id: finding for finding in minutes.findings}
    rows = load_blocks(session, candidacy.version_id)
    decided = [block for block in rows if block.id in decisions]
    signatory, rectifications = load_signatory_and_rectifications(session, minutes.id)
    return MinutesPageData(
        hearing_id,
        minutes.number,
        candidacy.candidate_name,
        f"{candidacy.version.certification.code} · {candidacy.version.title}",
        minutes.decided_on,
        minutes.closed_at,
        minutes.root,
        minutes.composition["place"],
        _members_with_statements(minutes.composition["members"]),
        tuple(_decided(block, decisions[block.id], findings, numbers, minutes.decided_on) for block in decided),
        whole[0] if whole else None,
        whole[1] if whole else GrantStatus.HELD,
        result_of(read_manifest(minutes.hearing.submission.manifest), minutes, rows),
        minutes.attendance or Attendance.HEARD,
        minutes.signed_at,
        signatory,
        _members_with_statements(minutes.composition.get("others", [])),
        minutes.composition.get("parity_reason", ""),
        rectifications,
        minutes.void_reason or "",
        minutes.composition.get("external_months", EXTERNAL_MONTHS),
        minutes.hearing.submission.kind is not None,
        DefenceMinutes(**minutes.composition["defence"]) if "defence" in minutes.composition else None,
        minutes.composition,
        load_decided_since(session, hearing_id),
        () if decisions else load_decided_again(session, [minutes.id])[minutes.id],
        notified_at,
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
    record_event(session, "minutes_rectified", ("minutes", minutes.id), by=by, at=at)
    append(session, [entry], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, minutes.hearing.submission.candidacy, EmailTemplate.DECIDED_LATER, at=at)
    return entry


def load_signatory_and_rectifications(session: Session, minutes_id: UUID) -> tuple[str, tuple[Rectification, ...]]:
    """Return who signed minutes, and what was added to them, the oldest first, in one query: each person under the name
    recorded at the closing, or of their account when they had no seat.
    """
    return load_signatories_and_rectifications(session, [minutes_id])[minutes_id]


def load_signatories_and_rectifications(
    session: Session, minutes: Collection[UUID]
) -> dict[UUID, tuple[str, tuple[Rectification, ...]]]:
    """Map each of these minutes to who signed it and what was added to it, as for one, in one query."""
    rectification = MinutesRectification
    query = (
        select(
            *(Minutes.id, func.coalesce(HearingMember.display_name, Person.name), Person.id == Minutes.closed_by),
            *(Person.id == rectification.written_by, rectification.text, rectification.written_at),
        )
        .select_from(Minutes)
        .join(Minutes.hearing)
        .outerjoin(rectification, rectification.minutes_id == Minutes.id)
        .join(Person, or_(Person.id == Minutes.closed_by, Person.id == rectification.written_by))
        .outerjoin(HearingMember, sat_in_closed_hearing(Person.id))
        .where(Minutes.id.in_(minutes))
        .order_by(rectification.written_at, rectification.id)
    )
    signatories: dict[UUID, str] = {}
    written: dict[UUID, list[Rectification]] = {key: [] for key in minutes}
    for key, name, has_signed, has_written, text, at in session.execute(query):
        if has_signed:
            signatories[key] = name
        if has_written:
            written[key].append(Rectification(text, name, at))
    return {key: (name, tuple(written[key])) for key, name in signatories.items()}


_CANDIDACY = joinedload(Minutes.hearing).joinedload(Hearing.submission).joinedload(Submission.candidacy)
_WITH_ALL = (
    selectinload(Minutes.decisions),
    selectinload(Minutes.findings),
    _CANDIDACY.joinedload(Candidacy.candidate),
    _CANDIDACY.joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
)


def _members_with_statements(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the members of the snapshot, with its moments as moments and its days as days."""
    return [
        member | {"statements": {kind: _dated(said) for kind, said in member.get("statements", {}).items()}}
        for member in members
    ]


def _dated(statement: dict[str, Any]) -> dict[str, Any]:
    signed_on = statement.get("signed_on")
    return statement | {
        "at": datetime.fromisoformat(statement["at"]),
        "signed_on": date.fromisoformat(signed_on) if signed_on else None,
    }


def _decided(
    block: Block,
    decision: RecordedDecision,
    findings: dict[UUID, RecordedFinding],
    given: dict[UUID, Given],
    decided_on: date,
) -> DecidedBlock:
    lines = tuple(
        (f"{block.number}.{competency.number}", competency.text, findings[competency.id])
        for competency in block.competencies
        if competency.id in findings
    )
    number, status = given.get(block.id, (None, GrantStatus.HELD))
    until = end_of_validity(decided_on, block.validity_months)
    return DecidedBlock(block.number, block.title, decision, lines, number, status, until)


def load_granted_certificates(session: Session, minutes_id: UUID) -> tuple[dict[UUID, Given], Given | None]:
    """Return the certificates that these minutes gave, block by block, and the one of the whole of their version when
    they completed it (R7); by an equivalence they may complete another one, which these minutes do not tell.
    """
    of_blocks = select(Grant.id).where(Grant.minutes_id == minutes_id)
    completing = select(Award.id).join(Grant, Grant.id == Award.completed_by).join(Block, Block.id == Grant.block_id)
    of_whole = completing.where(Grant.minutes_id == minutes_id, Award.version_id == Block.version_id)
    mine = Certificate.grant_id.in_(of_blocks) | Certificate.award_id.in_(of_whole)
    query = select(Certificate).where(mine, is_latest())
    rows = session.scalars(query.options(joinedload(Certificate.grant))).all()
    statuses = load_statuses(session, rows)
    blocks = {row.grant.block_id: (row.number, statuses[row.id]) for row in rows if row.grant is not None}
    return blocks, next(((row.number, statuses[row.id]) for row in rows if row.grant is None), None)


def result_of(dossier: SealedDossier, minutes: Minutes, rows: Collection[Block]) -> Result:
    """Return the label of the result on the day of the minutes, from what was sealed and decided only (R8); `rows`:
    the blocks of the version.

    A block validated while the admissibility had lapsed without a ruling was not acquired that day (R3).
    """
    blocks = {block.number: block.id for block in rows}
    held = {blocks[sealed_held_block.number] for sealed_held_block in dossier.held_blocks}
    if minutes.composition.get("lapse", Lapse.NONE) in (Lapse.NONE, Lapse.RULED):
        held |= {decision.block_id for decision in minutes.decisions if decision.outcome is Outcome.VALIDATED}
    is_every = dossier.scope is Scope.WHOLE and not any(block.option for block in rows)
    asked = blocks.keys() if is_every else dossier.requested
    presence = PRESENCES[minutes.attendance or Attendance.HEARD]
    return result_for(dossier.scope, {blocks[number] for number in asked}, held, presence)


Answers = tuple[PredicateAnswer, ...]


def find_recorded_answers(session: Session, hearing_id: UUID) -> Answers | None:
    """Return what the minutes of a hearing record; None while they are not closed."""
    record = session.scalar(select(Minutes.composition).where(Minutes.hearing_id == hearing_id))
    return None if record is None else answers_in(record)


def answers_in(record: Mapping[str, Any]) -> Answers:
    """Return the answers that a composition recorded at closing holds."""
    return tuple(answer_from_record(each) for each in record["predicates"])


def last_composition() -> ScalarSelect[Mapping[str, Any]]:
    """Return what the last minutes of the session of the row record, once none of its hearings is open, as a column."""
    still_open = aliased(Hearing)
    is_open = exists().where(still_open.session_id == JurySession.id, still_open.closed_at.is_(None))
    return (
        select(Minutes.composition)
        .join(Minutes.hearing)
        .where(Hearing.session_id == JurySession.id, Minutes.void_reason.is_(None), ~is_open)
        .where(Hearing.is_void.is_not(True))
        .order_by(Minutes.closed_at.desc(), Minutes.id.desc())
        .limit(1)
        .correlate(JurySession)
        .scalar_subquery()
    )


def binds_one() -> ScalarSelect[bool | None]:
    """Return whether D6412-6 binds the path of a candidate of the session of the row, as a column; None while
    no candidate is listed.
    """
    binds = and_(
        Candidacy.route == Route.VAE,
        Candidacy.regime == Regime.FRANCE_VAE,
        Candidacy.admissible_on >= JURY_ARTICLE.binds_from,
    )
    return (
        select(func.max(case((binds, 1), else_=0)))
        .select_from(Hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(Hearing.session_id == JurySession.id)
        .correlate(JurySession)
        .scalar_subquery()
    )


def answers_of(jury: JurySession, composition: Mapping[str, Any] | None, is_bound: bool | None) -> Answers:
    """Return what a session answers: now while a hearing may come, as its last minutes record once all are closed.

    `composition`, `is_bound`: the columns of `last_composition` and of `binds_one`.
    """
    if composition is not None:
        return _of_session(composition)
    listed = [] if is_bound is None else [PathValue(jury.route or Route.VAE, bool(is_bound))]
    return answers_for(jury, common_path(listed, jury.route))


def _of_session(record: Mapping[str, Any]) -> Answers:
    return tuple(predicate_answer for predicate_answer in answers_in(record) if predicate_answer.id not in OF_THE_DAY)
