"""Decisions suspended today: read by their holder first, and asked of the certifier (R10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy, named_candidate
from portfolio.certificate.acts import GrantLaterAct
from portfolio.certificate.models import Certificate, Grant, unrectified
from portfolio.certificate.rules import GrantStatus, LaterKind, status_after
from portfolio.certificate.services.held import recorded_grants
from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing
from portfolio.submission.models import Submission


@dataclass(frozen=True, slots=True)
class SuspendedDecision:
    """A decision that waits for the certifier: for whom, since when, and the certificate from which it is ruled on."""

    candidacy_id: UUID
    candidate: str
    since: date
    certificate: str


def suspended_decisions(session: Session, body_id: UUID) -> tuple[SuspendedDecision, ...]:
    """List the decisions of the juries of a body that are suspended today, the oldest first, in three queries at most."""
    acts = _acts_of(session, body_id)
    since = {minutes: days[-1] for minutes, (kinds, days) in acts.items() if status_after(kinds) is GrantStatus.SUSPENDED}
    if not since:
        return ()
    query = (
        select(Minutes.id, Candidacy.id, named_candidate(Person), func.min(Certificate.number))
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(Grant, Grant.minutes_id == Minutes.id)
        .join(Certificate, Certificate.grant_id == Grant.id)
        .where(Minutes.id.in_(since), unrectified())
        .group_by(Minutes.id, Candidacy.id, Candidacy.candidate_named, Person.name)
    )
    found = [SuspendedDecision(row[1], row[2], since[row[0]], row[3]) for row in session.execute(query)]
    return tuple(sorted(found, key=lambda one: (one.since, one.candidate)))


def _acts_of(session: Session, body_id: UUID) -> Mapping[UUID, tuple[list[LaterKind], list[date]]]:
    """Map the minutes of a body that later acts bear on to the kinds of these acts, and the days of the suspensions."""
    found: dict[UUID, tuple[list[LaterKind], list[date]]] = {}
    for minutes_id, kind, decided_on in session.execute(_later_acts(body_id)):
        kinds, days = found.setdefault(minutes_id, ([], []))
        kinds.append(kind)
        if kind is LaterKind.SUSPENSION:
            days.append(decided_on)
    return found


def _later_acts(body_id: UUID) -> Select[Any, Any, Any]:
    return (
        select(GrantLaterAct.minutes_id, GrantLaterAct.kind, GrantLaterAct.decided_on)
        .join(Minutes, Minutes.id == GrantLaterAct.minutes_id)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id)
        .order_by(GrantLaterAct.rank)
    )


def suspended_candidacies(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Return the candidacies of a person whose blocks were given by a decision that is suspended today and was notified."""
    grants = recorded_grants(session, person_id, notified=True)
    blocks = [one.grant.block_id for one in grants if one.status is GrantStatus.SUSPENDED]
    query = select(Candidacy.id).join(Block, Block.version_id == Candidacy.version_id)
    return frozenset(session.scalars(query.where(Candidacy.candidate_id == person_id, Block.id.in_(blocks))))
