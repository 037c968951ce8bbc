"""Derive the assessment plan of a version from its entry: each practical case and deliverable, and the defence.

Results of assessments: append-only facts, each corrected by a later row that names the row it replaces.

Cohorts, and the jury that a candidate who failed goes before: the next cohort's, where the certifier sets it (domain
§2).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.certification.rules.entry import Entry


class AssessmentKind(StrEnum):
    """Kinds of assessments that a certification plans to assess a candidate with, on the routes without a livret 2."""

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


class RecordStep(StrEnum):
    """Next steps of the body for a candidacy without a livret 2, on the page of its results."""

    PLAN = "plan"  # nothing says what is assessed
    DECIDED = "decided"
    AMEND = "amend"  # a result was recorded after the record that the jury reads
    SUSPENDED = "suspended"
    ABSENT = "absent"
    HEAR = "hear"
    SCHEDULE = "schedule"
    RECORD = "record"  # planned assessments have no result
    SEAL = "seal"


_SEALED_STEPS = {
    PathStep.SUSPENDED: RecordStep.SUSPENDED,
    PathStep.ABSENT: RecordStep.ABSENT,
    PathStep.HEAR: RecordStep.HEAR,
    PathStep.SCHEDULE: RecordStep.SCHEDULE,
    PathStep.NOT_HEARD: RecordStep.SCHEDULE,
}


def record_step(path: PathStep, *, is_planned: bool, is_amended: bool, is_complete: bool) -> RecordStep:
    """Return the next step: the plan, what the jury decided or does, then what leads to a record (design)."""
    if not is_planned:
        return RecordStep.PLAN
    if path is PathStep.DECIDED:
        return RecordStep.DECIDED
    if is_amended:
        return RecordStep.AMEND
    return _SEALED_STEPS.get(path, RecordStep.SEAL if is_complete else RecordStep.RECORD)


class AssessmentRefusal(StrEnum):
    """Reasons why an assessment, a cohort, a record or a defence is not recorded."""

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
    """A recorded result: which planned assessment, when it was assessed, its outcome, and the row that it replaces."""

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


class RetryRule(StrEnum):
    """Before which jury a candidate who failed may go again; from the entry or the certifier, per
    certification version.
    """

    ANY_JURY = "any_jury"
    NEXT_COHORT = "next_cohort"


@dataclass(frozen=True, slots=True)
class CohortValue:
    """A cohort of one certification version: its name, and the days between which it runs."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date


def is_later_cohort(cohort: CohortValue, than: CohortValue) -> bool:
    """Return whether a cohort comes after another one: it is another cohort, and it ends later."""
    return cohort.id != than.id and (cohort.ends_on, cohort.starts_on) > (than.ends_on, than.starts_on)


def retry_refusal(
    rule: RetryRule, failed_in: CohortValue | None, cohort: CohortValue | None
) -> AssessmentRefusal | None:
    """Return why a candidate whom a jury decided already cannot go before a jury again, or None.

    `failed_in` is the cohort with which they went last; unknown, any cohort will do, but one is asked for.
    """
    if rule is RetryRule.ANY_JURY:
        return None
    if cohort is None:
        return AssessmentRefusal.NO_COHORT
    if failed_in is not None and not is_later_cohort(cohort, failed_in):
        return AssessmentRefusal.SAME_COHORT
    return None


# The passage of an entry about a partial result (certification.readers.cncp_text.details).
PARTIAL = "OBTENTION_PARTIELLE"
_NEXT_COHORT = re.compile(r"promotion\s+(?:n\s*\+\s*1|suivante)", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,3})\s*(?:minutes|mn|min)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """A planned assessment: its kind, its words, and the number of its block; None for the whole certification."""

    kind: AssessmentKind
    title: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class DefenceMinutes:
    """Duration of a defence, in minutes: the presentation, then the questions of the jury."""

    presentation: int
    questions: int


def planned_by_entry(entry: Entry) -> tuple[PlannedValue, ...]:
    """Return the assessments that an entry names: those of each block in order, then the deliverables of the whole."""
    cases = (
        PlannedValue(AssessmentKind.PRACTICAL_CASE, text, block.number)
        for block in entry.blocks
        for text in block.assessments
    )
    return (*cases, *(PlannedValue(AssessmentKind.DELIVERABLE, text) for text in entry.deliverables))


def retry_in(entry: Entry) -> RetryRule:
    """Return before which jury a candidate who failed goes again, as the entry writes it: the next cohort's
    where it says so, else any.
    """
    passages = entry.details.passages if entry.details else ()
    says = any(passage.name == PARTIAL and _NEXT_COHORT.search(passage.text) for passage in passages)
    return RetryRule.NEXT_COHORT if says else RetryRule.ANY_JURY


def defence_in(text: str | None) -> DefenceMinutes | None:
    """Return the two durations that a text gives in minutes (« 30 minutes », then « 20 minutes »); None
    without exactly two.
    """
    found = [int(each) for each in _MINUTES.findall(text or "")]
    return DefenceMinutes(*found) if len(found) == 2 else None
