"""Holders of before, from a spreadsheet: read, shown line by line, confirmed by a person, then written once (R2 b)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import find_or_create_person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.grants import HolderImport, HolderImportFile, PriorHolding
from portfolio.domain.holdings.rules.prior_lines import (
    Column,
    FoundFault,
    HolderFault,
    HolderRefusal,
    address_of,
    read_holders,
)
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.holder_sheet import AssessedLine, assess
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line as it was typed, and what it would write; or its faults."""

    number: int
    cells: Mapping[Column, str]
    assessed: AssessedLine | None
    faults: tuple[FoundFault, ...]

    @property
    def is_good(self) -> bool:
        """Return whether the line would be recorded."""
        return self.assessed is not None and not self.faults


@dataclass(frozen=True, slots=True)
class ImportPageData:
    """An import as its page shows it: every line checked against what is recorded now."""

    row: HolderImport
    files: tuple[HolderImportFile, ...]
    lines: tuple[CheckedLine, ...]

    @property
    def good(self) -> tuple[CheckedLine, ...]:
        """Return the lines that would be recorded."""
        return tuple(line for line in self.lines if line.is_good)

    @property
    def wrong(self) -> tuple[CheckedLine, ...]:
        """Return the lines that would not."""
        return tuple(line for line in self.lines if not line.is_good)

    @property
    def to_correct(self) -> tuple[CheckedLine, ...]:
        """Return the lines that are left to correct: those that are recorded already are not."""
        done = {HolderFault.ALREADY_RECORDED, HolderFault.ALREADY_HELD}
        return tuple(line for line in self.wrong if not {fault.what for fault in line.faults} <= done)

    @property
    def holdings(self) -> int:
        """Return how many blocks would be recorded."""
        return sum(len(line.assessed.blocks) for line in self.good if line.assessed is not None)


def start_import(
    session: Session,
    body_id: UUID,
    name: str,
    rows: Sequence[tuple[int, Mapping[Column, str]]],
    proofs: Collection[Proof],
    *,
    by: UUID,
    at: datetime,
) -> HolderImport:
    """Keep the lines of a spreadsheet and its proofs until somebody confirms them; nothing counts yet."""
    lines = {
        "lines": [{"line": number, **{str(column): cell for column, cell in cells.items()}} for number, cells in rows]
    }
    row = HolderImport(id=new_id(), body_id=body_id, name=name, lines=lines, created_at=at, created_by=by, recorded=0)
    session.add(row)
    session.flush()
    for proof in proofs:
        session.add(HolderImportFile(import_id=row.id, **_file_columns(proof)))
    record_event(session, "holders_read", ("certifying_body", body_id), by=by, at=at, lines=len(rows))
    return row


def _file_columns(proof: Proof | HolderImportFile) -> dict[str, Any]:
    if isinstance(proof, HolderImportFile):
        return {
            name: getattr(proof, name) for name in ("file_key", "file_name", "file_mime", "file_size", "file_sha256")
        }
    return {f"file_{name}": getattr(proof, name) for name in ("key", "name", "mime", "size", "sha256")}


def find_import(session: Session, body_id: UUID, import_id: UUID, *, lock: bool = False) -> HolderImport | None:
    """Return an import of a body; None when it is another's."""
    row = session.get(HolderImport, import_id, with_for_update=lock or None, populate_existing=lock)
    return row if row is not None and row.body_id == body_id else None


def load_import_page(session: Session, row: HolderImport, today: date) -> ImportPageData:
    """Check every line of an import against what is recorded now, in a constant number of queries."""
    files = tuple(
        session.scalars(
            select(HolderImportFile).where(HolderImportFile.import_id == row.id).order_by(HolderImportFile.file_name)
        )
    )
    rows = [_typed(line) for line in row.lines["lines"]]
    read = read_holders(rows, today)
    assessed = assess(session, row.body_id, read.lines, files)
    by_number = {assessed_line.line.number: assessed_line for assessed_line in assessed}
    lines = tuple(_checked(number, cells, read.faults.get(number, ()), by_number.get(number)) for number, cells in rows)
    return ImportPageData(row, files, lines)


def _typed(line: Mapping[str, Any]) -> tuple[int, dict[Column, str]]:
    return int(line["line"]), {column: str(line.get(column.value, "")) for column in Column}


def _checked(
    number: int, cells: Mapping[Column, str], faults: tuple[FoundFault, ...], assessed: AssessedLine | None
) -> CheckedLine:
    if assessed is None:
        return CheckedLine(number, cells, None, faults)
    return CheckedLine(number, cells, assessed, (*faults, *assessed.faults))


def confirm_import(session: Session, row: HolderImport, *, expected: int, by: UUID, at: datetime) -> int:
    """Write the holdings of every good line, and what they make held; answer how many.

    The row is locked by the caller. The others stay on the page of the import. People are created without a
    letter: nothing awaits them. Raise Refusal: the import is closed, no line is good, or the number of
    holdings is no more the one that was shown.
    """
    if row.closed_at is not None:
        raise Refusal(HolderRefusal.CLOSED)
    _lock_people(session, row)
    page = load_import_page(session, row, day_of(at))
    if not page.holdings:
        raise Refusal(HolderRefusal.NOTHING)
    if page.holdings != expected:
        raise Refusal(HolderRefusal.CHANGED, shown=expected, now=page.holdings)
    people: dict[str, UUID] = {}
    written: list[PriorHolding] = []
    for checked in page.good:
        assert checked.assessed is not None  # a good line has been assessed
        line = checked.assessed.line
        if line.email not in people:
            people[line.email] = find_or_create_person(session, line.email, line.name, at=at).id
        written += _holdings(row.id, people[line.email], checked.assessed, by=by, at=at)
    session.add_all(written)
    row.closed_at, row.closed_by, row.recorded = at, by, len(written)
    session.flush()
    facts = {"holdings": len(written), "people": len(people)}
    record_event(session, "holders_imported", ("certifying_body", row.body_id), by=by, at=at, **facts)
    known = session.scalars(
        select(Candidacy.candidate_id).where(Candidacy.candidate_id.in_(people.values())).distinct()
    ).all()
    issued = [
        issued_row for person_id in sorted(known) for issued_row in issue_missing_grants(session, person_id, at=at).rows
    ]
    append(session, [*written, *issued], at=at)  # last: it takes the ledger's lock
    return len(written)


def _lock_people(session: Session, row: HolderImport) -> None:
    cells = ({column: str(line.get(column.value, "")) for column in Column} for line in row.lines["lines"])
    emails = {address_of(line) for line in cells}
    query = select(Person).where(Person.email.in_(emails)).order_by(Person.id)
    session.scalars(query.with_for_update(key_share=True)).all()


def _holdings(
    import_id: UUID, person_id: UUID, assessed: AssessedLine, *, by: UUID, at: datetime
) -> list[PriorHolding]:
    line = assessed.line
    assert assessed.file is not None  # a line without a proof is a fault
    return [
        PriorHolding(
            id=new_id(),
            import_id=import_id,
            person_id=person_id,
            block_id=block.id,
            holder_name=line.name,
            born_on=line.born_on,
            obtained_on=line.obtained_on,
            number=line.certificate,
            is_whole=line.block is None,
            proof_reference=line.reference,
            valid_until=line.valid_until,
            verified_by=by,
            verified_at=at,
            **_file_columns(assessed.file),
        )
        for block in assessed.blocks
    ]


def drop_import(session: Session, row: HolderImport, *, by: UUID, at: datetime) -> None:
    """Drop an import that waits: nothing of it counts, and its proofs are no more kept.

    Raise Refusal when it is closed.
    """
    if row.closed_at is not None:
        raise Refusal(HolderRefusal.CLOSED)
    row.closed_at, row.closed_by = at, by
    session.execute(delete(HolderImportFile).where(HolderImportFile.import_id == row.id))
    record_event(session, "holders_dropped", ("certifying_body", row.body_id), by=by, at=at)


def find_holding(session: Session, body_id: UUID, holding_id: UUID) -> PriorHolding | None:
    """Return a holding of a certification of a body; None when it is another's."""
    query = select(PriorHolding).join(PriorHolding.block).join(Block.version).join(CertificationVersion.certification)
    return session.scalar(query.where(PriorHolding.id == holding_id, Certification.body_id == body_id))
