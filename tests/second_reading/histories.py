"""Random histories: most are regular, and each rule is broken in some of them, alone or with others."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from random import Random

from tests.second_reading.facts import (
    INDIVIDUAL,
    TRAINING,
    VAE,
    Acquisition,
    Block,
    Equivalence,
    Hearing,
    History,
    LaterAct,
    Version,
)
from tests.second_reading.random_courses import some_closing, some_moment, some_sittings
from tests.second_reading.random_juries import LAW_DAY, some_jury

FIRST_DAY, DAYS = date(2020, 1, 1), 2300


# The first paths that D6412-6 binds.
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
    sittings = some_sittings(random, version, presented, jury)
    closed_at, stated_on = some_closing(random, sittings)
    return Hearing(
        f"PV-{rank}",
        version.number,
        route,
        begun_on,
        "france_vae" if random.random() < 0.8 else random.choice(("cerfa", "other")),
        submitted,
        "none" if random.random() < 0.9 else random.choice(("ruled", "not_ruled", "lapsed")),
        scope,
        sittings,
        closed_at,
        stated_on,
        some_later(random, sittings[-1].jury.on),
        frozenset() if random.random() < 0.92 else frozenset(random.sample(ids, 1)),
        frozenset() if random.random() < 0.9 else frozenset(random.sample(ids, random.choice((1, 2)))),
    )


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
        some_moment(random, on + timedelta(random.choice((0, 0, 0, 40, 400)))),
        imported or random.random() < 0.9,
        until,
        imported,
        annulled,
        not annulled and not imported and random.random() < 0.08,
    )


def some_equivalence(random: Random, rank: int, ids: list[int], recorded: Sequence[date]) -> Equivalence:
    """Return an equivalence of one block, or of several together; two may lead back to where they began; some are
    replaced, often on a day on which something else is recorded.
    """
    counts_for = random.choice(ids)
    others = [one for one in ids if one != counts_for]
    asked = frozenset(random.sample(others, random.choice((1, 1, 1, 2))))
    declared = some_moment(random, some_day(random))
    replaced = None
    if random.random() < 0.3:
        later = [day for day in recorded if day >= declared.date()]
        day = random.choice(later) if later and random.random() < 0.6 else declared.date()
        moment = some_moment(random, day + timedelta(random.choice((0, 0, 100, 800))))
        replaced = max(moment, declared + timedelta(seconds=1))
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
    recorded = [one.closed_at.date() for one in hearings if one.closed_at] + [
        a.recorded_at.date() for a in acquisitions
    ]
    equivalences = tuple(
        some_equivalence(random, rank, ids, recorded) for rank in range(random.choice((0, 0, 1, 1, 2, 3)))
    )
    own = [one.id for one in versions[0].blocks]
    few = random.random()
    return History(
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


def histories(number: int, first: int = 0) -> Iterator[History]:
    """Return so many histories."""
    return (some_history(seed) for seed in range(first, first + number))
