"""Find the act behind each block of a complete certification, as recorded at that moment (R7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.granting import GrantingEvent, own_act, with_equivalences
from portfolio.domain.holdings.rules.validity import end_of_validity, event_on, is_valid_on
from portfolio.domain.holdings.use_cases.facts import load_equivalences
from portfolio.domain.holdings.use_cases.prior_holdings import load_prior_holdings
from portfolio.domain.jury.models.deliberation import Minutes


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
    acts = with_equivalences(list(recorded), equivalences)
    # Of a whole recorded before the validity of each block was asked.
    without_end = with_equivalences(
        [(block, replace(act, until=None)) for block, act in recorded], equivalences
    )
    query = (
        select(Block.id, Block.number, Block.title)
        .where(Block.version_id == award.version_id)
        .order_by(Block.number)
    )
    found_acts = [
        (block_id, number, title, event_on(award.obtained_on, acts.get(block_id, ())))
        for block_id, number, title in session.execute(query)
    ]
    return tuple(
        AwardBlock(number, title, act, recorded[own_act(block_id, act)])
        for block_id, number, title, valid in found_acts
        if (act := valid or next(iter(without_end.get(block_id, ())), None)) is not None
    )


def _acts_before(session: Session, award: Award, found: Certificate) -> dict[tuple[UUID, GrantingEvent], str]:
    """Map the last act that gave the person each block before the award, valid on its day where one was, to
    the number of its certificate.
    """
    rows = session.execute(
        select(Grant, Certificate.number, Minutes.number, Acquisition, Block.validity_months)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .join(Block, Block.id == Grant.block_id)
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .outerjoin(Acquisition, Acquisition.id == Grant.acquisition_id)
        .where(Grant.person_id == award.person_id)
        .where(Grant.recorded_at <= award.recorded_at, Certificate.issued_at <= found.issued_at)
        .order_by(Grant.serial, Certificate.issued_at)
    )
    proofs: defaultdict[UUID, list[tuple[GrantingEvent, str]]] = defaultdict(list)
    for holding in load_prior_holdings(session, award.person_id):
        if holding.recorded_at <= award.recorded_at and (
            holding.ended_at is None or holding.ended_at > award.recorded_at
        ):
            proofs[holding.block_id].append((holding.act, holding.number))
    for grant, number, minutes, acquired, months in rows:
        reference = acquired.reference if acquired else minutes or ""
        until = end_of_validity(grant.granted_on, months)
        act = GrantingEvent(grant.granted_on, grant.source, reference, until)
        proofs[grant.block_id].append((act, number))
    last = {}
    for block_id, told in proofs.items():
        valid = [proof for proof in told if is_valid_on(award.obtained_on, proof[0])]
        act, number = (valid or told)[-1]
        last[block_id, act] = number
    return last
