"""Decisions suspended today: read by their holder first, and asked of the certifier (R10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange, bears_on
from portfolio.domain.holdings.models.grants import Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.holdings import load_held_blocks_by_person, recorded_grants
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.submission.models import Submission


@dataclass(frozen=True, slots=True)
class SuspendedDecision:
    """A decision that waits for the certifier: for whom, since when, and the certificate from which it is
    ruled on.
    """

    candidacy_id: UUID
    candidate: str
    since: date
    certificate: str


_BODY: BindParameter[UUID] = bindparam("body", type_=Uuid())


def is_suspended_by(act: type[GrantStatusChange]) -> ColumnElement[bool]:
    """Return whether this act suspends today the decision that it bears on, as `status_after` says of all its
    acts (R10).
    """
    other = aliased(GrantStatusChange)
    ends = other.kind.in_((StatusChangeKind.WITHDRAWAL, StatusChangeKind.ANNULMENT))
    turns = other.kind.in_((StatusChangeKind.SUSPENSION, StatusChangeKind.CONFIRMATION))
    outweighs = or_(ends, and_(turns, other.sequence > act.sequence))
    return and_(
        act.kind == StatusChangeKind.SUSPENSION,
        ~exists().where(other.minutes_id == act.minutes_id, other.block_id.is_(None), outweighs),
    )


def _decisions(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Select the decisions of the juries of the bound body that are suspended today."""
    return (
        select(*columns)
        .select_from(GrantStatusChange)
        .join(Minutes, Minutes.id == GrantStatusChange.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        # Out of reach of the index of bodies: the acts are read, never every candidacy of the body.
        .where(func.coalesce(Certification.body_id, Certification.body_id) == _BODY)
        .where(is_suspended_by(GrantStatusChange))
    )


def any_suspended() -> ColumnElement[bool]:
    """Return whether a decision of a jury of the body bound as `body` is suspended today, as a column."""
    return _decisions(GrantStatusChange.id).exists()


@cache
def _suspended() -> Select[*tuple[Any, ...]]:
    since = GrantStatusChange.decided_on
    columns = (Candidacy.id, candidate_display_name(Person), since, func.min(Certificate.number))
    return (
        _decisions(*columns)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(Grant, Grant.minutes_id == Minutes.id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .where(is_latest())
        .group_by(Minutes.id, Candidacy.id, Candidacy.candidate_display_name, Person.name, since)
    )


def list_suspended_decisions(session: Session, body_id: UUID) -> tuple[SuspendedDecision, ...]:
    """List the decisions of the juries of a body that are suspended today, the oldest first, in one query."""
    found = [SuspendedDecision(*row) for row in fetch_rows(session, _suspended(), {"body": body_id})]
    return tuple(sorted(found, key=lambda decision: (decision.since, decision.candidate)))


def load_suspended_candidacies(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Return the candidacies of a person whose blocks were given by a decision that is suspended today and
    was notified.
    """
    grants = recorded_grants(session, person_id, notified=True)
    blocks = [grant.grant.block_id for grant in grants if grant.status is GrantStatus.SUSPENDED]
    query = select(Candidacy.id).join(Block, Block.version_id == Candidacy.version_id)
    return frozenset(session.scalars(query.where(Candidacy.candidate_id == person_id, Block.id.in_(blocks))))


def load_annulled_blocks(session: Session, person_id: UUID, on: date) -> dict[UUID, tuple[int, ...]]:
    """Map the candidacies of a person to the numbers of their blocks whose decision was annulled and that
    nothing gives today, as long as no other jury decided; decisions that were not notified are left out.
    """
    act, later, decided = aliased(GrantStatusChange), aliased(Minutes), aliased(RecordedDecision)
    heard, sealed, said = aliased(Hearing), aliased(Submission), aliased(RecordedDecision)
    again = (
        exists()
        .where(
            decided.block_id == said.block_id,
            later.id == decided.minutes_id,
            heard.id == later.hearing_id,
            sealed.id == heard.submission_id,
            sealed.candidacy_id == Submission.candidacy_id,
            later.closed_at > Minutes.closed_at,
        )
        .correlate(said, Submission, Minutes)
    )
    query = (
        select(Submission.candidacy_id, Block.id, Block.number)
        .select_from(act)
        .join(Minutes, Minutes.id == act.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(said, bears_on(act, said.minutes_id, said.block_id))
        .join(Block, Block.id == said.block_id)
        .where(Candidacy.candidate_id == person_id, act.kind == StatusChangeKind.ANNULMENT)
        .where(~awaits_notification(Minutes.id), ~again)
    )
    rows = session.execute(query).all()
    held = load_held_blocks_by_person(session, (person_id,), on=on)[person_id] if rows else frozenset()
    found: dict[UUID, set[int]] = {}
    for candidacy_id, block_id, number in rows:
        if block_id not in held:
            found.setdefault(candidacy_id, set()).add(number)
    return {candidacy_id: tuple(sorted(numbers)) for candidacy_id, numbers in found.items()}
