"""Run mutants of the product's rules against the second reading: `python -m tests.second_reading.mutants`.

Needs `pip install "mutmut>=3.8"`, whose operators make the mutants. The second reading answers once; each mutant
is then one forked process, where one function of the product is changed, and which stops at the first
disagreement. Names of modules choose some; the survivors are printed with their change.
"""

from __future__ import annotations

import difflib
import multiprocessing
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import FunctionType

from tests.second_reading import combinations, comparing, ours, reading
from tests.second_reading.facts import History
from tests.second_reading.histories import some_history

TOP = Path(__file__).parents[2]
RULES = (
    "holdings.rules.granting",
    "holdings.rules.validity",
    "holdings.rules.completion",
    "holdings.rules.status_changes",
    "holdings.rules.facts",
    "jury.rules.ballots",
    "jury.rules.predicates",
    "jury.rules.attendance_predicates",
    "jury.rules.composition",
    "jury.rules.deliberation",
    "jury.rules.closing",
    "certification.rules.registration",
)
HISTORIES = int(os.environ.get("HISTORIES", "6000"))
# Most mutants are killed by the first histories; what is tried on every combination comes next.
SECONDS, FEW = 120, 300
# What only chooses the words of a page: the facts that a sentence quotes, the remedy that it proposes, names,
# the order in which grounds are told.
WORDS = re.compile(
    r"facts|remedy|Remedy|mend|distinct_names|_names\(|_codes\(|_about\(|_ORDER|who=|\"\w+\":"
    r"|outcome = (str|None)|expected = (str|None)|expected=|short=|outcome=|in_favour=|against=|in_favour, contrary"
)


@dataclass(frozen=True)
class Mutant:
    """A module of the product with one change."""

    module: str
    source: str
    change: str


def change(mutant: Mutant) -> None:
    """Give the functions of a module the code of a mutant, wherever they were imported."""
    module = sys.modules[mutant.module]
    changed: dict[str, object] = {"__name__": mutant.module}
    exec(compile(mutant.source, mutant.module, "exec"), changed)
    pairs = [(vars(module), changed)]
    pairs += [
        (vars(known), vars(changed[name]))
        for name, known in vars(module).items()
        if isinstance(known, type) and known.__module__ == mutant.module
    ]
    for mine, theirs in pairs:
        for name, function in mine.items():
            # What a dataclass wrote for itself is the same, with defaults of classes made twice.
            is_written = isinstance(function, FunctionType) and function.__code__.co_filename != "<string>"
            if is_written and function.__module__ == mutant.module:
                other = theirs[name]
                function.__code__, function.__defaults__ = other.__code__, other.__defaults__
                function.__kwdefaults__ = other.__kwdefaults__


def source_of(name: str) -> str:
    """Return the source of a module."""
    return (TOP / f"portfolio/domain/{name.replace('.', '/')}.py").read_text()


def mutants_of(name: str) -> Iterator[Mutant]:
    """Yield the mutants of a module, as mutmut makes them."""
    from mutmut.mutation.file_mutation import create_mutations

    code = source_of(name)
    module, mutations, *_ = create_mutations(name, code)
    for mutation in mutations:
        if type(mutation.contained_by_top_level_function).__name__ == "FunctionDef":
            source = module.deep_replace(mutation.original_node, mutation.mutated_node).code
            lines = difflib.unified_diff(code.splitlines(), source.splitlines(), n=0, lineterm="")
            change = "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))
            yield Mutant(f"portfolio.domain.{name}", source, change)


Read = list[tuple[History, reading.Answer, frozenset[date]]]


def survives(mutant: Mutant, read: Read) -> None:
    """Exit 0 when no history tells a mutant from the product; in a process of its own."""
    signal.alarm(SECONDS)
    try:
        change(mutant)
        for rank, (history, second, days) in enumerate(read):
            if rank == FEW and next(combinations.differences(), None) is not None:
                os._exit(1)
            found = ours.answer(history, days)
            if next(comparing.differences(history, second, days, found), None) is not None:
                os._exit(1)
    except BaseException:  # a mutant that raises is seen too
        os._exit(1)
    os._exit(0)


def main(names: Sequence[str]) -> None:
    """Print the rate of each module, and every survivor."""
    read: Read = []
    for history in map(some_history, range(HISTORIES)):
        second = reading.read(history)
        read.append((history, second, comparing.days_of(history, second)))
    fork = multiprocessing.get_context("fork")
    everything: Counter[str] = Counter()
    for name in names or RULES:
        counted: Counter[str] = Counter()
        pending = list(mutants_of(name))
        original = fork.Process(target=survives, args=(replace(pending[0], source=source_of(name)), read))
        original.start()
        original.join()
        assert original.exitcode == 0, "the product itself is told from the second reading"
        running: list[tuple[Mutant, multiprocessing.process.BaseProcess]] = []
        while pending or running:
            while pending and len(running) < 2:
                mutant = pending.pop()
                process = fork.Process(target=survives, args=(mutant, read))
                process.start()
                running.append((mutant, process))
            mutant, process = running.pop(0)
            process.join()
            if process.exitcode != 0:
                counted["killed"] += 1
            elif WORDS.search(mutant.change):
                counted["words"] += 1
                print(f"  words    {name}\n{mutant.change}", flush=True)
            else:
                counted["alive"] += 1
                print(f"  ALIVE    {name}\n{mutant.change}", flush=True)
        everything += counted
        print(f"{name}: {_rate(counted)}", flush=True)
    print(f"all: {_rate(everything)}")


def _rate(counted: Counter[str]) -> str:
    asked = counted["killed"] + counted["alive"]
    rate = 100 * counted["killed"] / asked if asked else 100
    return f"{rate:.1f} % of {asked} killed, {counted['alive']} alive; {counted['words']} change only words"


if __name__ == "__main__":
    main(sys.argv[1:])
