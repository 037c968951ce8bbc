"""Rectification of a block held before this product was used: one member proposes it, another confirms it (R12)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.grants import PriorHolding, PriorHoldingEnd
from portfolio.domain.holdings.rules.prior_lines import HolderRefusal
from portfolio.domain.holdings.use_cases import second_member
from portfolio.domain.holdings.use_cases.contest_tasks import file_columns
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class OfHolding:
    """The rectification of a holding, as a way to end a right."""

    holding_id: UUID

    @property
    def subject(self) -> tuple[str, UUID]:
        """Return the object that its audit events name."""
        return "prior_holding", self.holding_id

    def lock(self, session: Session) -> None:
        """Lock the holder."""
        holding = session.get_one(PriorHolding, self.holding_id)
        session.get_one(Person, holding.person_id, with_for_update={"key_share": True})

    def find_pending(self, session: Session) -> EndingProposal | None:
        """Find the rectification that waits for a second member."""
        query = select(EndingProposal).where(EndingProposal.holding_id == self.holding_id)
        return session.scalar(query.where(EndingProposal.closed_at.is_(None)))

    def verb(self, row: EndingProposal) -> str:  # noqa: ARG002
        """Return the verb of its audit events."""
        return "prior_holding_rectification"

    def check(self, session: Session, row: EndingProposal, *, by: UUID, at: datetime) -> None:  # noqa: ARG002
        """Raise Refusal: it is rectified already, or the day is to come."""
        _check(session, self.holding_id, row.decided_on, at)

    def take_effect(self, session: Session, row: EndingProposal, *, by: UUID, at: datetime) -> PriorHoldingEnd:
        """Rectify the holding."""
        holding, proof = session.get_one(PriorHolding, self.holding_id), second_member.proof_of(row)
        done = rectify_holding(
            session, holding, row.reason, row.decided_on, proof, by=row.proposed_by, confirmed_by=by, at=at
        )
        row.is_confirmed = True
        return done


def propose_rectification(
    session: Session, holding_id: UUID, reason: str, decided_on: date, proof: Proof, *, by: UUID, at: datetime
) -> EndingProposal:
    """Propose that a holding was written by mistake; it still counts. Raise Refusal as `rectify_holding` does, also
    when a rectification waits already.
    """
    row = EndingProposal(holding_id=holding_id, reason=reason.strip(), decided_on=decided_on, **file_columns(proof))
    return second_member.propose(session, OfHolding(holding_id), row, by=by, at=at)


def rectify_holding(
    session: Session,
    holding: PriorHolding,
    reason: str,
    decided_on: date,
    proof: Proof,
    *,
    by: UUID,
    at: datetime,
    confirmed_by: UUID | None = None,
) -> PriorHoldingEnd:
    """Record that a holding was written by mistake: it counts no more, and a jury's decision that it hid
    counts again (R12). The holder who is a candidate of the body is written to, without the result.

    Raise Refusal: it is rectified already, or the day is to come.
    """
    session.get_one(Person, holding.person_id, with_for_update={"key_share": True})
    _check(session, holding.id, decided_on, at)
    row = PriorHoldingEnd(
        id=new_id(),
        holding_id=holding.id,
        reason=reason,
        decided_on=decided_on,
        recorded_at=at,
        recorded_by=by,
        confirmed_by=confirmed_by,
        **file_columns(proof),
    )
    session.add(row)
    session.flush()
    record_event(session, "prior_holding_rectified", ("prior_holding", holding.id), by=by, at=at)
    issued = issue_missing_grants(session, holding.person_id, at=at)
    append(session, [row, *issued.rows], at=at)  # last but for the e-mail: it takes the ledger's lock
    candidacy = find_candidacy_of(session, holding)
    if candidacy is not None:
        email_candidate(session, candidacy, EmailTemplate.DECIDED_LATER, at=at)
    return row


def find_candidacy_of(session: Session, holding: PriorHolding) -> Candidacy | None:
    """Find the candidacy on whose pages a holder reads of a holding: on its version first, then on another one of
    the same body, the latest.
    """
    version = session.get_one(Block, holding.block_id).version
    query = (
        select(Candidacy)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Candidacy.candidate_id == holding.person_id, Certification.body_id == version.certification.body_id)
        .order_by((Candidacy.version_id == version.id).desc(), Candidacy.opened_at.desc(), Candidacy.id)
    )
    return session.scalars(query.limit(1)).first()


def find_end(session: Session, holding_id: UUID) -> PriorHoldingEnd | None:
    """Return the rectification of a holding; None while it counts."""
    return session.scalar(select(PriorHoldingEnd).where(PriorHoldingEnd.holding_id == holding_id))


def _check(session: Session, holding_id: UUID, decided_on: date, at: datetime) -> None:
    if find_end(session, holding_id) is not None:
        raise Refusal(HolderRefusal.ENDED)
    if decided_on > day_of(at):
        raise Refusal(HolderRefusal.IN_THE_FUTURE)
