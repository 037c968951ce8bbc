"""Run mutants of the product's rules against the second reading: `python -m tests.second_reading.mutants`.

Needs `pip install "mutmut>=3.8"`, whose operators make the mutants. The second reading answers once; each mutant
is then one forked process, where one function of the product is changed, and which stops at the first
disagreement. Names of modules choose some; the survivors are printed with their change.
"""

import ast
import difflib
import multiprocessing
import os
import signal
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    "holdings.rules.completion",
    "holdings.rules.status_changes",
    "holdings.rules.facts",
    "jury.rules.opinions",
    "jury.rules.predicates",
    "jury.rules.quorum",
    "jury.rules.composition",
    "jury.rules.deliberation",
    "jury.rules.closing",
    "jury.rules.sitting",
    "certification.rules.registration",
)
HISTORIES = int(os.environ.get("HISTORIES", "6000"))
PROCESSES = int(os.environ.get("PROCESSES", "1"))
# Most mutants are killed by the first histories; what is tried on every combination comes next. Some never end:
# the seconds of the processor are several times those of the product.
SECONDS, FEW = 10 + HISTORIES // 500, 100
# What stands in a module of rules and is none of J1–J15 and R1–R13: numbers of certificates, what reads an entry,
# the list of a session, the conditions that only some entries have, what a page lists.
OTHERS = {
    "holdings.rules.completion": {"new_number", "read_number", "_grouped"},
    "holdings.rules.granting": {"missing_requested", "blocks_to_submit"},
    "jury.rules.composition": {
        *("common_path", "jury_rule_of", "_exact", "place_in", "places", "terms_of", "condition", "is_appointed"),
        *("distinct_names", "_codes", "_repeated", "_seats_to_fill", "predicate_of"),
    },
    "jury.rules.predicates": {"distinct_names", "_codes", "_repeated", "_seats_to_fill", "_seats", "is_regular"},
    "jury.rules.closing": {"_irregular", "is_to_write"},
    "certification.rules.registration": {"__init__", "about"},
}
# The facts of a predicate that decide, or say whether it has an object; the others are quoted by its sentence.
DECIDING = {"jury.rules.predicates": {"found", "needed", "wanted", "asked"}, "jury.rules.quorum": {"asked"}}
# What a sentence quotes of the seats (J2).
QUOTED_NAMES = ("in_order", "empty, extra")
# Where calls take the facts that a sentence quotes, or the remedy that it proposes.
QUOTED = {"_answer": 4, "PredicateAnswer": 5, "_seated": 3, "ClosingError": 1}


class WithoutWords(ast.NodeTransformer):
    """Remove what only chooses the words of a page: facts that a sentence quotes, the remedy that it proposes, the
    order in which names are told; and what is none of the rules.
    """

    def __init__(self, name: str) -> None:
        self.others, self.deciding = OTHERS.get(name, set()), DECIDING.get(name, set())

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Leave out the body of what is no rule."""
        if node.name in self.others:
            node.body = [ast.Pass()]
            node.args.defaults = node.args.kw_defaults = []
            return node
        return self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        """Leave out the facts that do not decide."""
        kept = [
            (key, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if not (isinstance(key, ast.Constant) and key.value not in self.deciding)
        ]
        node.keys, node.values = [key for key, _ in kept], [value for _, value in kept]
        return self.generic_visit(node)

    def _decides(self, facts: ast.expr | None) -> bool:
        """Return whether some of the facts that are written decide."""
        return facts is not None and any(
            not isinstance(key, ast.Constant) or key.value in self.deciding
            for told in ast.walk(facts)
            if isinstance(told, ast.Dict)
            for key in told.keys
        )

    def visit_AnnAssign(self, node: ast.AnnAssign | ast.AugAssign) -> ast.AST:
        """Leave out the facts that do not decide."""
        written = ast.unparse(node.target) == "facts" and not self._decides(node.value)
        return ast.Pass() if written else self.generic_visit(node)

    visit_AugAssign = visit_AnnAssign  # noqa: N815 - the name that `ast` calls

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Leave out the statements that only write such a fact or a remedy."""
        target = ast.unparse(node.targets[0])
        if isinstance(place := node.targets[0], ast.Subscript) and isinstance(place.slice, ast.Constant):
            if place.slice.value not in self.deciding:
                return ast.Pass()
        elif target == "facts" and not self._decides(node.value):
            return ast.Pass()
        elif target.strip("()") in (
            "mend",
            "place",
            "expected",
            "outcome",
            "in_favour, contrary",
            "resumes_on",
            *QUOTED_NAMES,
        ):
            if target not in ("outcome", "expected") or ast.unparse(node.value).startswith(("str(", "None")):
                return ast.Pass()
        elif isinstance(place, ast.Tuple) and isinstance(node.value, ast.Tuple) and "mend" in target:
            keep = [rank for rank, name in enumerate(place.elts) if ast.unparse(name) != "mend"]
            node.value.elts = [node.value.elts[rank] for rank in keep if rank < len(node.value.elts)]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave out what a call quotes, and the order of names."""
        name = ast.unparse(node.func)
        if name in QUOTED:
            del node.args[QUOTED[name] : QUOTED[name] + 1]
        if name == "_about":
            node.keywords = []
        if name == "sorted":
            node.keywords = [one for one in node.keywords if ".name" not in ast.unparse(one.value)]
        return self.generic_visit(node)


def rules_in(source: str, name: str) -> str:
    """Return what a module decides, without its words."""
    return ast.dump(WithoutWords(name).visit(ast.parse(source)))


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
    # Of the processor: a machine that is busy kills no mutant.
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
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


def is_listed(mutant: Mutant, equivalents: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a survivor is among those that change nothing: by reason, the lines that they write."""
    added = " ".join(line[1:].strip() for line in mutant.change.splitlines() if line.startswith("+"))
    return any(added == " ".join(line.split()) for lines in equivalents.values() for line in lines)


def main(names: Sequence[str]) -> None:
    """Print the rate of each module, and every survivor."""
    read: Read = []
    for history in map(some_history, range(HISTORIES)):
        second = reading.read(history)
        read.append((history, second, comparing.days_of(history, second)))
    fork = multiprocessing.get_context("fork")
    equivalents = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text())
    everything: Counter[str] = Counter()
    for name in names or RULES:
        counted: Counter[str] = Counter()
        pending = list(mutants_of(name))
        original = fork.Process(target=survives, args=(replace(pending[0], source=source_of(name)), read))
        original.start()
        original.join()
        assert original.exitcode == 0, "the product itself is told from the second reading"
        decides = rules_in(source_of(name), name)
        running: list[tuple[Mutant, multiprocessing.process.BaseProcess]] = []
        while pending or running:
            while pending and len(running) < PROCESSES:
                mutant = pending.pop()
                if rules_in(mutant.source, name) == decides:
                    counted["words"] += 1
                    continue
                process = fork.Process(target=survives, args=(mutant, read))
                process.start()
                running.append((mutant, process))
            if not running:
                continue
            mutant, process = running.pop(0)
            process.join()
            if process.exitcode != 0:
                counted["killed"] += 1
                continue
            is_same = is_listed(mutant, equivalents.get(name, {}))
            counted["equivalent" if is_same else "alive"] += 1
            print(f"  {'same' if is_same else 'ALIVE'}    {name}\n{mutant.change}", flush=True)
        everything += counted
        print(f"{name}: {_rate(counted)}", flush=True)
    print(f"all: {_rate(everything)}")


def _rate(counted: Counter[str]) -> str:
    asked = counted["killed"] + counted["alive"]
    rate = 100 * counted["killed"] / asked if asked else 100
    return (
        f"{rate:.1f} % of {asked} killed, {counted['alive']} alive; {counted['equivalent']} equivalent, "
        f"{counted['words']} change only words or no rule"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
