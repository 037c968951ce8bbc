"""Mutants of rules, use cases, access and views: how many die in the quick tests, how many in all of them.

`python -m tests.mutants --count 400 --seed 1`. One process loads pytest, the product and the tests that the map gives;
it forks a child for each mutant, which changes the function in memory and runs its tests, cheapest first. Tests in a
browser and on PostgreSQL are left out: a mutant that they alone kill is counted as one that lives.
"""

import argparse
import ast
import contextlib
import gc
import importlib
import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from tests import product_map, thoroughness

TOP = product_map.TOP
ROOMS = ("rules", "use_cases", "access", "views")
LEFT_OUT = {"browser", "window", "server", "object_server", "postgresql_server"}
# Seconds of a clock for each second of processor: a machine has other work, a mutant may wait for ever.
_PATIENCE = 4
# Tests that fail without a mutant are set aside, so many times.
_MOST_UNSOUND = 5
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Mutant(NamedTuple):
    """One change of one function."""

    path: str
    qualname: str
    number: int
    line: int
    change: str

    @property
    def function(self) -> str:
        """Return the name of the function in the map."""
        return f"{self.path}::{self.qualname}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.qualname}: {self.change}"


class Site(NamedTuple):
    """A place of a tree, and what takes it."""

    parent: ast.AST
    field: str
    index: int | None
    new: ast.AST
    change: str

    def apply(self) -> None:
        """Change the tree."""
        old = getattr(self.parent, self.field)
        ast.copy_location(self.new, old if self.index is None else old[self.index])
        if self.index is None:
            setattr(self.parent, self.field, self.new)
        else:
            old[self.index] = self.new
        ast.fix_missing_locations(self.new)


def functions_of(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, _Function]]:
    """Give the functions of a module and of its classes, without those inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Function):
            yield f"{outer}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from functions_of(node, f"{outer}{node.name}.")


def sites_of(function: _Function) -> list[Site]:
    """Return every change of the body of a function; never of its decorators, defaults or types."""
    found: list[Site] = []
    for index, statement in enumerate(function.body):
        _visit(function, "body", index, statement, found)
    return found


def _visit(parent: ast.AST, field: str, index: int | None, node: ast.AST, found: list[Site]) -> None:
    found += [Site(parent, field, index, new, change) for new, change in _changes(node)]
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "args"} and not isinstance(node, ast.Call):
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for at, child in children:
            if isinstance(child, ast.AST):
                _visit(node, name, at, child, found)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        kept = (False,) if isinstance(node, ast.While) else (False, True)
        found += [Site(node, "test", None, ast.Constant(value), f"condition -> {value}") for value in kept]
    if isinstance(node, ast.comprehension):
        found += [Site(node, "ifs", at, ast.Constant(True), "condition -> True") for at in range(len(node.ifs))]


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    text = ast.unparse(node).split("\n")[0][:70] if isinstance(node, ast.expr | ast.stmt) else ""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _FLIPPED:
            flipped = ast.Compare(node.left, [_FLIPPED[type(op)]()], node.comparators)
            yield flipped, f"{text} -> {ast.unparse(flipped)[:70]}"
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values), f"and/or of {text}"
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand, f"{text} -> without not"
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value), f"{value} -> {not value}"
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1), f"{value} -> {value + 1}"
        case ast.BinOp(op=ast.Add()):
            yield ast.BinOp(node.left, ast.Sub(), node.right), f"{text} -> -"
        case ast.BinOp(op=ast.Sub()):
            yield ast.BinOp(node.left, ast.Add(), node.right), f"{text} -> +"
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None)), f"{text} -> return None"
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.AugAssign() | ast.Delete():
            yield ast.Pass(), f"without {text}"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass(), f"without {text}"


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return every mutant of a module, always in the same order."""
    return [
        Mutant(path, qualname, number, getattr(_old(site), "lineno", node.lineno), site.change)
        for qualname, node in functions_of(ast.parse(source))
        for number, site in enumerate(sites_of(node))
    ]


def _old(site: Site) -> Any:
    old = getattr(site.parent, site.field)
    return old if site.index is None else old[site.index]


def mutated_code(source: str, mutant: Mutant, filename: str) -> CodeType:
    """Compile the module with the change, and return the code of the function that has changed."""
    tree = ast.parse(source)
    node = next(node for qualname, node in functions_of(tree) if qualname == mutant.qualname)
    sites_of(node)[mutant.number].apply()
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    codes = _codes(compile(tree, filename, "exec", dont_inherit=True))
    return next(code for code in codes if code.co_qualname == mutant.qualname and code.co_firstlineno == first)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def room_of(path: str) -> str:
    """Return the room of a module that has mutants; nothing for another one."""
    parts = Path(path).parts
    if parts[:2] == ("portfolio", "access"):
        return "access"
    if parts[:2] == ("portfolio", "screens") and parts[-1] == "views.py":
        return "views"
    return next((room for room in ("rules", "use_cases") if room in parts), "")


def chosen_mutants(count: int, seed: int) -> list[Mutant]:
    """Draw mutants of the product, always the same for a seed."""
    paths = sorted(str(path.relative_to(TOP)) for path in (TOP / "portfolio").rglob("*.py"))
    every = [m for path in paths if room_of(path) for m in mutants_of(path, (TOP / path).read_text())]
    return random.Random(seed).sample(every, min(count, len(every)))


def in_order(tests: Iterable[str], seconds: Callable[[str], float]) -> list[str]:
    """Put the cheapest first; the third case of a list and those after it come once each test has had two."""
    rank: Counter[str] = Counter()
    keyed = []
    for test in sorted(tests, key=seconds):
        name = test.partition("[")[0]
        keyed.append((rank[name] >= 2, seconds(test), test))
        rank[name] += 1
    return [test for _, _, test in sorted(keyed)]


class Runner:
    """Run the mutants in children of the process that has loaded the tests."""

    def __init__(self, mutants: Sequence[Mutant], options: argparse.Namespace) -> None:
        self._mutants, self._options = mutants, options
        self._runs = product_map.load(Path(options.map))
        self._failed = ""
        self._sound: dict[str, bool] = {}
        self._tests: defaultdict[str, list[str]] = defaultdict(list)
        wanted = {mutant.function for mutant in mutants}
        for test, run in self._runs.items():
            for function in run.functions & wanted:
                self._tests[function].append(test)

    @property
    def files(self) -> list[str]:
        """Return the files of tests to load."""
        files = {test.partition("::")[0] for tests in self._tests.values() for test in tests}
        return sorted(file for file in files if (TOP / file).exists())

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep the examples of Hypothesis that kill a mutant out of its store."""
        from hypothesis import HealthCheck, settings

        settings.register_profile("mutants", deadline=None, database=None, suppress_health_check=list(HealthCheck))
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the first test that fails."""
        if report.failed and not self._failed:
            self._failed = report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the loop of pytest: one child for each mutant."""
        items = [item for item in session.items if not LEFT_OUT & _asked(item)]
        self._items = {item.nodeid: item for item in items}
        self._quick = {item.nodeid for item in thoroughness.chosen(session.items, "quick")}
        for path in {mutant.path for mutant in self._mutants}:
            importlib.import_module(path.removesuffix(".py").replace("/", "."))
        self._warm()
        self._functions = _functions_by_code()
        out = Path(self._options.results)
        out.write_text("")
        gc.collect()
        gc.freeze()
        jobs = []
        for number in range(self._options.jobs):
            if not (pid := os.fork()):
                _be_quiet()
                with out.open("a", buffering=1) as results:
                    for mutant in self._mutants[number :: self._options.jobs]:
                        results.write(json.dumps((mutant, *self._judge(mutant))) + "\n")
                os._exit(0)
            jobs.append(pid)
        for pid in jobs:
            os.waitpid(pid, 0)
        return True

    def _warm(self) -> None:
        """Make what a session shares once, by a test of a page: its children find it there."""
        page = next(item for item in self._items.values() if {"app", "client"} & _asked(item))
        # As if the next test shared the session alone: what the session shares stays.
        page.config.hook.pytest_runtest_protocol(item=page, nextitem=page.session)
        self._items.pop(page.nodeid)
        self._failed = ""

    def _judge(self, mutant: Mutant) -> tuple[str, str]:
        """Return the fate of a mutant, and the test that kills it."""
        functions = self._functions.get((str(TOP / mutant.path), mutant.qualname), [])
        code = mutated_code((TOP / mutant.path).read_text(), mutant, str(TOP / mutant.path))
        functions = [f for f in functions if f.__code__.co_firstlineno == code.co_firstlineno]
        if not functions or any(f.__code__.co_freevars != code.co_freevars for f in functions):
            return "skipped", ""
        known = [test for test in self._tests[mutant.function] if test in self._items]
        known = in_order(known, lambda test: self._runs[test].seconds)
        if not known:
            return "no test", ""
        speeds = {"quick": [test for test in known if test in self._quick]}
        if self._options.speed == "all":
            speeds["all"] = [test for test in known if test not in self._quick]
        for speed, tests in speeds.items():
            for _ in range(_MOST_UNSOUND):
                if not tests:
                    break
                killer = self._child(tests, functions, code)
                if not killer:
                    break
                if self._is_sound(killer):
                    return speed, killer
                tests = [test for test in tests if test != killer]
        return "lives", ""

    def _is_sound(self, test: str) -> bool:
        """Tell whether a test that killed passes without any mutant."""
        if test not in self._sound:
            self._sound[test] = test in self._items and not self._child([test], [], None)
        return self._sound[test]

    def _child(self, tests: Sequence[str], functions: Sequence[FunctionType], code: CodeType | None) -> str:
        """Run tests in a child; return the first that fails or never ends, or nothing."""
        mouth, end = os.pipe()
        if not (pid := os.fork()):
            os.setsid()
            try:
                for function in functions:
                    assert code is not None
                    function.__code__ = code
                self._run(tests, end)
            finally:
                os._exit(0)
        os.close(end)
        last = _last_said(mouth, time.monotonic() + _PATIENCE * self._options.seconds)
        os.close(mouth)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return last

    def _run(self, tests: Sequence[str], end: int) -> None:
        """Write each test before it runs, and an empty line once they all have passed."""
        until = sum(os.times()[:4]) + self._options.seconds
        items = [self._items[test] for test in tests]
        for item, after in zip(items, [*items[1:], None], strict=True):
            os.write(end, f"{item.nodeid}\n".encode())
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._failed or sum(os.times()[:4]) > until:
                break
        os.write(end, f"{self._failed}\n.\n".encode())


def _last_said(mouth: int, until: float) -> str:
    """Return the last line before the « . » that ends, or the last one when the child dies or is late."""
    said = b""
    while not said.endswith(b"\n.\n"):
        ready, _, _ = select.select([mouth], [], [], max(0.0, until - time.monotonic()))
        if not (ready and (more := os.read(mouth, 65536))):
            break
        said += more
    return said.decode().removesuffix("\n.\n").rstrip("\n" if not said.endswith(b"\n.\n") else "").rpartition("\n")[2]


def _asked(item: pytest.Item) -> set[str]:
    params = getattr(item, "callspec", None)
    asked = set(getattr(item, "fixturenames", ()))
    return asked | {"postgresql_server"} if params and "postgresql" in str(params.id) else asked


def _functions_by_code() -> dict[tuple[str, str], list[FunctionType]]:
    gc.unfreeze()  # what is frozen is not among the objects
    found: defaultdict[tuple[str, str], list[FunctionType]] = defaultdict(list)
    for candidate in gc.get_objects():
        if type(candidate) is FunctionType:
            found[candidate.__code__.co_filename, candidate.__code__.co_qualname].append(candidate)
    return found


def _be_quiet() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def table(results: Sequence[tuple[Mutant, str, str]]) -> Iterator[str]:
    """Give the lines of the report: rates by room, then each mutant that lives."""
    yield f"{'':10} {'mutants':>8} {'quick':>12} {'all':>12}"
    for room in (*ROOMS, "together"):
        fates = Counter(fate for mutant, fate, _ in results if room in (room_of(mutant.path), "together"))
        count = sum(fates.values()) - fates["skipped"]
        if count:
            quick, every = fates["quick"], fates["quick"] + fates["all"]
            yield f"{room:10} {count:8} {quick:5} {quick / count:6.1%} {every:5} {every / count:6.1%}"
    for wanted, title in (
        ("all", "killed by the rest alone"),
        ("lives", "alive"),
        ("no test", "run by no test"),
        ("skipped", "not tried"),
    ):
        yield f"\n{title}:"
        yield from (f"  {mutant} {killer}".rstrip() for mutant, fate, killer in results if fate == wanted)


def main() -> int:
    """Run the mutants and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", choices=("quick", "all"), default="all")
    parser.add_argument(
        "--seconds", type=float, default=60, help="seconds of processor for the tests of a mutant, at each speed"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--map", default=str(product_map.KEPT))
    parser.add_argument("--results", default=str(TOP / ".mutants.jsonl"))
    options = parser.parse_args()
    if not product_map.load(Path(options.map)):
        sys.exit("No map of the tests yet: `make test-all` makes it.")
    runner = Runner(chosen_mutants(options.count, options.seed), options)
    pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", *runner.files], plugins=[runner])
    lines = Path(options.results).read_text().splitlines()
    results = [(Mutant(*mutant), fate, killer) for mutant, fate, killer in map(json.loads, lines)]
    sys.stdout.write("\n".join(table(results)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
