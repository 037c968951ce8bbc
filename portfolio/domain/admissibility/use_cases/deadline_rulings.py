"""Delays that passed, and the certifier's word on them, which is an act: written once, told to the candidate."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_rows, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, LapseRuling, Submission
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind
from portfolio.domain.candidacy.rules.missed_deadlines import (
    LapseOutcome,
    LapseState,
    MissedDeadline,
    ProgressDates,
    Ruling,
    lapse_of,
    missed_deadlines,
    ruling_refusal,
    running_deadlines,
)
from portfolio.domain.candidacy.rules.opening import regime_for
from portfolio.domain.candidacy.use_cases import earliest_day, email_candidate, first_activity_at, first_submission_at
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.holdings.use_cases.notified_results import list_closed_minutes
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal

# Asked at every page of a candidacy and at every closing, so built once.
_RULINGS = (
    select(LapseRuling, Person.name)
    .join(Person, Person.id == LapseRuling.decided_by)
    .where(LapseRuling.candidacy_id == bindparam("candidacy"))
    .order_by(LapseRuling.recorded_at, LapseRuling.id)
)


@dataclass(frozen=True, slots=True)
class RulingSummary:
    """A ruling as it is told: what was ruled, by whom."""

    ruling: Ruling
    author: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class DeadlinesPageData:
    """The delays of a candidacy that passed, those that run, what was ruled, and whether a jury has decided already."""

    candidate: str
    overruns: tuple[MissedDeadline, ...]
    rulings: tuple[RulingSummary, ...]
    has_minutes: bool
    lapse: LapseState
    running: tuple[Deadline, ...] = ()

    def ruled(self, kind: DeadlineKind) -> bool:
        """Return whether something was ruled of a delay."""
        return any(ruling.ruling.kind is kind for ruling in self.rulings)


def rule_on_deadline(session: Session, candidacy_id: UUID, ruling: Ruling, *, by: UUID, at: datetime) -> LapseRuling:
    """Record the certifier's word on a delay that passed, tell the candidate, and grant what only waited for it (R3).

    Raises Refusal: no such overrun, no reason, a day that cannot be, a lapse of a delay that is not the candidate's, or
    once a jury has decided (R6). The candidacy is locked as a closing holds it: one of the two comes first, and the
    other sees it.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    today = day_of(at)
    overruns = missed_deadlines(load_progress_dates(session, candidacy), today)
    fault = ruling_refusal(ruling, overruns, has_minutes=has_minutes(session, candidacy_id), today=today)
    if fault is not None:
        raise Refusal(fault)
    row = LapseRuling(
        id=new_id(),
        candidacy_id=candidacy_id,
        deadline_kind=ruling.kind,
        outcome=ruling.outcome,
        reason=ruling.reason.strip(),
        decided_on=ruling.decided_on,
        decided_by=by,
        recorded_at=at,
    )
    session.add(row)
    session.flush()
    record_event(
        session, "delay_ruled", ("candidacy", candidacy_id), by=by, at=at, clock=ruling.kind, outcome=ruling.outcome
    )
    email_candidate(session, candidacy, EmailTemplate.RULED, at=at)
    settled = issue_missing_grants(session, candidacy.candidate_id, at=at)
    append(session, [row, *settled.rows], at=at)  # last: it takes the ledger's lock
    return row


def load_deadlines_page(session: Session, candidacy_id: UUID, today: date) -> DeadlinesPageData:
    """Gather the delays of a candidacy for the certifier, in a constant number of queries."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    days, is_ruled = _load_progress(session, candidacy)
    lines = load_rulings(session, candidacy_id) if is_ruled else ()
    lapse = lapse_of(days, [line.ruling for line in lines], today)
    decided = has_minutes(session, candidacy_id)
    running = running_deadlines(days, today) if lapse is not LapseState.LAPSED else ()
    return DeadlinesPageData(candidacy.candidate_name, missed_deadlines(days, today), lines, decided, lapse, running)


def load_rulings(session: Session, candidacy_id: UUID) -> tuple[RulingSummary, ...]:
    """List what was ruled of the delays of a candidacy, the latest last, in one query."""
    rows = session.execute(_RULINGS, {"candidacy": candidacy_id})
    return tuple(RulingSummary(row.to_value(), name, row.recorded_at) for row, name in rows)


def load_lapse_state(session: Session, candidacy_id: UUID, today: date) -> LapseState:
    """Return whether the admissibility of a candidacy waits for a ruling, is maintained or has lapsed (R3)."""
    days, is_ruled = _load_progress(session, session.get_one(Candidacy, candidacy_id))
    rulings = [ruling.ruling for ruling in load_rulings(session, candidacy_id)] if is_ruled else ()
    return lapse_of(days, rulings, today)


def load_progress_dates(session: Session, candidacy: Candidacy) -> ProgressDates:
    """Gather the days that the clocks of a candidacy look at, for its last submission, in one query: its first step is
    the first thing that the candidate did since the opening, or their advisor with them, from the journal.
    """
    return _load_progress(session, candidacy)[0]


def _load_progress(session: Session, candidacy: Candidacy) -> tuple[ProgressDates, bool]:
    """Return the same, and whether a delay was ever ruled on."""
    [row] = fetch_rows(session, _progress(), {"candidacy": candidacy.id})
    submitted, decided_on, notified, is_ruled, *first_steps = row
    return ProgressDates(
        regime_for(candidacy.route, candidacy.regime),
        candidacy.admissible_on,
        day_of(candidacy.opened_at),
        earliest_day(first_steps),
        day_of(submitted) if submitted else None,
        decided_on,
        day_of(notified) if notified else None,
    ), is_ruled


@cache
def _progress() -> Select[*tuple[Any, ...]]:
    return (
        select(Submission.submitted_at, Minutes.decided_on, ResultNotification.notified_at)
        .add_columns(
            exists().where(LapseRuling.candidacy_id == Candidacy.id), first_activity_at(), first_submission_at()
        )
        .select_from(Candidacy)
        .outerjoin(Submission, Submission.candidacy_id == Candidacy.id)
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Minutes, Minutes.hearing_id == Hearing.id)
        .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
        .where(Candidacy.id == bindparam("candidacy"))
        .order_by(Submission.number.desc())
        .limit(1)
    )


def has_minutes(session: Session, candidacy_id: UUID) -> bool:
    """Return whether the minutes of a jury were closed for a candidacy, but for a sitting without effect."""
    return any(minutes.void_reason is None for minutes in list_closed_minutes(session, candidacy_id))


def has_lapsed() -> ColumnElement[bool]:
    """Say of the candidacy of a query whether its admissibility was last ruled to have lapsed."""
    later = aliased(LapseRuling)
    after = exists().where(
        later.candidacy_id == LapseRuling.candidacy_id,
        _of_admissibility(later),
        or_(
            later.recorded_at > LapseRuling.recorded_at,
            (later.recorded_at == LapseRuling.recorded_at) & (later.id > LapseRuling.id),
        ),
    )
    lapsed = LapseRuling.outcome == LapseOutcome.LAPSED
    return exists().where(LapseRuling.candidacy_id == Candidacy.id, _of_admissibility(LapseRuling), lapsed, ~after)


def _of_admissibility(ruling: type[LapseRuling]) -> ColumnElement[bool]:
    return ruling.deadline_kind.is_(None) | (ruling.deadline_kind == DeadlineKind.FIRST_STEP)


def is_lapsed(session: Session, candidacy_id: UUID) -> bool:
    """Return whether the admissibility of a candidacy was last ruled to have lapsed: a delay alone lapses nothing."""
    return session.scalar(select(has_lapsed()).where(Candidacy.id == candidacy_id)) is True
