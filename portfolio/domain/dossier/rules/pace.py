"""A rhythm: the draft cut in steps of about twenty minutes until a chosen day; when a silence is written about."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from portfolio.calendar import PARIS, day_of
from portfolio.domain.dossier.rules.description import MissingFact
from portfolio.domain.dossier.rules.draft import CoverageState, DossierState, Draft, MissingPart
from portfolio.domain.dossier.rules.next_action import NextAction, NextStep, Reason, missing_part

Item = TypeVar("Item")
STEP_MINUTES = 20
# How many small things one step holds: cover notes and comments of five minutes, masks of ten.
NOTES_PER_STEP, MASKS_PER_STEP = 4, 2
SILENCE = timedelta(days=14)
MAX_LETTERS = 3
# When people write their dossier: after work (design).
DEFAULT_HOUR = 18
HOURS = range(6, 23)
# A dossier is deposited so long before its session (design): the body checks it, and the jury reads it.
BEFORE_SESSION = timedelta(days=30)


def planned_steps(draft: Draft) -> list[NextAction]:
    """Return the steps left until the deposit, in their order: the first one is about what comes next.

    A step names the first thing it is about, and `left` says how many it holds.
    """
    if draft.state is not DossierState.DRAFT or not draft.competencies:
        return []
    return [*_beginning(draft), *_pieces(draft), *_competencies(draft), *_end(draft)]


def _beginning(draft: Draft) -> Iterator[NextAction]:
    if not draft.experiences:
        yield NextAction(NextStep.DESCRIBE_EXPERIENCE, Reason.NOTHING_YET)
    if not draft.has_pieces:
        yield NextAction(NextStep.ADD_FIRST_PIECE, Reason.NOTHING_YET, competency=draft.competencies[0])


def _pieces(draft: Draft) -> Iterator[NextAction]:
    wanting = (
        (NextStep.DESCRIBE_PIECE, [piece for piece in draft.pieces if not piece.described]),
        (NextStep.CLAIM_PIECE, [piece for piece in draft.pieces if not piece.claimed]),
    )
    for step, pieces in wanting:
        for some in _some(pieces, NOTES_PER_STEP):
            yield NextAction(step, Reason.UNFINISHED, piece=some[0], left=len(some))


def _competencies(draft: Draft) -> Iterator[NextAction]:
    for step, part in (
        (NextStep.ADD_EVIDENCE, MissingPart.CLAIM),
        (NextStep.COMPLETE_NARRATIVE, MissingPart.PROMPTS),
        (NextStep.WRITE_NARRATIVE, MissingPart.NARRATIVE),
    ):
        # The first piece is a step of its own, about the first competency.
        is_first = step is NextStep.ADD_EVIDENCE and not draft.has_pieces
        for fact in missing_part(draft, part)[int(is_first) :]:
            yield NextAction(step, Reason.UNFINISHED, competency=fact)
    for state in (CoverageState.NOT_COVERED, CoverageState.PARTLY):
        for fact in draft.competencies:
            if fact.coverage.state is state:
                yield NextAction(NextStep.STRENGTHEN, Reason.UNFINISHED, competency=fact)
    for facts in _some(missing_part(draft, MissingPart.COMMENT), NOTES_PER_STEP):
        yield NextAction(NextStep.COMMENT_CLAIMS, Reason.UNFINISHED, competency=facts[0], left=len(facts))


def _end(draft: Draft) -> Iterator[NextAction]:
    for text in draft.missing_texts():
        yield NextAction(NextStep.WRITE_TEXT, Reason.UNFINISHED, text=text)
    named = [piece for piece in draft.pieces if MissingFact.ANONYMITY_TO_DO in piece.missing]
    for some in _some(named, MASKS_PER_STEP):
        yield NextAction(NextStep.ANONYMISE, Reason.UNFINISHED, piece=some[0], left=len(some))
    yield NextAction(NextStep.SUBMIT, Reason.ALL_DONE)


def _some(items: Sequence[Item], most: int) -> Iterator[Sequence[Item]]:
    return (items[first : first + most] for first in range(0, len(items), most))


def step_days(count: int, today: date, until: date) -> list[date]:
    """Return the day of each step: spread from tomorrow to the chosen day, the last step on it."""
    days = max(1, (until - today).days)
    return [today + timedelta(days=-(-(place + 1) * days // count)) for place in range(count)]


def steps_a_week(count: int, today: date, until: date) -> int:
    """Return how many steps a week lead to the chosen day, rounded up."""
    return -(-count * 7 // max(7, (until - today).days))


def silence_letter_due(last_done: datetime, reminded_at: datetime | None, reminders: int, hour: int) -> datetime | None:
    """Return when the next letter about a silence is due, at the chosen hour in Paris; None after the last one.

    The first comes once nothing moved for fourteen days, the others each fourteen days after the letter before.
    """
    if reminded_at is None or reminded_at <= last_done:
        moment = datetime.combine(day_of(last_done + SILENCE), time(hour), PARIS)
        return moment if moment >= last_done + SILENCE else moment + timedelta(days=1)
    if reminders >= MAX_LETTERS:
        return None
    return datetime.combine(day_of(reminded_at) + SILENCE, time(hour), PARIS)
