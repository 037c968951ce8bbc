"""Two members of a body for whatever ends or holds a right (domain §10): one proposes, another one confirms.

A way says on what it bears, which proposal waits, what it refuses and what it does; the rest is the same for all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.events import AppealGrantProposal, StatusChangeProposal
from portfolio.domain.holdings.rules.status_changes import ContestRefusal, confirmation_refusal
from portfolio.errors import Refusal

Row = TypeVar("Row", StatusChangeProposal, AppealGrantProposal, EndingProposal)


@dataclass(frozen=True, slots=True)
class StoredProof:
    """The file of a proposal, as the act that the confirmation records names it."""

    key: str
    name: str
    mime: str
    size: int
    sha256: str


def proof_of(row: StatusChangeProposal | EndingProposal) -> StoredProof:
    """Return the file that came with a proposal."""
    told = (row.file_key or "", row.file_name or "", row.file_mime or "", row.file_size or 0, row.file_sha256 or "")
    return StoredProof(*told)


class Way(Protocol[Row]):
    """A way to end or hold a right."""

    @property
    def subject(self) -> tuple[str, UUID]:
        """Return the object that its audit events name."""

    def lock(self, session: Session) -> None:
        """Lock what it bears on: one decision at a time waits for a second member."""

    def find_pending(self, session: Session) -> Row | None:
        """Find the proposal that waits for a second member."""

    def verb(self, row: Row) -> str:
        """Return the verb of its audit events, to which what became of the proposal is added."""

    def check(self, session: Session, row: Row, *, by: UUID, at: datetime) -> None:
        """Raise Refusal as the act would."""

    def take_effect(self, session: Session, row: Row, *, by: UUID, at: datetime) -> Any:
        """Do what was proposed, `by` the second member, with its own audit event and its letter."""


def propose(session: Session, way: Way[Row], row: Row, *, by: UUID, at: datetime) -> Row:
    """Record a proposal, which changes nothing yet. Raise Refusal when one is pending, or as the act would."""
    way.lock(session)
    if way.find_pending(session) is not None:
        raise Refusal(ContestRefusal.ALREADY_PROPOSED)
    way.check(session, row, by=by, at=at)
    row.proposed_at, row.proposed_by = at, by
    session.add(row)
    session.flush()
    record_event(session, f"{way.verb(row)}_proposed", way.subject, by=by, at=at)
    return row


def confirm(session: Session, way: Way[Row], proposal_id: UUID, *, by: UUID, at: datetime) -> Any:
    """Confirm a proposal of another member, which then takes effect; return what that gives.

    Raise Refusal: not pending, or proposed by the same person; also as the act does.
    """
    row = _lock_pending(session, way, proposal_id)
    refusal = confirmation_refusal(row.proposed_by, by)
    if refusal is not None:
        raise Refusal(refusal)
    row.closed_at, row.closed_by = at, by
    session.flush()
    return way.take_effect(session, row, by=by, at=at)


def drop(session: Session, way: Way[Row], proposal_id: UUID, *, by: UUID, at: datetime) -> None:
    """Drop a pending proposal: nothing changes. Raise Refusal when it is not pending any more."""
    row = _lock_pending(session, way, proposal_id)
    row.closed_at, row.closed_by = at, by
    record_event(session, f"{way.verb(row)}_dropped", way.subject, by=by, at=at)


def _lock_pending(session: Session, way: Way[Row], proposal_id: UUID) -> Row:
    way.lock(session)
    row = way.find_pending(session)
    if row is None or row.id != proposal_id:
        raise Refusal(ContestRefusal.NOT_PENDING)
    return row
