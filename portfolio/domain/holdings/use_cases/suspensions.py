"""Decisions suspended today: read by their holder first, and asked of the certifier (R10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Certificate, Grant, is_latest
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind, status_after
from portfolio.domain.holdings.use_cases.holdings import recorded_grants
from portfolio.domain.jury.models.minutes import Minutes
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


def list_suspended_decisions(session: Session, body_id: UUID) -> tuple[SuspendedDecision, ...]:
    """List the decisions of the juries of a body that are suspended today, the oldest first, in three queries
    at most.
    """
    acts = _load_acts(session, body_id)
    since = {
        minutes: days[-1]
        for minutes, (kinds, days) in acts.items()
        if status_after(kinds) is GrantStatus.SUSPENDED
    }
    if not since:
        return ()
    query = (
        select(Minutes.id, Candidacy.id, candidate_display_name(Person), func.min(Certificate.number))
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(Grant, Grant.minutes_id == Minutes.id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .where(Minutes.id.in_(since), is_latest())
        .group_by(Minutes.id, Candidacy.id, Candidacy.candidate_named, Person.name)
    )
    found = [SuspendedDecision(row[1], row[2], since[row[0]], row[3]) for row in session.execute(query)]
    return tuple(sorted(found, key=lambda one: (one.since, one.candidate)))


def _load_acts(session: Session, body_id: UUID) -> Mapping[UUID, tuple[list[StatusChangeKind], list[date]]]:
    """Map the minutes of a body that later acts bear on to the kinds of these acts, and the days of the
    suspensions.
    """
    found: dict[UUID, tuple[list[StatusChangeKind], list[date]]] = {}
    for minutes_id, kind, decided_on in session.execute(_later_acts(body_id)):
        kinds, days = found.setdefault(minutes_id, ([], []))
        kinds.append(kind)
        if kind is StatusChangeKind.SUSPENSION:
            days.append(decided_on)
    return found


def _later_acts(body_id: UUID) -> Select[Any, Any, Any]:
    return (
        select(GrantStatusChange.minutes_id, GrantStatusChange.kind, GrantStatusChange.decided_on)
        .join(Minutes, Minutes.id == GrantStatusChange.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id)
        .order_by(GrantStatusChange.rank)
    )


def load_suspended_candidacies(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Return the candidacies of a person whose blocks were given by a decision that is suspended today and
    was notified.
    """
    grants = recorded_grants(session, person_id, notified=True)
    blocks = [grant.grant.block_id for grant in grants if grant.status is GrantStatus.SUSPENDED]
    query = select(Candidacy.id).join(Block, Block.version_id == Candidacy.version_id)
    return frozenset(session.scalars(query.where(Candidacy.candidate_id == person_id, Block.id.in_(blocks))))
