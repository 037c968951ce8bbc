"""The law of assessments: kinds, outcomes, what is current, and before which jury a candidate who failed goes (domain §2)."""

from portfolio.assessment.rules.cohorts import CohortValue, RetryRule, is_later_cohort, retry_refusal
from portfolio.assessment.rules.plans import DefenceMinutes, PlannedValue, defence_in, planned_by_entry
from portfolio.assessment.rules.results import (
    AssessmentKind,
    AssessmentOutcome,
    AssessmentRefusal,
    ResultLine,
    current_results,
    result_refusal,
)

__all__ = [
    "AssessmentKind",
    "AssessmentOutcome",
    "AssessmentRefusal",
    "CohortValue",
    "DefenceMinutes",
    "PlannedValue",
    "ResultLine",
    "RetryRule",
    "current_results",
    "defence_in",
    "is_later_cohort",
    "planned_by_entry",
    "result_refusal",
    "retry_refusal",
]
