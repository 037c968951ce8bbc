"""Ten thousand random histories: the product's rules and the second reading say the same, and reach every rule."""

import ast
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.second_reading import combinations
from tests.second_reading import tables as t
from tests.second_reading.comparing import Disagreement, compare, outcomes
from tests.second_reading.decision_tables import Line, Table
from tests.second_reading.histories import some_history

HERE = Path(__file__).parent
# Those of `make test`, and all of them.
FIRST, HISTORIES = 2_000, 10_000
# The modules that are the second reading: they may import one another, and nothing of the product.
ALONE = (
    *("facts.py", "decision_tables.py", "tables.py", "days.py", "juries.py", "deliberations.py", "course.py"),
    *("closings.py", "holdings.py", "registers.py", "reading.py"),
    *("random_juries.py", "random_deliberations.py", "random_courses.py", "histories.py"),
)


@dataclass
class Comparison:
    """What the comparison of all the histories gave."""

    disagreements: list[tuple[int, Disagreement]] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)


@cache
def compared(histories: int) -> Comparison:
    """Compare so many histories once, and count the lines of tables that decide."""
    found = Comparison()
    decide = Table.decide

    def counting(table: Table, answers: dict[str, bool]) -> Line:
        line = decide(table, answers)
        found.lines[line.says] += 1
        return line

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "decide", counting)
        for seed in range(histories):
            history = some_history(seed)
            second, differences = compare(history)
            found.disagreements += [(seed, difference) for difference in differences]
            found.reached.update(set(outcomes(history, second)))
    return found


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return what all the histories give."""
    return compared(HISTORIES)


@pytest.mark.parametrize("histories", [FIRST, pytest.param(HISTORIES, marks=pytest.mark.slow)])
def test_the_product_says_what_the_second_reading_says(histories: int) -> None:
    comparison = compared(histories)
    told = Counter(difference.subject for _, difference in comparison.disagreements)
    first = "\n".join(f"history {seed}: {difference}" for seed, difference in comparison.disagreements[:5])
    assert not comparison.disagreements, f"{dict(told)}\n{first}"


@pytest.mark.slow
def test_every_line_of_the_tables_decides_in_many_histories(comparison: Comparison) -> None:
    rare = [
        (table.name, line.says, comparison.lines[line.says])
        for table in t.TABLES
        for line in table.lines
        if comparison.lines[line.says] < 40
    ]
    assert rare == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "names", "least"),
    [
        ("false", [row.name for row in t.PREDICATES], 100),
        ("alone", [row.name for row in t.PREDICATES if row.effect == "blocks"], 5),
        ("closing", [row.name for row in t.CLOSING], 40),
        ("refused", [row.name for row in t.GRANT], 100),
        ("later", [row.name for row in t.LATER], 20),
        ("status", [t.HELD, t.SUSPENDED, t.ANNULLED, t.WITHDRAWN], 100),
        ("decided", ["validated", "not_validated", "undecided"], 1000),
        ("act", ["jury", "acquisition", "equivalence", "prior"], 500),
        ("label", [line.then for line in t.LABEL.lines], 100),
    ],
)
def test_every_rule_is_broken_and_kept_by_many_histories(
    comparison: Comparison, what: str, names: list[str], least: int
) -> None:
    rare = {name: comparison.reached[f"{what} {name}"] for name in names}
    assert {name: number for name, number in rare.items() if number < least} == {}


@pytest.mark.slow
def test_both_answers_are_common_and_validity_ends_through_equivalences(comparison: Comparison) -> None:
    for outcome in ("closed", "not closed", "whole", "not whole", "limited", "limited by equivalence"):
        assert comparison.reached[outcome] > HISTORIES / 20, outcome


def test_the_second_reading_imports_nothing_of_the_product() -> None:
    for name in ALONE:
        for node in ast.walk(ast.parse((HERE / name).read_text())):
            if isinstance(node, ast.ImportFrom):
                imported = [node.module or ""]
            elif isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            else:
                continue
            for module in imported:
                top = module.partition(".")[0]
                assert top in sys.stdlib_module_names or module.startswith("tests.second_reading"), module


@pytest.mark.slow
def test_the_product_follows_the_tables_on_every_combination() -> None:
    assert list(combinations.differences())[:5] == []
