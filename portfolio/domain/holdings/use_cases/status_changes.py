"""Later acts of a certifier on something granted: entries of their own, never an edit (R10–R12).

Decisions suspended today: read by their holder first, and asked of the certifier (R10).

Annulment by an appeal: the decisions of one jury on some blocks, or all of them (R12).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import Base, fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.certifying_body.settings import adopted_remedies
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import Acquisition, Appeal, AppealAnswer, GrantStatusChange
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.status_changes import (
    CONTESTABLE,
    CertificateRefusal,
    GrantStatus,
    StatusChange,
    StatusChangeKind,
    refusal_of,
)
from portfolio.domain.holdings.use_cases.effective_status import load_status_changes
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.holdings import recorded_grants
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.ledger.recording import append
from portfolio.domain.submission.use_cases.returns import present_again
from portfolio.errors import Refusal

# What bears on everything a jury decided for the candidate; the rest bears on one grant.
_OF_JURY = (StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION, StatusChangeKind.ANNULMENT)


def change_status(
    session: Session,
    grant_id: UUID,
    act: StatusChange,
    proof: Proof | None = None,
    *,
    by: UUID,
    at: datetime,
    confirmed_by: UUID | None = None,
) -> GrantStatusChange:
    """Record what the certifier decides of a grant, then whatever else stands in its place.

    A suspension, its confirmation and an annulment bear on everything the same jury decided for the candidate (R10,
    R12); a withdrawal and a rectification on this grant only (R11, R12). After an annulment the sealed dossier waits
    for a new jury, which may grant anew; a decision of another jury that was waiting behind this one is granted at
    once, under a new serial (R13). The holder is written to, without the result. Raises Refusal with a
    `CertificateRefusal`, NoResultFound for no such grant. A hearing is locked before its candidate, as a closing does.
    """
    grant = _lock_held_grant(session, grant_id, act, at)
    candidacy = load_candidacy_of(session, grant)
    remedies = _remedies(session, candidacy, act)
    row = status_change_row(session, grant, act, proof, by=by, at=at)
    row.confirmed_by = confirmed_by
    session.add(row)
    session.flush()
    record_event(session, f"grant_{act.kind}", ("block_grant", grant.id), by=by, at=at, decided_on=act.decided_on)
    settled = issue_missing_grants(session, grant.person_id, at=at)
    if act.kind is StatusChangeKind.ANNULMENT and grant.minutes_id is not None:
        heard = session.get_one(Minutes, grant.minutes_id).hearing
        present_again(session, heard.submission, by=by, at=at)
    append(session, [row, *settled.rows], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, candidacy, EmailTemplate.DECIDED_LATER, at=at, remedies=remedies)
    return row


def _remedies(session: Session, candidacy: Candidacy, act: StatusChange) -> str:
    """Return the remedies against an act that ends or holds a right. Raises Refusal while the body adopted none."""
    if act.kind not in CONTESTABLE:
        return ""
    return adopted_remedies(session, candidacy.version.certification.body_id, RemedyKind.ANNULMENT)


def load_candidacy_of(session: Session, grant: Grant) -> Candidacy:
    """Return the candidacy by which a block was granted: by its jury, or by what was acquired elsewhere."""
    if grant.minutes_id is None:
        return session.get_one(Acquisition, grant.acquisition_id).candidacy
    heard = select(Candidacy).join(Submission, Submission.candidacy_id == Candidacy.id)
    heard = heard.join(Hearing, Hearing.submission_id == Submission.id).join(Minutes, Minutes.hearing_id == Hearing.id)
    return session.scalars(heard.where(Minutes.id == grant.minutes_id)).one()


def _lock_held_grant(session: Session, grant_id: UUID, act: StatusChange, at: datetime) -> Grant:
    grant = session.scalars(select(Grant).where(Grant.id == grant_id)).one()
    minutes = session.get_one(Minutes, grant.minutes_id) if grant.minutes_id else None
    if minutes is not None:
        session.get_one(Hearing, minutes.hearing_id, with_for_update=True)
    session.get_one(Person, grant.person_id, with_for_update={"key_share": True})
    _check(session, grant, act, minutes, at)
    return grant


@dataclass(frozen=True, slots=True)
class ChangeImpact:
    """A certificate that a later act would change: where it stands, and where it would.

    `before` is None for a new one.
    """

    number: str
    labels: Mapping[str, Any]
    before: GrantStatus | None
    after: GrantStatus


def preview_change(
    session: Session, grant_id: UUID, act: StatusChange, *, by: UUID, at: datetime
) -> tuple[ChangeImpact, ...]:
    """Say exactly what a later act would change for the person: it is done, read, and undone; nothing stays.

    In a transaction that may write. Raises Refusal as `change_status` does.
    """
    grant = _lock_held_grant(session, grant_id, act, at)
    _remedies(session, load_candidacy_of(session, grant), act)
    before = _load_certificates(session, grant.person_id)
    undone = session.begin_nested()
    session.add(status_change_row(session, grant, act, by=by, at=at))
    session.flush()
    issue_missing_grants(session, grant.person_id, at=at)
    after = _load_certificates(session, grant.person_id)
    undone.rollback()
    impacts = (
        (number, labels, before.get(number, (None, {}))[0], status) for number, (status, labels) in after.items()
    )
    return tuple(ChangeImpact(*impact) for impact in impacts if impact[2] is not impact[3])


def _load_certificates(session: Session, person_id: UUID) -> dict[str, tuple[GrantStatus, Mapping[str, Any]]]:
    """Every certificate of a person, of a block or of a whole, with where it stands."""
    grants = select(Grant.id).where(Grant.person_id == person_id)
    awards = select(Award.id).where(Award.person_id == person_id)
    mine = Certificate.grant_id.in_(grants) | Certificate.award_id.in_(awards)
    rows = session.scalars(select(Certificate).where(mine).order_by(Certificate.issued_at, Certificate.number)).all()
    statuses = load_statuses(session, rows)
    return {row.number: (statuses[row.id], row.printed_text) for row in rows}


def _check(session: Session, grant: Grant, act: StatusChange, minutes: Minutes | None, at: datetime) -> None:
    if minutes is None and act.kind in (StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION):
        raise Refusal(CertificateRefusal.NO_JURY)
    status = load_status_changes(session, grant.person_id).of_grant(grant)
    fault = refusal_of(act, status, grant.granted_on, day_of(at))
    if fault is not None:
        raise Refusal(fault, granted_on=grant.granted_on)


def status_change_row(
    session: Session, grant: Grant, act: StatusChange, proof: Proof | None = None, *, by: UUID, at: datetime
) -> GrantStatusChange:
    """Make the row of a later act, on what it bears on and in its place, with its proof; the caller adds it."""
    of_jury = grant.minutes_id is not None and act.kind in _OF_JURY
    target = {"minutes_id": grant.minutes_id} if of_jury else {"grant_id": grant.id}
    name, value = next(iter(target.items()))
    before = select(func.count()).select_from(GrantStatusChange).where(getattr(GrantStatusChange, name) == value)
    return GrantStatusChange(
        **target,
        kind=act.kind,
        sequence=session.scalars(before).one() + 1,
        reason=act.reason.strip(),
        heard_on=act.heard_on if act.kind is StatusChangeKind.WITHDRAWAL else None,
        is_for_bias=True if act.bias and act.kind is StatusChangeKind.ANNULMENT else None,
        decided_on=act.decided_on,
        decided_by=by,
        recorded_at=at,
        **_file_columns(proof),
    )


def _file_columns(proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        return {}
    names = ("key", "name", "mime", "size", "sha256")
    return {f"file_{name}": getattr(proof, name) for name in names}


@dataclass(frozen=True, slots=True)
class SuspendedDecision:
    """A decision that waits for the certifier: for whom, since when, and the certificate from which it is ruled on."""

    candidacy_id: UUID
    candidate: str
    since: date
    certificate: str


_BODY: BindParameter[UUID] = bindparam("body", type_=Uuid())


def is_suspended_by(act: type[GrantStatusChange]) -> ColumnElement[bool]:
    """Return whether this act suspends today the decision that it bears on, as `status_after` says of all its
    acts (R10).
    """
    other = aliased(GrantStatusChange)
    ends = other.kind.in_((StatusChangeKind.WITHDRAWAL, StatusChangeKind.ANNULMENT))
    turns = other.kind.in_((StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION))
    outweighs = or_(ends, and_(turns, other.sequence > act.sequence))
    return and_(
        act.kind == StatusChangeKind.SUSPENSION,
        ~exists().where(other.minutes_id == act.minutes_id, other.block_id.is_(None), outweighs),
    )


def _decisions(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Select the decisions of the juries of the bound body that are suspended today."""
    return (
        select(*columns)
        .select_from(GrantStatusChange)
        .join(Minutes, Minutes.id == GrantStatusChange.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        # Out of reach of the index of bodies: the acts are read, never every candidacy of the body.
        .where(func.coalesce(Certification.body_id, Certification.body_id) == _BODY)
        .where(is_suspended_by(GrantStatusChange))
    )


def any_suspended() -> ColumnElement[bool]:
    """Return whether a decision of a jury of the body bound as `body` is suspended today, as a column."""
    return _decisions(GrantStatusChange.id).exists()


@cache
def _suspended() -> Select[*tuple[Any, ...]]:
    since = GrantStatusChange.decided_on
    columns = (Candidacy.id, candidate_display_name(Person), since, func.min(Certificate.number))
    return (
        _decisions(*columns)
        .join(Candidacy.candidate)
        .join(Grant, Grant.minutes_id == Minutes.id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .where(is_latest())
        .group_by(Minutes.id, Candidacy.id, Candidacy.candidate_display_name, Person.name, since)
    )


def list_suspended_decisions(session: Session, body_id: UUID) -> tuple[SuspendedDecision, ...]:
    """List the decisions of the juries of a body that are suspended today, the oldest first, in one query."""
    found = [SuspendedDecision(*row) for row in fetch_rows(session, _suspended(), {"body": body_id})]
    return tuple(sorted(found, key=lambda decision: (decision.since, decision.candidate)))


def load_suspended_candidacies(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Return the candidacies of a person whose blocks were given by a decision that is suspended today and
    was notified.
    """
    grants = recorded_grants(session, person_id, notified=True)
    blocks = [grant.grant.block_id for grant in grants if grant.status is GrantStatus.SUSPENDED]
    query = select(Candidacy.id).join(Block, Block.version_id == Candidacy.version_id)
    return frozenset(session.scalars(query.where(Candidacy.candidate_id == person_id, Block.id.in_(blocks))))


def annul_decisions(
    session: Session, hearing: Hearing, appeal: Appeal, granted: AppealAnswer, blocks: Collection[UUID], *, at: datetime
) -> list[Base]:
    """Annul what a jury decided for these blocks, for everything without any; return the rows to record.

    A block withdrawn for fraud stays so (R11), and what is annulled already is not annulled again, unless for
    bias: the next jury must then be new. Whatever else the facts give is granted, and the sealed dossier
    waits for another jury. The caller holds the hearing and its candidate.
    """
    candidate_id = hearing.submission.candidacy.candidate_id
    changes = load_status_changes(session, candidate_id)
    is_whole_annulled = changes.of_minutes(appeal.minutes_id) is GrantStatus.ANNULLED
    annulled, withdrawn = changes.annulled_in(appeal.minutes_id), changes.withdrawn_in(appeal.minutes_id)
    targets: list[UUID | None] = (
        [block for block in sorted(blocks) if granted.is_for_bias or block not in annulled] if blocks else [None]
    )
    acts = [
        _annulment(appeal, granted, block_id)
        for block_id in targets
        if block_id not in withdrawn and (granted.is_for_bias or not is_whole_annulled)
    ]
    first = session.scalar(select(func.count()).where(GrantStatusChange.minutes_id == appeal.minutes_id)) or 0
    for sequence, act in enumerate(acts, first + 1):
        act.sequence, act.recorded_at = sequence, at
    session.add_all(acts)
    session.flush()
    for act in acts:
        about = {"decided_on": act.decided_on, "block": act.block_id} if act.block_id else {}
        record_event(
            session, "decision_annulled", ("minutes", appeal.minutes_id), by=granted.recorded_by, at=at, **about
        )
    settled = issue_missing_grants(session, candidate_id, at=at)
    present_again(session, hearing.submission, by=granted.recorded_by, at=at)
    return [*acts, *settled.rows]


def _annulment(appeal: Appeal, granted: AppealAnswer, block_id: UUID | None) -> GrantStatusChange:
    return GrantStatusChange(
        kind=StatusChangeKind.ANNULMENT,
        minutes_id=appeal.minutes_id,
        block_id=block_id,
        appeal_id=appeal.id,
        reason=granted.text,
        is_for_bias=granted.is_for_bias,
        decided_on=granted.answered_on,
        decided_by=granted.recorded_by,
        confirmed_by=granted.confirmed_by,
    )
