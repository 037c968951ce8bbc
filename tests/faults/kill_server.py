"""A server that dies at a random moment of an act: where the blow fell is read from what the server had
written down.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.faults.running import Answer, Asked, Server


class Fell(StrEnum):
    """Where a blow fell, seen from the transaction of the act."""

    BEFORE = "before the work"
    INSIDE = "inside the work"
    COMMITTING = "at the commit"
    AFTER = "after the commit"


@dataclass
class Blows:
    """Kills a server at a moment chosen at random.

    Of `any_time_every` blows one falls at any time of the request, as long as it usually takes; the others
    fall at any step of its transaction, however slow the machine.
    """

    server: Server
    # The table that the transaction of the act writes first.
    first: str
    seed: int = 1
    any_time_every: int = 4
    fell: Counter[Fell] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)
    _took: list[float] = field(default_factory=list)
    _steps: int = 0
    _seen: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def begin(self) -> float:
        """An act begins now: what is told from here on is its own."""
        self._seen = self.server.events.stat().st_size
        return time.monotonic()

    def measure(self, began: float) -> None:
        """The act went to its end: it takes this time, its transaction so many steps."""
        self._took.append(time.monotonic() - began)
        self._steps = max(self._steps, len(self._work()))

    def strike(self, asked: Sequence[Asked]) -> list[Answer]:
        """Kill while these are under way, and answer what still came back; the server lives again.

        `begin` came before.
        """
        usual = statistics.median(self._took[-7:])
        if self.fell.total() % self.any_time_every:
            self._wait_for(self._random.randint(1, self._steps), time.monotonic() + 5 * usual)
        else:
            time.sleep(self._random.uniform(0, usual))
        self.server.kill()
        self._count(self._work())
        answers = [one.answer() for one in asked]
        self.server.start()
        return answers

    def _wait_for(self, step: int, until: float) -> None:
        while len(self._work()) < step and time.monotonic() < until:
            time.sleep(0.0005)

    def _work(self) -> list[str]:
        """Return what was written down of the transaction of the act, its first write included, up to where it
        ended.
        """
        with self.server.events.open() as events:
            events.seek(self._seen)
            told = events.read().split("\n")[:-1]
        first = f"insert {self.first}"
        work = told[told.index(first) :] if first in told else []
        return work[: work.index("end") + 1] if "end" in work else work

    def _count(self, work: Sequence[str]) -> None:
        where = _place(work)
        self.fell[where] += 1
        if where is Fell.INSIDE:
            self.inside[next(one for one in reversed(work) if one.startswith("insert")).removeprefix("insert ")] += 1

    @property
    def share_inside(self) -> float:
        """Return the share of blows that fell inside the transaction, its commit included."""
        return (self.fell[Fell.INSIDE] + self.fell[Fell.COMMITTING]) / self.fell.total()


def _place(work: Sequence[str]) -> Fell:
    if not work:
        return Fell.BEFORE
    return Fell.AFTER if "end" in work else Fell.COMMITTING if "commit" in work else Fell.INSIDE


def counted(*blows: Blows) -> str:
    """Return what the whole run did, in a line: shown by `pytest -s`."""
    fell = sum((blow.fell for blow in blows), Counter[Fell]())
    inside = sum((blow.inside for blow in blows), Counter[str]())
    places = ", ".join(f"{where} {fell[where]}" for where in Fell)
    return f"{fell.total()} kills: {places}; inside, last written: {dict(inside.most_common())}"
