"""Random histories: most are regular, and each rule is broken in some of them, alone or with others."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from random import Random

from tests.second_reading.facts import (
    ABSTAINS,
    AGAINST,
    DIRECTOR,
    EMPLOYEE,
    FOR,
    INDIVIDUAL,
    MANAGER,
    NOT_VALIDATED,
    PRESIDENT,
    TEACHER,
    TRAINING,
    VAE,
    VALIDATED,
    Acquisition,
    Ballot,
    Block,
    Deliberation,
    Draft,
    Equivalence,
    Finding,
    Hearing,
    History,
    Jury,
    JuryRule,
    LaterAct,
    Member,
    Tie,
    Version,
)
from tests.second_reading.reading import after_months, ballot_outcome, expected

FIRST_DAY, DAYS = date(2020, 1, 1), 2300
# The first paths that D6412-6 binds.
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


def some_day(random: Random) -> date:
    """Return a day; days fall together often, and on the ends of months."""
    if random.random() < 0.3:
        return random.choice(MEETING_DAYS)
    return FIRST_DAY + timedelta(random.randrange(DAYS))


MEETING_DAYS = tuple(
    date(year, month, day) for year in (2021, 2023, 2024, 2025) for month, day in ((1, 31), (2, 28), (6, 30), (8, 31))
)


@cache
def block(version: int, number: int, months: int | None, option: str = "") -> Block:
    """Return a block of a version."""
    return Block(version * 10 + number, version, number, 2, months, option)


def some_version(random: Random, number: int) -> Version:
    """Return a version of two or three blocks, some of them limited, with its rule and its registrations."""
    limits = (None,) if random.random() < 0.45 else (None, None, 1, 6, 12, 24, 36)
    blocks = tuple(block(number, rank + 1, random.choice(limits)) for rank in range(random.choice((2, 2, 3))))
    if len(blocks) > 2 and random.random() < 0.5:
        names = random.choice((("", "A", "B"), ("A", "A", "B"), ("A", "B", "C")))
        blocks = tuple(block(number, each.number, each.months, name) for each, name in zip(blocks, names, strict=True))
    rule = random.choice(("every", "every", "threshold", "mean"))
    threshold = None if rule == "every" else random.choice((None, 40, 50, 75, 100))
    since = FIRST_DAY + timedelta(random.randrange(-900, 900))
    first = (since, since + timedelta(random.choice((365, 700, 1500))))
    later = (first[1] + timedelta(random.choice((0, 1, 200))), first[1] + timedelta(900))
    return Version(
        number,
        blocks,
        rule,
        threshold,
        random.choice(((), (first,), (first, first), (first, later))),
        random.choice((1, 1, 2)),
    )


# ------------------------------------------------------------------------------------------------- juries

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


# ---------------------------------------------------------------------------------------------- decisions

FINDINGS = (
    *(Finding("acquired"),) * 14,
    Finding("acquired", ground="demonstrated_at_interview", claimed=False),
    Finding("acquired", ground="other", ground_text="Pièce vue.", claimed=False),
    *(Finding("not_acquired", "Rien ne la montre."),) * 3,
    *(Finding("partially", "En partie."),) * 2,
)
FAULTY = (
    Finding(None),
    Finding("partially"),
    Finding("not_acquired", "  "),
    Finding("acquired", claimed=False),
    Finding("acquired", ground="other", claimed=False),
    Finding("acquired", ground="other", ground_text=" ", claimed=False),
)


def some_ballot(random: Random, jury: Jury) -> Ballot:
    """Return a ballot: close, with abstentions and members who do not vote; sometimes left open."""
    lean = random.choice((0.2, 0.5, 0.5, 0.8))
    silent = random.choice((0.0, 0.0, 0.25))
    votes = tuple(
        (member.person, ABSTAINS if random.random() < 0.15 else FOR if random.random() < lean else AGAINST)
        for member in jury.members
        if random.random() >= silent
    )
    return Ballot(tuple(dict(votes).items()), random.random() >= 0.04, random.random() >= 0.05)


def some_draft(random: Random, outcome: str, made: str | None) -> Draft:
    """Return a decision with what it needs, most of the time."""
    refuses = outcome == NOT_VALIDATED
    return Draft(
        outcome,
        "Il manque un budget." if refuses and random.random() < 0.95 else "",
        "Montré à l’entretien." if outcome != made and random.random() < 0.9 else "",
        "Présenter un budget." if refuses and random.random() < 0.95 else "",
    )


def count(random: Random, draft: Draft, able: int) -> Draft:
    """Add votes counted by hand, right most of the time."""
    in_favour = random.randrange(able + 1)
    against = random.choice((able - in_favour, able - in_favour, max(able - in_favour - 1, 0)))
    abstained = random.choice((None, able - in_favour - against))
    counts: tuple[int | None, int | None, int | None] = (in_favour, against, abstained)
    if random.random() < 0.3:
        rank = random.randrange(3)
        counts = tuple(random.choice((None, 0, 1, 2, 3)) if n == rank else c for n, c in enumerate(counts))
    return replace(draft, counted=counts)


def some_deliberation(random: Random, version: Version, decided_block: Block, jury: Jury) -> Deliberation:
    """Return what is found on a block, then drafts and ballots in any order."""
    found = FAULTY if random.random() < 0.04 else FINDINGS
    findings = tuple(random.choice(found) for _ in range(decided_block.competencies))
    made = expected([finding.value for finding in findings], version.rule, version.threshold)
    acts: list[Draft | Ballot] = []
    outcome = made or VALIDATED
    for kind in (
        random.choice(("D", "D", "D", "D", "BD", "BD", "DB", "DBD", "BBD", "BDB", "DD", "B", ""))
        if random.random() < 0.5
        else "D"
    ):
        if kind == "B":
            acts.append(some_ballot(random, jury))
            outcome = ballot_outcome(acts[-1], jury)
        else:
            if random.random() < 0.12:
                outcome = random.choice((VALIDATED, NOT_VALIDATED))
            draft = some_draft(random, outcome, made)
            if random.random() < 0.25:
                draft = count(random, draft, len(jury.members))
            acts.append(draft)
    return Deliberation(decided_block.id, findings, tuple(acts))


def some_later(random: Random, on: date) -> tuple[LaterAct, ...]:
    """Return later acts on a decision, some of them refused."""
    acts = []
    while random.random() < 0.35:
        day = on + timedelta(random.choice((-1, 0, 0, 10, 10, 90, 3000)))
        heard = random.choice((None, day, day + timedelta(1), on - timedelta(1), on))
        kind = random.choice(
            ("suspension", "suspension", "confirmation", "confirmation", "annulment", "withdrawal", "rectification")
        )
        acts.append(LaterAct(kind, day, "Motif" if random.random() < 0.95 else " ", heard))
    return tuple(acts)


def some_hearing(random: Random, rank: int, versions: tuple[Version, ...]) -> Hearing:
    """Return a hearing of one version, its blocks in scope, and what became of it."""
    version = random.choice(versions)
    on = some_day(random) if random.random() < 0.7 else LAW_DAY + timedelta(random.randrange(120, 700))
    ids = [one.id for one in version.blocks]
    scope = frozenset(ids if random.random() < 0.7 else random.sample(ids, random.randrange(len(ids) + 1)))
    jury = some_jury(random, on)
    route = VAE if random.random() < 0.6 else random.choice((*TRAINING, INDIVIDUAL))
    submitted = on - timedelta(60)
    usual = random.random()
    began = submitted - timedelta(random.choice((0, 150, 200, 900)))
    begun = random.choice((began, began, began, LAW_DAY, LAW_DAY - timedelta(1)))
    begun = min(begun, submitted)
    begun_on = begun if usual < 0.9 else random.choice((None, submitted + timedelta(1), begun))
    presented = [one for one in version.blocks if one.id in scope or random.random() < 0.15]
    return Hearing(
        f"PV-{rank}",
        version.number,
        route,
        begun_on,
        "france_vae" if random.random() < 0.8 else random.choice(("cerfa", "other")),
        submitted,
        "none" if random.random() < 0.9 else random.choice(("ruled", "not_ruled", "lapsed")),
        scope,
        jury,
        tuple(some_deliberation(random, version, one, jury) for one in presented),
        "heard" if random.random() < 0.92 else random.choice(("absent", "excused")),
        None if random.random() < 0.08 else on + timedelta(random.choice((-1, 0, 0, 2, 20))),
        some_later(random, on),
        frozenset() if random.random() < 0.92 else frozenset(random.sample(ids, 1)),
        frozenset() if random.random() < 0.9 else frozenset(random.sample(ids, random.choice((1, 2)))),
    )


def some_suspension(random: Random, hearing: Hearing) -> Hearing:
    """Suspend a few sittings, with or without a day on which they resume."""
    if random.random() >= 0.04:
        return hearing
    return replace(hearing, suspended=True, resumes_on=random.choice((None, hearing.jury.on + timedelta(3))))


def some_acquisition(random: Random, rank: int, ids: list[int]) -> Acquisition:
    """Return an acquisition, or a block held before the product was used."""
    on = some_day(random)
    imported = random.random() < 0.4
    until = on + timedelta(random.choice((0, 30, 500, 900))) if imported and random.random() < 0.6 else None
    annulled = random.random() < 0.08
    return Acquisition(
        f"A-{rank}",
        random.choice(ids),
        on,
        imported or random.random() < 0.9,
        until,
        imported,
        annulled,
        not annulled and not imported and random.random() < 0.08,
    )


def some_equivalence(random: Random, rank: int, ids: list[int]) -> Equivalence:
    """Return an equivalence of one block, or of several together; two may lead back to where they began."""
    counts_for = random.choice(ids)
    others = [one for one in ids if one != counts_for]
    asked = frozenset(random.sample(others, random.choice((1, 1, 1, 2))))
    declared = some_day(random)
    replaced = declared + timedelta(random.choice((0, 100, 800))) if random.random() < 0.3 else None
    kind = random.choice(("identical",) * 6 + ("partial", "none"))
    return Equivalence(f"E-{rank}", asked, counts_for, kind, declared, replaced)


def some_history(seed: int) -> History:
    """Return the history of a number, the same each time."""
    random = Random(seed)
    versions = (some_version(random, 1), some_version(random, 2))
    ids = [one.id for version in versions for one in version.blocks]
    hearings = tuple(some_hearing(random, rank, versions) for rank in range(random.choice((0, 1, 1, 1, 2, 2, 3))))
    often = ids if random.random() < 0.6 else ids[:1] + ids[-1:]
    acquisitions = tuple(some_acquisition(random, rank, often) for rank in range(random.choice((0, 0, 1, 1, 2, 3))))
    equivalences = tuple(some_equivalence(random, rank, ids) for rank in range(random.choice((0, 0, 1, 1, 2, 3))))
    own = [one.id for one in versions[0].blocks]
    few = random.random()
    told = History(
        versions,
        hearings,
        acquisitions,
        equivalences,
        frozenset(own if few < 0.6 else random.sample(own, random.randrange(len(own) + 1))),
        few < 0.6,
        frozenset(random.sample(ids, 1)) if random.random() < 0.1 else frozenset(),
        frozenset(random.sample(ids, 1)) if random.random() < 0.1 else frozenset(),
        date(2026, 6, 1),
    )
    return replace(told, hearings=tuple(some_suspension(random, one) for one in told.hearings))


def histories(number: int, first: int = 0) -> Iterator[History]:
    """Return so many histories."""
    return (some_history(seed) for seed in range(first, first + number))
