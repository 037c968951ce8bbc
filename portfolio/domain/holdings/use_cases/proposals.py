"""The equivalences that the register proposes for a version: what they compare, confirmed or dismissed by a person.

An annulment or a withdrawal: one member of the body proposes it, another one confirms it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, EquivalenceProposal
from portfolio.domain.certification.rules.watching import ProposalOrigin
from portfolio.domain.holdings.models.events import Equivalence, GrantStatusChange, StatusChangeProposal
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    CertificateRefusal,
    ContestRefusal,
    EquivalenceInput,
    StatusChange,
    StatusChangeKind,
    takes_back,
)
from portfolio.domain.holdings.use_cases import second_member
from portfolio.domain.holdings.use_cases.contest_tasks import file_columns, list_invitations
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence, declare_equivalences, find_ruling
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.status_changes import change_status, preview_change
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal as its certifier reads it; `other_id` is the block it compares with, None while it is not
    published here.
    """

    id: UUID
    origin: ProposalOrigin
    block_id: UUID
    block: str
    other_code: str
    other_block: str
    other_id: UUID | None
    other: str
    group_size: int

    @property
    def may_be_confirmed(self) -> bool:
        """Return whether both blocks are published here, and the register compares them one to one."""
        return self.other_id is not None and self.group_size == 1


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    """The proposals about a version that nobody confirmed or dismissed yet."""

    code: str
    title: str
    version: int
    lines: tuple[ProposalLine, ...]


def proposals_page(session: Session, version_id: UUID) -> ProposalsPage:
    """Gather the open proposals of a published version, in a constant number of queries."""
    version = session.get_one(CertificationVersion, version_id)
    query = (
        select(EquivalenceProposal, Block)
        .join(Block, Block.id == EquivalenceProposal.block_id)
        .where(
            EquivalenceProposal.version_id == version_id,
            EquivalenceProposal.dismissed_at.is_(None),
            EquivalenceProposal.equivalence_id.is_(None),
            EquivalenceProposal.group_equivalence_id.is_(None),
        )
        .order_by(Block.number, EquivalenceProposal.other_code, EquivalenceProposal.other_block)
    )
    rows = [(proposal, block) for proposal, block in session.execute(query)]
    others = _others(session, version.certification.body_id, {proposal.other_code for proposal, _ in rows})
    lines = [_line(proposal, block, others) for proposal, block in rows]
    shown = tuple(line for line in lines if line.other_id is not None or line.origin is ProposalOrigin.CORRESPONDENCE)
    return ProposalsPage(version.certification.code, version.title, version.number, shown)


def _others(session: Session, body_id: UUID, codes: Iterable[str]) -> dict[str, CertificationVersion]:
    """Return the latest published version of each entry that the body has, with its blocks."""
    query = (
        select(CertificationVersion, Certification.code)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body_id, Certification.code.in_(list(codes)), CertificationVersion.is_offered)
        .options(selectinload(CertificationVersion.blocks))
        .order_by(CertificationVersion.number)
    )
    return {code: version for version, code in session.execute(query)}


def _line(proposal: EquivalenceProposal, block: Block, others: Mapping[str, CertificationVersion]) -> ProposalLine:
    version = others.get(proposal.other_code)
    other = _block_of(version, proposal) if version is not None else None
    named = (
        f"{proposal.other_code}, version {version.number}, {_name(other)}"
        if version is not None and other is not None
        else ""
    )
    return ProposalLine(
        id=proposal.id,
        origin=proposal.origin,
        block_id=block.id,
        block=_name(block),
        other_code=proposal.other_code,
        other_block=proposal.other_block,
        other_id=other.id if other else None,
        other=named,
        group_size=proposal.group_size,
    )


def _name(block: Block) -> str:
    return f"bloc\u00a0{block.number}\u00a0: {block.title}"


def _block_of(version: CertificationVersion, proposal: EquivalenceProposal) -> Block | None:
    """Return the block that a proposal names: by the register's code, or by its title in a successor."""
    if proposal.origin is ProposalOrigin.SUCCESSOR:
        return next((block for block in version.blocks if _same(block.title, proposal.other_block)), None)
    codes = {entry_block.get("number"): entry_block.get("code") for entry_block in version.entry.get("blocks") or ()}
    return next((block for block in version.blocks if codes.get(block.number) == proposal.other_block), None)


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


@dataclass(frozen=True, slots=True)
class ProposedGroup:
    """Blocks of a version that the register compares together with blocks of another entry, all published here."""

    blocks: frozenset[UUID]
    others: frozenset[UUID]


def proposed_group(page: ProposalsPage, line: ProposalLine) -> ProposedGroup | None:
    """Return the blocks that a proposal compares together; None while one of them is missing here."""
    same = [
        proposal_line
        for proposal_line in page.lines
        if (proposal_line.other_code, proposal_line.group_size) == (line.other_code, line.group_size)
    ]
    blocks = frozenset(
        proposal_line.block_id for proposal_line in same if proposal_line.other_block == line.other_block
    )
    by_other: dict[UUID | None, set[UUID]] = {}
    for proposal_line in same:
        by_other.setdefault(proposal_line.other_id, set()).add(proposal_line.block_id)
    others = frozenset(other for other, compared in by_other.items() if other is not None and compared == blocks)
    is_whole = line.group_size > 1 and len(blocks) == line.group_size and line.other_id is not None
    return ProposedGroup(blocks, others) if is_whole else None


@dataclass(frozen=True, slots=True)
class IdenticalBlocks:
    """A block of a version, and one of another version of the same entry in the same words."""

    block: str
    other: str
    # Which of them does not count for the other yet.
    missing: tuple[tuple[UUID, UUID], ...]


def list_identical_blocks(session: Session, version_id: UUID) -> tuple[IdenticalBlocks, ...]:
    """List the blocks of a version that are, word for word, those of its entry's other versions, until both
    count for each other or somebody ruled otherwise.
    """
    version = session.get_one(CertificationVersion, version_id)
    of_entry = Block.version.has(CertificationVersion.certification_id == version.certification_id)
    blocks = session.scalars(
        select(Block)
        .where(of_entry)
        .options(selectinload(Block.competencies), joinedload(Block.version))
        .order_by(Block.number)
    ).all()
    ids = {block.id for block in blocks}
    rulings = session.execute(
        select(Equivalence.held_block_id, Equivalence.granted_block_id, Equivalence.kind).where(
            Equivalence.held_block_id.in_(ids), Equivalence.granted_block_id.in_(ids)
        )
    )
    ruled = {(held, aim): kind for held, aim, kind in rulings}
    return tuple(
        IdenticalBlocks(_name(block), f"version {other.version.number}, {_name(other)}", missing)
        for block in blocks
        for other in blocks
        if block.version_id == version_id != other.version_id and _words(block) == _words(other)
        if (missing := _missing((block.id, other.id), ruled))
    )


def _missing(
    pair: tuple[UUID, UUID], ruled: Mapping[tuple[UUID, UUID], EquivalenceKind]
) -> tuple[tuple[UUID, UUID], ...]:
    """Return the directions without a ruling; none where somebody ruled that the two are not identical."""
    ways = ((pair[1], pair[0]), pair)
    if any(ruled.get(way, EquivalenceKind.IDENTICAL) is not EquivalenceKind.IDENTICAL for way in ways):
        return ()
    return tuple(way for way in ways if way not in ruled)


def _words(block: Block) -> list[str]:
    texts = [block.title, *(competency.text for competency in block.competencies)]
    return [" ".join(text.split()) for text in texts]


def confirm_identical_blocks(
    session: Session, version_id: UUID, seen: str, reason: str, *, by: UUID, at: datetime
) -> None:
    """Rule that identical blocks of two versions of one entry count for each other, all by one act.

    Raise Refusal when the list is not the one that was seen.
    """
    lines = list_identical_blocks(session, version_id)
    if not lines or seen != digest_of_list(lines):
        raise Refusal(CertificateRefusal.PROPOSAL_GONE)
    rulings = [EquivalenceInput(*way, EquivalenceKind.IDENTICAL, reason) for line in lines for way in line.missing]
    declare_equivalences(session, rulings, by=by, at=at)


def digest_of_list(lines: Sequence[IdenticalBlocks]) -> str:
    """Return what names a list of identical blocks, so that the one confirmed is the one seen."""
    ways = sorted(f"{held.hex}{aim.hex}" for line in lines for held, aim in line.missing)
    return hashlib.sha256("".join(ways).encode("ascii")).hexdigest()


def find_proposal(session: Session, version_id: UUID, proposal_id: UUID) -> ProposalLine | None:
    """Return an open proposal of a version; None when it was confirmed, dismissed, or is another's."""
    return next((line for line in proposals_page(session, version_id).lines if line.id == proposal_id), None)


def compared_blocks(session: Session, line: ProposalLine) -> list[tuple[str, list[str]]]:
    """Return the two blocks that a proposal compares, each with its competencies; one while the other is
    not published.
    """
    found = []
    for block_id in (line.block_id, line.other_id):
        if block_id is not None:
            block = session.get_one(Block, block_id)
            name = f"{block.version.certification.code}, {_name(block)}"
            found.append((name, [competency.text for competency in block.competencies]))
    return found


def confirm_proposal(
    session: Session, version_id: UUID, proposal_id: UUID, ruling: EquivalenceInput, *, by: UUID, at: datetime
) -> None:
    """Rule the equivalence that a proposal compares; the ruling counts from today, the proposal only says
    where it comes from.

    Raise Refusal when the proposal is no more open, compares other blocks, takes an equivalence back, or as
    `declare_equivalence` does.
    """
    row = _open(session, version_id, proposal_id)
    line = find_proposal(session, version_id, proposal_id)
    if (
        line is None
        or not line.may_be_confirmed
        or {ruling.held_id, ruling.counts_for_id} != {line.block_id, line.other_id}
    ):
        raise Refusal(CertificateRefusal.PROPOSAL_GONE)
    current = find_ruling(session, ruling)
    if current is not None and takes_back(current.kind, ruling.kind):
        raise Refusal(CertificateRefusal.EQUIVALENCE_BY_TWO)
    row.equivalence_id = declare_equivalence(session, ruling, by=by, at=at).id
    session.flush()
    record_event(
        session, "equivalence_proposal_confirmed", ("equivalence_proposal", row.id), by=by, at=at, kind=ruling.kind
    )


def dismiss_proposal(session: Session, version_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime) -> None:
    """Dismiss a proposal: it is not shown again. Raise Refusal when it is no more open."""
    row = _open(session, version_id, proposal_id)
    row.dismissed_at, row.dismissed_by = at, by
    record_event(session, "equivalence_proposal_dismissed", ("equivalence_proposal", row.id), by=by, at=at)


def _open(session: Session, version_id: UUID, proposal_id: UUID) -> EquivalenceProposal:
    row = session.get(EquivalenceProposal, proposal_id, with_for_update=True)
    settled = row is not None and (row.dismissed_at or row.equivalence_id or row.group_equivalence_id)
    if row is None or row.version_id != version_id or settled:
        raise Refusal(CertificateRefusal.PROPOSAL_GONE)
    return row


@dataclass(frozen=True, slots=True)
class OnGrant:
    """An act on a grant, as a way to end or hold a right."""

    grant_id: UUID

    @property
    def subject(self) -> tuple[str, UUID]:
        """Return the object that its audit events name."""
        return "block_grant", self.grant_id

    def lock(self, session: Session) -> None:
        """Lock the grant."""
        session.get_one(Grant, self.grant_id, with_for_update=True)

    def find_pending(self, session: Session) -> StatusChangeProposal | None:
        """Find the act that waits for a second member."""
        return find_pending(session, self.grant_id)

    def verb(self, row: StatusChangeProposal) -> str:
        """Return the verb of its audit events."""
        return f"grant_{row.kind}"

    def check(self, session: Session, row: StatusChangeProposal, *, by: UUID, at: datetime) -> None:
        """Raise Refusal as `change_status` does; also a withdrawal without observations (R11)."""
        if row.kind is StatusChangeKind.WITHDRAWAL and not _was_heard(session, self.grant_id):
            raise Refusal(ContestRefusal.NO_OBSERVATION)
        preview_change(session, self.grant_id, _act_of(row), by=by, at=at)

    def take_effect(self, session: Session, row: StatusChangeProposal, *, by: UUID, at: datetime) -> GrantStatusChange:
        """Record the act."""
        act, proof = _act_of(row), second_member.proof_of(row)
        done = change_status(session, self.grant_id, act, proof, by=row.proposed_by, confirmed_by=by, at=at)
        row.act_id = done.id
        return done


def _act_of(row: StatusChangeProposal) -> StatusChange:
    return StatusChange(row.kind, row.reason, row.decided_on, row.heard_on, bias=row.bias)


def propose(
    session: Session, grant_id: UUID, act: StatusChange, proof: Proof, *, by: UUID, at: datetime
) -> StatusChangeProposal:
    """Propose an act on a grant, which changes nothing yet. Raise Refusal when one is pending, or as the act would."""
    row = StatusChangeProposal(
        grant_id=grant_id,
        kind=act.kind,
        reason=act.reason.strip(),
        heard_on=act.heard_on,
        bias=act.bias,
        decided_on=act.decided_on,
        **file_columns(proof),
    )
    return second_member.propose(session, OnGrant(grant_id), row, by=by, at=at)


def confirm(session: Session, grant_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime) -> GrantStatusChange:
    """Confirm an act of another member on a grant. Raise Refusal as `second_member.confirm` does."""
    done: GrantStatusChange = second_member.confirm(session, OnGrant(grant_id), proposal_id, by=by, at=at)
    return done


def drop(session: Session, grant_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime) -> None:
    """Drop a pending act on a grant. Raise Refusal when it is not pending any more."""
    second_member.drop(session, OnGrant(grant_id), proposal_id, by=by, at=at)


def find_pending(session: Session, grant_id: UUID) -> StatusChangeProposal | None:
    """Find the proposal on a grant that waits for a second member."""
    query = select(StatusChangeProposal).where(
        StatusChangeProposal.grant_id == grant_id, StatusChangeProposal.closed_at.is_(None)
    )
    return session.scalar(query)


def _was_heard(session: Session, grant_id: UUID) -> bool:
    return any(details.observations for details in list_invitations(session, [grant_id]))
