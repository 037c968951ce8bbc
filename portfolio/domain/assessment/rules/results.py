"""Results of assessments: append-only facts, each corrected by a later row that names the row it replaces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class AssessmentKind(StrEnum):
    """What a certification plans to assess a candidate with, on the routes without a livret 2."""

    PRACTICAL_CASE = "practical_case"
    DELIVERABLE = "deliverable"
    WRITTEN_TEST = "written_test"
    WORKPLACE = "workplace"
    OTHER = "other"


class AssessmentOutcome(StrEnum):
    """The outcome of an assessment; `WITHDRAWN` corrects a row that was recorded by mistake."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TAKEN = "not_taken"
    WITHDRAWN = "withdrawn"


class AssessmentRefusal(StrEnum):
    """Why an assessment, a cohort, a record or a defence is not recorded."""

    HAS_DOSSIER = "assessment_has_dossier"
    PLAN_NOT_PUBLISHED = "assessment_plan_not_published"
    FOREIGN_BLOCK = "assessment_foreign_block"
    FOREIGN_PLANNED = "assessment_foreign_planned"
    PLANNED_IN_USE = "assessment_planned_in_use"
    NOT_TODAY = "assessment_date_to_come"
    BEFORE_START = "assessment_before_start"
    ALREADY_CORRECTED = "assessment_already_corrected"
    FOREIGN_RESULT = "assessment_foreign_result"
    FOREIGN_COHORT = "assessment_foreign_cohort"
    COHORT_IN_USE = "assessment_cohort_in_use"
    COHORT_NAME_TAKEN = "assessment_cohort_name_taken"
    RECORD_EMPTY = "assessment_record_empty"
    RECORD_READ = "assessment_record_read"
    NOT_NOTIFIED = "assessment_not_notified"
    NOTHING_LEFT = "assessment_nothing_left"
    SAME_COHORT = "assessment_same_cohort"
    NO_COHORT = "assessment_no_cohort"
    SESSION_TOO_SOON = "assessment_session_too_soon"
    DEFENCE_CLOSED = "assessment_defence_closed"
    DEFENCE_DAY = "assessment_defence_day"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A recorded result: which planned assessment, when it was assessed, its outcome, and the row that it
    replaces.
    """

    id: UUID
    planned_id: UUID
    assessed_on: date
    outcome: AssessmentOutcome
    replaces_id: UUID | None = None


def current_results(lines: Iterable[ResultLine]) -> tuple[ResultLine, ...]:
    """Return the results that no later row replaces, without those recorded by mistake."""
    known = tuple(lines)
    replaced = {result_line.replaces_id for result_line in known if result_line.replaces_id is not None}
    return tuple(
        result_line
        for result_line in known
        if result_line.id not in replaced and result_line.outcome is not AssessmentOutcome.WITHDRAWN
    )


def result_refusal(assessed_on: date, *, today: date, started_on: date) -> AssessmentRefusal | None:
    """Return why an assessment of this day cannot be recorded: it is to come, or before the path began."""
    if assessed_on > today:
        return AssessmentRefusal.NOT_TODAY
    return AssessmentRefusal.BEFORE_START if assessed_on < started_on else None
