"""Read a spreadsheet of holders saved as CSV: its columns by their headings, its lines as they were typed.

Compare the lines of a spreadsheet of holders with what is recorded: certifications, proofs, blocks already held.
"""

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, Submission, SubmittedBlock, is_superseded
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.rules.case_package import folded, plain_cell
from portfolio.domain.holdings.models.grants import HolderImportFile
from portfolio.domain.holdings.rules.completion import event_since, lasts_until
from portfolio.domain.holdings.rules.facts import GrantingEvent
from portfolio.domain.holdings.rules.prior_lines import MAX_LINES, REQUIRED, Column, FoundFault, HolderFault, HolderLine
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.holdings import HeldByPerson, load_held_by_person, load_prior_holdings
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.french_text import DIRECTION

# The headings of the template; others that people write for the same thing.
HEADINGS: Mapping[Column, str] = {
    Column.NAME: "Nom",
    Column.EMAIL: "Courriel",
    Column.BORN: "Date de naissance",
    Column.CERTIFICATION: "Certification",
    Column.VERSION: "Version",
    Column.BLOCK: "Bloc",
    Column.OBTAINED: "Obtenu le",
    Column.NUMBER: "Numéro",
    Column.REFERENCE: "Référence de la preuve",
    Column.VALIDITY: "Valable jusqu’au",
    Column.FILE: "Fichier de la preuve",
}
_OTHERS: Mapping[str, Column] = {
    "nom et prenom": Column.NAME,
    "prenom et nom": Column.NAME,
    "personne": Column.NAME,
    "titulaire": Column.NAME,
    "e-mail": Column.EMAIL,
    "email": Column.EMAIL,
    "mail": Column.EMAIL,
    "adresse electronique": Column.EMAIL,
    "naissance": Column.BORN,
    "fiche": Column.CERTIFICATION,
    "code": Column.CERTIFICATION,
    "date": Column.OBTAINED,
    "date d'obtention": Column.OBTAINED,
    "numero du certificat": Column.NUMBER,
    "reference": Column.REFERENCE,
    "preuve": Column.REFERENCE,
    "validite": Column.VALIDITY,
    "valable jusqu'au": Column.VALIDITY,
    "fichier": Column.FILE,
}


class SheetError(StrEnum):
    """Reasons why a whole file is not read."""

    EMPTY = "holders_empty"
    NOT_CSV = "holders_not_csv"
    HEADING = "holders_heading"
    TOO_MANY = "holders_too_many"
    QUOTE = "holders_quote"


@dataclass(frozen=True, slots=True)
class HolderSheet:
    """The lines of a file, each with its number; or why it is not read, with what the sentence quotes."""

    rows: tuple[tuple[int, Mapping[Column, str]], ...] = ()
    error: SheetError | None = None
    facts: tuple[str, ...] = ()


def read_holder_sheet(data: bytes) -> HolderSheet:
    """Read a CSV separated by semicolons, tabs or commas, in UTF-8 or as older Windows programs write;
    raise nothing.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return HolderSheet(error=SheetError.EMPTY)
    text = None if foreign_format(data) else decoded(data)
    if text is None:
        return HolderSheet(error=SheetError.NOT_CSV)
    lines = unicodedata.normalize("NFC", text[0]).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = 1 if lines[0].strip(' "').casefold().startswith("sep=") else 0
    separator = max(";\t,", key=lines[start].count) if len(lines) > start else ";"
    reader = csv.reader(lines[start:], delimiter=separator, strict=True)
    try:
        rows = [(start + reader.line_num, [_clean(cell) for cell in cells]) for cells in reader]
    except csv.Error:
        return HolderSheet(error=SheetError.QUOTE, facts=(str(start + reader.line_num),))
    return _with_columns([row for row in rows if any(row[1])])


def _clean(cell: str) -> str:
    return plain_cell(" ".join(DIRECTION.sub("", cell).replace("\xa0", " ").split()))


def _with_columns(rows: list[tuple[int, list[str]]]) -> HolderSheet:
    if not rows:
        return HolderSheet(error=SheetError.EMPTY)
    columns = [_column(cell) for cell in rows[0][1]]
    missing = [HEADINGS[column] for column in REQUIRED if column not in columns]
    if missing:
        return HolderSheet(error=SheetError.HEADING, facts=tuple(missing))
    if len(rows) == 1:
        return HolderSheet(error=SheetError.EMPTY)
    if len(rows) > MAX_LINES + 1:
        return HolderSheet(error=SheetError.TOO_MANY, facts=(str(MAX_LINES), str(len(rows) - 1)))
    found = []
    for number, cells in rows[1:]:
        named = {column: cell for column, cell in zip(columns, cells, strict=False) if column is not None}
        found.append((number, {column: named.get(column, "") for column in Column}))
    return HolderSheet(tuple(found))


def _column(heading: str) -> Column | None:
    return _BY_NAME.get(folded(heading))


_BY_NAME: Mapping[str, Column] = {folded(name): column for column, name in HEADINGS.items()} | dict(_OTHERS)


@dataclass(frozen=True, slots=True)
class NamedBlock:
    """A block of a published version."""

    id: UUID
    number: int
    title: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """A line with the blocks that it would write, those that are held already, and the file that proves it;
    or its faults.
    """

    line: HolderLine
    blocks: tuple[NamedBlock, ...]
    skipped: tuple[NamedBlock, ...]
    file: HolderImportFile | None
    faults: tuple[FoundFault, ...]


@dataclass
class _Known:
    """Records about the certifications of a body and the people of the lines."""

    # Code → number of the version → its blocks.
    blocks: Mapping[str, Mapping[int, tuple[NamedBlock, ...]]]
    people: Mapping[str, UUID]
    held: HeldByPerson
    suspended: Collection[tuple[UUID, UUID]]
    waiting: Collection[tuple[UUID, UUID]]
    # Whose block → the acts of the holdings of before that are recorded.
    before: Mapping[tuple[UUID, UUID], Sequence[GrantingEvent]]
    # Whose block → the last line of this file that gives it.
    given: dict[tuple[str, UUID], HolderLine] = field(default_factory=dict)


def assess(
    session: Session, body_id: UUID, lines: Sequence[HolderLine], files: Sequence[HolderImportFile]
) -> list[AssessedLine]:
    """Say of each line what it would write, in the order of the lines and in a constant number of queries."""
    known = _load_known(session, body_id, lines)
    return [_assessed(line, known, files) for line in lines]


def _load_known(session: Session, body_id: UUID, lines: Sequence[HolderLine]) -> _Known:
    emails = {line.email for line in lines}
    people = {
        row.email: row.id for row in session.execute(select(Person.email, Person.id).where(Person.email.in_(emails)))
    }
    ids = set(people.values())
    held = load_held_by_person(session, ids)
    before: defaultdict[tuple[UUID, UUID], list[GrantingEvent]] = defaultdict(list)
    for holding in load_prior_holdings(session, *ids):
        if holding.ended_on is None:
            before[holding.person_id, holding.block_id].append(holding.act)
    return _Known(
        blocks=_load_blocks(session, body_id),
        people=people,
        held=held,
        suspended={grant.of for grant in held.grants if grant.status is GrantStatus.SUSPENDED},
        waiting=_load_waiting(session, ids),
        before=before,
    )


def _load_blocks(session: Session, body_id: UUID) -> dict[str, dict[int, tuple[NamedBlock, ...]]]:
    query = (
        select(Certification.code, CertificationVersion.number, Block.id, Block.number, Block.title, Block.option)
        .join(Certification.versions)
        .join(CertificationVersion.blocks)
        .where(Certification.body_id == body_id, CertificationVersion.published_at.is_not(None))
        .order_by(Certification.code, CertificationVersion.number, Block.number)
    )
    found: defaultdict[str, defaultdict[int, list[NamedBlock]]] = defaultdict(lambda: defaultdict(list))
    for code, version, block_id, number, title, option in session.execute(query):
        found[code][version].append(NamedBlock(block_id, number, title, option))
    return {code: {number: tuple(blocks) for number, blocks in versions.items()} for code, versions in found.items()}


def _load_waiting(session: Session, people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Return whose block is before a jury whose minutes are not closed."""
    judged = exists().where(Minutes.hearing_id == Hearing.id, is_current_hearing())
    query = (
        select(Candidacy.candidate_id, SubmittedBlock.block_id)
        .join(Submission, Submission.id == SubmittedBlock.submission_id)
        .join(Submission.candidacy)
        .where(Candidacy.candidate_id.in_(people), ~judged, ~is_superseded())
    )
    return {(row[0], row[1]) for row in session.execute(query)}


def _assessed(line: HolderLine, known: _Known, files: Sequence[HolderImportFile]) -> AssessedLine:
    file, faults = _file(line, files)
    named, block_faults = _blocks(line, known)
    kept: list[NamedBlock] = []
    skipped: list[NamedBlock] = []
    held_faults: list[FoundFault] = []
    for block in named:
        fault = _obstacle(line, block, known)
        (skipped if fault else kept).append(block)
        held_faults += [fault] if fault else []
    faults += block_faults
    if not kept or line.block is not None:
        faults += held_faults[:1]
    elif any(fault.what in (HolderFault.SUSPENDED, HolderFault.BEFORE_JURY) for fault in held_faults):
        faults += [fault for fault in held_faults if fault.what in (HolderFault.SUSPENDED, HolderFault.BEFORE_JURY)][:1]
    if not faults:
        known.given.update({(line.email, block.id): line for block in kept})
    return AssessedLine(line, tuple(kept), tuple(skipped), file, tuple(faults))


def _file(line: HolderLine, files: Sequence[HolderImportFile]) -> tuple[HolderImportFile | None, list[FoundFault]]:
    """Return the proof that a line names, or the only one of the import where it names none."""
    if line.file_name:
        file = next(
            (import_file for import_file in files if import_file.file_name.casefold() == line.file_name.casefold()),
            None,
        )
        return file, [] if file else [FoundFault(HolderFault.UNKNOWN_FILE, Column.FILE, (line.file_name,))]
    if len(files) == 1:
        return files[0], []
    return None, [FoundFault(HolderFault.SEVERAL_FILES if files else HolderFault.NO_FILE, Column.FILE)]


def _blocks(line: HolderLine, known: _Known) -> tuple[tuple[NamedBlock, ...], list[FoundFault]]:
    versions = known.blocks.get(line.code, {})
    if not versions:
        return (), [FoundFault(HolderFault.UNKNOWN_CERTIFICATION, Column.CERTIFICATION, (line.code,))]
    if line.version is None and len(versions) > 1:
        return (), [FoundFault(HolderFault.SEVERAL_VERSIONS, Column.VERSION, tuple(str(number) for number in versions))]
    number = line.version if line.version is not None else next(iter(versions))
    blocks = versions.get(number)
    if blocks is None:
        return (), [
            FoundFault(HolderFault.SEVERAL_VERSIONS, Column.VERSION, tuple(str(version) for version in versions))
        ]
    numbers = tuple(str(block.number) for block in blocks)
    if line.block is None:
        has_options = any(block.option for block in blocks)
        fault = FoundFault(HolderFault.OPTION_NEEDED, Column.BLOCK, numbers)
        return ((), [fault]) if has_options else (blocks, [])
    named = tuple(block for block in blocks if block.number == line.block)
    return named, [] if named else [FoundFault(HolderFault.UNKNOWN_BLOCK, Column.BLOCK, (str(line.block), *numbers))]


def _obstacle(line: HolderLine, block: NamedBlock, known: _Known) -> FoundFault | None:
    """Return what forbids to record a block that a line gives: nobody holds a block twice, unless its
    validity had ended before it was obtained again.
    """
    number, day = str(block.number), line.obtained_on
    earlier = known.given.get((line.email, block.id))
    if earlier is not None and lasts_until(day, earlier.valid_until):
        return FoundFault(HolderFault.TWICE, None, (str(earlier.number),))
    person = known.people.get(line.email)
    if person is None:
        return None
    key = (person, block.id)
    if (recorded := event_since(day, known.before.get(key, ()))) is not None:
        return FoundFault(HolderFault.ALREADY_RECORDED, None, (number, recorded.on.isoformat()))
    if block.id in known.held.blocks_since(person, day):
        return FoundFault(HolderFault.ALREADY_HELD, None, (number,))
    if key in known.suspended:
        return FoundFault(HolderFault.SUSPENDED, None, (number,))
    return FoundFault(HolderFault.BEFORE_JURY, None, (number,)) if key in known.waiting else None
