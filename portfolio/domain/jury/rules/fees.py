"""Fees of a juror: an amount per session, per candidate heard, and per kilometre."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FeeRates:
    """The amounts of a body, in cents."""

    session_cents: int = 0
    hearing_cents: int = 0
    km_cents: int = 0


@dataclass(frozen=True, slots=True)
class DatedRates:
    """The amounts of a body in time: those of a day are the last ones set for a day before or on it."""

    first: FeeRates = FeeRates()
    since: Sequence[tuple[date, FeeRates]] = ()

    def on(self, day: date) -> FeeRates:
        """Return the amounts of a day."""
        begun = {since: rates for since, rates in self.since if since <= day}
        return begun[max(begun)] if begun else self.first


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One juror at one session: how many candidates they deliberated on, how far they live; None while the
    distance is unknown.

    `on_site` is false for a session held by video alone: nobody travels.
    """

    session_id: UUID
    held_on: date
    juror_name: str
    email: str
    seat: str
    heard: int
    distance_km: int | None
    on_site: bool = True
    person_id: UUID | None = None
    place: str = ""

    @property
    def travelled_km(self) -> int | None:
        """Return the kilometres there and back; None while the distance is unknown."""
        if not self.on_site:
            return 0
        return None if self.distance_km is None else 2 * self.distance_km

    def lacks_distance(self, rates: FeeRates) -> bool:
        """Return whether the way is to be paid and nobody knows how long it is."""
        return bool(self.heard and rates.km_cents) and self.travelled_km is None

    def vacation_cents(self, rates: FeeRates) -> int:
        """Return what the sitting is paid; someone who deliberated on nobody is paid nothing."""
        return rates.session_cents + rates.hearing_cents * self.heard if self.heard else 0

    def travel_cents(self, rates: FeeRates) -> int:
        """Return what the way there and back is paid; nothing while the distance is unknown."""
        return rates.km_cents * (self.travelled_km or 0) if self.heard else 0

    def total_cents(self, rates: FeeRates) -> int:
        """Return the sum; without the way, while its length is unknown."""
        return self.vacation_cents(rates) + self.travel_cents(rates)
