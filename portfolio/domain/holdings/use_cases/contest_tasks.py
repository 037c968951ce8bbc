"""Tasks of a body from appeals and decisions of two members: whether there is any, and which.

The adversarial stage: the person is invited to present observations, and what they answer is recorded (R11).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.events import (
    Acquisition,
    Appeal,
    AppealAnswer,
    AppealGrantProposal,
    Equivalence,
    EquivalenceSide,
    GrantStatusChange,
    GroupEquivalenceBlock,
    Observation,
    ObservationInvitation,
    StatusChangeProposal,
)
from portfolio.domain.holdings.models.grants import Certificate, Grant, PriorHolding, is_latest
from portfolio.domain.holdings.rules.status_changes import (
    AppealState,
    ContestRefusal,
    InvitationInput,
    ObservationInput,
    ObservationManner,
    ProposalSubject,
    StatusChangeKind,
    appeal_state,
    invitation_refusal,
    lapses_by_silence,
    observation_refusal,
)
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.status_changes import load_candidacy_of
from portfolio.domain.jury.models.deliberation import Minutes, MinutesRectification
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal

# The page names so many of each, the oldest first.
LIMIT = 20


@dataclass(frozen=True, slots=True)
class ContestTask:
    """An appeal to answer, or a decision that waits for a second member: for whom, since and by when, where.

    `where` is the hearing of an appeal, the candidacy of a certificate, the holding of before, or the version of an
    equivalence, of which `candidate` is the code.
    """

    candidate: str
    since: date
    where: UUID
    is_proposal: bool
    until: date | None = None
    certificate: str = ""
    proposed_by: UUID | None = None
    subject: ProposalSubject = ProposalSubject.APPEAL


class LaterEntry(StrEnum):
    """An entry about minutes that is neither an act on a grant nor an appeal."""

    VOID = "void"
    RECTIFIED = "rectified"


@dataclass(frozen=True, slots=True)
class LaterAct:
    """Event that bears on the decision of a hearing after its minutes: an act on what it granted, an appeal with
    where it stands, an entry added to the minutes; or that the sitting was without effect.
    """

    what: StatusChangeKind | AppealState | LaterEntry
    on: date


def load_later_acts(session: Session, hearings: Collection[UUID], today: date) -> dict[UUID, tuple[LaterAct, ...]]:
    """Map each of these hearings to what happened to its decision since, the earliest first, in one query."""
    found: defaultdict[UUID, dict[LaterAct, None]] = defaultdict(dict)
    if not hearings:
        return {}
    rows = session.execute(_LATER, {"hearings": list(hearings)}).all()
    for row in sorted(rows, key=lambda row: row.recorded_at):
        what: StatusChangeKind | AppealState | LaterEntry
        on = row.decided_on or day_of(row.recorded_at)
        if row.appeal is not None:
            what = appeal_state(row.appeal, row.answer_by, row.outcome, today)
            on = row.answer_by if what is AppealState.LAPSED else on
        else:
            what = row.change or LaterEntry(row.entry)
        found[row.hearing_id][LaterAct(what, on)] = None
    return {hearing_id: tuple(acts) for hearing_id, acts in found.items()}


def _later(entry: LaterEntry | None, **columns: Any) -> Select[*tuple[Any, ...]]:
    """Select one kind of later acts: the same columns, empty where this kind has none."""
    types = {
        "decided_on": Date(),
        "appeal": Appeal.kind.type,
        "answer_by": Date(),
        "outcome": AppealAnswer.outcome.type,
        "change": GrantStatusChange.kind.type,
    }
    empty = {name: cast(null(), kind) for name, kind in types.items()}
    return select(
        Minutes.hearing_id,
        columns.pop("recorded_at").label("recorded_at"),
        literal(entry, String()).label("entry"),
        *(column.label(name) for name, column in (empty | columns).items()),
    ).where(Minutes.hearing_id.in_(bindparam("hearings", expanding=True)))


_OF_GRANT = select(Grant.minutes_id).where(Grant.id == GrantStatusChange.grant_id).scalar_subquery()
_LATER = union_all(
    _later(
        None,
        recorded_at=GrantStatusChange.recorded_at,
        decided_on=GrantStatusChange.decided_on,
        change=GrantStatusChange.kind,
    ).join(GrantStatusChange, Minutes.id == func.coalesce(GrantStatusChange.minutes_id, _OF_GRANT)),
    _later(
        None,
        recorded_at=Appeal.recorded_at,
        decided_on=func.coalesce(AppealAnswer.answered_on, Appeal.received_on),
        appeal=Appeal.kind,
        answer_by=Appeal.answer_by,
        outcome=AppealAnswer.outcome,
    )
    .join(Appeal, Appeal.minutes_id == Minutes.id)
    .outerjoin(AppealAnswer, AppealAnswer.appeal_id == Appeal.id),
    _later(LaterEntry.RECTIFIED, recorded_at=MinutesRectification.written_at).join(Minutes.rectifications),
    _later(LaterEntry.VOID, recorded_at=Minutes.closed_at).where(Minutes.void_reason.is_not(None)),
)


def any_appeal(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether an appeal of a body waits for an answer, as a column."""
    return _unanswered(body).with_only_columns(Appeal.id).exists()


def any_proposal(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether a decision that ends or holds a right waits for a second member of a body, as a column."""
    ended = (query.with_only_columns(EndingProposal.id).exists() for _, query in _endings(body))
    return or_(_proposed(body).with_only_columns(Grant.id).exists(), *ended)


def list_appeals(session: Session, body_id: UUID, today: date) -> Iterator[ContestTask]:
    """Yield the appeals of a body that wait for an answer, or whose grant waits for a second member."""
    pending = (AppealGrantProposal.appeal_id == Appeal.id) & AppealGrantProposal.closed_at.is_(None)
    query: Select[*tuple[Any, ...]] = (
        _unanswered(body_id)
        .outerjoin(AppealGrantProposal, pending)
        .with_only_columns(
            *(Appeal, AppealGrantProposal.proposed_at, AppealGrantProposal.proposed_by),
            *(Minutes.hearing_id, candidate_display_name(Person)),
        )
        .order_by(Appeal.received_on, Appeal.id)
    )
    for appeal, proposed_at, by, hearing_id, candidate in session.execute(query):
        if proposed_at is not None:
            yield ContestTask(candidate, day_of(proposed_at), hearing_id, True, proposed_by=by)
        elif appeal_state(appeal.kind, appeal.answer_by, None, today) is AppealState.WAITING:
            until = appeal.answer_by if lapses_by_silence(appeal.kind) else None
            yield ContestTask(candidate, appeal.received_on, hearing_id, False, until)


def list_proposals(session: Session, body_id: UUID) -> Iterator[ContestTask]:
    """Yield the decisions of a body that wait for a second member: on certificates, then on what was held before and
    on equivalences, the oldest of each first.
    """
    # A block is granted by a jury, or by what was acquired elsewhere.
    granted_under = func.coalesce(Submission.candidacy_id, Acquisition.candidacy_id)
    query: Select[*tuple[Any, ...]] = (
        _proposed(body_id)
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .outerjoin(Minutes.hearing)
        .outerjoin(Hearing.submission)
        .outerjoin(Acquisition, Acquisition.id == Grant.acquisition_id)
        .join(Candidacy, Candidacy.id == granted_under)
        .join(Candidacy.candidate)
        .with_only_columns(
            *(candidate_display_name(Person), StatusChangeProposal.proposed_at, Candidacy.id),
            *(Certificate.number, StatusChangeProposal.proposed_by),
        )
        .order_by(StatusChangeProposal.proposed_at)
        .limit(LIMIT)
    )
    for candidate, proposed_at, candidacy_id, number, by in session.execute(query):
        named: dict[str, Any] = {"certificate": number, "subject": ProposalSubject.CERTIFICATE}
        yield ContestTask(candidate, day_of(proposed_at), candidacy_id, True, proposed_by=by, **named)
    for subject, ended in _endings(body_id):
        for name, where, _, proposed_at, by in session.execute(ended.order_by(EndingProposal.proposed_at).limit(LIMIT)):
            yield ContestTask(name, day_of(proposed_at), where, True, proposed_by=by, subject=subject)


Body = UUID | ColumnElement[UUID]


def _unanswered(body: Body) -> Select[*tuple[Any, ...]]:
    answered = exists().where(AppealAnswer.appeal_id == Appeal.id)
    return (
        select(Appeal)
        .join(Minutes, Minutes.id == Appeal.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body, ~answered)
    )


def _proposed(body: Body) -> Select[*tuple[Any, ...]]:
    return (
        select(Grant, StatusChangeProposal.proposed_at, Certificate.number)
        .join(Grant, Grant.id == StatusChangeProposal.grant_id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .join(Grant.block)
        .join(Block.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body, StatusChangeProposal.closed_at.is_(None), is_latest())
    )


def _endings(body: Body) -> Iterator[tuple[ProposalSubject, Select[*tuple[Any, ...]]]]:
    """Yield the endings of a body that wait, with their subject: whose or of which entry, where they are confirmed,
    since when, and who proposed them.
    """
    waits = (EndingProposal.id, EndingProposal.proposed_at, EndingProposal.proposed_by)
    of_version = (Certification.code, CertificationVersion.id, *waits)
    aimed = GroupEquivalenceBlock
    ways = (
        select(PriorHolding.holder_name, PriorHolding.id, *waits)
        .select_from(EndingProposal)
        .join(PriorHolding, PriorHolding.id == EndingProposal.holding_id)
        .join(PriorHolding.block),
        select(*of_version)
        .select_from(EndingProposal)
        .join(Equivalence, Equivalence.id == EndingProposal.equivalence_id)
        .join(Block, Block.id == Equivalence.granted_block_id),
        select(*of_version)
        .distinct()
        .select_from(EndingProposal)
        .join(aimed, aimed.equivalence_id == EndingProposal.group_equivalence_id)
        .join(Block, Block.id == aimed.block_id)
        .where(aimed.side == EquivalenceSide.COUNTS_FOR),
    )
    subjects = (ProposalSubject.HOLDING, ProposalSubject.EQUIVALENCE, ProposalSubject.EQUIVALENCE)
    for subject, query in zip(subjects, ways, strict=True):
        of_body = query.join(Block.version).join(CertificationVersion.certification)
        yield subject, of_body.where(Certification.body_id == body, EndingProposal.closed_at.is_(None))


@dataclass(frozen=True)
class InvitationDetails:
    """An invitation with the observations that answered it, in the order of their days."""

    invitation: ObservationInvitation
    observations: tuple[Observation, ...]

    def is_over(self, today: date) -> bool:
        """Return whether the person answered, or the last day to answer has passed."""
        return bool(self.observations) or today > self.invitation.answer_by


def invite(
    session: Session, grant_id: UUID, invitation: InvitationInput, *, by: UUID, at: datetime
) -> ObservationInvitation:
    """Record that the person was invited to present observations, and write to them without the facts.

    Raise Refusal: a day to come, or too short a delay.
    """
    grant = session.get_one(Grant, grant_id, with_for_update=True)
    refusal = invitation_refusal(invitation, day_of(at))
    if refusal is not None:
        raise Refusal(refusal)
    row = ObservationInvitation(
        grant_id=grant_id,
        facts=invitation.facts,
        invited_on=invitation.invited_on,
        answer_by=invitation.answer_by,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(row)
    session.flush()
    record_event(
        session, "observations_invited", ("block_grant", grant_id), by=by, at=at, answer_by=invitation.answer_by
    )
    append(session, [row], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, load_candidacy_of(session, grant), EmailTemplate.OBSERVATIONS_INVITED, at=at)
    return row


def record_observation(
    session: Session,
    grant_id: UUID,
    invitation_id: UUID,
    observation: ObservationInput,
    proof: Proof | None = None,
    *,
    by: UUID,
    at: datetime,
) -> Observation:
    """Record what the person answered. Raise Refusal: no such invitation, or a day that cannot be."""
    invitation = session.scalar(
        select(ObservationInvitation).where(
            ObservationInvitation.id == invitation_id, ObservationInvitation.grant_id == grant_id
        )
    )
    if invitation is None:
        raise Refusal(ContestRefusal.NOT_INVITED)
    refusal = observation_refusal(observation, invitation.invited_on, invitation.answer_by, day_of(at))
    if refusal is not None:
        raise Refusal(refusal, answer_by=invitation.answer_by)
    row = Observation(
        invitation_id=invitation_id,
        manner=observation.manner,
        given_on=observation.given_on,
        text=observation.text,
        recorded_at=at,
        recorded_by=by,
        **file_columns(proof),
    )
    session.add(row)
    session.flush()
    record_event(session, "observation_recorded", ("block_grant", grant_id), by=by, at=at, manner=observation.manner)
    append(session, [row], at=at)
    return row


def list_invitations(session: Session, grant_ids: Collection[UUID]) -> list[InvitationDetails]:
    """List the invitations on some grants, the oldest first, in two queries at most."""
    return [details for _number, details in _invitations(session, Grant.id.in_(grant_ids))] if grant_ids else []


def _invitations(session: Session, concerned: ColumnElement[bool]) -> list[tuple[int, InvitationDetails]]:
    query = (
        select(Block.number, ObservationInvitation)
        .join(Grant, Grant.id == ObservationInvitation.grant_id)
        .join(Grant.block)
        .where(concerned)
        .order_by(ObservationInvitation.invited_on, ObservationInvitation.id)
    )
    invited = session.execute(query).all()
    rows = [row for _number, row in invited]
    found = select(Observation).where(Observation.invitation_id.in_([row.id for row in rows]))
    answers = session.scalars(found.order_by(Observation.given_on, Observation.id)).all() if rows else []
    return [
        (number, InvitationDetails(row, tuple(answer for answer in answers if answer.invitation_id == row.id)))
        for number, row in invited
    ]


def list_own_invitations(session: Session, candidate_id: UUID, version_id: UUID) -> list[tuple[int, InvitationDetails]]:
    """List the invitations that concern a person on a version, each with the number of its block."""
    return _invitations(session, and_(Grant.person_id == candidate_id, Block.version_id == version_id))


def has_answered(observations: Collection[Observation]) -> bool:
    """Return whether the person presented observations, heard or in writing."""
    return any(observation.manner is not ObservationManner.NONE for observation in observations)


def file_columns(proof: Proof | None) -> dict[str, Any]:
    """Return the columns that hold a received file; none without a file."""
    names = ("key", "name", "mime", "size", "sha256")
    return {} if proof is None else {f"file_{name}": getattr(proof, name) for name in names}
