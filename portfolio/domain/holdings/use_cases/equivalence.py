"""Equivalences between blocks of one body, ruled by the certifier (R2 c).

Equivalences of several blocks together: they count when every one of them is held (R2 c).
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select, union, update
from sqlalchemy.orm import Session, aliased, selectinload

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, EquivalenceProposal
from portfolio.domain.holdings.models.events import (
    Equivalence,
    EquivalenceSide,
    GroupEquivalence,
    GroupEquivalenceBlock,
)
from portfolio.domain.holdings.models.grants import Grant, PriorHolding
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, EquivalenceInput, GroupEquivalenceInput
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal

_PAIRS = select(Equivalence.held_block_id, Equivalence.granted_block_id)
_FROM, _TO = aliased(GroupEquivalenceBlock), aliased(GroupEquivalenceBlock)
_GROUP_PAIRS = (
    select(_FROM.block_id, _TO.block_id)
    .join(_TO, _TO.equivalence_id == _FROM.equivalence_id)
    .join(GroupEquivalence, GroupEquivalence.id == _FROM.equivalence_id)
    .where(_FROM.side == EquivalenceSide.HELD, _TO.side == EquivalenceSide.COUNTS_FOR)
)


def declare_equivalence(
    session: Session, declared: EquivalenceInput, *, by: UUID, at: datetime, confirmed_by: UUID | None = None
) -> Equivalence:
    """Rule what a block is worth; it counts from today, for all who hold or will hold the first block.

    A ruling is never edited: this one replaces the one that stood between the two blocks, and what that one
    had given stays (R6). Raises Refusal unless the blocks are of two published versions of one body, or when
    it already stands as said. A whole that this completes is recorded at once, person by person (R7).
    """
    return declare_equivalences(session, [declared], by=by, at=at, confirmed_by=confirmed_by)[0]


def declare_equivalences(
    session: Session, rulings: Sequence[EquivalenceInput], *, by: UUID, at: datetime, confirmed_by: UUID | None = None
) -> list[Equivalence]:
    """Rule several equivalences by one act, each as `declare_equivalence` does: all of them, or none."""
    rows = []
    for declared in rulings:
        current = find_ruling(session, declared)
        row = Equivalence(
            id=new_id(), held_block_id=declared.held_id, granted_block_id=declared.counts_for_id,
            kind=declared.kind, reason=declared.reason, declared_on=day_of(at), declared_by=by,
            declared_at=at, replaces_id=current.id if current else None, confirmed_by=confirmed_by,
        )  # fmt: skip
        session.add(row)
        session.flush()
        record_event(session, "equivalence_declared", ("equivalence", row.id), by=by, at=at, kind=declared.kind)
        rows.append(row)
    identical = {declared.held_id for declared in rulings if declared.kind is EquivalenceKind.IDENTICAL}
    written = [
        issued_row
        for person_id in (list_holders_leading_to(session, identical) if identical else ())
        for issued_row in issue_missing_grants(session, person_id, at=at).rows
    ]
    append(session, [*rows, *written], at=at)  # last: it takes the ledger's lock
    return rows


def find_ruling(session: Session, declared: EquivalenceInput) -> Equivalence | None:
    """Return the ruling that stands between the two blocks, if there is one; their body is locked.

    Raise Refusal as `declare_equivalence` does.
    """
    query = (
        select(CertificationVersion.id, CertificationVersion.published_at, Certification.body_id)
        .join(CertificationVersion.blocks)
        .join(CertificationVersion.certification)
    )
    rows = session.execute(query.where(Block.id.in_([declared.held_id, declared.counts_for_id]))).all()
    bodies = {row.body_id for row in rows}
    if len({row.id for row in rows}) != 2 or len(bodies) != 1 or any(row.published_at is None for row in rows):
        raise Refusal(CertificateRefusal.EQUIVALENCE_ELSEWHERE)
    # One ruling at a time in a body: two at once for the same blocks would be two words on one thing.
    session.get_one(CertifyingBody, bodies.pop(), with_for_update={"key_share": True})
    later = aliased(Equivalence)
    pair = (Equivalence.held_block_id == declared.held_id, Equivalence.granted_block_id == declared.counts_for_id)
    last = select(Equivalence).outerjoin(later, later.replaces_id == Equivalence.id).where(*pair, later.id.is_(None))
    current = session.scalars(last).one_or_none()
    if current is not None and current.kind is declared.kind:
        raise Refusal(CertificateRefusal.EQUIVALENCE_DECLARED)
    return current


def list_holders_leading_to(session: Session, blocks: Set[UUID]) -> list[UUID]:
    """List, in one order, who ever held by an act of their own a block from which identical equivalences
    lead to these.
    """
    leads = set(blocks)
    identical = EquivalenceKind.IDENTICAL
    pairs = [(held, aim) for held, aim in session.execute(_PAIRS.where(Equivalence.kind == identical))]
    pairs += [(held, aim) for held, aim in session.execute(_GROUP_PAIRS.where(GroupEquivalence.kind == identical))]
    while more := {held for held, counts_for in pairs if counts_for in leads} - leads:
        leads |= more
    granted = select(Grant.person_id).where(Grant.block_id.in_(leads))
    before = select(PriorHolding.person_id).where(PriorHolding.block_id.in_(leads))
    return sorted(session.scalars(union(granted, before)))


@dataclass(frozen=True, slots=True)
class EquivalenceSummary:
    """A ruling as its certifier reads it: « version 1, bloc 2 » counts for « version 2, bloc 3 »; `until` it
    was replaced.
    """

    id: UUID
    held: str
    counts_for: str
    kind: EquivalenceKind
    reason: str
    declared_on: date
    author: str
    until: date | None


@dataclass(frozen=True, slots=True)
class BlockBeside:
    """A block of this version, and those of other versions that bear its title without any ruling: they
    do not count.
    """

    name: str
    same_title: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EquivalencesPageData:
    """Rulings on a version, and the blocks that can be ruled on."""

    code: str
    title: str
    version: int
    here: tuple[tuple[UUID, str], ...]
    elsewhere: tuple[tuple[UUID, str], ...]
    lines: tuple[EquivalenceSummary, ...]
    beside: tuple[BlockBeside, ...]

    @property
    def standing(self) -> tuple[EquivalenceSummary, ...]:
        """Return the rulings in force."""
        return tuple(line for line in self.lines if line.until is None)

    @property
    def replaced(self) -> tuple[EquivalenceSummary, ...]:
        """Those that another one replaced."""
        return tuple(line for line in self.lines if line.until is not None)


def load_equivalences_page(session: Session, version_id: UUID) -> EquivalencesPageData:
    """Gather the equivalences from and to a published version, with the blocks of its body's others; raises
    NoResultFound.
    """
    version = session.scalars(select(CertificationVersion).where(CertificationVersion.id == version_id)).one()
    rows = session.execute(
        select(Block.id, Block.version_id, Block.title, Block.number, CertificationVersion.number, Certification.code)
        .join(Block.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == version.certification.body_id, CertificationVersion.published_at.is_not(None))
        .order_by(Certification.code, CertificationVersion.number.desc(), Block.number)
    ).all()
    named = {row[0]: f"{row[5]}, version {row[4]}, bloc\u00a0{row[3]}\u00a0: {row[2]}" for row in rows}
    here = [row for row in rows if row[1] == version_id]
    others = [row for row in rows if row[1] != version_id]
    lines, ruled = _rulings(session, {row[0] for row in here}, named)
    return EquivalencesPageData(
        version.certification.code,
        version.title,
        version.number,
        tuple((row[0], named[row[0]]) for row in here),
        tuple((row[0], named[row[0]]) for row in others),
        lines,
        tuple(
            BlockBeside(
                f"Bloc\u00a0{row[3]}\u00a0: {row[2]}",
                tuple(
                    named[other_row[0]]
                    for other_row in others
                    if other_row[2] == row[2] and (other_row[0], row[0]) not in ruled
                ),
            )
            for row in here
        ),
    )


def _rulings(
    session: Session, mine: Collection[UUID], named: Mapping[UUID, str]
) -> tuple[tuple[EquivalenceSummary, ...], set[tuple[UUID, UUID]]]:
    """Return the rulings, the latest first, and the pairs of blocks that have one."""
    author, later = aliased(Person), aliased(Equivalence)
    query = (
        select(Equivalence, author.name, later.declared_on)
        .join(author, author.id == Equivalence.declared_by)
        .outerjoin(later, later.replaces_id == Equivalence.id)
        .where(or_(Equivalence.held_block_id.in_(mine), Equivalence.granted_block_id.in_(mine)))
        .order_by(Equivalence.declared_at.desc(), Equivalence.id)
    )
    found = session.execute(query).all()
    lines = tuple(
        EquivalenceSummary(
            row.id,
            named[row.held_block_id],
            named[row.granted_block_id],
            row.kind,
            row.reason,
            row.declared_on,
            name,
            until,
        )
        for row, name, until in found
    )
    return lines, {(row.held_block_id, row.granted_block_id) for row, _name, _until in found}


def declare_group(
    session: Session, declared: GroupEquivalenceInput, *, by: UUID, at: datetime, confirmed_by: UUID | None = None
) -> GroupEquivalence:
    """Rule what several blocks held together are worth; it counts from today, for everybody who holds or will hold them
    all.

    It replaces the ruling on the same blocks, and what that one had given stays (R6); the proposals of the register
    between these blocks are settled. Raise Refusal unless the blocks held are two or more of one published version, and
    the others of one other published version of the same body; or when it already stands as said.
    """
    current, versions = find_group_ruling(session, declared)
    row = GroupEquivalence(
        id=new_id(),
        kind=declared.kind,
        reason=declared.reason,
        declared_on=day_of(at),
        declared_by=by,
        declared_at=at,
        replaces_id=current.id if current else None,
        confirmed_by=confirmed_by,
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
    record_event(session, "group_equivalence_declared", ("group_equivalence", row.id), by=by, at=at, kind=declared.kind)
    people = list_holders_leading_to(session, declared.held) if declared.kind is EquivalenceKind.IDENTICAL else []
    issued = [issued_row for person_id in people for issued_row in issue_missing_grants(session, person_id, at=at).rows]
    append(session, [row, *blocks, *issued], at=at)  # last: it takes the ledger's lock
    return row


def find_group_ruling(
    session: Session, declared: GroupEquivalenceInput
) -> tuple[GroupEquivalence | None, Mapping[UUID, str]]:
    """Return the ruling that stands on the same blocks, if there is one, and the code of the certification of each
    version; their body is locked. Raise Refusal as `declare_group` does.
    """
    versions = _check_group(session, declared)
    current = _current(session, declared)
    if current is not None and current.kind is declared.kind:
        raise Refusal(CertificateRefusal.EQUIVALENCE_DECLARED)
    return current, versions


def _check_group(session: Session, declared: GroupEquivalenceInput) -> Mapping[UUID, str]:
    """Return the code of the certification of each version, both sides checked; lock their body."""
    if len(declared.held) < 2 or not declared.counts_for:
        raise Refusal(CertificateRefusal.GROUP_TOO_SMALL)
    query = (
        select(Block.id, Block.version_id, CertificationVersion.published_at, Certification.body_id, Certification.code)
        .join(Block.version)
        .join(CertificationVersion.certification)
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
        .join(GroupEquivalence.blocks)
        .outerjoin(later, later.replaces_id == GroupEquivalence.id)
        .where(later.id.is_(None), GroupEquivalenceBlock.block_id.in_(declared.held))
        .options(selectinload(GroupEquivalence.blocks))
    )
    return next(
        (row for row in session.scalars(query).unique() if sides_of(row) == (declared.held, declared.counts_for)), None
    )


def sides_of(row: GroupEquivalence) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return the blocks that a ruling asks for, and those that they count for."""
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
    session.execute(update(EquivalenceProposal).where(*open_only, *about).values(group_equivalence_id=equivalence_id))


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
    """List the rulings on several blocks from and to a version, the latest first; `named` gives the
    blocks their names.
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


def _summary(row: GroupEquivalence, author: str, until: date | None, named: Mapping[UUID, str]) -> GroupSummary:
    held, aims = (tuple(sorted(named.get(block_id, "") for block_id in side)) for side in sides_of(row))
    return GroupSummary(row.id, held, aims, row.kind, row.reason, row.declared_on, author, until)
