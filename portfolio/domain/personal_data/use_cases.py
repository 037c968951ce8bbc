"""Read everything that is kept of a person, table by table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portfolio.db.care import care_of, exported_tables, paths_to_person
from portfolio.db.engine import Base
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.holdings.rules.granting import Explanation
from portfolio.domain.holdings.use_cases.appeals import AppealDetails, list_own_appeals
from portfolio.domain.holdings.use_cases.recompute import explain
from portfolio.domain.holdings.use_cases.status_history import StatusHistory, load_status_history
from portfolio.domain.ledger.rules.acts import record_type_of, written_column

Row = Mapping[str, Any]


@dataclass(frozen=True)
class OwnCandidacy:
    """A candidacy as the export names it."""

    id: UUID
    code: str
    title: str
    opened_at: datetime
    route: Route


@dataclass(frozen=True)
class OwnResults:
    """Results of a candidacy as the person reads them on one day."""

    explanation: Explanation
    after: StatusHistory
    appeals: list[AppealDetails]


def rows_of(person_id: UUID, table: str) -> Select[*tuple[Any, ...]]:
    """Build the query of the rows of a table that lead to a person."""
    start = current = Base.metadata.tables[table]
    joined: Any = start
    *links, owner = paths_to_person()[table]
    for name in links:
        [key] = current.columns[name].foreign_keys
        joined = joined.join(key.column.table, current.columns[name] == key.column)
        current = key.column.table
    shown = [column for column in start.columns if not care_of(column).is_secret]
    return select(*shown).select_from(joined).where(current.columns[owner] == person_id)


def load_account(session: Session, person_id: UUID) -> Row:
    """Return the account of a person."""
    table = Base.metadata.tables["person"]
    columns = [column for column in table.columns if not care_of(column).is_secret]
    return {
        name: plain(value)
        for name, value in session.execute(select(*columns).where(table.c.id == person_id)).one()._mapping.items()
    }


def load_tables(session: Session, person_id: UUID) -> Iterator[tuple[str, list[Row]]]:
    """Yield each exported table with the rows of a person, as plain values; a secret letter keeps its subject only.

    Tables and columns bear the names under which they are written outside the store, which do not change.
    """
    for table in exported_tables():
        rows: list[Row] = [
            {written_column(table, name): plain(value) for name, value in row._mapping.items()}
            for row in session.execute(rows_of(person_id, table))
        ]
        if table == "outgoing_email":
            rows = [{**row, "text": ""} if row["secret"] else row for row in rows]
        yield record_type_of(table), rows


def list_own_candidacies(session: Session, person_id: UUID) -> list[OwnCandidacy]:
    """List the candidacies of a person, oldest first."""
    query = (
        select(Candidacy.id, Certification.code, CertificationVersion.title, Candidacy.opened_at, Candidacy.route)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Candidacy.candidate_id == person_id)
        .order_by(Candidacy.opened_at)
    )
    return [OwnCandidacy(*row) for row in session.execute(query)]


def load_results(session: Session, candidacy_id: UUID, on: date) -> OwnResults:
    """Return where each block of a candidacy stands on a day, what was decided later and the appeals, as far as a
    letter told it to the person.
    """
    return OwnResults(
        explain(session, candidacy_id, on=on, notified=True),
        load_status_history(session, candidacy_id, notified=True),
        list_own_appeals(session, candidacy_id, notified=True),
    )


def list_own_files(session: Session, person_id: UUID) -> Iterator[tuple[UUID, int, int, str, str]]:
    """Yield the kept files of a person's evidence: candidacy, number of the piece, version, name, key."""
    query = (
        select(Evidence.candidacy_id, Evidence.number, EvidenceFile.number, EvidenceFile.name, EvidenceFile.key)
        .join(EvidenceFile.evidence)
        .join(Candidacy, Candidacy.id == Evidence.candidacy_id)
        .where(Candidacy.candidate_id == person_id)
        .order_by(Evidence.candidacy_id, Evidence.number, EvidenceFile.number)
    )
    for row in session.execute(query):
        yield row[0], row[1], row[2], row[3], row[4]


def list_own_manifests(session: Session, person_id: UUID) -> Iterator[tuple[UUID, int, bytes]]:
    """Yield the sealed manifests of a person: candidacy, number of the submission, bytes."""
    query = (
        select(Submission.candidacy_id, Submission.number, Submission.manifest)
        .join(Submission.candidacy)
        .where(Candidacy.candidate_id == person_id)
    )
    for row in session.execute(query):
        yield row[0], row[1], row[2]


def plain(value: Any) -> Any:
    """Return a value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return value
