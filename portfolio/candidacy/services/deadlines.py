"""The statutory delays of every candidacy of a body: those that passed without a ruling, those that end soon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy, LapseRuling, named_candidate
from portfolio.candidacy.rules import (
    NEAR,
    Clock,
    ClockKind,
    LapseOutcome,
    Overrun,
    PathDays,
    Regime,
    Route,
    overruns_of,
    running_of,
)
from portfolio.candidacy.services.steps import first_act, first_day, first_deposit
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing, JurySession, hears
from portfolio.jury.rules import day_of
from portfolio.paper.models import Notification
from portfolio.submission.models import Submission


@dataclass(frozen=True, slots=True)
class Deadline:
    """A delay of a candidacy that passed, or ends soon; `overrun` says how it passed."""

    candidacy_id: UUID
    candidate: str
    clock: Clock
    overrun: Overrun | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The delays that the certifier looks at: those that passed and wait for a ruling, those that end soon."""

    passed: tuple[Deadline, ...] = ()
    near: tuple[Deadline, ...] = ()


def deadlines_of(session: Session, body_id: UUID, today: date) -> Deadlines:
    """Return the delays of a body that passed without a ruling, and those that end within fifteen days, in two queries.

    The oldest is first. A candidacy whose admissibility was ruled to have lapsed has no delay left.
    """
    rulings = _rulings(session, body_id)
    passed: list[Deadline] = []
    near: list[Deadline] = []
    for key, candidate, path in _paths(session, body_id):
        if LapseOutcome.LAPSED in rulings[key].values():
            continue
        for overrun in overruns_of(path, today):
            if overrun.kind not in rulings[key]:
                passed.append(Deadline(key, candidate, overrun.clock, overrun))
        near += [Deadline(key, candidate, clock) for clock in running_of(path, today) if clock.until <= today + NEAR]
    return Deadlines(_in_order(passed), _in_order(near))


def _in_order(deadlines: Iterable[Deadline]) -> tuple[Deadline, ...]:
    return tuple(sorted(deadlines, key=lambda one: (one.clock.until, one.candidate, str(one.candidacy_id))))


def _rulings(session: Session, body_id: UUID) -> defaultdict[UUID, dict[ClockKind, LapseOutcome]]:
    """Return the last ruling on each delay of each candidacy of a body."""
    query = (
        _of_body(select(LapseRuling.candidacy_id, LapseRuling.clock, LapseRuling.outcome), body_id)
        .join(LapseRuling, LapseRuling.candidacy_id == Candidacy.id)
        .order_by(LapseRuling.recorded_at, LapseRuling.id)
    )
    found: defaultdict[UUID, dict[ClockKind, LapseOutcome]] = defaultdict(dict)
    for key, clock, outcome in session.execute(query):
        found[key][clock or ClockKind.FIRST_STEP] = outcome
    return found


def _paths(session: Session, body_id: UUID) -> Iterator[tuple[UUID, str, PathDays]]:
    """Yield the days that the clocks of each candidacy look at, for its last submission."""
    last = (
        select(Submission.candidacy_id, func.max(Submission.number).label("number")).group_by(Submission.candidacy_id).subquery()
    )
    columns = (
        *(Candidacy.id, named_candidate(Person), Candidacy.regime, Candidacy.admissible_on, Candidacy.opened_at),
        *(first_act(), first_deposit(), Submission.submitted_at, JurySession.held_on, Hearing.closed_at),
        Notification.notified_at,
    )
    query = (
        _of_body(select(*columns), body_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .outerjoin(last, last.c.candidacy_id == Candidacy.id)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last.c.number))
        .outerjoin(Hearing, hears())
        .outerjoin(JurySession, JurySession.id == Hearing.session_id)
        .outerjoin(Minutes, Minutes.hearing_id == Hearing.id)
        .outerjoin(Notification, Notification.minutes_id == Minutes.id)
        .where(Candidacy.regime == Regime.FRANCE_VAE, Candidacy.route == Route.VAE)
    )
    for key, name, regime, admissible_on, opened, act, deposit, submitted, held_on, closed, notified in session.execute(query):
        yield key, name, PathDays(
            regime,
            admissible_on,
            day_of(opened),
            first_day((act, deposit)),
            day_of(submitted) if submitted else None,
            held_on if closed else None,
            day_of(notified) if notified else None,
        )  # fmt: skip


def _of_body(query: Select[*tuple[Any, ...]], body_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        query.select_from(Candidacy)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id)
    )
