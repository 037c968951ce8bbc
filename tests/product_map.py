"""The map of the tests: the functions of the product that each test ran, the templates it rendered, its processor time.

`tests/coverage_map.py` writes it during `make test` and `make test-rest`; `make check` and `tests/mutants.py` read it.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parents[1]
KEPT = TOP / ".tests-map.json.gz"


class TestRun(NamedTuple):
    """A run of one test; a function is written « portfolio/calendar.py::Day.next »."""

    __test__ = False
    seconds: float
    functions: frozenset[str]
    templates: frozenset[str]


def load(path: Path = KEPT) -> dict[str, TestRun]:
    """Return the runs by name of test; none when no run has made the map."""
    if not path.exists():
        return {}
    kept = json.loads(gzip.decompress(path.read_bytes()))
    names = kept["names"]
    return {
        test: TestRun(seconds, frozenset(names[n] for n in functions), frozenset(names[n] for n in templates))
        for test, (seconds, functions, templates) in kept["tests"].items()
    }


def save(runs: Mapping[str, TestRun], path: Path = KEPT) -> None:
    """Write the map, each name once, in one step."""
    numbers: dict[str, int] = {}

    def numbered(names: frozenset[str]) -> list[int]:
        return sorted(numbers.setdefault(name, len(numbers)) for name in names)

    tests = {test: (run.seconds, numbered(run.functions), numbered(run.templates)) for test, run in runs.items()}
    written = path.with_suffix(".new")
    written.write_bytes(gzip.compress(json.dumps({"names": list(numbers), "tests": tests}).encode(), compresslevel=3))
    written.replace(path)


def updated(kept: Mapping[str, TestRun], fresh: Mapping[str, TestRun], collected: Iterable[str]) -> dict[str, TestRun]:
    """Return the map after a part of the tests has run: tests that exist no more leave it, new runs replace former."""
    there = set(collected)
    return {test: run for test, run in kept.items() if test in there} | dict(fresh)
