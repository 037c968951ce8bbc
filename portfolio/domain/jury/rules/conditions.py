"""The conditions that only some rules have: parity, professionals, trades, colleges, what each seat asks.

Each is asked only of a jury whose rule has it. Shares and counts are those of the members who deliberate (R3).

Agreement between the members of juries on ordered opinions: Krippendorff's alpha, which names nobody.

An answer of a predicate as minutes keep it, and back.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from statistics import median
from typing import Any

from portfolio.domain.certification.rules.jury_rule import JuryCondition, JuryTerm, ParityBasis, SeatTerms
from portfolio.domain.jury.rules.composition import (
    TEACHING_SEATS,
    Composition,
    Fact,
    MemberValue,
    Predicate,
    PredicateAnswer,
    PredicateId,
    Remedy,
    Source,
    SourceKind,
    predicate_of,
)
from portfolio.domain.jury.rules.enums import College

Facts = dict[str, Fact]
# Whether the condition holds, on which facts, and what would mend it.
Verdict = tuple[bool, Facts, Remedy]


def condition_answers(jury: Composition) -> tuple[PredicateAnswer, ...]:
    """Answer for each condition that the rule of a jury has; a rule without any adds nothing to J1 to J15."""
    return (*_seat_terms(jury), *(_answer(jury, condition) for condition in jury.rule.conditions))


def _answer(jury: Composition, condition: JuryCondition) -> PredicateAnswer:
    holds, facts, mend = CONDITIONS[condition.term](jury, condition)
    source = jury.rule.source_of(condition.term)
    if condition.basis is not None:
        facts["basis"] = str(condition.basis)
    # Who will be present is not known before the day: until then, a parity of those present warns and no
    # more.
    blocking = condition.basis is not ParityBasis.PRESENT or jury.attendance_noted
    return PredicateAnswer(condition.term, holds, blocking, source, facts, None if holds else mend)


def _seat_terms(jury: Composition) -> Iterator[PredicateAnswer]:
    """Answer whether each person in a seat that asks a college, a quality or an appointment has it."""
    if all(terms == SeatTerms() for terms in jury.rule.seat_terms):
        return
    seated = [(member, jury.rule.terms_of(member.seat, member.place)) for member in jury.members]
    unfit = [member for member, terms in seated if not fits_seat(member, terms)]
    unproven = [member for member, terms in seated if not shows_quality(member, terms)]
    unappointed = [member for member, terms in seated if not is_appointed(member, terms, jury.on)]
    facts: Facts = {"unfit": _names(unfit), "members": jury.size}
    facts |= {"unproven": _names(unproven), "unappointed": _names(unappointed)}
    holds = not (unfit or unproven or unappointed)
    source = jury.rule.source_of(JuryTerm.SEATS)
    yield PredicateAnswer(PredicateId.SEAT_TERMS, holds, True, source, facts, None if holds else Remedy.MEET_SEAT_TERMS)


def fits_seat(member: MemberValue, terms: SeatTerms) -> bool:
    """Return whether a member has the college that a seat asks for, and whether its quality is confirmed."""
    has_college = terms.college is None or member.college.value == terms.college.value
    to_confirm = terms.quality if member.seat_proof is not None else terms.is_to_confirm
    return has_college and (member.meets_seat or not to_confirm)


def shows_quality(member: MemberValue, terms: SeatTerms) -> bool:
    """Return whether something shows the quality that a seat asks for."""
    return not terms.quality or member.seat_proof is None or bool(member.seat_proof.quality_basis)


def is_appointed(member: MemberValue, terms: SeatTerms, on: date) -> bool:
    """Return whether a member was appointed as the seat asks, on or before the day, with the document attached."""
    return not terms.appointed_by or member.seat_proof is None or member.seat_proof.is_appointed(on)


def _counted(jury: Composition, condition: JuryCondition) -> frozenset[MemberValue]:
    """Return the members among whom a parity is counted."""
    return jury.members if condition.basis is ParityBasis.NAMED else jury.voting


def _college_parity(jury: Composition, condition: JuryCondition) -> Verdict:
    counted = _counted(jury, condition)
    employers, employees = _in_college(counted, College.EMPLOYERS), _in_college(counted, College.EMPLOYEES)
    facts: Facts = {"employers": _names(employers), "employees": _names(employees), "members": _people(counted)}
    return len(employers) == len(employees) > 0, facts, Remedy.BALANCE_COLLEGES


def _teaching_parity(jury: Composition, condition: JuryCondition) -> Verdict:
    counted = _counted(jury, condition)
    teachers = {member.person: member for member in counted if member.seat in TEACHING_SEATS}
    profession = {
        member.person: member
        for member in counted
        if member.person not in teachers and (member.represents or member.is_professional)
    }
    facts: Facts = {"teachers": _names(teachers.values()), "profession": _names(profession.values())}
    facts["members"] = _people(counted)
    return len(teachers) == len(profession) > 0, facts, Remedy.BALANCE_TEACHING


def _professionals(jury: Composition, condition: JuryCondition) -> Verdict:
    found = _professionals_of(jury)
    facts: Facts = {
        "found": len(found),
        "needed": condition.count,
        "members": jury.votes,
        "who": _names(found.values()),
    }
    return len(found) >= condition.count, facts, Remedy.MORE_PROFESSIONALS


def _trade_max(jury: Composition, condition: JuryCondition) -> Verdict:
    """A professional whose trade is not told may be of any: the maximum is then not known to be kept."""
    trades, silent = _trades(jury)
    wanted = _same(condition.text)
    counted = {wanted: trades.get(wanted, [])} if wanted else trades
    crowded = max(counted.values(), key=lambda members: (len(members), _names(members)), default=[])
    facts: Facts = {"found": len(crowded), "most": condition.count, "who": _names(crowded), "silent": _names(silent)}
    facts["trade"] = condition.text or (crowded[0].trade if crowded else "")
    holds = len(crowded) <= condition.count and not silent
    return holds, facts, Remedy.OTHER_TRADES if len(crowded) > condition.count else Remedy.NAME_TRADES


def _trade_min(jury: Composition, condition: JuryCondition) -> Verdict:
    trades, silent = _trades(jury)
    wanted = _same(condition.text)
    counted = {wanted: trades.get(wanted, [])} if wanted else trades
    largest = max(counted.values(), key=lambda members: (len(members), _names(members)), default=[])
    facts: Facts = {"found": len(largest), "needed": condition.count, "who": _names(largest), "silent": _names(silent)}
    facts["trade"] = condition.text or (largest[0].trade if largest else "")
    return len(largest) >= condition.count, facts, Remedy.MORE_OF_TRADE


def _at_least(college: College, jury: Composition, condition: JuryCondition) -> Verdict:
    found = _of_college(jury, college)
    facts: Facts = {"college": str(college), "found": len(found), "needed": condition.count, "who": _names(found)}
    return len(found) >= condition.count, facts, Remedy.MORE_OF_COLLEGE


def _at_most(college: College, jury: Composition, condition: JuryCondition) -> Verdict:
    found = _of_college(jury, college)
    facts: Facts = {"college": str(college), "found": len(found), "most": condition.count, "who": _names(found)}
    return len(found) <= condition.count, facts, Remedy.FEWER_OF_COLLEGE


CONDITIONS: Mapping[JuryTerm, Callable[[Composition, JuryCondition], Verdict]] = {
    JuryTerm.COLLEGE_PARITY: _college_parity,
    JuryTerm.TEACHING_PARITY: _teaching_parity,
    JuryTerm.PROFESSIONALS_MIN: _professionals,
    JuryTerm.TRADE_MAX: _trade_max,
    JuryTerm.TRADE_MIN: _trade_min,
    JuryTerm.EMPLOYERS_MIN: partial(_at_least, College.EMPLOYERS),
    JuryTerm.EMPLOYERS_MAX: partial(_at_most, College.EMPLOYERS),
    JuryTerm.EMPLOYEES_MIN: partial(_at_least, College.EMPLOYEES),
    JuryTerm.EMPLOYEES_MAX: partial(_at_most, College.EMPLOYEES),
}


def _of_college(jury: Composition, college: College) -> list[MemberValue]:
    return _in_college(jury.voting, college)


def _in_college(members: Iterable[MemberValue], college: College) -> list[MemberValue]:
    return list({member.person: member for member in members if member.college is college}.values())


def _people(members: Iterable[MemberValue]) -> int:
    return len({member.person for member in members})


def _professionals_of(jury: Composition) -> dict[object, MemberValue]:
    return {member.person: member for member in jury.voting if member.is_professional}


def _trades(jury: Composition) -> tuple[dict[str, list[MemberValue]], list[MemberValue]]:
    """Return the professionals by trade, and those whose trade is not told."""
    trades: dict[str, list[MemberValue]] = {}
    silent = []
    for member in sorted(_professionals_of(jury).values(), key=lambda member: (member.name, member.person)):
        if trade := _same(member.trade):
            trades.setdefault(trade, []).append(member)
        else:
            silent.append(member)
    return trades, silent


def _same(trade: str) -> str:
    """Return a trade as it is compared: capitals and spaces make no other trade."""
    return " ".join(trade.casefold().split())


def _names(members: Iterable[MemberValue]) -> tuple[str, ...]:
    named = {(member.person.int, member.name) for member in members}
    return tuple(name for _, name in sorted(named, key=lambda pair: (pair[1], pair[0])))


# Under this number of dossiers, a figure could tell who thought what.
MIN_DOSSIERS = 3


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement on one thing: alpha from -1 to 1, over so many dossiers; None when too few, or when
    nothing varies.
    """

    alpha: Fraction | None
    dossiers: int
    unanimous: bool = False


def krippendorff_alpha(units: Iterable[Sequence[int]]) -> Fraction | None:
    """Return Krippendorff's alpha for ordinal values, exactly; None when no two values differ or no unit has
    two values.

    `units`: the values that members gave to one thing each. Source: Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011.
    """
    coincidences = _coincidences(units)
    totals: Counter[int] = Counter()
    exact: defaultdict[int, Fraction] = defaultdict(Fraction)
    for (value, _other), number in coincidences.items():
        exact[value] += number
    totals = Counter({value: int(number) for value, number in exact.items()})
    size = sum(totals.values())
    order = sorted(totals)
    distance = {(a, b): _ordinal(order, totals, a, b) for a in order for b in order}
    observed = sum((number * distance[pair] for pair, number in coincidences.items()), Fraction(0))
    expected = sum((totals[a] * totals[b] * distance[a, b] for a in order for b in order), Fraction(0))
    return None if size < 2 or not expected else 1 - (size - 1) * observed / expected


def _coincidences(units: Iterable[Sequence[int]]) -> dict[tuple[int, int], Fraction]:
    found: defaultdict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for values in units:
        if len(values) < 2:
            continue
        counted = Counter(values)
        for a, first in counted.items():
            for b, second in counted.items():
                pairs = first * (second - (1 if a == b else 0))
                found[a, b] += Fraction(pairs, len(values) - 1)
    return found


def _ordinal(order: Sequence[int], totals: Mapping[int, int], a: int, b: int) -> Fraction:
    low, high = sorted((a, b))
    between = sum(totals[value] for value in order if low <= value <= high)
    return (between - Fraction(totals[a] + totals[b], 2)) ** 2


def agreement_of(units: Sequence[Sequence[int]]) -> Agreement:
    """Return the agreement over some dossiers; nothing is computed under `MIN_DOSSIERS`."""
    told = [values for values in units if len(values) > 1]
    if len(told) < MIN_DOSSIERS:
        return Agreement(None, len(told))
    return Agreement(krippendorff_alpha(told), len(told), unanimous=all(len(set(values)) == 1 for values in told))


@dataclass(frozen=True, slots=True)
class Delays:
    """Days between two steps: how many dossiers, the median and the longest; None without a dossier."""

    dossiers: int
    median: float | None
    longest: int | None


def delays_of(days: Sequence[int]) -> Delays:
    """Return the median and the longest of some delays, in days."""
    return Delays(len(days), float(median(days)) if days else None, max(days, default=None))


def share(part: int, whole: int) -> int | None:
    """Return a whole percentage, rounded half up; None of nothing."""
    return None if not whole else (200 * part + whole) // (2 * whole)


_LAW = Source(SourceKind.LAW, "D6412-6")
# Minutes closed before sources were recorded: what does not depend on the certification. The rest is its
# published rule.
_SOURCES: Mapping[Predicate, Source] = {
    PredicateId.J9: _LAW,
    PredicateId.J10: _LAW,
    PredicateId.J10_KNOWN: _LAW,
    PredicateId.J11: _LAW,
    PredicateId.J12: _LAW,
    PredicateId.J13: Source(SourceKind.CASE),
    PredicateId.J14: Source(SourceKind.DESIGN),
    PredicateId.J15: Source(SourceKind.PRACTICE),
}


def record_of(answer: PredicateAnswer) -> dict[str, Any]:
    """Return an answer with its facts and its source, as JSON values."""
    binds = answer.source.binds_from
    source = {"kind": str(answer.source.kind), "reference": answer.source.reference}
    source |= {"binds_from": binds.isoformat()} if binds else {}
    return {
        "id": str(answer.id),
        "holds": answer.holds,
        "blocking": answer.blocking,
        "facts": dict(answer.facts),
        "source": source,
    }


def answer_from_record(record: Mapping[str, Any]) -> PredicateAnswer:
    """Return the answer that a record holds; nothing mends it any more."""
    id = predicate_of(record["id"])
    return PredicateAnswer(id, record["holds"], record["blocking"], _source(id, record.get("source")), record["facts"])


def _source(id: Predicate, stored: Mapping[str, Any] | None) -> Source:
    if stored is None:
        return _SOURCES.get(id, Source(SourceKind.PUBLISHED))
    binds = stored.get("binds_from")
    return Source(SourceKind(stored["kind"]), stored.get("reference", ""), date.fromisoformat(binds) if binds else None)
