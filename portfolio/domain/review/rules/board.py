"""Filter and sort the dossiers of an advisor."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portfolio.domain.review.rules.priority import AttentionReason, Priority


class WaitingFor(StrEnum):
    """What an advisor can look for among their dossiers."""

    ANSWER = "answer"
    MARK = "mark"
    NUDGE = "nudge"
    NEXT = "next"
    JURY = "jury"
    REST = "rest"


class Order(StrEnum):
    """In which order dossiers are shown."""

    NEED = "need"
    DEADLINE = "deadline"
    ACTIVITY = "activity"
    NAME = "name"


GROUPS: Mapping[WaitingFor, frozenset[AttentionReason]] = {
    WaitingFor.ANSWER: frozenset({AttentionReason.UNANSWERED}),
    WaitingFor.MARK: frozenset({AttentionReason.OUTDATED, AttentionReason.UNMARKED}),
    WaitingFor.NUDGE: frozenset({AttentionReason.LAPSE, AttentionReason.NOT_BEGUN, AttentionReason.QUIET}),
    WaitingFor.NEXT: frozenset({AttentionReason.NEXT_SUBMISSION}),
    WaitingFor.JURY: frozenset({AttentionReason.SUBMITTED, AttentionReason.DELIBERATED}),
    WaitingFor.REST: frozenset({AttentionReason.NOTHING, AttentionReason.COMPLETE}),
}


def waiting_for(need: Priority) -> frozenset[WaitingFor]:
    """Say under which headings a dossier is found: every cause has one, and a dossier may have several."""
    causes = {ground.cause for ground in need.grounds}
    return frozenset(heading for heading, group in GROUPS.items() if causes & group)
