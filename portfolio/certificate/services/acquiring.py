"""A block acquired by another route, entered by the certifier with its proof (R2 b)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.certificate.acts import AcquiredBlock
from portfolio.certificate.rules import Acquired, CertificateRefusal, GrantGround
from portfolio.certificate.services.explaining import candidacy_of, explanation_of
from portfolio.certificate.services.facts import catalogue_of, history_of
from portfolio.certificate.services.ledger import append
from portfolio.certificate.services.settling import settle
from portfolio.certification.models import Block
from portfolio.db import new_id
from portfolio.journal.services import note
from portfolio.jury.rules import day_of
from portfolio.refusal import Refusal


class Proof(Protocol):
    """The file that proves it, as it was received: `portfolio.evidence.services.ReceivedFile`."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def mime(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def record_acquisition(
    session: Session, candidacy_id: UUID, said: Acquired, proof: Proof, *, by: UUID, at: datetime
) -> AcquiredBlock:
    """Record a block acquired by another route, verified by `by`, and grant it with its certificate (R2 b, R13).

    Raises Refusal when the block is not of this certification, is already held, is before a jury, or is dated of a day to
    come. Under the candidate's lock: a submission at the same time waits, or is seen.
    """
    candidate_id = session.scalars(select(Candidacy.candidate_id).where(Candidacy.id == candidacy_id)).one()
    session.get_one(Person, candidate_id, with_for_update={"key_share": True})
    _check(session, candidacy_id, said, day_of(at))
    row = AcquiredBlock(
        id=new_id(), candidacy_id=candidacy_id, person_id=candidate_id, block_id=said.block_id,
        acquired_on=said.acquired_on, obtained_at=said.obtained_at, verified_by=by, verified_at=at,
        file_key=proof.key, file_name=proof.name, file_mime=proof.mime, file_size=proof.size, file_sha256=proof.sha256,
    )  # fmt: skip
    session.add(row)
    session.flush()
    note(session, "block_acquired_elsewhere", ("candidacy", candidacy_id), by=by, at=at, block=str(said.block_id))
    settled = settle(session, candidate_id, at=at)
    append(session, [row, *settled.rows], at=at)  # last: it takes the ledger's lock
    return row


def _check(session: Session, candidacy_id: UUID, said: Acquired, today: date) -> None:
    candidacy = candidacy_of(session, candidacy_id)
    catalogue = catalogue_of(session, candidacy.version_id)
    told = explanation_of(session, candidacy, catalogue, history_of(session, candidacy.candidate_id)).answers
    answer = next((one for one in told if one.block.id == said.block_id), None)
    if answer is None:
        raise Refusal(CertificateRefusal.ACQUIRED_FOREIGN)
    if answer.act is not None:
        raise Refusal(CertificateRefusal.ACQUIRED_HELD, block=answer.block.number, on=answer.act.on)
    if answer.ground is GrantGround.AWAITING_JURY:
        raise Refusal(CertificateRefusal.ACQUIRED_WAITING, block=answer.block.number)
    if said.acquired_on > today:
        raise Refusal(CertificateRefusal.ACQUIRED_TOMORROW)


@dataclass(frozen=True, slots=True)
class AcquisitionLine:
    """An acquisition as its certifier sees it."""

    id: UUID
    block_number: int
    block_title: str
    acquired_on: date
    obtained_at: str
    verified_by: str
    verified_at: datetime
    reference: str
    file_name: str
    file_mime: str
    file_key: str
    file_size: int


def acquisitions(session: Session, candidacy_id: UUID) -> list[AcquisitionLine]:
    """List what was entered for a candidacy, in the order of the certification."""
    rows = session.execute(
        select(AcquiredBlock, Block.number, Block.title, Person.name)
        .join(Block, Block.id == AcquiredBlock.block_id)
        .join(Person, Person.id == AcquiredBlock.verified_by)
        .where(AcquiredBlock.candidacy_id == candidacy_id)
        .order_by(Block.number, AcquiredBlock.verified_at)
    )
    return [
        AcquisitionLine(
            row.id, number, title, row.acquired_on, row.obtained_at, name, row.verified_at, row.reference,
            row.file_name, row.file_mime, row.file_key, row.file_size,
        )
        for row, number, title, name in rows
    ]  # fmt: skip
