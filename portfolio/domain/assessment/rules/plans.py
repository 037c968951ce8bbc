"""Derive the assessment plan of a version from its entry: each practical case and deliverable, and the
defence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portfolio.domain.assessment.rules.cohorts import RetryRule
from portfolio.domain.assessment.rules.results import AssessmentKind
from portfolio.domain.certification.rules.entry import Entry

# The passage of an entry about a partial result (certification.readers.cncp_text.details).
PARTIAL = "OBTENTION_PARTIELLE"
_NEXT_COHORT = re.compile(r"promotion\s+(?:n\s*\+\s*1|suivante)", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,3})\s*(?:minutes|mn|min)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """A planned assessment: its kind, its words, and the number of its block; None for the whole
    certification.
    """

    kind: AssessmentKind
    title: str
    block: int | None = None


@dataclass(frozen=True, slots=True)
class DefenceMinutes:
    """How long a defence lasts: the presentation, then the questions of the jury."""

    presentation: int
    questions: int


def planned_by_entry(entry: Entry) -> tuple[PlannedValue, ...]:
    """Return the assessments that an entry names: those of each block in order, then the deliverables of the
    whole.
    """
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
