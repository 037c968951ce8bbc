"""Rules read twice: random histories on which the product and the second reading must agree (a million).

`READINGS` says how many, `READINGS_FROM` the number of the first; each core reads its share.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from benchmarks.measure import Line
from tests.second_reading.comparing import compare
from tests.second_reading.histories import some_history

READINGS = int(os.environ.get("READINGS", "1000000"))
FIRST = int(os.environ.get("READINGS_FROM", "0"))
SHARE = 2_000


def measure() -> Iterator[Line]:
    """Compare every history; a disagreement is named by the number of its history, which makes it again."""
    began, taken = time.monotonic(), 0.0
    told: Counter[str] = Counter()
    shares = range(FIRST, FIRST + READINGS, SHARE)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found, seconds in pool.map(_disagreements, shares, repeat(FIRST + READINGS)):
            told.update(found)
            taken += seconds
    first = ", ".join(f"{subject} (histoire {seed})" for subject, seed in _first(told).items())
    yield Line(
        f"règles lues deux fois, {READINGS} histoires",
        "la seconde lecture",
        f"{taken:.0f} s de processeur, {time.monotonic() - began:.0f} s",
        f"{len(told)} désaccord" + (f" : {first}" if told else ""),
        "aucun désaccord",
        not told,
    )


def _disagreements(start: int, end: int) -> tuple[list[str], float]:
    """Return the disagreements of a share of the histories, and the processor time that it took."""
    began = time.process_time()
    found = [
        f"{difference.subject}/{seed}"
        for seed in range(start, min(start + SHARE, end))
        for difference in compare(some_history(seed))[1]
    ]
    return found, time.process_time() - began


def _first(told: Counter[str]) -> dict[str, int]:
    """Return the first history of each subject of disagreement."""
    first: dict[str, int] = {}
    for name in told:
        subject, _, seed = name.partition("/")
        first[subject] = min(first.get(subject, int(seed)), int(seed))
    return first
