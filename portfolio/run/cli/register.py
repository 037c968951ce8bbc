"""Compare the certifications with an export of the register, every night."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import click
from flask.cli import with_appcontext

from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.readers.france_competences.selection import SelectedEntry, read_numbers
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.registration import UnreadableEntry
from portfolio.domain.certification.rules.watching import is_old_export
from portfolio.domain.certification.use_cases.watching import Watched, watch_entry, watched_certifications
from portfolio.run.cli.answer import fail
from portfolio.run.cli.entries import reading_progress
from portfolio.web.clock import now, today
from portfolio.wording.certification import refusal_message
from portfolio.wording.certification.watching import OLD_EXPORT, notice_sentence


@click.command("watch-register")
@with_appcontext
@click.argument("file", type=click.Path(path_type=Path))
def watch_register(file: Path) -> None:
    """Compare the certifications under an RNCP number with an export (XML or zip): draft what changed, notify
    the rest.

    Nothing is written when the file cannot be read to its end. Run it every night; running it twice changes
    nothing.
    """
    numbers = watched_certifications(read_session())
    found = _read(file, list(numbers))
    click.echo(f"{len(numbers)} fiche(s) suivie(s), {len(found)} dans ce fichier.")
    if is_old_export(file.name, today()):
        click.echo(OLD_EXPORT)
    for sentence in _watched(numbers, found, today()):
        click.echo(sentence)
    refused = [selected_entry for selected_entry in found.values() if selected_entry.refusal is not None]
    for selected_entry in refused:
        click.echo(
            f"{selected_entry.number} : {refusal_message(selected_entry.refusal)}"
            if selected_entry.refusal
            else selected_entry.number,
            err=True,
        )
    if refused:
        sys.exit(1)


def _read(file: Path, numbers: list[str]) -> dict[str, SelectedEntry]:
    try:
        size = file.stat().st_size
        with file.open("rb") as content, reading_progress(size) as progress:
            return read_numbers(content, size, numbers, progress=progress)
    except OSError:
        fail(f"Le fichier « {file.name} » ne peut pas être lu. Vérifiez son nom et ses droits.")
    except UnreadableEntry as refusal:
        fail(refusal_message(refusal.about(file.name)))


def _watched(numbers: dict[str, list[UUID]], found: dict[str, SelectedEntry], on: date) -> Iterator[str]:
    for code, certifications in numbers.items():
        selected = found.get(code)
        if selected is None:
            yield f"{code} : absente de ce fichier."
        elif selected.entry is not None:
            for certification_id in certifications:
                for fact in _watch(certification_id, selected.entry, selected.source_digest, on).notices:
                    yield f"{code} : {notice_sentence(fact.kind, fact.facts)}"


def _watch(certification_id: UUID, entry: Entry, source_digest: str, on: date) -> Watched:
    with transaction() as session:
        return watch_entry(session, certification_id, entry, source_digest, on=on, at=now())
