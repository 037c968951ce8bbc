"""Keep the equivalences that an entry suggests as proposals: a person confirms or dismisses each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certification.register import EquivalenceProposal
from portfolio.domain.certification.rules.proposing import proposals_of


def propose_equivalences(session: Session, version: CertificationVersion, *, at: datetime) -> int:
    """Add what the entry of a published version suggests and nobody proposed yet; return how many were
    added.
    """
    blocks = {
        number: block_id
        for block_id, number in session.execute(
            select(Block.id, Block.number).where(Block.version_id == version.id)
        )
    }
    known = {
        (row.block_id, row.other_code, row.other_block)
        for row in session.scalars(
            select(EquivalenceProposal).where(EquivalenceProposal.version_id == version.id)
        )
    }
    added = 0
    for proposal in proposals_of(version.to_entry(), version.certification.successor_code):
        key = (blocks.get(proposal.block), proposal.other_code, proposal.other_block)
        if key[0] is None or key in known:
            continue
        session.add(
            EquivalenceProposal(
                version_id=version.id, block_id=key[0], origin=proposal.origin,
                other_code=proposal.other_code, other_block=proposal.other_block,
                group_size=proposal.group_size, proposed_at=at,
            )
        )  # fmt: skip
        added += 1
    session.flush()
    return added
