"""Each verb of the audit log is recorded by a test that says so, and that fails without it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import portfolio
from portfolio.domain.access_monitoring.rules import OPENED, OPENED_FILE
from portfolio.wording.audit_log import VERBS

TOP = Path(portfolio.__file__).parents[1]
# Read in the record of who opened a dossier: no event of the audit log.
OF_ANOTHER_RECORD = {OPENED, OPENED_FILE}


def _called(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == name


def verbs_written() -> Iterator[str]:
    """Give the verbs that a call of `record_event` or `record_login` says itself."""
    for path in (TOP / "portfolio").rglob("*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "record_" in text else ():
            if isinstance(node, ast.Call) and any(_called(node, name) for name in ("record_event", "record_login")):
                verb = node.args[1]
                said = (verb.body, verb.orelse) if isinstance(verb, ast.IfExp) else (verb,)
                yield from (str(each.value) for each in said if isinstance(each, ast.Constant))


def _marks(decorators: list[ast.expr]) -> Iterator[ast.expr]:
    for decorator in decorators:
        yield decorator.func if isinstance(decorator, ast.Call) else decorator


@cache
def _verbs_proved() -> frozenset[str]:
    """Return the verbs that a test of the first speed says it records."""
    proved: set[str] = set()
    for path in (TOP / "tests").rglob("test_*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "mark.records(" in text else ():
            if isinstance(node, ast.FunctionDef) and "slow" not in map(_name, _marks(node.decorator_list)):
                for call in node.decorator_list:
                    if isinstance(call, ast.Call) and _called(call, "records"):
                        proved.update(ast.literal_eval(each) for each in call.args)
    return frozenset(proved)


def _name(mark: ast.expr) -> str:
    return mark.attr if isinstance(mark, ast.Attribute) else ""


def test_each_verb_is_recorded_by_a_test_that_says_so():
    unproved = ({*verbs_written(), *VERBS} - OF_ANOTHER_RECORD) - _verbs_proved()
    assert not unproved, "a new verb is in `@pytest.mark.records` of a test"
