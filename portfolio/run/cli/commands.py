"""Commands: they read their arguments, call services, and say in French what happened.

A command is imported when it is called: the list of all of them is read from their source.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app

from portfolio.run.cli.answer import fail

OTHER_TABLES = (
    "Cette base n’a pas les tables de cette version d’Acquis. Lancez d’abord « flask --app wsgi migrate », "
    "puis recommencez."
)
# Commands of Flask itself that show or serve what is wired.
_OF_FLASK = {"run", "shell", "routes"}


class LazyCommand(click.Command):
    """A command of which only the name and the sentence that says what it does are known."""

    def __init__(self, name: str, said: str, module: str, function: str) -> None:
        super().__init__(name, help=said)
        self._module, self._function = module, function

    def load(self) -> click.Command:
        """Import it."""
        found: click.Command = getattr(import_module(f"{__package__}.{self._module}"), self._function)
        return found

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        """Read its arguments: from here on the command itself answers."""
        context = self.load().make_context(*arguments, **named)
        context.command = copy(context.command)
        context.command.callback = _told_without_tables(context.command.callback)
        return context


def _told_without_tables(run: Callable[..., Any] | None) -> Callable[..., Any] | None:
    """Let a command that meets a database without the tables of this version say so, in a sentence."""

    def told(*arguments: Any, **named: Any) -> Any:
        from sqlalchemy.exc import OperationalError, ProgrammingError

        try:
            return run(*arguments, **named) if run else None
        except (OperationalError, ProgrammingError):
            if _has_other_tables(current_app.config["SETTINGS"].database_url):
                fail(OTHER_TABLES)
            raise

    return told


def _has_other_tables(database_url: str) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    from portfolio.backup.migration import UnknownRevisionError, current_revision, needed_revision

    try:
        return current_revision(database_url) != needed_revision()
    except UnknownRevisionError:
        return True
    except SQLAlchemyError:  # the database does not answer: that is what the command says
        return False


class CommandLine(Flask):
    """The application as the command line loads it: built for the command that runs, not for those that are listed."""

    def __init__(self, build: Callable[[], Flask]) -> None:
        """List the commands; `build` makes the application when one of them runs."""
        super().__init__("portfolio", static_folder=None)
        self._build = build
        init_app(self)

    @cached_property
    def built(self) -> Flask:
        """Return the application, made once."""
        return self._build()

    def app_context(self) -> Any:
        """Return the context of the application to a command that runs, of none before."""
        context = click.get_current_context(silent=True)
        is_running = context is not None and context.parent is not None
        empty: AbstractContextManager[None] = nullcontext()
        return self.built.app_context() if is_running else empty


def is_listing() -> bool:
    """Return whether the command line is loading the application: for a command of ours, or for their list."""
    return "flask" in Path(sys.argv[0]).parts[-2:] and _OF_FLASK.isdisjoint(sys.argv)


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for command in _commands():
        app.cli.add_command(command)


@cache
def _commands() -> list[LazyCommand]:
    return [command for path in sorted(Path(__file__).parent.glob("*.py")) for command in _commands_in(path)]


def _commands_in(path: Path) -> Iterator[LazyCommand]:
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "click.command":
                    said = ast.get_docstring(node) or ""
                    yield LazyCommand(ast.literal_eval(decorator.args[0]), said, path.stem, node.name)
