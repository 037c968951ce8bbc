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

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, LapseRuling, candidate_display_name
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import (
    NEAR,
    LapseOutcome,
    MissedDeadline,
    ProgressDates,
    missed_deadlines,
    running_deadlines,
)
from portfolio.domain.candidacy.use_cases.first_activity import earliest_day, first_activity_at, first_submission_at
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.jury.rules.closing import day_of
from portfolio.domain.notification.models import ResultNotification
from portfolio.domain.submission.models import Submission


@dataclass(frozen=True, slots=True)
class CandidacyDeadline:
    """A delay of a candidacy that passed, or ends soon; `overrun` says how it passed."""

    candidacy_id: UUID
    candidate: str
    clock: Deadline
    overrun: MissedDeadline | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The delays that the certifier looks at: those that passed and wait for a ruling, those that end soon."""

    passed: tuple[CandidacyDeadline, ...] = ()
    near: tuple[CandidacyDeadline, ...] = ()


def load_deadlines(session: Session, body_id: UUID, today: date) -> Deadlines:
    """Return the delays of a body that passed without a ruling, and those that end within fifteen days, in two queries.

    The oldest is first. A candidacy whose admissibility was ruled to have lapsed has no delay left.
    """
    rulings = _rulings(session, body_id)
    passed: list[CandidacyDeadline] = []
    near: list[CandidacyDeadline] = []
    for key, candidate, path in _paths(session, body_id):
        if LapseOutcome.LAPSED in rulings[key].values():
            continue
        for overrun in missed_deadlines(path, today):
            if overrun.kind not in rulings[key]:
                passed.append(CandidacyDeadline(key, candidate, overrun.clock, overrun))
        near += [
            CandidacyDeadline(key, candidate, clock) for clock in running_deadlines(path, today) if clock.until <= today + NEAR
        ]
    return Deadlines(_sorted(passed), _sorted(near))


def _sorted(deadlines: Iterable[CandidacyDeadline]) -> tuple[CandidacyDeadline, ...]:
    return tuple(sorted(deadlines, key=lambda one: (one.clock.until, one.candidate, str(one.candidacy_id))))


def _rulings(session: Session, body_id: UUID) -> defaultdict[UUID, dict[DeadlineKind, LapseOutcome]]:
    """Return the last ruling on each delay of each candidacy of a body."""
    query = (
        _of_body(select(LapseRuling.candidacy_id, LapseRuling.clock, LapseRuling.outcome), body_id)
        .join(LapseRuling, LapseRuling.candidacy_id == Candidacy.id)
        .order_by(LapseRuling.recorded_at, LapseRuling.id)
    )
    found: defaultdict[UUID, dict[DeadlineKind, LapseOutcome]] = defaultdict(dict)
    for key, clock, outcome in session.execute(query):
        found[key][clock or DeadlineKind.FIRST_STEP] = outcome
    return found


def _paths(session: Session, body_id: UUID) -> Iterator[tuple[UUID, str, ProgressDates]]:
    """Yield the days that the clocks of each candidacy look at, for its last submission."""
    last = (
        select(Submission.candidacy_id, func.max(Submission.number).label("number")).group_by(Submission.candidacy_id).subquery()
    )
    columns = (
        *(Candidacy.id, candidate_display_name(Person), Candidacy.regime, Candidacy.admissible_on, Candidacy.opened_at),
        *(first_activity_at(), first_submission_at(), Submission.submitted_at, JurySession.held_on, Hearing.closed_at),
        ResultNotification.notified_at,
    )
    query = (
        _of_body(select(*columns), body_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .outerjoin(last, last.c.candidacy_id == Candidacy.id)
        .outerjoin(Submission, (Submission.candidacy_id == Candidacy.id) & (Submission.number == last.c.number))
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(JurySession, JurySession.id == Hearing.session_id)
        .outerjoin(Minutes, Minutes.hearing_id == Hearing.id)
        .outerjoin(ResultNotification, ResultNotification.minutes_id == Minutes.id)
        .where(Candidacy.regime == Regime.FRANCE_VAE, Candidacy.route == Route.VAE)
    )
    for key, name, regime, admissible_on, opened, act, deposit, submitted, held_on, closed, notified in session.execute(query):
        yield key, name, ProgressDates(
            regime,
            admissible_on,
            day_of(opened),
            earliest_day((act, deposit)),
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
