"""Cohorts, and the jury that a candidate who failed goes before: the next cohort's, where the certifier sets
it (domain §2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.assessment.rules.results import AssessmentRefusal


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
