"""Later acts of a certifier on something granted: entries of their own, never an edit (R10–R12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.use_cases.notifications import email_candidate
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import Acquisition, GrantStatusChange
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import (
    CertificateRefusal,
    GrantStatus,
    StatusChange,
    StatusChangeKind,
    refusal_of,
)
from portfolio.domain.holdings.use_cases.acquisitions import Proof
from portfolio.domain.holdings.use_cases.effective_status import load_status_changes
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.ledger.recording import append
from portfolio.domain.submission.models import Submission
from portfolio.domain.submission.use_cases.new_jury import present_again
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

    A suspension, its confirmation and an annulment bear on everything the same jury decided for the candidate
    (R10, R12); a withdrawal and a rectification on this grant only (R11, R12). After an annulment the
    sealed dossier waits for a new jury, which may grant anew; a decision of another jury that was waiting
    behind this one is granted at once, under a new serial (R13). The holder is written to, without the
    result. Raises Refusal with a `CertificateRefusal`, NoResultFound for no such grant. A hearing is locked
    before its candidate, as a closing does.
    """
    grant = _lock_held_grant(session, grant_id, act, at)
    row = status_change_row(session, grant, act, proof, by=by, at=at)
    row.confirmed_by = confirmed_by
    session.add(row)
    session.flush()
    record_event(
        session, f"grant_{act.kind}", ("block_grant", grant.id), by=by, at=at, decided_on=act.decided_on
    )
    settled = issue_missing_grants(session, grant.person_id, at=at)
    if act.kind is StatusChangeKind.ANNULMENT and grant.minutes_id is not None:
        heard = session.get_one(Minutes, grant.minutes_id).hearing
        present_again(session, heard.submission, by=by, at=at)
    append(session, [row, *settled.rows], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, load_candidacy_of(session, grant), EmailTemplate.DECIDED_LATER, at=at)
    return row


def load_candidacy_of(session: Session, grant: Grant) -> Candidacy:
    """Return the candidacy by which a block was granted: by its jury, or by what was acquired elsewhere."""
    if grant.minutes_id is None:
        return session.get_one(Acquisition, grant.acquisition_id).candidacy
    heard = select(Candidacy).join(Submission, Submission.candidacy_id == Candidacy.id)
    heard = heard.join(Hearing, Hearing.submission_id == Submission.id).join(
        Minutes, Minutes.hearing_id == Hearing.id
    )
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
    before = _load_certificates(session, grant.person_id)
    undone = session.begin_nested()
    session.add(status_change_row(session, grant, act, by=by, at=at))
    session.flush()
    issue_missing_grants(session, grant.person_id, at=at)
    after = _load_certificates(session, grant.person_id)
    undone.rollback()
    impacts = (
        (number, labels, before.get(number, (None, {}))[0], status)
        for number, (status, labels) in after.items()
    )
    return tuple(ChangeImpact(*impact) for impact in impacts if impact[2] is not impact[3])


def _load_certificates(session: Session, person_id: UUID) -> dict[str, tuple[GrantStatus, Mapping[str, Any]]]:
    """Every certificate of a person, of a block or of a whole, with where it stands."""
    grants = select(Grant.id).where(Grant.person_id == person_id)
    awards = select(Award.id).where(Award.person_id == person_id)
    mine = Certificate.grant_id.in_(grants) | Certificate.award_id.in_(awards)
    rows = session.scalars(
        select(Certificate).where(mine).order_by(Certificate.issued_at, Certificate.number)
    ).all()
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
    """Make the row of a later act, on what it bears on and in its place, with its proof; the caller adds
    it.
    """
    of_jury = grant.minutes_id is not None and act.kind in _OF_JURY
    target = {"minutes_id": grant.minutes_id} if of_jury else {"grant_id": grant.id}
    name, value = next(iter(target.items()))
    before = (
        select(func.count()).select_from(GrantStatusChange).where(getattr(GrantStatusChange, name) == value)
    )
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
