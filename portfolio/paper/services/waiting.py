"""What waits for the certifier: results to notify, certificates to sign; and what was notified already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy, named_candidate
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing
from portfolio.paper.models import Notification
from portfolio.paper.services.gathering import DECIDED
from portfolio.paper.services.signing import count_unsigned
from portfolio.submission.models import Submission


@dataclass(frozen=True)
class ToNotify:
    """A result that a candidate was not told yet."""

    candidacy_id: UUID
    number: int
    candidate: str
    decided_on: date


@dataclass(frozen=True)
class Waiting:
    """What waits for a body: results to notify, the oldest first, and how many certificates to sign."""

    to_notify: tuple[ToNotify, ...]
    to_sign: int


def waiting_for(session: Session, body_id: UUID) -> Waiting:
    """Gather what waits for a body, in two queries."""
    rows = session.execute(_untold().where(Certification.body_id == body_id))
    return Waiting(tuple(ToNotify(*row) for row in rows), count_unsigned(session, body_id))


def next_to_notify(session: Session, candidacy_id: UUID) -> ToNotify | None:
    """The first result of a candidacy that its candidate was not told."""
    row = session.execute(_untold().where(Candidacy.id == candidacy_id).limit(1)).first()
    return ToNotify(*row) if row else None


def _untold() -> Select[*tuple[Any, ...]]:
    return (
        select(Candidacy.id, Submission.number, named_candidate(Person), Minutes.decided_on)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(DECIDED, ~exists().where(Notification.minutes_id == Minutes.id))
        .order_by(Minutes.decided_on, Minutes.closed_at, Minutes.id)
    )


@dataclass(frozen=True)
class NotifiedLine:
    """A closed hearing of a candidacy: its minutes, and the letter that told its result, if it left."""

    number: int
    minutes: str
    hearing_id: UUID
    decided_on: date
    notified_at: datetime | None


def notifications_of(session: Session, candidacy_id: UUID) -> tuple[NotifiedLine, ...]:
    """List the closed hearings of a candidacy, the first submission first, with when each result was notified."""
    rows = session.execute(
        select(Submission.number, Minutes.number, Minutes.hearing_id, Minutes.decided_on, Notification.notified_at)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .outerjoin(Notification, Notification.minutes_id == Minutes.id)
        .where(Submission.candidacy_id == candidacy_id)
        .order_by(Submission.number, Minutes.closed_at)
    )
    return tuple(NotifiedLine(*row) for row in rows)
