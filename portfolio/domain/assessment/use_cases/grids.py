"""The results of a whole cohort in one table: people in lines, planned assessments in columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.assessment.models import AssessmentResult
from portfolio.domain.assessment.rules import AssessmentOutcome, current_results
from portfolio.domain.assessment.use_cases.cohorts import CohortLine, cohort_page
from portfolio.domain.assessment.use_cases.plans import PlannedLine, planned_lines
from portfolio.domain.assessment.use_cases.results import Examiner, NewResult, list_examiners, record_result
from portfolio.domain.candidacy.models import Candidacy, candidacy_block, candidate_display_name, is_closed_candidacy
from portfolio.domain.certification.models import Block
from portfolio.errors import Conflict

# Who and which planned assessment.
Place = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class GridCell:
    """The result that stands for a person and an assessment."""

    id: UUID
    outcome: AssessmentOutcome
    detail: str
    assessed_on: date
    examiner: str
    has_document: bool
    recorded_at: datetime
    examiner_id: UUID | None
    proof: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """A person of the cohort, and the numbers of the blocks that they ask for."""

    candidacy_id: UUID
    name: str
    email: str
    blocks: frozenset[int]

    def takes(self, planned: PlannedLine) -> bool:
        """Tell whether an assessment is one of theirs."""
        return planned.value.block is None or planned.value.block in self.blocks


@dataclass(frozen=True)
class CohortGrid:
    """Everything that the table of a cohort shows."""

    line: CohortLine
    planned: tuple[PlannedLine, ...]
    rows: tuple[GridRow, ...]
    cells: Mapping[Place, GridCell]
    examiners: Sequence[Examiner]


@dataclass(frozen=True, slots=True)
class GridEntry:
    """A result that the table records: in place of the row that the author saw, if there was one."""

    candidacy_id: UUID
    result: NewResult
    seen: UUID | None


def load_cohort_grid(session: Session, body_id: UUID, cohort_id: UUID) -> CohortGrid | None:
    """Read the table of a cohort of a body, without closed candidacies, in a constant number of queries."""
    page = cohort_page(session, body_id, cohort_id)
    if page is None:
        return None
    query = (
        select(Candidacy.id, candidate_display_name(Person).label("name"), Person.email)
        .join(Candidacy.candidate)
        .where(Candidacy.cohort_id == cohort_id, ~is_closed_candidacy())
    )
    people = session.execute(query).all()
    ids = [row.id for row in people]
    blocks: dict[UUID, set[int]] = {}
    asked = select(candidacy_block.c.candidacy_id, Block.number).join(Block, Block.id == candidacy_block.c.block_id)
    for candidacy_id, number in session.execute(asked.where(candidacy_block.c.candidacy_id.in_(ids))):
        blocks.setdefault(candidacy_id, set()).add(number)
    rows = [GridRow(row.id, row.name, row.email, frozenset(blocks.get(row.id, ()))) for row in people]
    rows.sort(key=lambda row: (name_order(row.name), row.candidacy_id))
    planned = planned_lines(session, page.line.version_id)
    examiners = list_examiners(session, ids[0]) if ids else ()
    return CohortGrid(page.line, planned, tuple(rows), _cells(session, ids), examiners)


def _cells(session: Session, ids: Sequence[UUID]) -> dict[Place, GridCell]:
    """Return the last result that stands of each person and assessment."""
    query = select(AssessmentResult).where(AssessmentResult.candidacy_id.in_(ids))
    rows = session.scalars(query.order_by(AssessmentResult.recorded_at, AssessmentResult.id)).all()
    standing = {line.id for line in current_results(row.to_value() for row in rows)}
    return {
        (row.candidacy_id, row.planned_id): GridCell(
            *(row.id, row.outcome, row.detail, row.assessed_on, row.examiner),
            *(row.file_id is not None, row.recorded_at, row.examiner_id, row.proof or ""),
        )
        for row in rows
        if row.id in standing
    }


def record_grid(session: Session, entries: Sequence[GridEntry], *, by: UUID, at: datetime) -> int:
    """Record the results of a table, all or none; return how many.

    Raise Refusal as `record_result` does, Conflict when a result was recorded since the table was opened.
    """
    found = _cells(session, list({entry.candidacy_id for entry in entries}))
    for entry in entries:
        cell = found.get((entry.candidacy_id, entry.result.planned_id))
        if (cell.id if cell else None) != entry.seen:
            raise Conflict({"candidacy": str(entry.candidacy_id)}, 0)
        record_result(session, entry.candidacy_id, entry.result, replaces=entry.seen, by=by, at=at)
    return len(entries)
