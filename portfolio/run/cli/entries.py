"""Register entries, read from a file and kept as drafts.

Compare the certifications with an export of the register, every night.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certification.readers import read_entry_file
from portfolio.domain.certification.readers.cncp_text.cleaning import fold
from portfolio.domain.certification.readers.france_competences.selection import SelectedEntry, read_numbers
from portfolio.domain.certification.readers.france_competences.stream import Progress
from portfolio.domain.certification.rules.entry import Entry
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.registration import IndexLine, UnreadableEntry
from portfolio.domain.certification.rules.versioning import CertificationRefusal
from portfolio.domain.certification.rules.watching import is_old_export
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.certification.use_cases.watching import Watched, watch_entry, watched_certifications
from portfolio.errors import Refusal
from portfolio.run.cli.answer import fail
from portfolio.web.clock import now, today
from portfolio.wording.certification import REFUSALS, doubt_message, location_message, outcome_message, refusal_message
from portfolio.wording.certification.register import OLD_EXPORT, notice_sentence

LARGE_BYTES = 20 * 1024 * 1024
MOST_LISTED = 20


@click.command("import-certification")
@with_appcontext
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Lire sans rien enregistrer.")
@click.option("--json", "as_json", is_flag=True, help="Écrire ce qui a été lu en JSON.")
@click.option("--number", default="", help="Numéro de la fiche, si le fichier en contient plusieurs (RNCP12345).")
@click.option(
    "--search", default="", help="Mots de l’intitulé : liste les fiches qui les portent, sans rien lire d’autre."
)
@click.option("--body", "body_name", default="", help="Nom de l’organisme, s’il y en a plusieurs.")
@click.option("--code", default="", help="Code de la certification, si le fichier n’en donne pas (CASE, .matrix).")
def import_certification(
    file: Path, dry_run: bool, as_json: bool, number: str, search: str, body_name: str, code: str
) -> None:
    """Read a register entry, alone in its file or chosen in a whole export; keep it as a draft to check
    on the screen.
    """
    entry = _read(file, number, search)
    if not entry.code:
        entry = replace(entry, code=code.strip().upper())
    sentence = "Lu sans rien enregistrer." if dry_run else _save_draft(entry, only_body(body_name).id)
    if as_json:
        click.echo(json.dumps(entry_as_json(entry, sentence=doubt_message), ensure_ascii=False, indent=2))
        return
    blocks = sum(len(block.competencies) for block in entry.blocks)
    click.echo(f"{entry.code} · {entry.title} : {len(entry.blocks)} blocs, {blocks} compétences.")
    for doubt in entry.doubts:
        click.echo(f"À vérifier ({location_message(doubt.where)}) : {doubt_message(doubt)}")
    click.echo(sentence)
    if is_old_export(file.name, today()):
        click.echo(OLD_EXPORT)


def _read(file: Path, number: str, search: str) -> Entry:
    """Read the file, or end the command saying what was understood and what was not."""
    try:
        with file.open("rb") as content, reading_progress(file.stat().st_size) as told:
            return read_entry_file(content, file.stat().st_size, file.name, "" if search else number, progress=told)
    except OSError:
        fail(f"Le fichier « {file.name} » ne peut pas être lu. Vérifiez son nom et ses droits.")
    except UnreadableEntry as refusal:
        fail("\n".join([refusal_message(refusal), *_listed(refusal.index, search)]))


@contextmanager
def reading_progress(size: int) -> Iterator[Progress | None]:
    """Show how much of a large file is read, on the terminal that waits for it."""
    if size < LARGE_BYTES or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=100, label="Lecture", file=sys.stderr) as bar:
        yield lambda done, total: bar.update(done * 100 // max(total, 1) - bar.pos)


def _listed(index: Sequence[IndexLine], search: str) -> Iterator[str]:
    """List the entries of a file whose number or title holds every word searched, the first ones without a search."""
    if not index:
        return
    words = fold(search).split()
    found = [line for line in index if all(word in fold(f"{line.number} {line.title}") for word in words)]
    yield from (f"{line.number} · {line.title}" for line in found[:MOST_LISTED])
    if len(found) > MOST_LISTED:
        yield f"… et {len(found) - MOST_LISTED} de plus : précisez avec --search."
    elif not found:
        yield "Aucune fiche de ce fichier ne porte ces mots : essayez --search avec d’autres mots."
    yield "Choisissez-en une avec --number."


def _save_draft(entry: Entry, body_id: UUID) -> str:
    """Keep the entry as a draft and say what became of it."""
    try:
        with transaction() as session:
            imported = import_entry(session, body_id, entry, by=None, at=now())
            return outcome_message(imported.outcome, entry.code, imported.version.number)
    except Refusal as refusal:
        fail(REFUSALS[CertificationRefusal(refusal.code)](refusal.facts))


def only_body(name: str) -> CertifyingBody:
    """Return the body of this name, or the only one; ends the command when it cannot be told."""
    query = select(CertifyingBody).order_by(CertifyingBody.name)
    bodies = read_session().scalars(query.where(CertifyingBody.name == name) if name else query).all()
    if len(bodies) == 1:
        return bodies[0]
    if not bodies:
        fail("Aucun organisme de ce nom. Créez-en un : flask create-certifier ADRESSE --body NOM.")
    return fail("Plusieurs organismes : choisissez avec --body, parmi " + ", ".join(body.name for body in bodies) + ".")


@click.command("watch-register")
@with_appcontext
@click.argument("file", type=click.Path(path_type=Path))
def watch_register(file: Path) -> None:
    """Compare the certifications under an RNCP number with an export (XML or zip): draft what changed, notify the rest.

    Nothing is written when the file cannot be read to its end. Run it every night; running it twice changes nothing.
    """
    numbers = watched_certifications(read_session())
    found = _read_export(file, list(numbers))
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


def _read_export(file: Path, numbers: list[str]) -> dict[str, SelectedEntry]:
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
