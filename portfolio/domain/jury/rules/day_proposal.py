"""The jury of a session day proposed from the pool: an exact search, and the smallest reason when there is none.

Each seat gets people in rank order: for a candidate, the first one who is free sits (as substitutes are called). A
proposal is the smallest number of people for which the predicates that depend on who sits hold for every candidate;
among those of one size, women and men both sit if they can, then the people named least before are preferred.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import combinations
from uuid import UUID

from portfolio.domain.certification.rules.jury_rule import JuryTerm, Seat
from portfolio.domain.jury.rules.composition import (
    EXTERNAL_MONTHS,
    VAE_PATH,
    Composition,
    JuryRuleValue,
    MemberValue,
    PathValue,
    Predicate,
)
from portfolio.domain.jury.rules.conditions import fits_seat
from portfolio.domain.jury.rules.enums import College, Gender
from portfolio.domain.jury.rules.juror_card import MOST_SUBSTITUTES
from portfolio.domain.jury.rules.predicates import composition_answers

Place = tuple[Seat, int]
# How many partial juries one search looks at before it stops: less than two seconds.
MAX_NODES = 150_000
# How many more it looks at for a better jury of the same size, once it has one.
MAX_BETTER_NODES = 10_000
# The largest group of candidates that is tried elsewhere when one jury cannot hear them all.
MAX_LEFT_OUT = 2


@dataclass(frozen=True, slots=True)
class ProposableJuror:
    """A juror of the pool.

    `free_for` holds the candidates whom they may judge and for whose interview they are not busy. `value` is
    what naming them would declare, in any seat; `seats` those to which they may be named, empty for any.
    """

    id: UUID
    value: MemberValue
    free_for: frozenset[UUID]
    seats: frozenset[Seat] = frozenset()
    gender: Gender = Gender.UNSAID
    load: int = 0
    # Whether they answered that they are free on that day.
    is_available: bool = True


@dataclass(frozen=True, slots=True)
class DayProblem:
    """Data of the search for a jury of one day. `kept` holds who is seated already and stays, in rank order."""

    rule: JuryRuleValue
    on: date
    jurors: Sequence[ProposableJuror]
    candidates: Sequence[UUID]
    kept: Mapping[Place, tuple[UUID, ...]] = field(default_factory=dict)
    external_months: int = EXTERNAL_MONTHS
    max_nodes: int = MAX_NODES
    path: PathValue = VAE_PATH


class ImpossibleReason(StrEnum):
    """The smallest thing that prevents a jury."""

    NO_SEATS = "no_seats"
    NOBODY_FITS = "nobody_fits"
    NOBODY_FREE = "nobody_free"
    TOO_FEW = "too_few"
    PREDICATES = "predicates"
    LEAVE_OUT = "leave_out"
    NO_COMMON_JURY = "no_common_jury"
    SEARCH_STOPPED = "search_stopped"


@dataclass(frozen=True, slots=True)
class Impossible:
    """Reason why no jury can be proposed: for which seat, for which candidates, which predicates stay false."""

    reason: ImpossibleReason
    place: Place | None = None
    candidates: tuple[UUID, ...] = ()
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class DayProposal:
    """Proposed jury: who sits, by seat and in rank order; `sitting` says who takes each seat for each candidate."""

    seats: Mapping[Place, tuple[UUID, ...]]
    sitting: Mapping[UUID, Mapping[Place, UUID]]
    is_balanced: bool

    @property
    def people(self) -> int:
        """Count the people named."""
        return sum(len(ranked) for ranked in self.seats.values())


def propose_day(problem: DayProblem) -> DayProposal | Impossible:
    """Return the smallest jury that is regular for every candidate, or the smallest reason why there is none."""
    search = _Search(problem)
    reason = search.simple_reason()
    if reason is not None:
        return reason
    found = search.run()
    if found is not None:
        return found
    return _who_to_leave_out(problem, is_exhausted=search.is_exhausted)


def seat_fits(member: MemberValue, rule: JuryRuleValue, on: date) -> bool:
    """Return whether a member has what their seat asks of one person by itself (J3, J5, J6 and the terms
    of the seat).
    """
    if (
        member.seat is Seat.PRESIDENT
        and rule.asks(JuryTerm.PRESIDENT_COLLEGE)
        and member.college is not College.EMPLOYERS
    ):
        return False
    is_employee = member.college is College.EMPLOYEES and member.in_activity
    if member.seat is Seat.EMPLOYEE_REPRESENTATIVE and rule.asks(JuryTerm.EMPLOYEE_IN_ACTIVITY) and not is_employee:
        return False
    if (
        member.seat is Seat.DIRECTOR_OR_DELEGATE
        and rule.asks(JuryTerm.DIRECTOR_OR_DELEGATE)
        and not member.may_direct(on)
    ):
        return False
    # What the certifier confirms by hand is asked when the person is named.
    return fits_seat(replace(member, meets_seat=True), rule.terms_of(member.seat, member.place))


def _who_to_leave_out(problem: DayProblem, *, is_exhausted: bool) -> Impossible:
    """Return the smallest group of candidates without whom a jury exists; they need another session."""
    nodes = max(problem.max_nodes // 20, 1)
    for size in range(1, min(MAX_LEFT_OUT, len(problem.candidates) - 1) + 1):
        for group in combinations(problem.candidates, size):
            others = [each for each in problem.candidates if each not in group]
            if _Search(replace(problem, candidates=others, max_nodes=nodes)).exists():
                return Impossible(ImpossibleReason.LEAVE_OUT, candidates=group)
    return Impossible(ImpossibleReason.NO_COMMON_JURY if is_exhausted else ImpossibleReason.SEARCH_STOPPED)


def _sum(costs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(cost[0] for cost in costs), sum(cost[1] for cost in costs)


class _Search:
    """One search. People and candidates are numbered; who is free for whom is a set of bits."""

    def __init__(self, problem: DayProblem) -> None:
        self.problem, self.rule = problem, problem.rule
        self.places = problem.rule.places
        self.jurors = list(problem.jurors)
        self.full = (1 << len(problem.candidates)) - 1
        self.free = [
            sum(1 << rank for rank, candidate in enumerate(problem.candidates) if candidate in juror.free_for)
            for juror in self.jurors
        ]
        self.number = {juror.id: index for index, juror in enumerate(self.jurors)}
        self.kept = {place: tuple(self.number[id] for id in ids) for place, ids in problem.kept.items()}
        seated = {index for ranked in self.kept.values() for index in ranked}
        self.eligible = [self._eligible(place, seated) for place in self.places]
        self.nodes, self.limit = 0, problem.max_nodes
        self.is_exhausted = True
        self.is_any_enough = False
        self.types: dict[MemberValue, int] = {}
        self.of_type: dict[tuple[int, int], int] = {}
        self.verdicts: dict[tuple[int, ...], tuple[Predicate, ...]] = {}
        self.values: list[MemberValue] = []

    def _eligible(self, place: Place, seated: set[int]) -> list[int]:
        """Return who may be named to a seat beside those kept there: the available first, then those named
        least before.
        """
        found = [
            index
            for index, juror in enumerate(self.jurors)
            if index not in seated
            and (not juror.seats or place[0] in juror.seats)
            and seat_fits(self._in_place(index, place), self.rule, self.problem.on)
        ]
        return sorted(found, key=self._preference)

    def _preference(self, index: int) -> tuple[bool, int, str, int]:
        juror = self.jurors[index]
        return not juror.is_available, juror.load, juror.value.name, juror.id.int

    def _in_place(self, index: int, place: Place) -> MemberValue:
        return replace(self.jurors[index].value, seat=place[0], place=place[1], meets_seat=True)

    def simple_reason(self) -> Impossible | None:
        """Return what prevents a jury for one seat or one candidate alone; None when each candidate has a
        jury of their own.
        """
        if not self.places:
            return Impossible(ImpossibleReason.NO_SEATS)
        for rank, place in enumerate(self.places):
            if not self.eligible[rank] and not self.kept.get(place):
                return Impossible(ImpossibleReason.NOBODY_FITS, place)
        for bit, candidate in enumerate(self.problem.candidates):
            for rank, place in enumerate(self.places):
                if not any(self.free[index] >> bit & 1 for index in self._people(rank)):
                    return Impossible(ImpossibleReason.NOBODY_FREE, place, (candidate,))
        for candidate in self.problem.candidates:
            alone = _Search(replace(self.problem, candidates=[candidate]))
            if not alone.exists():
                return alone.reason_alone(candidate)
        return None

    def reason_alone(self, candidate: UUID) -> Impossible:
        """Return why a single candidate has no jury: the predicates that are false for the best jury, or too
        few people.
        """
        if not self.is_exhausted:
            return Impossible(ImpossibleReason.SEARCH_STOPPED, candidates=(candidate,))
        wrong = sorted(self.verdicts.values(), key=lambda ids: (len(ids), ids))
        if not wrong:
            return Impossible(ImpossibleReason.TOO_FEW, candidates=(candidate,))
        return Impossible(ImpossibleReason.PREDICATES, candidates=(candidate,), predicates=wrong[0])

    def _people(self, rank: int) -> list[int]:
        return [*self.kept.get(self.places[rank], ()), *self.eligible[rank]]

    def exists(self) -> bool:
        """Return whether there is a jury, without looking for the best one."""
        self.is_any_enough = True
        return self.run() is not None

    def run(self) -> DayProposal | None:
        """Return the best jury of the smallest size; None when there is none, or when the search stops first."""
        kept = sum(len(ranked) for ranked in self.kept.values())
        most = min(len(self.jurors), len(self.places) * (1 + MOST_SUBSTITUTES))
        least = sum(max(1, len(self.kept.get(place, ()))) for place in self.places)
        for people in range(max(least, kept), most + 1):
            best = self._best_of_size(people)
            if best is not None:
                return self._proposal(best)
            if not self.is_exhausted:
                return None
        return None

    def _best_of_size(self, people: int) -> tuple[tuple[int, ...], ...] | None:
        best: tuple[tuple[int, int, int], tuple[tuple[int, ...], ...]] | None = None
        order = sorted(range(len(self.places)), key=lambda rank: len(self.eligible[rank]))
        floor = [self._floor(rank) for rank in range(len(self.places))]
        cheapest = [self._cheapest(rank) for rank in order]
        chosen: list[tuple[int, ...]] = [()] * len(self.places)

        def descend(depth: int, used: frozenset[int], left: int, cost: tuple[int, int]) -> None:
            nonlocal best
            self.nodes += 1
            if self.nodes > self.limit:
                self.is_exhausted = False
                return
            if depth == len(order):
                if left == 0 and self._is_regular(chosen):
                    ranked = (0 if self._is_balanced(chosen) else 1, *cost)
                    if best is None or ranked < best[0]:
                        best = (ranked, tuple(chosen))
                        self.limit = min(self.limit, self.nodes + MAX_BETTER_NODES)
                return
            if best is not None and (self.is_any_enough or (0, *_sum([cost, *cheapest[depth:]])) >= best[0]):
                return
            rank = order[depth]
            later = sum(floor[other] for other in order[depth + 1 :])
            for cover in self._covers(rank, used, left - later):
                unknown = sum(not self.jurors[index].is_available for index in cover)
                load = sum(self.jurors[index].load for index in cover)
                total = (cost[0] + unknown, cost[1] + load)
                if best is not None and (0, *_sum([total, *cheapest[depth + 1 :]])) >= best[0]:
                    continue
                chosen[rank] = cover
                descend(depth + 1, used | frozenset(cover), left - len(cover), total)
                if not self.is_exhausted:
                    return

        descend(0, frozenset(), people, (0, 0))
        return best[1] if best is not None else None

    def _cheapest(self, rank: int) -> tuple[int, int]:
        """Return the least that a seat can cost: people whose availability is unknown, juries they sat in."""
        if self.kept.get(self.places[rank]):
            return 0, 0
        jurors = [self.jurors[index] for index in self.eligible[rank]]
        return min((int(not juror.is_available) for juror in jurors), default=0), min(
            (juror.load for juror in jurors), default=0
        )

    def _floor(self, rank: int) -> int:
        return max(1, len(self.kept.get(self.places[rank], ())))

    def _covers(self, rank: int, used: frozenset[int], most: int) -> Iterator[tuple[int, ...]]:
        """Yield the people of a seat, in rank order, who are free for every candidate together; each is
        needed for someone.
        """
        start = self.kept.get(self.places[rank], ())
        covered = 0
        for index in start:
            covered |= self.free[index]
        yield from self._extend(rank, start, covered & self.full, used, min(most, 1 + MOST_SUBSTITUTES))

    def _extend(
        self, rank: int, ranked: tuple[int, ...], covered: int, used: frozenset[int], most: int
    ) -> Iterator[tuple[int, ...]]:
        if covered == self.full and ranked:
            yield ranked
            return
        if len(ranked) >= most:
            return
        for index in self.eligible[rank]:
            self.nodes += 1
            adds = self.free[index] & ~covered & self.full
            if index not in used and index not in ranked and (adds or not self.full):
                yield from self._extend(rank, (*ranked, index), covered | adds, used, most)
            if self.nodes > self.limit:
                self.is_exhausted = False
                return

    def _is_regular(self, chosen: Sequence[tuple[int, ...]]) -> bool:
        return all(not self._wrong(people) for people in self._juries(chosen))

    def _juries(self, chosen: Sequence[tuple[int, ...]]) -> set[tuple[int, ...]]:
        """Return the distinct juries that sit, one for each candidate; the holders when nobody is to be heard yet."""
        bits = range(len(self.problem.candidates))
        juries = {tuple(self._sits(ranked, bit) for ranked in chosen) for bit in bits}
        return juries or {tuple(ranked[0] for ranked in chosen)}

    def _sits(self, ranked: tuple[int, ...], bit: int) -> int:
        return next(index for index in ranked if self.free[index] >> bit & 1)

    def _wrong(self, people: tuple[int, ...]) -> tuple[Predicate, ...]:
        """Return the blocking predicates that are false for a jury.

        People with the same declarations are asked once.
        """
        key = tuple(self._type(rank, index) for rank, index in enumerate(people))
        if key not in self.verdicts:
            members = frozenset(
                replace(self.values[kind], person=UUID(int=rank + 1), name=str(rank)) for rank, kind in enumerate(key)
            )
            months = self.problem.external_months
            jury = Composition(members, self.rule, self.problem.on, None, months, path=self.problem.path)
            self.verdicts[key] = tuple(answer.id for answer in composition_answers(jury) if answer.prevents)
        return self.verdicts[key]

    def _type(self, rank: int, index: int) -> int:
        known = self.of_type.get((rank, index))
        if known is not None:
            return known
        value = replace(self._in_place(index, self.places[rank]), person=UUID(int=0), name="")
        if value not in self.types:
            self.types[value] = len(self.values)
            self.values.append(value)
        self.of_type[rank, index] = self.types[value]
        return self.types[value]

    def _is_balanced(self, chosen: Sequence[tuple[int, ...]]) -> bool:
        juries = self._juries(chosen)
        return all({Gender.WOMAN, Gender.MAN} <= {self.jurors[index].gender for index in people} for people in juries)

    def _proposal(self, chosen: tuple[tuple[int, ...], ...]) -> DayProposal:
        seats = {
            place: tuple(self.jurors[index].id for index in chosen[rank]) for rank, place in enumerate(self.places)
        }
        sitting = {
            candidate: {place: self.jurors[self._sits(chosen[rank], bit)].id for rank, place in enumerate(self.places)}
            for bit, candidate in enumerate(self.problem.candidates)
        }
        return DayProposal(seats, sitting, self._is_balanced(chosen))
