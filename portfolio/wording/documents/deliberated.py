"""French words of minutes about what a jury decided on: what it read, and what it heard or saw on the day."""

from collections.abc import Mapping
from typing import Any

from portfolio.domain.jury.rules.enums import Demonstration
from portfolio.domain.jury.rules.opinions import InterviewKind
from portfolio.domain.notification.use_cases.document_data import MinutesData
from portfolio.french_text import enumeration

_SEEN: Mapping[str, str] = {
    InterviewKind.INTERVIEW: "l’entretien",
    InterviewKind.PRACTICAL_CASE: "le cas pratique ou la mise en situation",
    Demonstration.INTERVIEW: "l’entretien",
    Demonstration.WORK_SIMULATION: "le cas pratique ou la mise en situation",
}


def also_heard(data: MinutesData) -> str:
    """Say on what a jury decided beside what it read, as its rows keep it; nothing where they keep nothing."""
    told: Mapping[str, Any] = data.composition
    kinds = [line["kind"] for line in told.get("interview", ())]
    kinds += [finding.ground for block in data.blocks for _, _, finding in block.findings if finding.ground]
    seen = dict.fromkeys(_SEEN[kind] for kind in kinds if kind in _SEEN)
    if told.get("defence"):
        seen["la soutenance"] = None
    return enumeration(sorted(seen)) if seen else ""
