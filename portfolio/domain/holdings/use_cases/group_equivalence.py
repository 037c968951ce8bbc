"""Equivalences of several blocks together: they count when every one of them is held (R2 c)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased, selectinload

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.register import EquivalenceProposal
from portfolio.domain.holdings.models.events import EquivalenceSide, GroupEquivalence, GroupEquivalenceBlock
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, GroupEquivalenceInput
from portfolio.domain.holdings.use_cases.equivalence import list_holders_leading_to
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


def declare_group(
    session: Session, declared: GroupEquivalenceInput, *, by: UUID, at: datetime
) -> GroupEquivalence:
    """Rule what several blocks held together are worth; it counts from today, for everybody who holds or will
    hold them all.

    It replaces the ruling on the same blocks, and what that one had given stays (R6); the proposals of the
    register between these blocks are settled. Raise Refusal unless the blocks held are two or more of one
    published version, and the others of one other published version of the same body; or when it already
    stands as said.
    """
    versions = _check(session, declared)
    current = _current(session, declared)
    if current is not None and current.kind is declared.kind:
        raise Refusal(CertificateRefusal.EQUIVALENCE_DECLARED)
    row = GroupEquivalence(
        id=new_id(),
        kind=declared.kind,
        reason=declared.reason,
        declared_on=day_of(at),
        declared_by=by,
        declared_at=at,
        replaces_id=current.id if current else None,
    )
    session.add(row)
    session.flush()
    sides = [(block_id, EquivalenceSide.HELD) for block_id in sorted(declared.held)]
    sides += [(block_id, EquivalenceSide.COUNTS_FOR) for block_id in sorted(declared.counts_for)]
    blocks = [
        GroupEquivalenceBlock(id=new_id(), equivalence_id=row.id, block_id=block_id, side=side)
        for block_id, side in sides
    ]
    session.add_all(blocks)
    session.flush()
    _settle_proposals(session, declared, row.id, versions)
    record_event(
        session, "group_equivalence_declared", ("group_equivalence", row.id), by=by, at=at, kind=declared.kind
    )
    people = (
        list_holders_leading_to(session, declared.held) if declared.kind is EquivalenceKind.IDENTICAL else []
    )
    issued = [
        issued_row
        for person_id in people
        for issued_row in issue_missing_grants(session, person_id, at=at).rows
    ]
    append(session, [row, *blocks, *issued], at=at)  # last: it takes the ledger's lock
    return row


def _check(session: Session, declared: GroupEquivalenceInput) -> Mapping[UUID, str]:
    """Return the code of the certification of each version, both sides checked; lock their body."""
    if len(declared.held) < 2 or not declared.counts_for:
        raise Refusal(CertificateRefusal.GROUP_TOO_SMALL)
    query = (
        select(
            Block.id,
            Block.version_id,
            CertificationVersion.published_at,
            Certification.body_id,
            Certification.code,
        )
        .join(CertificationVersion, CertificationVersion.id == Block.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Block.id.in_(declared.held | declared.counts_for))
    )
    rows = session.execute(query).all()
    held = {row.version_id for row in rows if row.id in declared.held}
    aims = {row.version_id for row in rows if row.id in declared.counts_for}
    bodies = {row.body_id for row in rows}
    if len(held) != 1 or len(aims) != 1 or held == aims:
        raise Refusal(CertificateRefusal.GROUP_MIXED)
    if len(bodies) != 1 or any(row.published_at is None for row in rows):
        raise Refusal(CertificateRefusal.EQUIVALENCE_ELSEWHERE)
    session.get_one(CertifyingBody, bodies.pop(), with_for_update={"key_share": True})
    return {row.version_id: row.code for row in rows}


def _current(session: Session, declared: GroupEquivalenceInput) -> GroupEquivalence | None:
    """Return the ruling that stands on the same blocks, if there is one."""
    later = aliased(GroupEquivalence)
    query = (
        select(GroupEquivalence)
        .join(GroupEquivalenceBlock, GroupEquivalenceBlock.equivalence_id == GroupEquivalence.id)
        .outerjoin(later, later.replaces_id == GroupEquivalence.id)
        .where(later.id.is_(None), GroupEquivalenceBlock.block_id.in_(declared.held))
        .options(selectinload(GroupEquivalence.blocks))
    )
    return next(
        (
            row
            for row in session.scalars(query).unique()
            if _sides(row) == (declared.held, declared.counts_for)
        ),
        None,
    )


def _sides(row: GroupEquivalence) -> tuple[frozenset[UUID], frozenset[UUID]]:
    held = frozenset(block.block_id for block in row.blocks if block.side is EquivalenceSide.HELD)
    return held, frozenset(block.block_id for block in row.blocks if block.side is EquivalenceSide.COUNTS_FOR)


def _settle_proposals(
    session: Session, declared: GroupEquivalenceInput, equivalence_id: UUID, versions: Mapping[UUID, str]
) -> None:
    """Close the proposals of the register that compare these blocks together."""
    every = declared.held | declared.counts_for
    open_only = (
        EquivalenceProposal.dismissed_at.is_(None),
        EquivalenceProposal.equivalence_id.is_(None),
        EquivalenceProposal.group_equivalence_id.is_(None),
    )
    about = (
        EquivalenceProposal.block_id.in_(every),
        EquivalenceProposal.group_size > 1,
        EquivalenceProposal.other_code.in_(set(versions.values())),
    )
    session.execute(
        update(EquivalenceProposal).where(*open_only, *about).values(group_equivalence_id=equivalence_id)
    )


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A ruling on several blocks as its certifier reads it; `until` it was replaced."""

    id: UUID
    held: tuple[str, ...]
    counts_for: tuple[str, ...]
    kind: EquivalenceKind
    reason: str
    declared_on: date
    author: str
    until: date | None


def list_groups(session: Session, version_id: UUID, named: Mapping[UUID, str]) -> list[GroupSummary]:
    """List the rulings on several blocks from and to a version, the latest first; `named` gives the blocks
    their names.
    """
    later = aliased(GroupEquivalence)
    mine = select(Block.id).where(Block.version_id == version_id)
    query = (
        select(GroupEquivalence, Person.name, later.declared_on)
        .join(Person, Person.id == GroupEquivalence.declared_by)
        .outerjoin(later, later.replaces_id == GroupEquivalence.id)
        .where(
            GroupEquivalence.id.in_(
                select(GroupEquivalenceBlock.equivalence_id).where(GroupEquivalenceBlock.block_id.in_(mine))
            )
        )
        .options(selectinload(GroupEquivalence.blocks))
        .order_by(GroupEquivalence.declared_at.desc(), GroupEquivalence.id)
    )
    return [_summary(row, author, until, named) for row, author, until in session.execute(query)]


def _summary(
    row: GroupEquivalence, author: str, until: date | None, named: Mapping[UUID, str]
) -> GroupSummary:
    held, aims = (tuple(sorted(named.get(block_id, "") for block_id in side)) for side in _sides(row))
    return GroupSummary(row.id, held, aims, row.kind, row.reason, row.declared_on, author, until)
