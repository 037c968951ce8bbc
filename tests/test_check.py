"""The tests that `make check` chooses, the map that it reads, and the mutants."""

import ast

import pytest

from tests import check, coverage_map, mutants, product_map
from tests.product_map import TestRun

SOURCE = '''"""A module."""

LIMIT = 3


class Delay:
    days = 1

    @property
    def over(self):
        return self.days > LIMIT


def first(values):
    """Return the first."""
    def key(value):
        return -value

    return sorted(values, key=key)[0]
'''


def test_a_difference_gives_the_lines_of_each_file():
    diff = (
        "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n-x\n+y\n+z\n@@ -9,2 +10,0 @@\n-x\n-y\n"
        "diff --git a/gone.py b/gone.py\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/static/a.png b/static/a.png\nBinary files a/static/a.png and b/static/a.png differ\n"
    )
    assert check.changed_lines(diff) == {"a.py": {1, 2, 10, 11}, "gone.py": {0, 1}, "static/a.png": set()}


@pytest.mark.parametrize(
    ("lines", "names", "outside"),
    [({10}, {"Delay.over"}, False), ({9}, {"Delay.over"}, False), ({17}, {"first.key"}, False),
     ({19}, {"first"}, False), ({3}, set(), True), ({7, 19}, {"first"}, True), ({4}, set(), False)],
)  # fmt: skip
def test_lines_give_the_functions_that_hold_them(lines, names, outside):
    assert check.functions_at(SOURCE, lines) == (names, outside)


def test_a_template_is_read_through_those_that_name_it():
    sources = {
        "base.html": "", "field.html": "", "page.html": '{% extends "base.html" %}{% from "field.html" import field %}',
        "part.html": "{% include 'page.html' %}", "other.html": "base.html",
    }  # fmt: skip
    assert check.with_readers("base.html", sources) == {"base.html", "page.html", "part.html"}
    assert check.with_readers("field.html", sources) == {"field.html", "page.html", "part.html"}


def test_a_file_that_imports_a_module_is_found():
    sources = {
        "a.py": "from portfolio.domain.jury import rules, models\n",
        "b.py": "from portfolio.domain.jury.rules import seat\n",
        "c.py": "from portfolio.domain.jury import (\n    models,\n    rules,\n)\n",
        "d.py": "from portfolio.domain.jury import models\nrules = 1\n",
    }
    assert check.importers("portfolio/domain/jury/rules.py", sources) == {"a.py", "b.py", "c.py"}


def test_each_change_keeps_its_cheapest_tests_and_the_budget_takes_the_rest():
    seconds = {"a": 30.0, "b": 40.0, "c": 50.0, "d": 60.0, "e": 1.0, "f": 2.0, "g": 3.0, "h": 4.0, "i": 5.0}
    assert set(check.chosen([["d", "c", "b", "a"]], seconds)) == {"a", "b", "c"}
    assert set(check.chosen([["i", "h", "g", "f", "e"], ["a"]], seconds, budget=40.0)) == {"a", "e", "f", "g", "h"}


def test_the_map_is_kept_and_a_partial_run_changes_its_part(tmp_path):
    run = TestRun(0.5, frozenset({"portfolio/a.py::f"}), frozenset({"a.html"}))
    other = TestRun(1.0, frozenset(), frozenset())
    product_map.save({"kept": run, "again": run, "gone": run}, tmp_path / "map.json.gz")
    kept = product_map.load(tmp_path / "map.json.gz")
    assert kept["kept"] == run
    assert product_map.updated(kept, {"again": other}, ["kept", "again"]) == {"kept": run, "again": other}
    assert product_map.load(tmp_path / "none.json.gz") == {}


def test_a_function_of_the_product_says_that_it_ran():
    tree = coverage_map.Noting("a.py").visit(ast.parse(SOURCE))
    ran = set()
    names = {"__ran__": ran.add}
    exec(compile(tree, "a.py", "exec"), names)
    assert names["first"]([1, 2]) == 2
    assert names["first"].__doc__ == "Return the first."
    assert not names["Delay"]().over
    assert ran == {"a.py::first", "a.py::first.key", "a.py::Delay.over"}


def test_each_mutant_changes_the_code_of_its_function_alone():
    found = mutants.mutants_of("a.py", SOURCE)
    assert {mutant.qualname for mutant in found} == {"Delay.over", "first"}
    assert any(mutant.change == "self.days > LIMIT -> self.days >= LIMIT" for mutant in found)
    for mutant in found:
        names = {}
        exec(compile(SOURCE, "a.py", "exec"), names)
        over = names["Delay"].over.fget
        code = mutants.mutated_code(SOURCE, mutant, "a.py")
        was = over.__code__ if mutant.qualname == "Delay.over" else names["first"].__code__
        assert code.co_firstlineno == was.co_firstlineno
        assert code.co_freevars == was.co_freevars
        assert code != was


def test_no_mutant_changes_a_default_a_decorator_or_a_docstring():
    source = '@limit(3)\ndef f(x=1, *, y: int = 2):\n    """Say 1."""\n    return x\n'
    assert [mutant.change for mutant in mutants.mutants_of("a.py", source)] == ["return x -> return None"]
