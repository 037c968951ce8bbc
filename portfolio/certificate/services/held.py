"""Which blocks a person holds, with the number that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.certificate.models import Certificate, Grant
from portfolio.certificate.rules import Act, Source
from portfolio.certification.models import Block
from portfolio.jury.minutes import Minutes


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """A block held for ever: since when, by which act, under which certificate number."""

    block_id: UUID
    block_number: int
    title: str
    granted_on: date
    source: Source
    reference: str
    number: str

    @property
    def act(self) -> Act:
        """The act that made the person hold it."""
        return Act(self.granted_on, self.source, self.reference)


def held_blocks(session: Session, person_id: UUID, version_id: UUID) -> dict[UUID, HeldBlock]:
    """Map the blocks of one version that a person holds, in the order of the certification, in one query.

    Nothing but a recorded grant makes a block held (R6); `serial` above 1 stands for a grant anew after an annulment (R13).
    """
    rows = session.execute(
        select(Block.id, Block.number, Block.title, Grant.granted_on, Grant.source, Minutes.number, Certificate.number)
        .join(Grant, Grant.block_id == Block.id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .where(Grant.person_id == person_id, Block.version_id == version_id)
        .order_by(Block.number, Grant.serial)
    )
    return {row[0]: HeldBlock(*row[:5], row[5] or "", row[6]) for row in rows}


def acts_of(held: Mapping[UUID, HeldBlock]) -> dict[UUID, Act]:
    """Hand what is held to the rules."""
    return {block_id: one.act for block_id, one in held.items()}
