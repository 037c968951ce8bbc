"""An equivalence taken back: what it gave stays (R6), and nothing recorded since is held through it.

One member proposes it, another one confirms it, and the holders who are candidates are written to (domain §10).
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.events import Equivalence, GroupEquivalence
from portfolio.domain.holdings.models.grants import Grant, PriorHolding
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    ContestRefusal,
    EquivalenceInput,
    GroupEquivalenceInput,
    takes_back,
)
from portfolio.domain.holdings.use_cases import second_member
from portfolio.domain.holdings.use_cases.equivalence import (
    declare_equivalence,
    declare_group,
    find_group_ruling,
    find_ruling,
    sides_of,
)
from portfolio.errors import Refusal

Declared = EquivalenceInput | GroupEquivalenceInput
Ruling = Equivalence | GroupEquivalence


def rule(session: Session, declared: Declared, *, by: UUID, at: datetime) -> Ruling | EndingProposal:
    """Rule what blocks are worth, or propose it when that takes an equivalence back. Raise Refusal as the act does."""
    current = _find_current(session, declared)
    if current is None or not takes_back(current.kind, declared.kind):
        return _declare(session, declared, by=by, at=at)
    subject = "equivalence_id" if isinstance(current, Equivalence) else "group_equivalence_id"
    row = EndingProposal(
        **{subject: current.id}, ruling=declared.kind, reason=declared.reason.strip(), decided_on=day_of(at)
    )
    return second_member.propose(session, OfRuling(current), row, by=by, at=at)


@dataclass(frozen=True, slots=True)
class OfRuling:
    """An equivalence in force, of one block or of several together, as a right that another ruling would end."""

    ruling: Ruling

    @property
    def subject(self) -> tuple[str, UUID]:
        """Return the object that its audit events name."""
        return self.ruling.__tablename__, self.ruling.id

    def lock(self, session: Session) -> None:
        """Lock the body of the blocks: one ruling at a time."""
        version = session.get_one(Block, min(_sides(self.ruling)[0])).version
        session.get_one(CertifyingBody, version.certification.body_id, with_for_update={"key_share": True})

    def find_pending(self, session: Session) -> EndingProposal | None:
        """Find the ruling that waits for a second member."""
        mine = (
            EndingProposal.equivalence_id
            if isinstance(self.ruling, Equivalence)
            else EndingProposal.group_equivalence_id
        )
        return session.scalar(select(EndingProposal).where(mine == self.ruling.id, EndingProposal.closed_at.is_(None)))

    def verb(self, row: EndingProposal) -> str:  # noqa: ARG002
        """Return the verb of its audit events."""
        return "equivalence_taking_back"

    def check(self, session: Session, row: EndingProposal, *, by: UUID, at: datetime) -> None:  # noqa: ARG002
        """Raise Refusal: another ruling replaced it since."""
        current = _find_current(session, self._declared(row))
        if current is None or current.id != self.ruling.id:
            raise Refusal(ContestRefusal.NOT_PENDING)

    def take_effect(self, session: Session, row: EndingProposal, *, by: UUID, at: datetime) -> Ruling:
        """Replace the ruling, from today."""
        self.check(session, row, by=by, at=at)
        done = _declare(session, self._declared(row), by=row.proposed_by, confirmed_by=by, at=at)
        row.is_confirmed = True
        _write_to_holders(session, *_sides(self.ruling), at=at)
        return done

    def _declared(self, row: EndingProposal) -> Declared:
        held, counts_for = _sides(self.ruling)
        told = (row.ruling or EquivalenceKind.NONE, row.reason)
        if isinstance(self.ruling, Equivalence):
            return EquivalenceInput(min(held), min(counts_for), *told)
        return GroupEquivalenceInput(held, counts_for, *told)


def _sides(ruling: Ruling) -> tuple[frozenset[UUID], frozenset[UUID]]:
    if isinstance(ruling, Equivalence):
        return frozenset({ruling.held_block_id}), frozenset({ruling.granted_block_id})
    return sides_of(ruling)


def _find_current(session: Session, declared: Declared) -> Ruling | None:
    if isinstance(declared, EquivalenceInput):
        return find_ruling(session, declared)
    return find_group_ruling(session, declared)[0]


def _declare(
    session: Session, declared: Declared, *, by: UUID, at: datetime, confirmed_by: UUID | None = None
) -> Ruling:
    if isinstance(declared, EquivalenceInput):
        return declare_equivalence(session, declared, by=by, at=at, confirmed_by=confirmed_by)
    return declare_group(session, declared, by=by, at=at, confirmed_by=confirmed_by)


def _write_to_holders(session: Session, held: Set[UUID], counts_for: Set[UUID], *, at: datetime) -> None:
    """Write to the candidates of the versions for whose blocks it counted, who hold a block that it asked for."""
    holds = or_(
        exists().where(Grant.person_id == Candidacy.candidate_id, Grant.block_id.in_(held)),
        exists().where(PriorHolding.person_id == Candidacy.candidate_id, PriorHolding.block_id.in_(held)),
    )
    versions = select(Block.version_id).where(Block.id.in_(counts_for))
    query = select(Candidacy).where(Candidacy.version_id.in_(versions), holds).order_by(Candidacy.id)
    for candidacy in session.scalars(query):
        email_candidate(session, candidacy, EmailTemplate.DECIDED_LATER, at=at)


@dataclass(frozen=True, slots=True)
class TakingBack:
    """A ruling that waits for a second member, and between which blocks."""

    proposal: EndingProposal
    way: OfRuling
    held: tuple[str, ...]
    counts_for: tuple[str, ...]


def list_taking_back(session: Session, version_id: UUID, named: Mapping[UUID, str]) -> list[TakingBack]:
    """List the rulings from and to a version that wait for a second member, the oldest first; `named` gives the blocks
    their names.
    """
    return _of_version(session, version_id, named, EndingProposal.closed_at.is_(None))


def find_taking_back(
    session: Session, version_id: UUID, proposal_id: UUID, named: Mapping[UUID, str]
) -> TakingBack | None:
    """Find a ruling that was proposed from or to a version; None for another one. Raise Refusal when it no longer
    waits.
    """
    found = next(iter(_of_version(session, version_id, named, EndingProposal.id == proposal_id)), None)
    if found is not None and found.proposal.closed_at is not None:
        raise Refusal(ContestRefusal.NOT_PENDING)
    return found


def _of_version(
    session: Session, version_id: UUID, named: Mapping[UUID, str], which: ColumnElement[bool]
) -> list[TakingBack]:
    query = (
        select(EndingProposal, Equivalence, GroupEquivalence)
        .outerjoin(Equivalence, Equivalence.id == EndingProposal.equivalence_id)
        .outerjoin(GroupEquivalence, GroupEquivalence.id == EndingProposal.group_equivalence_id)
        .where(which, EndingProposal.holding_id.is_(None))
        .order_by(EndingProposal.proposed_at, EndingProposal.id)
    )
    mine = set(session.scalars(select(Block.id).where(Block.version_id == version_id)))
    found = []
    for proposal, pair, group in session.execute(query):
        held, counts_for = _sides(pair or group)
        if mine & (held | counts_for):
            told = (tuple(sorted(named.get(block_id, "") for block_id in side)) for side in (held, counts_for))
            found.append(TakingBack(proposal, OfRuling(pair or group), *told))
    return found
