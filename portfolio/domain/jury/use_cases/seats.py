"""The seats of a session, who sits there, and their substitutes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portfolio.domain.certification.rules.entry import Seat
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.domain.jury.rules.appointments import MOST_SUBSTITUTES, MemberInput
from portfolio.domain.jury.rules.composition import Composition, is_external
from portfolio.domain.jury.use_cases.loaders import composition_of, rule_of


@dataclass(frozen=True)
class SeatDetails:
    """A seat, who sits there, and whether they are external (computed, J7)."""

    seat: Seat
    member_id: UUID | None = None
    named: MemberInput | None = None
    external: bool = False
    # Whether the question of ties has an answer; without one it is not known who is external.
    answered: bool = False
    substitutes: tuple[SeatDetails, ...] = ()
    appointment_id: UUID | None = None

    @property
    def next_rank(self) -> int | None:
        """The place of the next substitute; None while nobody holds the seat, or when there are as many as can be."""
        taken = {one.named.rank for one in self.substitutes if one.named}
        free = (rank for rank in range(1, MOST_SUBSTITUTES + 1) if rank not in taken)
        return next(free, None) if self.named else None


def seat_details(jury: JurySession) -> tuple[SeatDetails, ...]:
    """List the seats in the order of the entry, then any that it does not know, with who sits there."""
    composition = composition_of(jury)
    ranked = sorted(jury.members, key=lambda member: member.rank)
    by_seat: dict[Seat, list[JuryMember]] = {}
    for member in ranked:
        by_seat.setdefault(member.seat, []).append(member)
    seats = list(dict.fromkeys((*rule_of(jury.version).seats, *by_seat)))
    return tuple(_seat_details(seat, by_seat.get(seat, []), composition) for seat in seats)


def _seat_details(seat: Seat, ranked: list[JuryMember], composition: Composition) -> SeatDetails:
    if not ranked:
        return SeatDetails(seat)
    member, *others = ranked
    substitutes = tuple(_seat_details(seat, [one], composition) for one in others)
    value = member.as_value()
    external = is_external(value, composition)
    return SeatDetails(seat, member.id, member.as_naming(), external, value.has_answered, substitutes, member.appointment_id)
