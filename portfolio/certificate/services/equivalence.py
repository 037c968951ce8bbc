"""What holding one block is worth in another version of the certification, declared by the certifier (R2 c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.certificate.acts import BlockEquivalence
from portfolio.certificate.models import Grant
from portfolio.certificate.rules import CertificateRefusal, EquivalenceKind
from portfolio.certificate.services.ledger import append
from portfolio.certificate.services.settling import settle
from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.db import new_id
from portfolio.journal.services import note
from portfolio.jury.rules import day_of
from portfolio.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Declared:
    """Which block counts for which, how much, and why."""

    held_id: UUID
    counts_for_id: UUID
    kind: EquivalenceKind
    reason: str


def declare_equivalence(session: Session, said: Declared, *, by: UUID, at: datetime) -> BlockEquivalence:
    """Declare once what a block is worth; it counts from today, for whoever holds or will hold the first block.

    Raises Refusal unless the blocks are of two published versions of one certification, or when it is already declared.
    A whole that this completes is recorded at once, person by person (R7).
    """
    _check(session, said)
    row = BlockEquivalence(
        id=new_id(), held_id=said.held_id, counts_for_id=said.counts_for_id, kind=said.kind, reason=said.reason,
        declared_on=day_of(at), declared_by=by, declared_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, "equivalence_declared", ("equivalence", row.id), by=by, at=at, kind=said.kind)
    written = [one for person_id in _concerned(session, said) for one in settle(session, person_id, at=at).rows]
    append(session, [row, *written], at=at)  # last: it takes the ledger's lock
    return row


def _check(session: Session, said: Declared) -> None:
    query = select(Block.id, CertificationVersion.id, CertificationVersion.certification_id).join(CertificationVersion)
    rows = session.execute(query.where(Block.id.in_([said.held_id, said.counts_for_id]))).all()
    versions, certifications = {row[1] for row in rows}, {row[2] for row in rows}
    if len(versions) != 2 or len(certifications) != 1:
        raise Refusal(CertificateRefusal.EQUIVALENCE_ELSEWHERE)
    # One declaration at a time in a certification: two at once for the same blocks would be two words on one thing.
    session.get_one(Certification, certifications.pop(), with_for_update={"key_share": True})
    known = (BlockEquivalence.held_id == said.held_id, BlockEquivalence.counts_for_id == said.counts_for_id)
    if session.scalar(select(BlockEquivalence.id).where(*known)):
        raise Refusal(CertificateRefusal.EQUIVALENCE_DECLARED)


def _concerned(session: Session, said: Declared) -> list[UUID]:
    """Those who were ever granted a block of this certification and are candidates of more than its version, in one order."""
    certification = select(CertificationVersion.certification_id).join(Block).where(Block.id == said.held_id).scalar_subquery()
    query = (
        select(Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Grant, Grant.person_id == Candidacy.candidate_id)
        .where(CertificationVersion.certification_id == certification)
        .distinct()
        .order_by(Candidacy.candidate_id)
    )
    return list(session.scalars(query)) if said.kind is EquivalenceKind.IDENTICAL else []


@dataclass(frozen=True, slots=True)
class EquivalenceLine:
    """An equivalence as its certifier reads it: « version 1, bloc 2 » counts for « version 2, bloc 3 »."""

    held: str
    counts_for: str
    kind: EquivalenceKind
    reason: str
    declared_on: date
    author: str


@dataclass(frozen=True, slots=True)
class EquivalencesPage:
    """What is declared about a version, and the blocks that can be."""

    code: str
    title: str
    version: int
    here: tuple[tuple[UUID, str], ...]
    elsewhere: tuple[tuple[UUID, str], ...]
    lines: tuple[EquivalenceLine, ...]


def equivalences_page(session: Session, version_id: UUID) -> EquivalencesPage:
    """Gather the equivalences from and to a published version of a certification; raises NoResultFound."""
    version = session.scalars(select(CertificationVersion).where(CertificationVersion.id == version_id)).one()
    rows = session.execute(
        select(Block.id, Block.version_id, CertificationVersion.number, Block.number, Block.title)
        .join(CertificationVersion)
        .where(CertificationVersion.certification_id == version.certification_id, CertificationVersion.published_at.is_not(None))
        .order_by(CertificationVersion.number.desc(), Block.number)
    ).all()
    named = {row[0]: f"Version {row[2]}, bloc {row[3]} : {row[4]}" for row in rows}
    here = tuple((row[0], named[row[0]]) for row in rows if row[1] == version_id)
    elsewhere = tuple((row[0], named[row[0]]) for row in rows if row[1] != version_id)
    mine = [block_id for block_id, _name in here]
    lines = _lines(session, mine, named)
    return EquivalencesPage(version.certification.code, version.title, version.number, here, elsewhere, lines)


def _lines(session: Session, mine: list[UUID], named: dict[UUID, str]) -> tuple[EquivalenceLine, ...]:
    author = aliased(Person)
    query = (
        select(BlockEquivalence, author.name)
        .join(author, author.id == BlockEquivalence.declared_by)
        .where(or_(BlockEquivalence.held_id.in_(mine), BlockEquivalence.counts_for_id.in_(mine)))
        .order_by(BlockEquivalence.declared_at, BlockEquivalence.id)
    )
    return tuple(
        EquivalenceLine(named[row.held_id], named[row.counts_for_id], row.kind, row.reason, row.declared_on, name)
        for row, name in session.execute(query)
    )
