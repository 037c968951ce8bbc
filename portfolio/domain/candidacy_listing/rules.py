"""Derive the sort and filter columns of a candidacy from its facts: pure, the same for a write and for a check."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, ProgressDates, awaited_deadlines
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf
from portfolio.domain.holdings.rules.status_changes import GrantStatus

# The facets that are counted.
STAGE, REACHED, ADVISOR, CALLED, TO_NOTIFY = "stage", "reached", "advisor", "called", "to_notify"
# Stages at which nobody works on the candidacy any more.
OVER = frozenset({Stage.OBTAINED, Stage.CLOSED})


@dataclass(frozen=True, slots=True)
class OpenDeadlineValue:
    """A delay without a ruling that runs, or that passed; `done_on` is the day on which what it waited for
    came, too late.
    """

    deadline: Deadline
    done_on: date | None
    is_seen: bool


def last_step(opened_at: datetime, submitted_at: datetime | None, decided_on: date | None) -> date:
    """Return the day of the last step of a candidacy: its opening, its last submission, or the decision."""
    days = (day_of(opened_at), day_of(submitted_at) if submitted_at else None, decided_on)
    return max(day for day in days if day is not None)


def open_deadlines(
    path: ProgressDates, rulings: Mapping[DeadlineKind, LapseOutcome], *, is_over: bool = False
) -> tuple[OpenDeadlineValue, ...]:
    """List the delays that run or passed without a ruling; none once the admissibility lapsed or the
    candidacy is closed.

    The answer does not depend on the day: a delay passed when its end is before the day of the reader.
    """
    if is_over or LapseOutcome.LAPSED in rulings.values():
        return ()
    found = []
    for deadline, done_on in awaited_deadlines(path):
        if deadline.kind in rulings or (done_on is not None and done_on <= deadline.until):
            continue
        is_seen = deadline.kind is not DeadlineKind.FIRST_STEP or path.opened_on <= deadline.latest
        found.append(OpenDeadlineValue(deadline, done_on, is_seen))
    return tuple(found)


def reached_stage(*, has_come: bool, was_sealed: bool, was_called: bool, was_decided: bool, is_obtained: bool) -> Stage:
    """Return the furthest stage that a candidacy reached, whatever came after."""
    steps = (
        (Stage.OBTAINED, is_obtained),
        (Stage.DECIDED, was_decided),
        (Stage.CALLED, was_called),
        (Stage.SEALED, was_sealed),
        (Stage.WRITING, has_come),
    )
    return next((stage for stage, holds in steps if holds), Stage.INVITED)


def facets_of(row: Any) -> Iterator[tuple[str, str]]:
    """Yield the facets under which a candidacy is counted.

    Its stage, how far it came, who follows it while it is open, the session that is to hear it, its result to notify.
    """
    yield STAGE, row.stage.value
    yield REACHED, f"{row.reached.value} {row.stage.value}"
    if row.stage not in OVER:
        yield ADVISOR, row.advisor_id.hex if row.advisor_id else ""
    if row.stage is Stage.CALLED and row.session_id and row.jury_on:
        yield CALLED, f"{row.jury_on.isoformat()} {row.session_id.hex}"
    if row.to_notify_since is not None:
        yield TO_NOTIFY, ""


def search_text(parts: Iterable[str | None], plain: Mapping[str, str]) -> str:
    """Return the words that a search looks in, each once, on one line; `plain` gives each part without case
    and accents.
    """
    return " ".join(dict.fromkeys(plain[part] for part in parts if part))


def outcome_to_text(result: Result, ended: Mapping[GrantStatus, int]) -> str:
    """Return a result and the statuses of the blocks that stand no more in one line: « partial whole suspended:2 »."""
    return " ".join(
        [result.label.value, result.of.value, *(f"{status.value}:{number}" for status, number in sorted(ended.items()))]
    )


def outcome_from_text(text: str) -> tuple[Result, dict[GrantStatus, int]] | None:
    """Read them back; None when no jury gave a result."""
    if not text:
        return None
    label, of, *ended = text.split()
    pairs = (part.split(":") for part in ended)
    return Result(Label(label), ResultOf(of)), {GrantStatus(status): int(number) for status, number in pairs}
