"""Say at the start of a server or a worker that this machine does not isolate what opens a file."""

import click

from config import Config
from portfolio.files.conversion.machine import walls_of_machine
from portfolio.wording.conversion import walls_sentence


def tell_of_walls(config: Config) -> None:
    """Say it once, on the error output; nothing on a machine that has every wall."""
    sentence = walls_sentence(are_closed=walls_of_machine().are_closed, is_accepted=config.unconfined_conversion)
    if sentence:
        click.echo(sentence, err=True)
