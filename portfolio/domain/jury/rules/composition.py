"""Composition of a jury: the frozen values that the predicates J1–J11 read."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import (
    CONDITION_TERMS,
    TERM_SEATS,
    JuryCondition,
    JuryRule,
    JuryTerm,
    Seat,
    SeatTerms,
    TermSource,
)
from portfolio.domain.jury.rules.enums import AffiliationKind, College, OrganisationKind, TiesAnswer

# How long a contract or mandate keeps a former colleague from being external (J7); a setting.
EXTERNAL_MONTHS = 24

TEACHING_SEATS = frozenset({Seat.TEACHER_TRAINER, Seat.PEDAGOGICAL_MANAGER})

Fact = int | str | bool | tuple[str, ...]


class SourceKind(StrEnum):
    """Authors of a rule."""

    ENTRY = "fiche"
    # The certifier's own rule, entered or changed by a person in the version.
    CERTIFIER = "certifier"
    # The rule of the certification as published; who asked for it is not recorded (minutes closed earlier).
    PUBLISHED = "published"
    LAW = "law"
    CASE = "case"
    DESIGN = "design"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Source:
    """Source of a predicate; a legal rule carries the first day of the paths that it binds."""

    kind: SourceKind
    reference: str = ""
    binds_from: date | None = None


JURY_ARTICLE = Source(SourceKind.LAW, "D6412-6", date(2024, 4, 13))


@dataclass(frozen=True, slots=True)
class PathValue:
    """The path that a jury judges: by which route, and whether D6412-6 binds it."""

    route: Route = Route.VAE
    is_bound: bool = True


# That of a session, before anyone is listed.
VAE_PATH = PathValue()


def path_value(route: Route, regime: Regime, began_on: date) -> PathValue:
    """Return the path of a candidacy. D6412-6 binds juries of VAE only, under the France VAE regime, for
    paths begun from its first day (domain §4).
    """
    since = JURY_ARTICLE.binds_from
    in_time = since is not None and began_on >= since
    return PathValue(route, route is Route.VAE and regime is Regime.FRANCE_VAE and in_time)


def common_path(paths: Iterable[PathValue], route: Route | None) -> PathValue:
    """Return what a jury is asked before one candidate is looked at: D6412-6 as soon as it binds one of them;
    while none is listed, as the route of the session says.
    """
    listed = sorted(paths, key=lambda path: not path.is_bound)
    return listed[0] if listed else PathValue(route or Route.VAE, route in {None, Route.VAE})


_KINDS = {
    TermSource.ENTRY: SourceKind.ENTRY,
    TermSource.CERTIFIER: SourceKind.CERTIFIER,
    TermSource.DESIGN: SourceKind.DESIGN,
}


@dataclass(frozen=True, slots=True)
class JuryRuleValue:
    """The rule of one certification version; None means that the entry does not say (J1, J2, J7, J8)."""

    size: int | None
    seats: tuple[Seat, ...]
    external_min: Fraction | None
    representatives_min: Fraction | None
    # How many must be present, the president among them (J14); None asks for all. J15 warns only where it is
    # asked.
    quorum: int | None = None
    half_external: bool = False
    sources: tuple[tuple[JuryTerm, TermSource], ...] = ()
    # What each seat asks, in the order of the seats; the conditions that only some rules have; those of J3 to
    # J6 not asked.
    seat_terms: tuple[SeatTerms, ...] = ()
    conditions: tuple[JuryCondition, ...] = ()
    left_out: frozenset[JuryTerm] = frozenset()
    # On a tie the president's vote decides, unless the certifier says otherwise (J11).
    casting_vote: bool = True

    def condition(self, term: JuryTerm) -> JuryCondition | None:
        """Return a condition on the whole jury; None when the rule does not ask for it."""
        return next((condition for condition in self.conditions if condition.term is term), None)

    def terms_of(self, seat: Seat, place: int) -> SeatTerms:
        """Return what one of the seats of a kind asks, by its number among them."""
        ranks = [rank for rank, kind in enumerate(self.seats) if kind is seat]
        rank = ranks[place - 1] if 0 < place <= len(ranks) else len(self.seats)
        return self.seat_terms[rank] if rank < len(self.seat_terms) else SeatTerms()

    @property
    def places(self) -> tuple[tuple[Seat, int], ...]:
        """Return the seats in order, each with its number among those of its kind."""
        return tuple((seat, self.seats[: rank + 1].count(seat)) for rank, seat in enumerate(self.seats))

    def asks(self, term: JuryTerm) -> bool:
        """Return whether J3 to J6 are asked: the rule has the seat, and does not leave the condition out."""
        return TERM_SEATS[term] in self.seats and term not in self.left_out

    def source_of(self, term: JuryTerm) -> Source:
        """Return who asks for a condition, as the version records it or its text tells."""
        recorded = dict(self.sources)
        recorded_source = recorded.get(term)
        return Source(_KINDS[recorded_source]) if recorded_source else Source(SourceKind.PUBLISHED)


def jury_rule_of(entry: JuryRule | None) -> JuryRuleValue:
    """Turn the rule of a register entry into exact numbers: 0.4 is two fifths, whatever a float holds."""
    if entry is None:
        return JuryRuleValue(None, (), None, None)
    shares = (_exact(entry.external_min), _exact(entry.representatives_min))
    return JuryRuleValue(
        entry.size,
        entry.seats,
        *shares,
        entry.quorum,
        entry.half_external,
        entry.sources,
        seat_terms=entry.seat_terms,
        conditions=entry.conditions,
        left_out=entry.left_out,
        casting_vote=entry.casting_vote,
    )


def _exact(share: float | None) -> Fraction | None:
    return None if share is None else Fraction(str(share))


def minimum_members(share: Fraction, members: int) -> int:
    """Give the smallest number of members that reaches a share, read as a minimum (J7, J8; the reading is ours)."""
    return math.ceil(share * members)


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A declared contract or mandate; without an end it is current (J7)."""

    kind: AffiliationKind
    with_whom: OrganisationKind
    organisation: str
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class SeatProof:
    """Proof that a member is who the seat asks for: who appointed them, when, by which act, and what shows their
    quality.
    """

    appointed_by: str = ""
    appointed_on: date | None = None
    document_attached: bool = False
    quality_basis: str = ""

    def is_appointed(self, on: date) -> bool:
        """Return whether the appointment has an author, a document, and a day no later than that of the session."""
        in_time = self.appointed_on is not None and self.appointed_on <= on
        return bool(self.appointed_by) and in_time and self.document_attached


@dataclass(frozen=True, slots=True)
class MemberValue:
    """A person in a seat, with what was declared of them. A delegation without an end runs until revoked."""

    person: UUID
    name: str
    seat: Seat
    college: College = College.NONE
    in_activity: bool = False
    is_director: bool = False
    delegated_from: date | None = None
    delegated_until: date | None = None
    qualified: bool = False
    ties: frozenset[Affiliation] = frozenset()
    ties_answer: TiesAnswer = TiesAnswer.UNANSWERED
    # The number of the seat among those of its kind.
    place: int = 1
    # Whether they practise a trade of the certification, and which.
    is_professional: bool = False
    trade: str = ""
    # Whether the quality and the appointment that the seat asks for are confirmed.
    meets_seat: bool = False
    # None for members named before it was asked: the confirmation alone then counts.
    seat_proof: SeatProof | None = None

    @property
    def settled_ties(self) -> TiesAnswer:
        """Return the answer about the member's ties: the ties listed are an answer by themselves (J7)."""
        return TiesAnswer.LISTED if self.ties else self.ties_answer

    @property
    def has_answered(self) -> bool:
        """Return whether the member's ties are known (J7)."""
        return self.settled_ties is not TiesAnswer.UNANSWERED

    @property
    def directs_body(self) -> bool:
        """Return whether the member directs the body, or sits by the director's delegation (J7)."""
        return self.is_director or self.delegated_from is not None

    @property
    def represents(self) -> bool:
        """Say whether the member speaks for employers or employees (J8)."""
        return self.college is not College.NONE

    def may_direct(self, on: date) -> bool:
        """Say whether the member is the director, or holds a delegation valid on that day (J6)."""
        if self.is_director:
            return True
        began = self.delegated_from is not None and self.delegated_from <= on
        return began and (self.delegated_until is None or self.delegated_until >= on)


@dataclass(frozen=True, slots=True)
class CandidateValue:
    """For whom the jury sits: the people and the bodies it must be independent of (J7, J10).

    `accompanied_by` holds those who accompany or accompanied them; `judged_by` the members of a jury whose
    decision was annulled for bias: every member must then be new. `bodies` names those that trained or
    accompanied the candidate; None while nobody has said which.
    """

    person: UUID
    name: str
    accompanied_by: frozenset[UUID] = frozenset()
    judged_by: frozenset[UUID] = frozenset()
    bodies: frozenset[str] | None = None
    # Those of whom the body recorded a relation with the candidate, before any declaration.
    related: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Composition:
    """A jury on its day, for one candidate or, without one, for any.

    `absent`: members who hold a seat and were noted absent, where the quorum lets the others deliberate without them.
    """

    members: frozenset[MemberValue]
    rule: JuryRuleValue
    on: date
    candidate: CandidateValue | None = None
    external_months: int = EXTERNAL_MONTHS
    absent: frozenset[UUID] = frozenset()
    # Whether somebody noted who is present: a parity of the members present is not known before.
    attendance_noted: bool = False
    path: PathValue = VAE_PATH

    @property
    def voting(self) -> frozenset[MemberValue]:
        """Return who votes, the M of domain §4: the shares are those of the members who deliberate (R3)."""
        return frozenset(member for member in self.members if member.person not in self.absent)

    @property
    def votes(self) -> int:
        """Count the people who vote, |M|."""
        return len({member.person for member in self.voting})

    @property
    def size(self) -> int:
        """Count the distinct people who hold the seats: someone in two seats votes once."""
        return len({member.person for member in self.members})

    def in_seat(self, seat: Seat) -> tuple[MemberValue, ...]:
        """List who sits in a seat; more than one is a fault that J2 tells."""
        return tuple(sorted((m for m in self.members if m.seat is seat), key=lambda m: (m.name, m.person)))


def place_in(rule: JuryRuleValue, member: MemberValue) -> int:
    """Return the rank of a member's seat: the presidency first, then the order of the rule; last for a seat
    that it does not have.
    """
    places = rule.places
    seat = (member.seat, member.place)
    if seat not in places:
        return len(places)
    return -1 if member.seat is Seat.PRESIDENT else places.index(seat)


def is_external(member: MemberValue, composition: Composition) -> bool:
    """Return whether a member is external: answered, and no tie current or ended within the setting's months
    (J7, domain §4).

    Without an answer it is not known, and unknown is not external; who directs the body never is. The seat
    says nothing: the body's own teachers are those who answer a tie with it. Ties with the certifier and its
    co-certifiers always count. A tie with a training body counts for a candidate whom that body trained or
    accompanied, and for everyone as long as it is not known who did: doubt is no independence.
    """
    if not member.has_answered or member.directs_body:
        return False
    since = months_before(composition.on, composition.external_months)
    return not any(_binds(tie, since, composition.candidate) for tie in member.ties)


def unanswered(members: Iterable[MemberValue]) -> tuple[MemberValue, ...]:
    """Return the members whose ties are not known, by name (J7)."""
    return tuple(
        sorted(
            (member for member in members if not member.has_answered),
            key=lambda member: (member.name, member.person, member.seat),
        )
    )


def _binds(tie: Affiliation, since: date, candidate: CandidateValue | None) -> bool:
    if tie.ended_on is not None and tie.ended_on < since:
        return False
    if tie.with_whom is not OrganisationKind.TRAINING_BODY or candidate is None or candidate.bodies is None:
        return True
    return tie.organisation.casefold() in {body.casefold() for body in candidate.bodies}


def months_before(day: date, months: int) -> date:
    """Give the same day so many months earlier, or the last day of that month when it has no such day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = date.fromordinal(first_of_next.toordinal() - 1).day
    return date(year, month + 1, min(day.day, last))


class PredicateId(StrEnum):
    """The predicates of domain §4 that a composition is asked."""

    J1 = "J1"
    J2 = "J2"
    J3 = "J3"
    J4 = "J4"
    J5 = "J5"
    J6 = "J6"
    J7 = "J7"
    J8 = "J8"
    J9 = "J9"
    # The part of J10 that needs no declaration: the candidate and their advisor do not sit.
    J10_KNOWN = "J10a"
    J10 = "J10"
    J11 = "J11"
    J12 = "J12"
    J13 = "J13"
    J14 = "J14"
    J15 = "J15"
    # What the seats ask, beside J1 to J15; the other conditions that only some rules have are those of `JuryTerm`.
    SEAT_TERMS = "seat_terms"


Predicate = PredicateId | JuryTerm


def predicate_of(code: str) -> Predicate:
    """Return the predicate of a code; raise ValueError for another one."""
    return JuryTerm(code) if code in CONDITION_TERMS else PredicateId(code)


class Remedy(StrEnum):
    """Acts that make a false predicate hold."""

    NAME_MORE = "name_more"
    NAME_FEWER = "name_fewer"
    FILL_SEATS = "fill_seats"
    FILL_THIS_SEAT = "fill_this_seat"
    ONE_PER_SEAT = "one_per_seat"
    EMPLOYER_PRESIDENT = "employer_president"
    EMPLOYEE_IN_ACTIVITY = "employee_in_activity"
    DIRECTOR_OR_DELEGATION = "director_or_delegation"
    ANSWER_TIES = "answer_ties"
    MORE_EXTERNAL = "more_external"
    MORE_REPRESENTATIVES = "more_representatives"
    BOTH_COLLEGES = "both_colleges"
    QUALIFIED_MEMBER = "qualified_member"
    REPLACE_BARRED = "replace_barred"
    ONE_PRESIDENT = "one_president"
    APPOINT_PRESIDENT = "appoint_president"
    DECLARE = "declare"
    JUSTIFY_PARITY = "justify_parity"
    ATTEST_READING = "attest_reading"
    NOTE_ATTENDANCE = "note_attendance"
    REACH_QUORUM = "reach_quorum"
    MEET_SEAT_TERMS = "meet_seat_terms"
    BALANCE_COLLEGES = "balance_colleges"
    BALANCE_TEACHING = "balance_teaching"
    MORE_PROFESSIONALS = "more_professionals"
    NAME_TRADES = "name_trades"
    OTHER_TRADES = "other_trades"
    MORE_OF_TRADE = "more_of_trade"
    MORE_OF_COLLEGE = "more_of_college"
    FEWER_OF_COLLEGE = "fewer_of_college"


@dataclass(frozen=True, slots=True)
class PredicateAnswer:
    """Answer of one predicate: whether it holds, on which facts, who says it, and what would mend it."""

    id: Predicate
    holds: bool
    blocking: bool
    source: Source
    facts: Mapping[str, Fact]
    remedy: Remedy | None = None

    @property
    def is_without_object(self) -> bool:
        """Return whether nobody asks for it: the certification sets no number, no share, no such seat."""
        needs: Mapping[Predicate, str] = {PredicateId.J1: "wanted", PredicateId.J7: "needed", PredicateId.J8: "needed"}
        return not self.facts.get("asked", True) or (self.id in needs and needs[self.id] not in self.facts)

    @property
    def prevents(self) -> bool:
        """Say whether this answer alone makes the composition irregular."""
        return self.blocking and not self.holds
