"""Acts of one hearing in every order: what domain.md §10 says of sittings holds after each of them, and once the
minutes are closed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from random import Random
from time import monotonic

import pytest

from portfolio.db.engine import Database
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Outcome, PresidencyVote
from tests.machine.adversary import BEGINNINGS, BY_NAME, Adversary, opened, tree_of
from tests.machine.adversary_acts import ACTS, Act, decide
from tests.machine.adversary_checks import Story
from tests.machine.world import SETTINGS, Setting
from tests.thoroughness import EXHAUSTIVE, NIGHT_MINUTES

NAMES = [each.name for each in ACTS]
MORE_ORDERS = 60
# Of all pairs of acts, one in so many is tried after each beginning, and every act alone.
ONE_PAIR_IN = 1 if EXHAUSTIVE else 3
# Orders that found a fault of the product, which was mended since: tried at every speed, after their beginning.
THAT_FOUND: dict[str, tuple[tuple[str, ...], ...]] = {
    "before its day": (
        ("everybody is there", "everything is found", "everything is validated", "a night passes", "closed"),
    ),
    "a jury ready": (("cancelled", "void"), ("cancelled", "a member is removed")),
    "all found and drafted": (
        ("the candidate is absent", "closed"),
        ("the candidate is excused", "moved on the day"),
        ("the president is away", "closed"),
        ("the president is recused", "suspended"),
        ("a member is removed", "closed"),
    ),
    "suspended": (
        ("the president is away", "moved on the day"),
        ("resumed by others",),
        ("resumed by others", "the candidate is absent"),
        ("resumed by others", "everybody is there, corrected", "closed"),
    ),
}
Told = Callable[[str, object], None]


def some_orders(number: int, length: int, seed: str) -> list[tuple[str, ...]]:
    """Return so many orders of acts, the same at each run."""
    drawn = Random(seed)
    return [tuple(drawn.choices(NAMES, k=length)) for _ in range(number)]


def quick_orders(beginning: str) -> list[tuple[str, ...]]:
    """Return every other act after a beginning, every one after a suspension, each followed by another; and the orders
    that found a fault.
    """
    drawn, step = Random(beginning), 1 if beginning == "suspended" else 2
    firsts = NAMES[list(BEGINNINGS).index(beginning) % step :: step]
    return [*((first, drawn.choice(NAMES)) for first in firsts), *THAT_FOUND.get(beginning, ())]


def pairs(rank: int) -> list[tuple[str, ...]]:
    """Return pairs of acts, others for each beginning."""
    drawn = [
        (first, second)
        for (i, first), (j, second) in product(enumerate(NAMES), repeat=2)
        if (i + j + rank) % ONE_PAIR_IN == 0
    ]
    return [*((name,) for name in NAMES), *drawn]


def walk(adversary: Adversary, beginning: str, orders: Iterable[tuple[str, ...]]) -> None:
    """Walk orders from a beginning, which is taken back."""
    with adversary.taken_back():
        adversary.walk(adversary.begin(beginning), tree_of(list(orders)))


def conclude(adversary: Adversary, tell: Told) -> None:
    """Say what was tried, and fail with the shortest order that belies each sentence."""
    for name in ("orders", "refused"):
        tell(name, getattr(adversary, name))
    tell("ended", dict(adversary.ended))
    faults = sorted(adversary.faults, key=lambda fault: (fault.sentence, len(fault.order)))
    numbers = Counter(fault.sentence for fault in faults)
    shortest = {fault.sentence: fault for fault in reversed(faults)}
    assert not faults, "\n".join(f"{numbers[sentence]} times: {fault}" for sentence, fault in shortest.items())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_order_of_acts_lets_a_sitting_use_what_another_made(db: Database, beginning: str, record_property: Told):
    with opened(db, SETTINGS[2]) as adversary:
        walk(adversary, beginning, quick_orders(beginning))
        conclude(adversary, record_property)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_pair_nor_triple_of_acts_does(db: Database, beginning: str, record_property: Told):
    with opened(db, SETTINGS[2]) as adversary:
        walk(adversary, beginning, pairs(list(BEGINNINGS).index(beginning)))
        walk(adversary, beginning, some_orders(MORE_ORDERS, 3, f"{beginning}, further"))
        until, number = monotonic() + 60 * NIGHT_MINUTES / len(BEGINNINGS), 0
        while monotonic() < until:
            number += 1
            walk(adversary, beginning, some_orders(MORE_ORDERS, 4, f"{beginning}, night {number}"))
        conclude(adversary, record_property)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("beginning", ["all found and drafted", "a closed ballot", "suspended"])
def test_no_order_does_where_some_members_may_be_away(db: Database, beginning: str, record_property: Told):
    """Five members, of whom three are enough."""
    with opened(db, SETTINGS[3]) as adversary:
        walk(adversary, beginning, some_orders(MORE_ORDERS // 2, 3, f"{beginning}, quorum"))
        conclude(adversary, record_property)


def outcome_of(votes: Votes, *, casting_vote: bool) -> str:
    """Return the one outcome of counts (domain.md §10): on a tie, that of the presidency's voice where the rule gives it
    and it was cast, else not validated.
    """
    in_favour, against = votes.in_favour or 0, votes.against or 0
    if in_favour != against:
        return "validated" if in_favour > against else "not_validated"
    wins = casting_vote and in_favour > 0 and votes.presidency is PresidencyVote.FOR
    return "validated" if wins else "not_validated"


def closed_with(adversary: Adversary, story: Story, votes: Votes, outcome: Outcome) -> bool:
    """Return whether minutes are closed on a block that these typed counts decide so."""
    with adversary.taken_back():
        drafted = adversary.do(story, Act(f"{votes}", decide(outcome, 1, votes=votes)))
        return drafted is not None and adversary.do(drafted, BY_NAME["closed"]) is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_signed_their_presence_signs_again_on_another_day(db: Database):
    with opened(db, SETTINGS[2]) as adversary:
        story = adversary.begin("a jury ready")
        adversary.sign_sheet(story)
        changed = adversary.do(story, BY_NAME["the day changes"])
        assert changed is not None
        adversary.sign_sheet(changed)


ALL_COUNTS = tuple(product(range(3), repeat=3))
QUICK_COUNTS = tuple(counts for counts in ALL_COUNTS if sum(counts) == 2)
CASTING, NO_CASTING = SETTINGS[2], SETTINGS[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("setting", "tried"),
    [
        (CASTING, QUICK_COUNTS),
        pytest.param(CASTING, ALL_COUNTS, marks=pytest.mark.slow),
        pytest.param(NO_CASTING, ALL_COUNTS, marks=pytest.mark.slow),
    ],
    ids=["casting vote", "casting vote, all", "no casting vote"],
)
def test_the_same_typed_counts_give_one_outcome_and_name_the_vote_of_the_presidency(
    db: Database, setting: Setting, tried: Sequence[tuple[int, ...]]
):
    voices = (*PresidencyVote, None)
    with opened(db, setting) as adversary:
        story = adversary.begin("all found and drafted")
        for counts, voice in product(tried, voices):
            votes = Votes(*counts, voice)
            accepted = [str(outcome) for outcome in Outcome if closed_with(adversary, story, votes, outcome)]
            assert accepted in ([], [outcome_of(votes, casting_vote=setting.casting_vote)]), votes
            # Both members are counted, but for a presidency that was absent from the vote.
            assert not accepted or sum(counts) == 2 - (voice is PresidencyVote.ABSENT), votes
            assert not accepted or voice is not None, votes
        assert adversary.counts.seen
        assert not adversary.faults
