"""Random juries: regular by their rule, then changed by faults that each predicate names."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from tests.second_reading.days import after_months
from tests.second_reading.facts import DIRECTOR, EMPLOYEE, MANAGER, PRESIDENT, TEACHER, Jury, JuryRule, Member, Tie

LAW_DAY = date(2024, 4, 13)
SEATS = (PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, MANAGER)
TWO_FIFTHS = Fraction(2, 5)
REFERENCE = JuryRule(5, SEATS, TWO_FIFTHS, TWO_FIFTHS)
# Who asks for each condition of a rule; J11 is the casting vote refused, J14 the quorum.
OF_RULE = ("J1", "J2", "J3", "J4", "J5", "J6", "J7", "J8", "J11", "J14")
FROM_ENTRY = tuple((name, "fiche") for name in OF_RULE)
MIXED = tuple(zip(OF_RULE, ("fiche", "certifier", "design", "fiche", "certifier") * 2, strict=True))
RULES = (
    REFERENCE,
    replace(REFERENCE, casting_vote=False, asked_by=FROM_ENTRY),
    replace(REFERENCE, quorum=3, half_external=True, asked_by=FROM_ENTRY),
    replace(REFERENCE, quorum=4, casting_vote=False, asked_by=MIXED),
    replace(REFERENCE, half_external=True, left_out=frozenset({"J3", "J4"}), asked_by=MIXED),
    replace(REFERENCE, left_out=frozenset({"J5", "J6"}), asked_by=MIXED),
    JuryRule(None, (), None, None),
    JuryRule(2, (PRESIDENT, EMPLOYEE), Fraction(1, 2), None, casting_vote=False),
    JuryRule(3, (PRESIDENT, EMPLOYEE, TEACHER), Fraction(1, 3), Fraction(1, 3), quorum=2),
    JuryRule(None, (PRESIDENT, EMPLOYEE), None, Fraction(34, 100)),
    JuryRule(4, (), None, TWO_FIFTHS, casting_vote=False),
    JuryRule(5, SEATS, Fraction(1, 5), Fraction(3, 5), asked_by=MIXED),
    JuryRule(4, (), None, None),
    JuryRule(3, (), None, None, casting_vote=False, asked_by=MIXED),
)
HOUSE = (Tie("certifier", "Institut"),)
MEMBERS = (
    Member(1, PRESIDENT, "employers", qualified=True, gender="man"),
    Member(2, EMPLOYEE, "employees", in_activity=True, gender="woman"),
    Member(3, DIRECTOR, director=True, ties=HOUSE),
    Member(4, TEACHER, ties=HOUSE),
    Member(5, MANAGER, ties=HOUSE),
)
BODIES = ("École A", "École B")
Change = Callable[[Random, Jury], Jury]


def with_member(jury: Jury, rank: int, **changes: object) -> Jury:
    """Return a jury of which one member is otherwise."""
    members = list(jury.members)
    members[rank] = replace(members[rank], **changes)
    return replace(jury, members=tuple(members))


def of(**choices: tuple[object, ...]) -> Change:
    """Return the change of one member, each value drawn among some."""

    def change(random: Random, jury: Jury) -> Jury:
        if not jury.members:
            return jury
        told = {name: random.choice(values) for name, values in choices.items()}
        return with_member(jury, random.randrange(len(jury.members)), **told)

    return change


def around(day: date, random: Random) -> date:
    """Return a day near another one, that one included."""
    return day + timedelta(random.choice((-400, -1, 0, 1, 400)))


def delegate(random: Random, jury: Jury) -> Jury:
    """Seat a delegate instead of the director."""
    ranks = [rank for rank, member in enumerate(jury.members) if member.seat == DIRECTOR]
    if not ranks:
        return jury
    until = random.choice((None, around(jury.on, random)))
    begun = random.choice((None, around(jury.on, random), around(jury.on, random)))
    return with_member(jury, ranks[0], director=False, delegated_from=begun, delegated_until=until)


def tie(random: Random, jury: Jury) -> Jury:
    """Give a member ties, ended or not, around the months that the rule looks back."""
    kind = random.choice(("certifier", "co_certifier", "training_body", "training_body"))
    edge = after_months(jury.on, -jury.months)
    ended = random.choice((None, edge, edge - timedelta(1), edge + timedelta(1)))
    found = Tie(kind, random.choice(BODIES), ended)
    changed = with_member(jury, random.randrange(len(jury.members)), ties=(found,)) if jury.members else jury
    return replace(changed, bodies=random.choice((None, frozenset(), frozenset({BODIES[0]}), frozenset(BODIES))))


def seated(place: str, /, **choices: tuple[object, ...]) -> Change:
    """Return the change of who sits in one seat."""

    def change(random: Random, jury: Jury) -> Jury:
        ranks = [rank for rank, member in enumerate(jury.members) if member.seat == place]
        told = {name: random.choice(values) for name, values in choices.items()}
        return with_member(jury, ranks[0], **told) if ranks else jury

    return change


def exchange(random: Random, jury: Jury) -> Jury:
    """Give the presidency another college than the employers, whom a teacher represents."""
    college = random.choice(("employees", "none"))
    ties = random.choice(((), HOUSE))
    teacher = seated(TEACHER, college=("employers",), ties=(ties,))
    return teacher(random, seated(PRESIDENT, college=(college,))(random, jury))


def appoint(random: Random, jury: Jury) -> Jury:
    """Change the act that appoints the presidency."""
    return replace(
        jury,
        appointed_on=random.choice((None, around(jury.on, random))),
        appointed_by_director=random.random() < 0.7,
        act_attached=random.random() < 0.7,
    )


def bar(random: Random, jury: Jury) -> Jury:
    """Tie a member to the candidate by what is known rather than declared."""
    person = frozenset({random.randrange(1, 6)})
    name = random.choice(("accompanied_by", "related", "biased", "candidate"))
    return replace(jury, candidate=min(person)) if name == "candidate" else replace(jury, **{name: person})


def repeat(random: Random, jury: Jury) -> Jury:
    """Seat one person twice, or leave a seat empty, or add one."""
    members = jury.members
    if not members:
        return replace(jury, members=(MEMBERS[0],))
    kind = random.randrange(4)
    if kind == 0:
        seats = [member.seat for member in members]
        twice = replace(random.choice(members), seat=random.choice(seats))
        rank = random.randrange(len(members))
        return replace(jury, members=(*members[:rank], twice, *members[rank + 1 :]))
    if kind == 1:
        return replace(jury, members=members[:-1])
    if kind == 2:
        return replace(jury, members=members[1:])
    extra = replace(random.choice(MEMBERS), person=6)
    return replace(jury, members=(*members, extra))


def absent(random: Random, jury: Jury) -> Jury:
    """Leave some members out of the room."""
    members = tuple(replace(member, present=random.random() < 0.7) for member in jury.members)
    return replace(jury, members=members)


def of_one_gender(random: Random, jury: Jury) -> Jury:
    """Seat men alone, with or without a reason."""
    members = tuple(replace(member, gender=random.choice(("man", "unsaid"))) for member in jury.members)
    return replace(jury, members=members, gender_reason=random.choice(("", "Aucune candidature.")))


CHANGES: tuple[Change, ...] = (
    of(college=("employers", "employees", "none")),
    of(college=("employers", "employees", "none")),
    of(in_activity=(True, False)),
    of(qualified=(True, False)),
    seated(PRESIDENT, qualified=(False,)),
    seated(EMPLOYEE, in_activity=(False,), college=("employees", "employees", "employers")),
    seated(TEACHER, ties=((),), seat=(TEACHER, TEACHER, MANAGER)),
    seated(DIRECTOR, director=(False,)),
    exchange,
    of(free=(None, False)),
    of(taught=(True,)),
    of(read=(False,)),
    of(answered=(False,), ties=((),)),
    of(ties=((), HOUSE)),
    of(ties=((), HOUSE)),
    tie,
    tie,
    delegate,
    appoint,
    bar,
    repeat,
    absent,
    absent,
    of_one_gender,
)


def some_jury(random: Random, on: date) -> Jury:
    """Return a jury on a day, regular by its rule before some changes."""
    rule = REFERENCE if random.random() < 0.5 else random.choice(RULES)
    seats = rule.seats or SEATS[: rule.size or 5]
    members = tuple(member for member in MEMBERS if member.seat in seats)
    if not rule.seats and random.random() < 0.4:
        members = members[random.randrange(3) :]
    jury = Jury(on, rule, members, appointed_on=on - timedelta(30), months=random.choice((24, 24, 12)))
    while random.random() < 0.42:
        jury = random.choice(CHANGES)(random, jury)
    # A person in two seats is one person, with one set of facts.
    known: dict[int, Member] = {}
    for member in jury.members:
        known.setdefault(member.person, member)
    same = {(m.person, m.seat): replace(known[m.person], seat=m.seat) for m in jury.members}
    return replace(jury, members=tuple(same.values()))
