"""The card of a juror in the pool of a certifying body: who they are, what they declare, when they are free.

Input values of the certifier for a session and for a seat.

Whether two people name the same organisation: the presumption of a professional relation (J10, design).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
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
    """Say whether a session comes late enough for its members to read a dossier sealed that day, from today."""
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
    """Person named in a seat, and what is declared of them.

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
        return TiesAnswer.LISTED if self.ties and self.ties_answer is TiesAnswer.UNANSWERED else self.ties_answer

    @property
    def contradicts_ties(self) -> bool:
        """Return whether the answer and the ties listed contradict each other."""
        return (self.settled_ties is TiesAnswer.LISTED) is not bool(self.ties)


# How many jurors one page of the pool lists.
PAGE_SIZE = 50
# How long the link by which a person fills in their own card works.
CARD_LINK_DAYS = 21


class HalfDay(StrEnum):
    """The halves of a day during which a jury meets."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class PoolRefusal(StrEnum):
    """Reasons why a use case of the pool says no."""

    ALREADY_IN_POOL = "pool_already_in_pool"
    UNKNOWN_JUROR = "pool_unknown_juror"
    UNKNOWN_CANDIDATE = "pool_unknown_candidate"
    REMOVED = "pool_juror_removed"
    PERIOD_REVERSED = "pool_period_reversed"
    TIES_CONTRADICTED = "pool_ties_contradicted"
    LINK_ENDED = "pool_link_ended"
    NO_FORMER_JURY = "pool_no_former_jury"
    TWICE = "pool_twice"
    SEAT_TAKEN = "pool_seat_taken"


class ConflictKind(StrEnum):
    """Facts that make a juror unable to judge one candidate; the kinds that peer-review systems distinguish."""

    COLLABORATOR = "collaborator"
    ADVISER = "adviser"
    INSTITUTION = "institution"
    PERSONAL = "personal"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AvailabilityPeriod:
    """Days during which a juror is free, or is not; without a half, the whole day."""

    first_day: date
    last_day: date
    half: HalfDay | None = None
    is_available: bool = True

    def covers(self, day: date, half: HalfDay) -> bool:
        """Return whether the period contains this half of this day."""
        return self.first_day <= day <= self.last_day and self.half in (None, half)


class Availability(StrEnum):
    """Answers of a juror about one half of a day; silence is unknown."""

    FREE = "free"
    BUSY = "busy"
    UNKNOWN = "unknown"


def availability_on(periods: Iterable[AvailabilityPeriod], day: date, half: HalfDay) -> Availability:
    """Return what the periods say of a half of a day: a period that is not free outweighs one that is."""
    answers = {period.is_available for period in periods if period.covers(day, half)}
    if not answers:
        return Availability.UNKNOWN
    return Availability.BUSY if False in answers else Availability.FREE


@dataclass(frozen=True, slots=True)
class JurorCard:
    """Everything that a card holds.

    `seats` are those that the person may be named to; empty, any that fits.
    """

    name: str
    email: str
    quality: str = ""
    profession: str = ""
    employer: str = ""
    phone: str = ""
    college: College = College.NONE
    gender: Gender = Gender.UNSAID
    in_activity: bool = False
    is_professional: bool = False
    is_director: bool = False
    delegated_from: date | None = None
    delegated_until: date | None = None
    seats: tuple[Seat, ...] = ()
    qualified_for: frozenset[UUID] = frozenset()
    ties_answer: TiesAnswer = TiesAnswer.UNANSWERED
    ties: tuple[Affiliation, ...] = ()
    periods: tuple[AvailabilityPeriod, ...] = ()
    distance_km: int | None = None
    attends_on_site: bool = True
    attends_by_video: bool = False
    postal_address: str = ""

    @property
    def settled_ties(self) -> TiesAnswer:
        """Return the answer about ties: the ties listed are an answer by themselves (J7)."""
        return TiesAnswer.LISTED if self.ties and self.ties_answer is TiesAnswer.UNANSWERED else self.ties_answer

    @property
    def contradicts_ties(self) -> bool:
        """Return whether the answer and the ties listed contradict each other."""
        return (self.settled_ties is TiesAnswer.LISTED) is not bool(self.ties)


@dataclass(frozen=True, slots=True)
class ChosenMember:
    """A juror of the pool chosen for a seat. `seen` is the revision of the seat that the form showed."""

    juror_id: UUID
    seat: Seat
    place: int = 1
    rank: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class PoolQuery:
    """Query of a page of the pool."""

    words: str = ""
    college: College | None = None
    seat: Seat | None = None
    certification_id: UUID | None = None
    free_on: date | None = None
    is_removed: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Workload:
    """Numbers of juries of a person, past and to come, and the day of the last one."""

    past: int = 0
    coming: int = 0
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class SeatPrefill:
    """Values that a card gives for one seat, on one day, for one certification."""

    card: JurorCard
    seat: Seat
    place: int = 1
    rank: int = 0
    certification_id: UUID | None = None
    seen: int = 0


def member_input(prefill: SeatPrefill) -> MemberInput:
    """Return what naming this person in this seat would declare of them, from their card."""
    card = prefill.card
    return MemberInput(
        seat=prefill.seat,
        email=card.email,
        name=card.name,
        quality=card.quality or card.profession,
        college=card.college,
        in_activity=card.in_activity,
        is_director=card.is_director,
        delegated_from=card.delegated_from,
        delegated_until=card.delegated_until,
        qualified=prefill.certification_id in card.qualified_for,
        ties=card.ties,
        seen=prefill.seen,
        rank=prefill.rank,
        gender=card.gender,
        ties_answer=card.settled_ties,
        place=prefill.place,
        is_professional=card.is_professional,
        trade=card.profession if card.is_professional else "",
    )


def card_of(member: MemberInput, certification_id: UUID) -> JurorCard:
    """Return the card that a member's declarations make; a seat does not say where the person works or when
    they are free.
    """
    return JurorCard(
        name=member.name,
        email=member.email,
        quality=member.quality,
        profession=member.trade,
        college=member.college,
        gender=member.gender,
        in_activity=member.in_activity,
        is_professional=member.is_professional,
        is_director=member.is_director,
        delegated_from=member.delegated_from,
        delegated_until=member.delegated_until,
        seats=(member.seat,),
        qualified_for=frozenset({certification_id} if member.qualified else ()),
        ties_answer=member.settled_ties,
        ties=member.ties,
    )


# What a company adds to its name, or omits, without being another one.
_LEGAL_FORMS = frozenset({"sa", "sas", "sasu", "sarl", "eurl", "snc", "sci", "scop", "scic", "gie", "ste", "societe"})

_SITE = re.compile(r"[,;(–—]|\s-\s")
# What people write where they have no employer; it names nobody.
_NO_NAMES = frozenset(
    {
        (),
        ("independant",),
        ("independante",),
        ("freelance",),
        ("auto", "entrepreneur"),
        ("auto", "entrepreneuse"),
        ("autoentrepreneur",),
        ("micro", "entreprise"),
        ("profession", "liberale"),
        ("interim",),
        ("benevolat",),
        ("retraite",),
        ("retraitee",),
        ("sans",),
        ("sans", "emploi"),
        ("aucun",),
        ("aucune",),
        ("neant",),
        ("confidentiel",),
    }
)


def same_organisation(one: str, other: str) -> bool:
    """Return whether two names are those of one organisation: the same words, without case, accents, legal
    form and site.

    The site is what follows a comma, a dash or a parenthesis: « Crédit des Rives, agence de Rezé ».
    """
    words = _words(one)
    return words not in _NO_NAMES and words == _words(other)


def shared_organisation(employer: str, structures: Iterable[str]) -> str:
    """Return the structure that is the employer, as the other person wrote it; empty when there is none."""
    return next((structure for structure in structures if same_organisation(employer, structure)), "")


def _words(name: str) -> tuple[str, ...]:
    head = _SITE.split(name, maxsplit=1)[0]
    decomposed = unicodedata.normalize("NFKD", head.casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).replace(".", "")
    return tuple(word for word in re.findall(r"[^\W_]+", plain) if word not in _LEGAL_FORMS)
