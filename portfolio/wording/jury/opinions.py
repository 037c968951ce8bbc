"""Opinions, the interview sheet and votes, in French."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.jury.rules.ballots import VoteChoice
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.jury.rules.opinions import ComparedOpinions, InterviewKind
from portfolio.french_text import count, enumeration

INTERVIEW_KINDS: Mapping[InterviewKind, str] = {
    InterviewKind.INTERVIEW: "Pendant l’entretien",
    InterviewKind.PRACTICAL_CASE: "Pendant un cas pratique ou une mise en situation",
}
SHORT_INTERVIEW_KINDS: Mapping[InterviewKind, str] = {
    InterviewKind.INTERVIEW: "entretien",
    InterviewKind.PRACTICAL_CASE: "cas pratique",
}
CHOICES: Mapping[VoteChoice, str] = {
    VoteChoice.FOR: "Pour",
    VoteChoice.AGAINST: "Contre",
    VoteChoice.ABSTAIN: "Abstention",
}
_OPINIONS: Mapping[FindingValue, tuple[str, str]] = {
    FindingValue.ACQUIRED: ("acquise", "acquise"),
    FindingValue.PARTIALLY: ("partiellement acquise", "partiellement acquise"),
    FindingValue.NOT_ACQUIRED: ("non acquise", "non acquise"),
}


def opinion_counts_message(compared: ComparedOpinions) -> str:
    """Return the counts of the opinions on one competency: « 3 avis « acquise », 2 avis « non acquise » »."""
    words = [f"{number} avis « {_OPINIONS[value][0]} »" for value, number in compared.counts]
    return enumeration(words)


def divergence_message(compared: ComparedOpinions) -> str:
    """Return whether the members agree on a competency, in two words."""
    return {0: "même avis", 1: "avis proches"}.get(compared.spread, "avis opposés")


def awaited_message(names: list[str]) -> str:
    """Return who has not given their opinions yet."""
    if not names:
        return "Chaque membre présent a remis ses avis."
    return f"Avis attendus : {enumeration(names)}."


def voted_message(voted: int, voters: int) -> str:
    """Return how many members have voted."""
    return f"{count(voted, 'membre a voté', 'membres ont voté')} sur {voters}"
