"""Find the act behind each block of a complete certification, as recorded at that moment (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.granting import GrantingEvent, with_equivalences
from portfolio.domain.holdings.use_cases.facts import load_equivalences
from portfolio.domain.holdings.use_cases.holdings import root_of
from portfolio.domain.holdings.use_cases.prior_holdings import load_prior_holdings
from portfolio.domain.jury.models.minutes import Minutes


@dataclass(frozen=True, slots=True)
class AwardBlock:
    """A block of a whole: the act that made it held, and the number of the certificate that proves it."""

    number: int
    title: str
    act: GrantingEvent
    certificate: str


def list_award_blocks(session: Session, found: Certificate) -> tuple[AwardBlock, ...]:
    """List the blocks of the whole that a certificate certifies, each with its act; nothing for the
    certificate of a block.

    A grant or an equivalence recorded later says nothing there.
    """
    if found.award_id is None:
        return ()
    award = session.get_one(Award, found.award_id)
    recorded = _acts_before(session, award, found)
    equivalences = tuple(
        equivalence
        for equivalence in load_equivalences(session, award.person_id)
        if equivalence.declared_on <= award.obtained_on
    )
    acts = with_equivalences([(block_id, act) for block_id, (act, _number) in recorded.items()], equivalences)
    query = (
        select(Block.id, Block.number, Block.title)
        .where(Block.version_id == award.version_id)
        .order_by(Block.number)
    )
    return tuple(
        AwardBlock(number, title, acts[block_id][0], recorded[root_of(block_id, acts, equivalences)][1])
        for block_id, number, title in session.execute(query)
        if block_id in acts
    )


def _acts_before(session: Session, award: Award, found: Certificate) -> dict[UUID, tuple[GrantingEvent, str]]:
    """Map each block granted to the person before the award to its last act, and to the number of its
    certificate.
    """
    rows = session.execute(
        select(Grant, Certificate.number, Minutes.number, Acquisition)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .outerjoin(Acquisition, Acquisition.id == Grant.acquisition_id)
        .where(Grant.person_id == award.person_id)
        .where(Grant.recorded_at <= award.recorded_at, Certificate.issued_at <= found.issued_at)
        .order_by(Grant.serial, Certificate.issued_at)
    )
    before = {
        holding.block_id: (holding.act, holding.number)
        for holding in load_prior_holdings(session, award.person_id)
        if holding.recorded_at <= award.recorded_at
        and (holding.ended_at is None or holding.ended_at > award.recorded_at)
    }
    return before | {
        grant.block_id: (
            GrantingEvent(grant.granted_on, grant.source, acquired.reference if acquired else minutes or ""),
            number,
        )
        for grant, number, minutes, acquired in rows
    }
