"""How an advisor looks through their dossiers: by what is awaited from them, in the order they choose."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portfolio.review.rules.need import Cause, Need


class Awaited(StrEnum):
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


GROUPS: Mapping[Awaited, frozenset[Cause]] = {
    Awaited.ANSWER: frozenset({Cause.UNANSWERED}),
    Awaited.MARK: frozenset({Cause.OUTDATED, Cause.UNMARKED}),
    Awaited.NUDGE: frozenset({Cause.LAPSE, Cause.NOT_BEGUN, Cause.QUIET}),
    Awaited.NEXT: frozenset({Cause.NEXT_SUBMISSION}),
    Awaited.JURY: frozenset({Cause.SUBMITTED, Cause.DELIBERATED}),
    Awaited.REST: frozenset({Cause.NOTHING, Cause.COMPLETE}),
}


def awaited_in(need: Need) -> frozenset[Awaited]:
    """Say under which headings a dossier is found: every cause has one, and a dossier may have several."""
    causes = {ground.cause for ground in need.grounds}
    return frozenset(one for one, group in GROUPS.items() if causes & group)
