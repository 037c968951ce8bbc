"""Holdings from before this product was used: read for the rules, ended by a rectification."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import PriorHolding, PriorHoldingEnd, reference_of
from portfolio.domain.holdings.rules.completion import end_of_validity, first_end
from portfolio.domain.holdings.rules.facts import GrantingEvent, PriorHoldingFact, Source

# Asked at every page of a dossier, together with the grants, so built once.
PRIOR_HOLDINGS = (
    select(
        PriorHolding.id,
        PriorHolding.person_id,
        PriorHolding.block_id,
        PriorHolding.obtained_on,
        PriorHolding.number,
        PriorHolding.valid_until,
        PriorHolding.verified_at,
        Block.validity_months,
        PriorHoldingEnd.decided_on.label("ended_on"),
        PriorHoldingEnd.recorded_at.label("ended_at"),
    )
    .join(PriorHolding.block)
    .outerjoin(PriorHoldingEnd, PriorHoldingEnd.holding_id == PriorHolding.id)
    .where(PriorHolding.person_id.in_(bindparam("people", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class HeldBefore:
    """A block held before this product was used, with the number of its certificate."""

    id: UUID
    person_id: UUID
    block_id: UUID
    act: GrantingEvent
    number: str
    recorded_at: datetime
    ended_on: date | None
    ended_at: datetime | None

    def to_fact(self) -> PriorHoldingFact:
        """Return the value that the rules read."""
        told = (self.block_id, self.act.on, self.act.reference, self.act.until)
        return PriorHoldingFact(*told, ended=self.ended_on is not None, recorded_at=self.recorded_at)


def held_before(rows: Iterable[Any]) -> list[HeldBefore]:
    """Return what these rows of `PRIOR_HOLDINGS` say, the oldest first."""
    return [_held_before(row) for row in sorted(rows, key=attrgetter("obtained_on", "id"))]


def _held_before(row: Any) -> HeldBefore:
    reference = reference_of(row.id, row.obtained_on)
    # Its own certificate and the version of its block may each end its validity.
    until = first_end((row.valid_until, end_of_validity(row.obtained_on, row.validity_months)))
    act = GrantingEvent(row.obtained_on, Source.PRIOR, reference, until, recorded_at=row.verified_at)
    ids = (row.id, row.person_id, row.block_id)
    return HeldBefore(*ids, act, row.number or reference, row.verified_at, row.ended_on, row.ended_at)
