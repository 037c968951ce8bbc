"""Input values of the certifier for a session and for a seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import EXTERNAL_MONTHS, Affiliation
from portfolio.domain.jury.rules.enums import College, Gender, TiesAnswer

# How many substitutes one seat may have.
MOST_SUBSTITUTES = 9
# How many days a jury has to read a dossier, at least, before a session is proposed for it [design].
READING_DAYS = 14


def allows_time_to_read(held_on: date, sealed_on: date, today: date) -> bool:
    """Say whether a session comes late enough for its members to read a dossier sealed that day, from
    today.
    """
    return (held_on - max(today, sealed_on)).days >= READING_DAYS


@dataclass(frozen=True, slots=True)
class Planning:
    """The day, the place, the version; and for how many months a former tie still counts (J7)."""

    version_id: UUID
    held_on: date
    place: str
    external_months: int = EXTERNAL_MONTHS
    # The route whose rule seats the jury; without one, that of VAE.
    route: Route | None = None
    site_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MemberInput:
    """Who is named in a seat, and what is declared of them.

    `seen` is the revision of the seat that the form showed. `rank` 0 holds the seat; 1 and more are its
    substitutes, called in that order. The act that appointed a president has its day and its author here; its
    document comes beside, as a file (J4).
    """

    seat: Seat
    email: str
    name: str
    quality: str
    college: College
    in_activity: bool = False
    is_director: bool = False
    delegated_from: date | None = None
    delegated_until: date | None = None
    qualified: bool = False
    ties: tuple[Affiliation, ...] = ()
    seen: int = 0
    rank: int = 0
    gender: Gender = Gender.UNSAID
    appointed_on: date | None = None
    appointed_by_director: bool = False
    appointment_attached: bool = False
    ties_answer: TiesAnswer = TiesAnswer.UNANSWERED
    # The number of the seat among those of its kind.
    place: int = 1
    is_professional: bool = False
    trade: str = ""
    meets_seat: bool = False
    # Who appointed the person, and what shows the quality that the seat asks for.
    appointed_by: str = ""
    quality_basis: str = ""

    @property
    def settled_ties(self) -> TiesAnswer:
        """Return the answer about ties: the ties listed are an answer by themselves (J7)."""
        return (
            TiesAnswer.LISTED if self.ties and self.ties_answer is TiesAnswer.UNANSWERED else self.ties_answer
        )

    @property
    def contradicts_ties(self) -> bool:
        """Return whether the answer and the ties listed contradict each other."""
        return (self.settled_ties is TiesAnswer.LISTED) is not bool(self.ties)
