"""Print the refusal of a command."""

import sys
from typing import NoReturn

import click


def fail(sentence: str) -> NoReturn:
    """Say on the error output what is wrong, and end with a status that says so too."""
    click.echo(sentence, err=True)
    sys.exit(1)
