"""Juries read condition by condition: who is external, what is asked of a jury, by whom, and what is false."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tests.second_reading import tables as t
from tests.second_reading.days import after_months
from tests.second_reading.decision_tables import Predicate
from tests.second_reading.facts import (
    DIRECTOR,
    EMPLOYEE,
    MANAGER,
    PRESIDENT,
    TEACHER,
    VAE,
    Hearing,
    Jury,
    JuryRule,
    Member,
)


def voters(jury: Jury) -> tuple[Member, ...]:
    """Return the members who deliberate: all of them, or those present where a quorum does without the others."""
    if jury.rule.quorum is None:
        return jury.members
    return tuple(member for member in jury.members if member.present)


def people(members: Iterable[Member]) -> int:
    """Return how many different people these members are."""
    return len({member.person for member in members})


def is_external(member: Member, jury: Jury) -> bool:
    """Return whether a member counts as external (J7)."""
    since = after_months(jury.on, -jury.months)
    counts = [
        tie
        for tie in member.ties
        if (tie.ended_on is None or tie.ended_on >= since)
        and (tie.with_whom != "training_body" or jury.bodies is None or tie.organisation in jury.bodies)
    ]
    answers = {
        "a répondu": member.answered or bool(member.ties),
        "direction ou délégation": member.director or member.delegated_from is not None,
        "lien en cours ou récent": bool(counts),
    }
    return t.EXTERNAL.decide(answers).then == "externe"


def least(share: Fraction, total: int) -> int:
    """Return the smallest whole number of a total that reaches a share."""
    return -(-share.numerator * max(total, 1) // share.denominator)


def shares(jury: Jury) -> dict[str, tuple[int, int]]:
    """Return how many members count for J7 and for J8, and how many are needed: of those who deliberate; of the
    seats while nobody is named.
    """
    sitting, rule = voters(jury), jury.rule
    total = people(sitting) if jury.members else rule.size or len(rule.seats)
    counted = {
        "J7": (rule.external, [member for member in sitting if is_external(member, jury)]),
        "J8": (rule.colleges, [member for member in sitting if member.college != "none"]),
    }
    return {name: (people(them), least(share, total)) for name, (share, them) in counted.items() if share is not None}


def _seat(jury: Jury, id: str, seat: str, fits: Callable[[Member], bool]) -> bool:
    """Return whether who sits there fits; a rule without that seat, or that omits the condition, asks nothing."""
    if seat not in jury.rule.seats or id in jury.rule.left_out:
        return True
    seated = [member for member in jury.members if member.seat == seat]
    return bool(seated) and all(fits(member) for member in seated)


def _may_direct(member: Member, on: date) -> bool:
    begun, until = member.delegated_from, member.delegated_until
    return member.director or (begun is not None and begun <= on and (until is None or on <= until))


def _colleges(jury: Jury) -> bool:
    if jury.rule.colleges is None:
        return True
    found = [member for member in voters(jury) if member.college != "none"]
    both = {member.college for member in found} == {"employers", "employees"}
    return both and people(found) >= least(jury.rule.colleges, people(voters(jury)))


def _external(jury: Jury, share: Fraction | None) -> bool:
    if share is None:
        return True
    sitting = voters(jury)
    known = all(member.answered or member.ties for member in sitting)
    found = people(member for member in sitting if is_external(member, jury))
    return known and found >= least(share, people(sitting))


def _is_free(member: Member, jury: Jury, route: str) -> bool:
    """Return whether a member can sign, and signed, that nothing ties them to the candidate (J10)."""
    teachers_sit = route != VAE and bool({TEACHER, MANAGER} & set(jury.rule.seats))
    return member.free is True and (teachers_sit or not member.taught)


def _nobody_tied(jury: Jury, route: str) -> bool:
    barred = {jury.candidate, *jury.accompanied_by, *jury.related, *jury.biased}
    declared = all(_is_free(member, jury, route) for member in voters(jury))
    return declared and not any(member.person in barred for member in jury.members)


def _present(jury: Jury) -> bool:
    here = {member.person for member in jury.members if member.present}
    needed = people(jury.members) if jury.rule.quorum is None else jury.rule.quorum
    seats = [member for member in jury.members if member.seat == PRESIDENT]
    presided = PRESIDENT not in jury.rule.seats or any(member.person in here for member in seats)
    return len(here) >= max(needed, 1) and presided


HOLDS: Mapping[str, Callable[[Jury, str], bool]] = {
    "J1": lambda jury, _: jury.rule.size is None or people(jury.members) == len(jury.members) == jury.rule.size,
    "J2": lambda jury, _: (
        not jury.rule.seats or Counter(jury.rule.seats) == Counter(member.seat for member in jury.members)
    ),
    "J3": lambda jury, _: _seat(jury, "J3", PRESIDENT, lambda member: member.college == "employers"),
    "J4": lambda jury, _: (
        PRESIDENT not in jury.rule.seats
        or "J4" in jury.rule.left_out
        or (
            jury.appointed_on is not None
            and jury.appointed_on <= jury.on
            and jury.appointed_by_director
            and jury.act_attached
        )
    ),
    "J5": lambda jury, _: _seat(
        jury, "J5", EMPLOYEE, lambda member: member.college == "employees" and member.in_activity
    ),
    "J6": lambda jury, _: _seat(jury, "J6", DIRECTOR, lambda member: _may_direct(member, jury.on)),
    "J7": lambda jury, _: _external(jury, jury.rule.external),
    "J8": lambda jury, _: _colleges(jury),
    "J9": lambda jury, _: people(voters(jury)) >= 2 and any(member.qualified for member in voters(jury)),
    "J10": _nobody_tied,
    "J11": lambda jury, _: people(member for member in jury.members if member.seat == PRESIDENT) == 1,
    "J12": lambda jury, _: (
        {"woman", "man"} <= {member.gender for member in voters(jury)} or bool(jury.gender_reason.strip())
    ),
    "J13": lambda jury, _: all(member.read for member in voters(jury)),
    "J14": lambda jury, _: _present(jury),
    "J15": lambda jury, _: _external(jury, Fraction(1, 2)),
}


class Regularity(NamedTuple):
    """Conditions asked of a jury for a candidate: those that are false, and each that has an object, with who
    asks it.
    """

    blocking: frozenset[str]
    warnings: frozenset[str]
    asked: frozenset[tuple[str, str]]


def binds(row: Predicate, hearing: Hearing) -> bool:
    """Return whether the article of a condition binds the path of a candidate: VAE, of its regime, begun since."""
    begun = hearing.begun_on
    is_vae = hearing.route == VAE and hearing.regime == "france_vae"
    return is_vae and begun is not None and row.law_since is not None and begun >= row.law_since


def regularity(hearing: Hearing, days: Iterable[date] = ()) -> Regularity:
    """Ask every condition of the routes that its source binds, on the day of the last sitting and on others."""
    jury, route = hearing.last.jury, hearing.route
    asked = [
        row
        for row in t.PREDICATES
        if route in row.routes
        and (not row.only_by_law or binds(row, hearing))
        and (row.effect != "optional" or jury.rule.half_external)
    ]
    each_day = [replace(jury, on=day) for day in {jury.on, *days}]
    false = [row for row in asked if not all(HOLDS[row.name](each, route) for each in each_day)]
    return Regularity(
        frozenset(row.name for row in false if row.effect == "blocks"),
        frozenset(row.name for row in false if row.effect != "blocks"),
        frozenset((row.name, who) for row in asked if has_object(row, jury.rule) for who in who_asks(row, hearing)),
    )


SEAT_OF = {"J3": PRESIDENT, "J4": PRESIDENT, "J5": EMPLOYEE, "J6": DIRECTOR}


def has_object(row: Predicate, rule: JuryRule) -> bool:
    """Return whether a condition has an object: a rule without that number, share or seat asks nothing."""
    if row.name in SEAT_OF:
        return SEAT_OF[row.name] in rule.seats and row.name not in rule.left_out
    said = {"J1": rule.size, "J2": rule.seats or None, "J7": rule.external, "J8": rule.colleges}
    return said.get(row.name, True) is not None


def who_asks(row: Predicate, hearing: Hearing) -> set[str]:
    """Return who asks a condition: the article where it binds, else who wrote the rule, cases, usage or ourselves."""
    jury, rule = hearing.last.jury, hearing.last.jury.rule
    told = dict(rule.asked_by)
    quorum = told.get("J14", "certifier") if rule.quorum is not None else "design"
    seated = told.get("J2", "published") if PRESIDENT in rule.seats else "design"
    presidency = seated if rule.casting_vote else told.get("J11", "published")
    elsewhere = {"J10": "design", "J11": presidency, "J12": "case", "J13": "case", "J14": quorum, "J15": "practice"}
    who = {"law"} if binds(row, hearing) else {elsewhere.get(row.name, told.get(row.name, "published"))}
    people_here = {member.person for member in jury.members}
    tied = {jury.candidate, *jury.accompanied_by, *jury.related}
    if row.name == "J10" and people_here & jury.biased and not people_here & tied:
        who.add("case")  # after an annulment for bias, every member must be new
    return who
