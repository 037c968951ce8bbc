"""An annulment or a withdrawal: one member of the body proposes it, another one confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.contests import StatusChangeProposal
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.contests import ContestRefusal, confirmation_refusal
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.acquisitions import Proof
from portfolio.domain.holdings.use_cases.observations import file_columns, list_invitations
from portfolio.domain.holdings.use_cases.status_changes import change_status, preview_change
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class StoredProof:
    """The file of a proposal, as the act that the confirmation records names it."""

    key: str
    name: str
    mime: str
    size: int
    sha256: str


def propose(
    session: Session, grant_id: UUID, act: StatusChange, proof: Proof, *, by: UUID, at: datetime
) -> StatusChangeProposal:
    """Record a proposal, which changes nothing yet.

    Raise Refusal as `change_status` does; also when one is pending, or a withdrawal without observations
    (R11).
    """
    session.get_one(Grant, grant_id, with_for_update=True)
    if find_pending(session, grant_id) is not None:
        raise Refusal(ContestRefusal.ALREADY_PROPOSED)
    if act.kind is StatusChangeKind.WITHDRAWAL and not _was_heard(session, grant_id):
        raise Refusal(ContestRefusal.NO_OBSERVATION)
    preview_change(session, grant_id, act, by=by, at=at)
    row = StatusChangeProposal(
        grant_id=grant_id,
        kind=act.kind,
        reason=act.reason.strip(),
        heard_on=act.heard_on,
        bias=act.bias,
        decided_on=act.decided_on,
        proposed_at=at,
        proposed_by=by,
        **file_columns(proof),
    )
    session.add(row)
    session.flush()
    record_event(session, f"grant_{act.kind}_proposed", ("block_grant", grant_id), by=by, at=at)
    return row


def confirm(
    session: Session, grant_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime
) -> GrantStatusChange:
    """Confirm a proposal of another member, which then takes effect.

    Raise Refusal: not pending, or proposed by the same person; also as `change_status` does.
    """
    session.get_one(Grant, grant_id, with_for_update=True)
    row = find_pending(session, grant_id)
    if row is None or row.id != proposal_id:
        raise Refusal(ContestRefusal.NOT_PENDING)
    refusal = confirmation_refusal(row.proposed_by, by)
    if refusal is not None:
        raise Refusal(refusal)
    proof = StoredProof(row.file_key, row.file_name, row.file_mime, row.file_size, row.file_sha256)
    row.closed_at, row.closed_by = at, by
    session.flush()
    act = StatusChange(row.kind, row.reason, row.decided_on, row.heard_on, bias=row.bias)
    done = change_status(session, grant_id, act, proof, by=row.proposed_by, confirmed_by=by, at=at)
    row.act_id = done.id
    return done


def drop(session: Session, grant_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime) -> None:
    """Drop a pending proposal: nothing changes. Raise Refusal when it is not pending any more."""
    session.get_one(Grant, grant_id, with_for_update=True)
    row = find_pending(session, grant_id)
    if row is None or row.id != proposal_id:
        raise Refusal(ContestRefusal.NOT_PENDING)
    row.closed_at, row.closed_by = at, by
    record_event(session, f"grant_{row.kind}_dropped", ("block_grant", grant_id), by=by, at=at)


def find_pending(session: Session, grant_id: UUID) -> StatusChangeProposal | None:
    """Find the proposal on a grant that waits for a second member."""
    query = select(StatusChangeProposal).where(
        StatusChangeProposal.grant_id == grant_id, StatusChangeProposal.closed_at.is_(None)
    )
    return session.scalar(query)


def _was_heard(session: Session, grant_id: UUID) -> bool:
    return any(details.observations for details in list_invitations(session, [grant_id]))
