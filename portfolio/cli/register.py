"""Compare the certifications with an export of the register, every night."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import click
from flask.cli import with_appcontext

from portfolio.certification.readers.france_competences.selection import SelectedEntry, read_numbers
from portfolio.certification.rules import Entry, NotAnEntry
from portfolio.certification.rules.watching import is_old_export
from portfolio.certification.services.watching import Watched, watch_entry, watched_certifications
from portfolio.certification.wording import refusal_sentence
from portfolio.certification.wording.watching import OLD_EXPORT, notice_sentence
from portfolio.cli.answer import fail
from portfolio.cli.entries import reading_progress
from portfolio.db import reading, transaction
from portfolio.web.clock import now, today


@click.command("watch-register")
@with_appcontext
@click.argument("file", type=click.Path(path_type=Path))
def watch_register(file: Path) -> None:
    """Compare the certifications under an RNCP number with an export (XML or zip): draft what changed, notify the rest.

    Nothing is written when the file cannot be read to its end. Run it every night; running it twice changes nothing.
    """
    numbers = watched_certifications(reading())
    found = _read(file, list(numbers))
    click.echo(f"{len(numbers)} fiche(s) suivie(s), {len(found)} dans ce fichier.")
    if is_old_export(file.name, today()):
        click.echo(OLD_EXPORT)
    for sentence in _watched(numbers, found, today()):
        click.echo(sentence)
    refused = [one for one in found.values() if one.refusal is not None]
    for one in refused:
        click.echo(f"{one.number} : {refusal_sentence(one.refusal)}" if one.refusal else one.number, err=True)
    if refused:
        sys.exit(1)


def _read(file: Path, numbers: list[str]) -> dict[str, SelectedEntry]:
    try:
        size = file.stat().st_size
        with file.open("rb") as content, reading_progress(size) as progress:
            return read_numbers(content, size, numbers, progress=progress)
    except OSError:
        fail(f"Le fichier « {file.name} » ne peut pas être lu. Vérifiez son nom et ses droits.")
    except NotAnEntry as refusal:
        fail(refusal_sentence(refusal.about(file.name)))


def _watched(numbers: dict[str, list[UUID]], found: dict[str, SelectedEntry], on: date) -> Iterator[str]:
    for code, certifications in numbers.items():
        selected = found.get(code)
        if selected is None:
            yield f"{code} : absente de ce fichier."
        elif selected.entry is not None:
            for certification_id in certifications:
                for fact in _watch(certification_id, selected.entry, selected.source_sha256, on).notices:
                    yield f"{code} : {notice_sentence(fact.kind, fact.facts)}"


def _watch(certification_id: UUID, entry: Entry, source_sha256: str, on: date) -> Watched:
    with transaction() as session:
        return watch_entry(session, certification_id, entry, source_sha256, on=on, at=now())
