"""Derive the assessment plan of a version from its entry: each practical case and deliverable, and the
defence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portfolio.domain.assessment.rules.results import AssessmentKind
from portfolio.domain.certification.rules.entry import Entry

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


def defence_in(text: str | None) -> DefenceMinutes | None:
    """Return the two durations that a text gives in minutes (« 30 minutes », then « 20 minutes »); None
    without exactly two.
    """
    found = [int(each) for each in _MINUTES.findall(text or "")]
    return DefenceMinutes(*found) if len(found) == 2 else None
