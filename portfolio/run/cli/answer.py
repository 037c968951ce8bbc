"""Print the refusal of a command, that of a path it is given first."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click


def fail(sentence: str) -> NoReturn:
    """Say on the error output what is wrong, and end with a status that says so too."""
    click.echo(sentence, err=True)
    sys.exit(1)


class GivenPath(click.ParamType[Path]):
    """A file or a folder that a command reads or writes: one that it cannot use ends it before it begins."""

    name = "path"

    def __init__(self, sentence: str, is_right: Callable[[str], bool]) -> None:
        self._sentence, self._is_right = sentence, is_right

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002 - click gives them
        """Return the path, or end the command."""
        if not self._is_right(value):
            fail(self._sentence.format(value))
        return Path(value)


def _may_be_written(path: str) -> bool:
    return not os.path.isdir(path) and os.access(
        path if os.path.exists(path) else os.path.dirname(path) or ".", os.W_OK
    )


FILE_TO_READ = GivenPath(
    "Le fichier « {} » ne peut pas être lu. Vérifiez son nom et ses droits.",
    lambda path: not os.path.isdir(path) and os.access(path, os.R_OK),
)
FOLDER_TO_READ = GivenPath(
    "Le dossier « {} » ne peut pas être lu. Vérifiez son nom et ses droits.",
    lambda path: os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK),
)
FILE_TO_WRITE = GivenPath(
    "Le fichier « {} » ne peut pas être écrit. Vérifiez que son dossier existe et que vous pouvez y écrire.",
    _may_be_written,
)
FOLDER_TO_FILL = GivenPath(
    "« {} » n’est pas un dossier. Donnez-en un autre.", lambda path: os.path.isdir(path) or not os.path.lexists(path)
)
