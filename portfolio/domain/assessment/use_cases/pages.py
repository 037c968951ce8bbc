"""Read the pages of a candidacy without a livret 2: results, plan, last sealed record, jury."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.assessment.models import AssessmentResult
from portfolio.domain.assessment.rules import AssessmentKind, AssessmentOutcome, CohortValue, DefenceMinutes, RetryRule
from portfolio.domain.assessment.use_cases.cohorts import cohorts_for
from portfolio.domain.assessment.use_cases.plans import PlannedLine, planned_lines, settings_planned
from portfolio.domain.assessment.use_cases.results import current_rows, results_of
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, path_step
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.jury.models.deliberation import load_suspensions, next_day_of_hearing, was_absent
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_away, is_current_hearing
from portfolio.domain.jury.rules.closing import Suspension


@dataclass(frozen=True)
class ResultLine:
    """A recorded result as it is shown; `is_current` is false once a later row corrects it."""

    id: UUID
    planned_id: UUID
    kind: AssessmentKind
    title: str
    block: int | None
    assessed_on: date
    examiner: str
    outcome: AssessmentOutcome
    detail: str
    file_name: str
    file_key: str
    file_mime: str
    file_size: int
    recorded_at: datetime
    recorded_by: str
    replaces_id: UUID | None
    is_current: bool
    examiner_id: UUID | None = None
    proof: str = ""


@dataclass(frozen=True)
class SealedLine:
    """The record sealed last: its number and day, and the jury that reads it, if there is one."""

    id: UUID
    number: int
    sealed_at: datetime
    held_on: date | None
    place: str | None
    closed_at: datetime | None
    hearing_id: UUID | None
    is_away: bool = False
    was_absent: bool = False
    suspension: Suspension | None = None


@dataclass(frozen=True)
class PathPage:
    """Everything the pages of a candidacy without a livret 2 show."""

    candidacy_id: UUID
    candidate: str
    code: str
    title: str
    route: Route
    admissible_on: date
    blocks: Sequence[tuple[int, str]]
    planned: tuple[PlannedLine, ...]
    lines: tuple[ResultLine, ...]
    defence: DefenceMinutes | None
    retry: RetryRule
    cohort: CohortValue | None
    cohorts: Sequence[CohortValue]
    sealed: SealedLine | None

    def step(self, *, waits: bool) -> PathStep:
        """Return what comes next; `waits`: the letter of a decision is awaited."""
        sealed = self.sealed
        return path_step(
            PathFacts(
                is_sealed=sealed is not None,
                has_session=sealed is not None and sealed.held_on is not None,
                is_closed=sealed is not None and sealed.closed_at is not None,
                is_unnotified=waits,
                is_suspended=sealed is not None and sealed.suspension is not None,
                is_away=sealed is not None and sealed.is_away,
                was_absent=sealed is not None and sealed.was_absent,
                has_dossier=False,
            )
        )

    @property
    def current(self) -> list[ResultLine]:
        """Return the results that stand."""
        return [line for line in self.lines if line.is_current]

    @property
    def missing(self) -> list[PlannedLine]:
        """Return the planned assessments without any result."""
        done = {result_line.planned_id for result_line in self.current}
        return [planned_line for planned_line in self.planned if planned_line.id not in done]

    @property
    def added_since(self) -> bool:
        """Tell whether something was recorded after the record sealed last."""
        return self.sealed is not None and any(line.recorded_at > self.sealed.sealed_at for line in self.lines)

    def of_block(self, number: int | None) -> list[ResultLine]:
        """Return the results that stand for a block, or for the whole certification."""
        return [result_line for result_line in self.current if result_line.block == number]

    def result(self, result_id: UUID) -> ResultLine | None:
        """Find a recorded result."""
        return next((line for line in self.lines if line.id == result_id), None)


_WHOLE = (
    joinedload(Candidacy.candidate),
    joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
    joinedload(Candidacy.blocks),
)


def path_page(session: Session, candidacy_id: UUID) -> PathPage:
    """Read a candidacy without a livret 2, in a constant number of queries; raises NoResultFound."""
    candidacy = session.get_one(Candidacy, candidacy_id, options=_WHOLE)
    rows = results_of(session, candidacy_id)
    current = [row.id for row in current_rows(rows)]
    lines = [_line(row, row.id in current) for row in rows]
    order = {row_id: rank for rank, row_id in enumerate(current)}
    lines.sort(key=lambda line: (order.get(line.id, len(order)), line.recorded_at))
    asked = {block.number for block in candidacy.blocks}
    planned = planned_lines(session, candidacy.version_id)
    defence, retry = settings_planned(session, candidacy.version_id)
    cohorts = cohorts_for(session, candidacy)
    return PathPage(
        candidacy_id,
        candidacy.candidate_name,
        candidacy.version.certification.code,
        candidacy.version.title,
        candidacy.route,
        candidacy.admissible_on,
        [(block.number, block.title) for block in candidacy.blocks],
        tuple(
            planned_line
            for planned_line in planned
            if planned_line.value.block is None or planned_line.value.block in asked
        ),
        tuple(lines),
        defence,
        retry,
        next((cohort for cohort in cohorts if cohort.id == candidacy.cohort_id), None),
        cohorts,
        _sealed(session, candidacy_id),
    )


def _line(row: AssessmentResult, is_current: bool) -> ResultLine:
    file = row.file
    return ResultLine(
        row.id,
        row.planned_id,
        row.planned.kind,
        row.planned.title,
        row.planned.block.number if row.planned.block else None,
        row.assessed_on,
        row.examiner,
        row.outcome,
        row.detail,
        file.name if file else "",
        file.key if file else "",
        file.mime if file else "",
        file.size if file else 0,
        row.recorded_at,
        row.author.name,
        row.replaces_id,
        is_current,
        row.examiner_id,
        row.proof or "",
    )


def _sealed(session: Session, candidacy_id: UUID) -> SealedLine | None:
    query = (
        select(
            *(Submission.id, Submission.number, Submission.submitted_at),
            *(next_day_of_hearing(), JurySession.place, Hearing.closed_at, Hearing.id.label("hearing_id")),
            *(is_away().label("is_away"), was_absent(Submission.id).label("was_absent")),
        )
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .where(Submission.candidacy_id == candidacy_id)
        .order_by(Submission.number.desc())
        .limit(1)
    )
    row: Any = session.execute(query).first()
    if row is None:
        return None
    opened = [row.hearing_id] if row.hearing_id is not None and row.closed_at is None else []
    return replace(SealedLine(*row), suspension=load_suspensions(session, opened).get(row.hearing_id))


def followed_paths(session: Session, advisor_id: UUID) -> list[tuple[UUID, str, str, Route]]:
    """List the candidacies without a livret 2 that a person follows: id, candidate, certification, route; by name."""
    query = (
        select(Candidacy.id, candidate_display_name(Person), CertificationVersion.title, Candidacy.route)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .where(Candidacy.advisor_id == advisor_id, ~Dossier.is_required)
        .order_by(Candidacy.id)
    )
    rows = [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]
    return sorted(rows, key=lambda row: name_order(row[1]))
