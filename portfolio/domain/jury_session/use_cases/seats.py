"""The seats of a session, who sits there, and their substitutes.

Note who is present, and open the opinions when the members who are left have all given theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.certification.rules.juries import NO_TERMS
from portfolio.domain.certification.rules.jury_rule import Seat, SeatTerms
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.composition import Composition, is_external
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.juror_card import MOST_SUBSTITUTES, MemberInput
from portfolio.domain.jury_session.use_cases.declarations import check_presence
from portfolio.domain.jury_session.use_cases.deliberation import open_when_complete
from portfolio.domain.jury_session.use_cases.loaders import composition_of, rule_of_session


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
    # The number of the seat among those of its kind, how many there are, and what it asks.
    place: int = 1
    alike: int = 1
    terms: SeatTerms = NO_TERMS

    @property
    def key(self) -> str:
        """Return the name of the seat in an address: « professional », then « professional-2 »."""
        return str(self.seat) if self.place == 1 else f"{self.seat}-{self.place}"

    @property
    def next_rank(self) -> int | None:
        """Return the place of the next substitute; None while nobody holds the seat, or when there are as many as
        can be.
        """
        taken = {substitute.named.rank for substitute in self.substitutes if substitute.named}
        free = (rank for rank in range(1, MOST_SUBSTITUTES + 1) if rank not in taken)
        return next(free, None) if self.named else None


def seat_details(jury: JurySession) -> tuple[SeatDetails, ...]:
    """List the seats in the order of the entry, then any that it does not know, with who sits there."""
    composition, rule = composition_of(jury), rule_of_session(jury)
    ranked = sorted(jury.members, key=lambda member: member.rank)
    by_place: dict[tuple[Seat, int], list[JuryMember]] = {}
    for member in ranked:
        by_place.setdefault((member.seat, member.place or 1), []).append(member)
    places = list(dict.fromkeys((*rule.places, *by_place)))
    alike = Counter(seat for seat, _ in places)
    return tuple(
        replace(
            _seat_details(seat, place, by_place.get((seat, place), []), composition),
            alike=alike[seat],
            terms=rule.terms_of(seat, place),
        )
        for seat, place in places
    )


def seat_key(key: str) -> tuple[Seat, int] | None:
    """Return the seat that an address names, and its number among those of its kind; None when it names none."""
    kind, _, number = key.partition("-")
    place = int(number) if number.isascii() and number.isdecimal() and len(number) < 3 else 1 if not number else 0
    is_canonical = place != 1 or not number
    return (Seat(kind), place) if kind in set(Seat) and place >= 1 and is_canonical else None


def first_empty_seat(session: Session, session_id: UUID) -> str | None:
    """Return the key of the first seat of a session without anyone; None when every seat has somebody."""
    session.expire_all()
    jury = session.get_one(JurySession, session_id)
    return next((details.key for details in seat_details(jury) if details.named is None), None)


def _seat_details(seat: Seat, place: int, ranked: list[JuryMember], composition: Composition) -> SeatDetails:
    if not ranked:
        return SeatDetails(seat, place=place)
    member, *others = ranked
    substitutes = tuple(_seat_details(seat, place, [jury_member], composition) for jury_member in others)
    value = member.to_value()
    external = is_external(value, composition)
    told = (external, value.has_answered, substitutes, member.appointment_id)
    return SeatDetails(seat, member.id, member.to_input(), *told, place=place)


def note_presence(
    session: Session,
    hearing_id: UUID,
    present: Collection[UUID],
    attendance: Attendance,
    reason: str = "",
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Note who is present for a candidate; a departure may leave only members who gave their opinions.

    Raise Refusal as `check_presence` does.
    """
    check_presence(session, hearing_id, present, attendance, reason, by=by, at=at)
    open_when_complete(session, session.get_one(Hearing, hearing_id), at=at)
