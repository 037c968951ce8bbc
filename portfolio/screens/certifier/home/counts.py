"""Counts of the candidacies of a body, kept by every write: how many are at each stage, how far they came,
who follows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing, ListingCount, OpenDeadline
from portfolio.domain.candidacy_listing.rules import ADVISOR, REACHED
from portfolio.domain.jury.models.sessions import JuryMember, JurySession

# A table of loads shows so many people, the most loaded first.
LOADS = 10


def load_count(session: Session, body_id: UUID, facet: str, value: str = "") -> int:
    """Return one count of a body."""
    row = (ListingCount.body_id == body_id, ListingCount.facet == facet, ListingCount.value == value)
    return session.scalar(select(ListingCount.number).where(*row)) or 0


@dataclass(frozen=True, slots=True)
class SealedDossier:
    """A sealed dossier that no session hears yet."""

    candidate: str
    submitted_at: datetime


def list_sealed(session: Session, body_id: UUID, limit: int) -> tuple[SealedDossier, ...]:
    """Return the first sealed dossiers that no session hears, the oldest deposit first."""
    query = (
        select(candidate_display_name(Person), CandidacyListing.stage_since)
        .join(Candidacy, Candidacy.id == CandidacyListing.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .where(CandidacyListing.body_id == body_id, CandidacyListing.stage == Stage.SEALED)
        .order_by(CandidacyListing.stage_since, CandidacyListing.candidacy_id)
        .limit(limit)
    )
    return tuple(SealedDossier(*row) for row in session.execute(query))


def find_jury_deadline(session: Session, body_id: UUID) -> date | None:
    """Return the first day by which a jury must hear one of the sealed dossiers that no session hears
    (R6412-5).
    """
    query = (
        select(OpenDeadline.until)
        .join(CandidacyListing, CandidacyListing.candidacy_id == OpenDeadline.candidacy_id)
        .where(OpenDeadline.body_id == body_id, OpenDeadline.kind == DeadlineKind.JURY)
        .where(OpenDeadline.done_on.is_(None), CandidacyListing.stage == Stage.SEALED)
        .order_by(OpenDeadline.until)
        .limit(1)
    )
    return session.scalar(query)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the path: how many candidacies reached it, and how many of these were closed before the next
    one.
    """

    stage: Stage
    reached: int
    closed: int


# A candidacy called before a jury was sealed, and so on: the steps in their order.
STEPS = (Stage.INVITED, Stage.WRITING, Stage.SEALED, Stage.CALLED, Stage.DECIDED, Stage.OBTAINED)


def load_steps(session: Session, body_id: UUID) -> tuple[Step, ...]:
    """Return how many candidacies of a body reached each step, and how many were closed there: the loss
    between steps.
    """
    query = select(ListingCount.value, ListingCount.number).where(
        ListingCount.body_id == body_id, ListingCount.facet == REACHED, ListingCount.number > 0
    )
    furthest: dict[Stage, int] = {}
    closed: dict[Stage, int] = {}
    for value, number in session.execute(query):
        reached, stage = (Stage(word) for word in value.split())
        furthest[reached] = furthest.get(reached, 0) + number
        if stage is Stage.CLOSED:
            closed[reached] = closed.get(reached, 0) + number
    return tuple(
        Step(stage, sum(furthest.get(later, 0) for later in STEPS[place:]), closed.get(stage, 0))
        for place, stage in enumerate(STEPS)
    )


@dataclass(frozen=True, slots=True)
class Load:
    """How much one person has in hand."""

    person_id: UUID
    name: str
    number: int


def load_advisor_loads(session: Session, body_id: UUID) -> tuple[Load, ...]:
    """Return who follows the most open candidacies, with how many."""
    query = (
        select(ListingCount.value, ListingCount.number)
        .where(
            ListingCount.body_id == body_id,
            ListingCount.facet == ADVISOR,
            ListingCount.number > 0,
            ListingCount.value != "",
        )
        .order_by(ListingCount.number.desc(), ListingCount.value)
        .limit(LOADS)
    )
    return _named(session, {UUID(value): number for value, number in session.execute(query)})


def load_juror_loads(session: Session, body_id: UUID, today: date) -> tuple[Load, ...]:
    """Return who sits in the most sessions to come, with how many."""
    number = func.count()
    query = (
        select(JuryMember.person_id, number)
        .join(JurySession, JurySession.id == JuryMember.session_id)
        .where(JurySession.body_id == body_id, JurySession.held_on >= today)
        .group_by(JuryMember.person_id)
        .order_by(number.desc(), JuryMember.person_id)
        .limit(LOADS)
    )
    return _named(session, {row[0]: row[1] for row in session.execute(query)})


def _named(session: Session, numbers: Mapping[UUID, int]) -> tuple[Load, ...]:
    if not numbers:
        return ()
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(numbers)))
    return tuple(
        sorted(
            (Load(key, name, numbers[key]) for key, name in people),
            key=lambda load: (-load.number, load.name),
        )
    )
