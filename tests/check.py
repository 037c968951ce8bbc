"""`make check`: try the tests that read the lines changed since the last commit of main, within a minute.

The map of the tests says which read a function or a template; without it, tests are taken where the module lies.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests import product_map
from tests.product_map import TOP, TestRun

# Two cores for forty seconds; the rest of the minute goes to loading the product and the tests.
BUDGET_S = 80.0
SURE_OF_EACH = 3
OF_A_MODULE = 10
_UNKNOWN_S = 0.5
_WORTH_TWO_PROCESSES_S = 10.0
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_NAMED_TEMPLATE = re.compile(r"{%-?\s*(?:extends|include|import|from)\s+([^%]*)%}")
_QUOTED = re.compile(r"[\"']([^\"']+\.\w+)[\"']")


def changed_lines(diff: str) -> dict[str, set[int]]:
    """Return the lines changed in each file, from `git diff -U0`; the lines around what was taken out."""
    found: dict[str, set[int]] = {}
    for part in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        named = re.search(r"^\+\+\+ b/(.+?)\t?$", part, re.MULTILINE) or re.search(
            r"^--- a/(.+?)\t?$", part, re.MULTILINE
        )
        path = named[1] if named else part.split("\n")[0].partition(" b/")[2]
        lines = found.setdefault(path, set())
        for start, count in _HUNK.findall(part):
            first, many = int(start), int(count or 1)
            lines.update(range(first, first + many) if many else (first, first + 1))
    return found


def functions_at(source: str, lines: Iterable[int]) -> tuple[set[str], bool]:
    """Return the functions that hold the lines, decorators included, and whether other lines have changed too."""
    spans = sorted(_spans(ast.parse(source)), key=lambda span: span[1] - span[0], reverse=True)
    text = source.split("\n")
    names, outside = set(), False
    for line in lines:
        holders = [name for first, last, name in spans if first <= line <= last]
        if holders:
            names.add(holders[-1])
        elif line <= len(text) and text[line - 1].strip() and not text[line - 1].lstrip().startswith("#"):
            outside = True
    return names, outside


def _spans(tree: ast.AST, outer: str = "") -> Iterator[tuple[int, int, str]]:
    for node in ast.iter_child_nodes(tree):
        inner = outer
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{outer}{node.name}."
            if not isinstance(node, ast.ClassDef):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                yield first, node.end_lineno or first, inner[:-1]
        yield from _spans(node, inner)


def with_readers(template: str, sources: Mapping[str, str]) -> set[str]:
    """Return a template and those that extend, include or import it, or one of these."""
    named = {
        name: {quoted for tag in _NAMED_TEMPLATE.findall(source) for quoted in _QUOTED.findall(tag)}
        for name, source in sources.items()
    }
    found, fresh = set(), {template}
    while fresh:
        found |= fresh
        fresh = {name for name, names in named.items() if names & fresh} - found
    return found


def importers(path: str, sources: Mapping[str, str]) -> set[str]:
    """Return the files of tests that import a module."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    room, _, name = module.rpartition(".")
    pattern = rf"\b{re.escape(module)}\b"
    if room:
        pattern += rf"|from {re.escape(room)} import (?:\([^)]*|.*)\b{name}\b"
    return {file for file, source in sources.items() if re.search(pattern, source)}


def chosen(wanted: Iterable[Sequence[str]], seconds: Mapping[str, float], budget: float = BUDGET_S) -> list[str]:
    """Return the cheapest tests of each change, whatever they cost, then the cheapest others that the budget holds."""
    ordered = [sorted(tests, key=lambda test: (seconds.get(test, _UNKNOWN_S), test)) for tests in wanted]
    kept = dict.fromkeys(test for tests in ordered for test in tests[:SURE_OF_EACH])
    spent = sum(seconds.get(test, _UNKNOWN_S) for test in kept)
    others = {test for tests in ordered for test in tests} - kept.keys()
    for test in sorted(others, key=lambda test: (seconds.get(test, _UNKNOWN_S), test)):
        spent += seconds.get(test, _UNKNOWN_S)
        if spent > budget:
            break
        kept[test] = None
    return list(kept)


class Readers:
    """The tests that read each thing that may change."""

    def __init__(self, runs: Mapping[str, TestRun]) -> None:
        self._sources = {str(path.relative_to(TOP)): path.read_text() for path in (TOP / "tests").rglob("*.py")}
        self._runs = {test: run for test, run in runs.items() if self._is_there(test) and _is_first(test, runs)}
        self.seconds = {test: run.seconds for test, run in self._runs.items()}

    def _is_there(self, test: str) -> bool:
        file, _, name = test.partition("[")[0].partition("::")
        return f"def {name.rpartition('::')[2]}(" in self._sources.get(file, "")

    def of(self, path: str, lines: set[int]) -> dict[str, list[str]]:
        """Return the tests of each thing that has changed in a file, by its name."""
        if path.startswith("templates/"):
            return {path: self._of_template(path.removeprefix("templates/"))}
        if not path.endswith(".py") or not (TOP / path).exists():
            return {path: self._where_it_lies(path)}
        names, outside = functions_at((TOP / path).read_text(), lines)
        if Path(path).name.startswith("test_"):
            tests = {name for name in names if name.rpartition(".")[2].startswith("test_")}
            return {path: self._of_file(path, None if outside or tests != names else tests)}
        found = {f"{path}::{name}": self._of_function(f"{path}::{name}") for name in names}
        if outside or not all(found.values()):
            found = {name: tests for name, tests in found.items() if tests} | {path: self._of_module(path)}
        return found

    def _of_function(self, function: str) -> list[str]:
        return [test for test, run in self._runs.items() if function in run.functions]

    def _of_template(self, template: str) -> list[str]:
        folder = TOP / "templates"
        sources = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.*") if file.is_file()}
        readers = with_readers(template, sources)
        return [test for test, run in self._runs.items() if readers & run.templates]

    def _of_module(self, path: str) -> list[str]:
        start = f"{path}::"
        ran = [test for test, run in self._runs.items() if any(name.startswith(start) for name in run.functions)]
        tests = sorted(ran, key=self.seconds.__getitem__)[:OF_A_MODULE]
        for file in importers(path, self._sources):
            if Path(file).name.startswith("test_"):
                tests += self._of_file(file)
        return list(dict.fromkeys(tests)) or self._where_it_lies(path)

    def _of_file(self, file: str, only: set[str] | None = None) -> list[str]:
        """Return the tests of a file as the map names them, or as the file does."""
        found = []
        for _, _, name in _spans(ast.parse(self._sources[file])):
            if name.rpartition(".")[2].startswith("test_") and (only is None or name in only):
                test = f"{file}::{name.replace('.', '::')}"
                found += [known for known in self._runs if known.partition("[")[0] == test] or [test]
        return found

    def _where_it_lies(self, path: str) -> list[str]:
        """Return the tests of the file or folder of the same name, the nearest first."""
        parts = Path(path).with_suffix("").parts
        for name in reversed(parts):
            files = [
                file
                for file in self._sources
                if Path(file).name.startswith("test_")
                and (Path(file).stem == f"test_{name}" or name in Path(file).parent.parts[1:])
            ]
            if files:
                return [test for file in sorted(files) for test in self._of_file(file)]
        return []


def _is_first(test: str, runs: Mapping[str, TestRun]) -> bool:
    """Tell whether no test does the same on SQLite, which starts no server."""
    other = test.replace("postgresql", "sqlite")
    return other == test or other not in runs


def changes() -> dict[str, set[int]]:
    """Return the lines changed since the last commit of main, those of new files included."""
    base = _git("merge-base", "HEAD", "main").strip() or "HEAD"
    found = changed_lines(_git("diff", "-U0", "--no-renames", "--no-color", "--no-ext-diff", base))
    for path in _git("ls-files", "--others", "--exclude-standard").splitlines():
        if path.endswith(".py"):
            found[path] = set(range(1, (TOP / path).read_text().count("\n") + 2))
        else:
            found[path] = set()
    return found


def _git(*words: str) -> str:
    asked = ["git", "-c", "core.quotePath=false", *words]
    return subprocess.run(asked, cwd=TOP, capture_output=True, text=True, check=False).stdout


def main() -> int:
    """Choose the tests, say how many, run them."""
    runs = product_map.load()
    if not runs:
        sys.stdout.write(
            "Pas encore de carte des tests\u00a0: make test-all fait la carte. Tests pris là où est le module.\n"
        )
    readers = Readers(runs)
    wanted = {name: tests for path, lines in changes().items() for name, tests in readers.of(path, lines).items()}
    for name in sorted(name for name, tests in wanted.items() if not tests):
        sys.stdout.write(f"Aucun test ne lit {name}.\n")
    tests = chosen(wanted.values(), readers.seconds)
    spent = sum(readers.seconds.get(test, _UNKNOWN_S) for test in tests)
    left = len({test for tests in wanted.values() for test in tests}) - len(tests)
    sys.stdout.write(
        f"Changements\u00a0: {len(wanted)}. Tests choisis\u00a0: {len(tests)}, environ {spent:.0f} s de processeur. "
        f"Tests laissés à make test\u00a0: {left}.\n"
    )
    sys.stdout.flush()
    processes = "2" if spent > _WORTH_TWO_PROCESSES_S else "0"
    return int(pytest.main(["-q", "-n", processes, *tests])) if tests else 0


if __name__ == "__main__":
    sys.exit(main())
