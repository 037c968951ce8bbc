"""J1–J3, J5–J9, J10 as far as known, J11: one function each, from a composition to an answer with grounds (domain §4).

The rule of the version says who asks for J1–J8: its entry, the certifier, or this software by default.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import JuryTerm, Seat
from portfolio.domain.jury.rules.composition import (
    JURY_ARTICLE,
    TEACHING_SEATS,
    Composition,
    Fact,
    JuryRuleValue,
    MemberValue,
    PredicateAnswer,
    PredicateId,
    Remedy,
    Source,
    SourceKind,
    is_external,
    minimum_members,
    unanswered,
)
from portfolio.domain.jury.rules.conditions import condition_answers
from portfolio.domain.jury.rules.enums import College, RelationAsked

Predicate = Callable[[Composition], PredicateAnswer]


def j1_exact_size(jury: Composition) -> PredicateAnswer:
    """J1: exactly as many distinct members as the entry says."""
    wanted = jury.rule.size
    facts: dict[str, Fact] = {"members": jury.size, "repeated": distinct_names(_repeated(jury.members))}
    if wanted is not None:
        facts["wanted"] = wanted
    holds = wanted is None or jury.size == wanted == len(jury.members)
    mend = Remedy.NAME_MORE if wanted is not None and jury.size < wanted else Remedy.NAME_FEWER
    return _answer(PredicateId.J1, jury.rule.source_of(JuryTerm.SIZE), holds, facts, mend)


def j2_one_per_seat(jury: Composition) -> PredicateAnswer:
    """J2: one member in each seat of the entry, and no other seat."""
    wanted, seated = Counter(jury.rule.seats), Counter(member.seat for member in jury.members)
    empty, extra = wanted - seated, seated - wanted
    in_order = tuple(str(seat) for seat in dict.fromkeys(jury.rule.seats) if seat in empty)
    facts: dict[str, Fact] = {"empty": in_order, "extra": _codes(extra) if wanted else ()}
    facts |= {} if wanted else {"asked": False}
    mend = Remedy.ONE_PER_SEAT if extra else Remedy.FILL_SEATS
    return _answer(PredicateId.J2, jury.rule.source_of(JuryTerm.SEATS), not wanted or wanted == seated, facts, mend)


def j3_employer_president(jury: Composition) -> PredicateAnswer:
    """J3: the president is a professional of the employers' college."""
    return _seated(
        jury, PredicateId.J3, Seat.PRESIDENT, Remedy.EMPLOYER_PRESIDENT, lambda m: m.college is College.EMPLOYERS
    )


def j5_employee_representative(jury: Composition) -> PredicateAnswer:
    """J5: the employee representative is of the employees' college and in activity on the day."""
    return _seated(
        jury,
        PredicateId.J5,
        Seat.EMPLOYEE_REPRESENTATIVE,
        Remedy.EMPLOYEE_IN_ACTIVITY,
        lambda member: member.college is College.EMPLOYEES and member.in_activity,
    )


def j6_director_or_delegate(jury: Composition) -> PredicateAnswer:
    """J6: that seat is held by the director or under a delegation valid on the day."""
    seat, mend = Seat.DIRECTOR_OR_DELEGATE, Remedy.DIRECTOR_OR_DELEGATION
    return _seated(jury, PredicateId.J6, seat, mend, lambda member: member.may_direct(jury.on))


def j7_external_members(jury: Composition) -> PredicateAnswer:
    """J7: enough external members, computed from the answers about ties; a member without an answer blocks."""
    share = jury.rule.external_min
    facts, silent = external_facts(jury)
    source = jury.rule.source_of(JuryTerm.EXTERNAL_MIN)
    if share is None:
        return _answer(PredicateId.J7, source, True, facts, Remedy.MORE_EXTERNAL)
    needed = minimum_members(share, _counted(jury))
    facts |= {"needed": needed, "share": str(share)}
    facts |= _seats_to_fill(jury)
    holds = not silent and facts["found"] >= needed
    return _answer(PredicateId.J7, source, holds, facts, Remedy.ANSWER_TIES if silent else Remedy.MORE_EXTERNAL)


def _counted(jury: Composition) -> int:
    """Return of how many members a share is asked: those who vote; the seats, while nobody is named."""
    return jury.votes or (0 if jury.members else _seats(jury)) or 1


def _seats(jury: Composition) -> int:
    return jury.rule.size or len(jury.rule.seats)


def _seats_to_fill(jury: Composition) -> dict[str, Fact]:
    """Return how many seats a jury has where nobody is named yet."""
    return {"seats": _seats(jury)} if _seats(jury) and not jury.members else {}


def external_facts(jury: Composition) -> tuple[dict[str, Any], bool]:
    """Return how many voting members are external, who, and whose ties are not known with their seats (J7, J15)."""
    external = [member for member in jury.voting if is_external(member, jury)]
    silent = unanswered(jury.voting)
    facts: dict[str, Any] = {"found": _people(external), "members": jury.votes, "who": distinct_names(external)}
    facts |= {
        "unanswered": tuple(member_value.name for member_value in silent),
        "unanswered_seats": tuple(str(member_value.seat) for member_value in silent),
    }
    return facts, bool(silent)


def j8_representatives(jury: Composition) -> PredicateAnswer:
    """J8: enough members of the employers' and employees' colleges, and both colleges present."""
    share = jury.rule.representatives_min
    found = [member for member in jury.voting if member.represents]
    absent = {College.EMPLOYERS, College.EMPLOYEES} - {member.college for member in found}
    facts: dict[str, Fact] = {
        "found": _people(found),
        "members": jury.votes,
        "absent": _codes(absent),
        "who": distinct_names(found),
    }
    source = jury.rule.source_of(JuryTerm.REPRESENTATIVES_MIN)
    if share is None:
        return _answer(PredicateId.J8, source, True, facts, Remedy.MORE_REPRESENTATIVES)
    needed = minimum_members(share, _counted(jury))
    facts |= {"needed": needed, "share": str(share)}
    facts |= _seats_to_fill(jury)
    mend = Remedy.BOTH_COLLEGES if absent else Remedy.MORE_REPRESENTATIVES
    return _answer(PredicateId.J8, source, not absent and _people(found) >= needed, facts, mend)


def j9_qualified_member(jury: Composition) -> PredicateAnswer:
    """J9, D6412-6: at least two members, one of them at least qualified for the certification.

    Nothing else asks for it: it is without object on a path that the article does not bind.
    """
    qualified = [member for member in jury.voting if member.qualified]
    facts: dict[str, Fact] = {
        "members": jury.votes,
        "qualified": _people(qualified),
        "who": distinct_names(qualified),
        **({} if jury.path.is_bound else {"asked": False}),
    }
    mend = Remedy.QUALIFIED_MEMBER if jury.votes >= 2 else Remedy.NAME_MORE
    holds = not jury.path.is_bound or (jury.votes >= 2 and bool(qualified))
    return _answer(PredicateId.J9, JURY_ARTICLE, holds, facts, mend)


def j10_nobody_barred(jury: Composition) -> PredicateAnswer:
    """J10 as far as known without declarations, D6412-6 or our own choice: neither the candidate nor who
    accompanies or accompanied them sits.

    After an annulment for bias, no member of that jury either (cases).
    """
    again = [member for member in jury.members if has_judged(member, jury)]
    barred = [member for member in jury.members if is_barred(member, jury)]
    facts: dict[str, Fact] = {
        "who": distinct_names(barred),
        "again": distinct_names(again),
        "candidate": jury.candidate.name if jury.candidate else "",
        **({} if jury.candidate else {"asked": False}),
    }
    source = Source(SourceKind.CASE) if again and not barred else relation_source(jury)
    return _answer(PredicateId.J10_KNOWN, source, not barred and not again, facts, Remedy.REPLACE_BARRED)


def relation_source(jury: Composition) -> Source:
    """Return who asks that no relation exists with the candidate (J10)."""
    return JURY_ARTICLE if jury.path.is_bound else Source(SourceKind.DESIGN)


def relation_asked(route: Route, seats: Iterable[Seat]) -> RelationAsked:
    """Return which relations with the candidate bar a member: where the rule of a route other than VAE seats
    teachers, having taught the person is none (J10).
    """
    seats_teachers = route is not Route.VAE and not TEACHING_SEATS.isdisjoint(seats)
    return RelationAsked.PERSONAL if seats_teachers else RelationAsked.ANY


def j11_one_president(jury: Composition) -> PredicateAnswer:
    """J11, D6412-6, elsewhere the rule of the certification: one president is designated; on a tie the
    president's vote decides.
    """
    presidents = jury.in_seat(Seat.PRESIDENT)
    facts: dict[str, Fact] = {"presidents": len(presidents), "who": distinct_names(presidents)}
    facts |= {} if jury.rule.casting_vote else {"casting_vote": False}
    source = JURY_ARTICLE if jury.path.is_bound else _presidency_source(jury.rule)
    return _answer(PredicateId.J11, source, len(presidents) == 1, facts, Remedy.ONE_PRESIDENT)


def _presidency_source(rule: JuryRuleValue) -> Source:
    """Return who designates a president where D6412-6 does not bind: the rule that has the seat, else this
    software, for minutes are signed by one.
    """
    if not rule.casting_vote:
        return rule.source_of(JuryTerm.NO_CASTING_VOTE)
    has_seat = Seat.PRESIDENT in rule.seats
    return rule.source_of(JuryTerm.SEATS) if has_seat else Source(SourceKind.DESIGN)


# In the order in which they are read aloud; a later predicate is one more function here.
PREDICATES: Sequence[Predicate] = (
    j1_exact_size,
    j2_one_per_seat,
    j3_employer_president,
    j5_employee_representative,
    j6_director_or_delegate,
    j7_external_members,
    j8_representatives,
    j9_qualified_member,
    j10_nobody_barred,
    j11_one_president,
)


def composition_answers(jury: Composition) -> tuple[PredicateAnswer, ...]:
    """Ask every predicate that has an object, each by itself; the order in which members were named changes
    nothing (domain §4).
    """
    asked = (predicate(jury) for predicate in PREDICATES)
    return (*(answer for answer in asked if not answer.is_without_object), *condition_answers(jury))


def is_regular(answers: Iterable[PredicateAnswer]) -> bool:
    """Say whether no blocking predicate is false."""
    return not any(answer.prevents for answer in answers)


def is_barred(member: MemberValue, jury: Composition) -> bool:
    """Say whether a member may not judge this candidate: they are the candidate, accompanied them, or are
    related (J10).
    """
    candidate = jury.candidate
    return candidate is not None and member.person in {candidate.person, *candidate.accompanied_by, *candidate.related}


def has_judged(member: MemberValue, jury: Composition) -> bool:
    """Say whether a member sat in a jury of this candidate whose decision was annulled for bias."""
    return jury.candidate is not None and member.person in jury.candidate.judged_by


_TERMS = {
    PredicateId.J3: JuryTerm.PRESIDENT_COLLEGE,
    PredicateId.J5: JuryTerm.EMPLOYEE_IN_ACTIVITY,
    PredicateId.J6: JuryTerm.DIRECTOR_OR_DELEGATE,
}


def _seated(
    jury: Composition, id: PredicateId, seat: Seat, mend: Remedy, fits: Callable[[MemberValue], bool]
) -> PredicateAnswer:
    """Answer for the members who sit there.

    An entry without that seat asks nothing; a seat still empty is not yet regular.
    """
    asked, seated = jury.rule.asks(_TERMS[id]), jury.in_seat(seat)
    unfit = [member for member in seated if not fits(member)]
    facts: dict[str, Fact] = {
        "seat": str(seat),
        "asked": asked,
        "who": distinct_names(seated),
        "unfit": distinct_names(unfit),
    }
    holds = not asked or (bool(seated) and not unfit)
    source = jury.rule.source_of(_TERMS[id] if asked else JuryTerm.SEATS)
    return _answer(id, source, holds, facts, mend if seated else Remedy.FILL_THIS_SEAT)


def _answer(id: PredicateId, source: Source, holds: bool, facts: dict[str, Fact], mend: Remedy) -> PredicateAnswer:
    return PredicateAnswer(id, holds, True, source, facts, None if holds else mend)


def distinct_names(members: Iterable[MemberValue]) -> tuple[str, ...]:
    """Name each person once, in the order of the alphabet: who was named first changes nothing."""
    return tuple(
        name for _, name in sorted({(member.person.int, member.name) for member in members}, key=lambda p: (p[1], p[0]))
    )


def _people(members: Iterable[MemberValue]) -> int:
    return len({member.person for member in members})


def _codes(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(str(item) for item in items))


def _repeated(members: Iterable[MemberValue]) -> list[MemberValue]:
    listed = list(members)
    counts = Counter(member.person for member in listed)
    return [member for member in listed if counts[member.person] > 1]
