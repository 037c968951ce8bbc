"""A plugin of pytest that writes the map of the tests: `-p tests.coverage_map`.

Each module of the product is loaded with one call at the head of each function, which notes its name. What a shared
fixture runs belongs to every test that asks for it. Processes of tests send what they saw to the one that leads them.
"""

import ast
import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests import product_map
from tests.product_map import TOP, TestRun

PRODUCT = "portfolio"
_NOTE = "__ran__"
# Compiled modules are kept beside the ordinary ones; another number when the call at the head changes.
_KEPT_SUFFIX = ".map-1.pyc"
_ran: set[str] = set()
_templates: set[str] = set()


class Noting(ast.NodeTransformer):
    """Add the call at the head of each function, after its docstring."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._names: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Keep the name of the class around its methods."""
        return self._inside(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Add the call."""
        call = ast.Expr(ast.Call(ast.Name(_NOTE, ast.Load()), [ast.Constant(self._name_of(node))], []))
        self._inside(node)
        at = int(ast.get_docstring(node, clean=False) is not None)
        ast.fix_missing_locations(ast.copy_location(call, node.body[min(at, len(node.body) - 1)]))
        node.body.insert(at, call)
        return node

    def _name_of(self, node: ast.FunctionDef) -> str:
        return f"{self._path}::{'.'.join((*self._names, node.name))}"

    def _inside(self, node: ast.ClassDef | ast.FunctionDef) -> ast.AST:
        self._names.append(node.name)
        self.generic_visit(node)
        self._names.pop()
        return node


class NotingLoader(importlib.machinery.SourceFileLoader):
    """Load a module of the product with its calls."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:
        """Compile the module with its calls."""
        tree = Noting(str(Path(path).relative_to(TOP))).visit(ast.parse(data, path))
        return compile(tree, path, "exec", dont_inherit=True, optimize=_optimize)  # type: ignore[no-any-return]

    def get_data(self, path: str) -> bytes:
        """Read the compiled module from its own place."""
        return super().get_data(_kept(path))

    def set_data(self, path: str, data: Any, **mode: Any) -> None:
        """Keep the compiled module in its own place."""
        super().set_data(_kept(path), data, **mode)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module what its functions call."""
        setattr(module, _NOTE, _ran.add)
        super().exec_module(module)


def _kept(path: str) -> str:
    return path.removesuffix(".pyc") + _KEPT_SUFFIX if path.endswith(".pyc") else path


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        if fullname.partition(".")[0] != PRODUCT:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = NotingLoader(spec.loader.name, spec.loader.path)
        return spec


class Recorder:
    """Note what each test runs, in the process that runs it."""

    def __init__(self) -> None:
        from flask import template_rendered

        self.runs: dict[str, TestRun] = {}
        self.collected: list[str] = []
        self._shared: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        template_rendered.connect(self._note_template)

    def _note_template(self, sender: Any, template: Any, **_: Any) -> None:
        _templates.add(template.name or "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the names of all tests, before a speed chooses."""
        self.collected = [item.nodeid for item in items]

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[Any]:
        """Keep apart what a shared fixture runs."""
        if fixturedef.scope == "function":
            return (yield)
        outer = set(_ran), set(_templates)
        _forget()
        try:
            return (yield)
        finally:
            self._shared[fixturedef.argname, fixturedef.baseid] = set(_ran), set(_templates)
            _ran.update(outer[0])
            _templates.update(outer[1])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        """Note a test once it is over."""
        _forget()
        before = _processor_s()
        done = yield
        functions, templates = set(_ran), set(_templates)
        for name, base in self._shared:
            if name in getattr(item, "fixturenames", ()) and item.nodeid.startswith(base):
                functions |= self._shared[name, base][0]
                templates |= self._shared[name, base][1]
        seconds = round(_processor_s() - before, 4)
        self.runs[item.nodeid] = TestRun(seconds, frozenset(functions), frozenset(templates))
        return done

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the runs to the process that leads, or keep them when there is no other."""
        output = getattr(session.config, "workeroutput", None)
        if output is None:
            keep(self.runs, self.collected)
        else:
            names = sorted({name for run in self.runs.values() for name in run.functions | run.templates})
            numbers = {name: number for number, name in enumerate(names)}
            rows = {
                test: (run.seconds, [numbers[n] for n in run.functions], [numbers[n] for n in run.templates])
                for test, run in self.runs.items()
            }
            output["map"] = json.dumps((names, rows, self.collected))


class Gatherer:
    """Put together what the processes of tests saw."""

    def __init__(self) -> None:
        self._runs: dict[str, TestRun] = {}
        self._collected: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process saw; one that crashed gives nothing."""
        said = getattr(node, "workeroutput", {}).get("map")
        if said:
            names, rows, self._collected = json.loads(said)
            for test, (seconds, *lists) in rows.items():
                self._runs[test] = TestRun(seconds, *(frozenset(names[n] for n in numbers) for numbers in lists))

    def pytest_sessionfinish(self) -> None:
        """Keep the map."""
        keep(self._runs, self._collected)


def keep(runs: dict[str, TestRun], collected: Iterable[str]) -> None:
    """Write the runs into the map."""
    if runs:
        product_map.save(product_map.updated(product_map.load(), runs, collected))


def _forget() -> None:
    _ran.clear()
    _templates.clear()


def _processor_s() -> float:
    return sum(os.times()[:4])


def pytest_configure(config: pytest.Config) -> None:
    """Record in a process of tests; gather in the one that leads several."""
    leads = not hasattr(config, "workerinput") and bool(getattr(config.option, "tx", None))
    config.pluginmanager.register(Gatherer() if leads else Recorder(), "map-of-tests")


sys.meta_path.insert(0, _Finder())
