"""Read the days on which candidacies reached each step, from the invitation to the certification."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, distinct, func, or_, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy, Submission, candidacy_block
from portfolio.domain.candidacy.rules.funnel import Funnel, FunnelStep, Journey, funnel_of
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.certification.models import Certification, CertificationVersion, Competency
from portfolio.domain.dossier.models.dossier import Claim, Pace
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.notification.rules.letter import HELD_STATUSES

# Active time is counted in slots in which the candidate saved something: « 2026-03-02 20:1 », ten minutes.
SLOT_CHARACTERS, SLOT_MINUTES = 15, 10


def load_funnel(session: Session, *conditions: ColumnElement[bool]) -> Funnel:
    """Return the figures of the candidacies that meet the conditions, on candidacies, versions and certifications."""
    return funnel_of(list_journeys(session, *conditions))


def list_journeys(session: Session, *conditions: ColumnElement[bool]) -> list[Journey]:
    """Read these candidacies, a row each, in a number of queries that does not grow."""
    ids = _of(select(Candidacy.id), conditions)
    # Until the first seal: what comes after is no longer the writing of the dossier.
    sealed = _first(session, select(Submission.candidacy_id, func.min(Submission.submitted_at)), Submission, ids)
    steps: dict[FunnelStep, Mapping[UUID, Any]] = {
        FunnelStep.FIRST_PIECE: _first(
            session, select(Evidence.candidacy_id, func.min(Evidence.added_at)), Evidence, ids
        ),
        FunnelStep.HALF_COVERED: _half_covered(session, ids),
        FunnelStep.SEALED: sealed,
        FunnelStep.HEARD: _heard(session, ids),
        FunnelStep.CERTIFIED: _certified(session, ids),
    }
    entered, minutes = _active(session, ids)
    steps[FunnelStep.ENTERED] = entered
    query = _of(select(Candidacy.id, Candidacy.opened_at, Candidacy.route, Pace.left_reason), conditions)
    rows = session.execute(query.outerjoin(Pace, Pace.candidacy_id == Candidacy.id)).all()
    return [
        Journey(
            row.route,
            {FunnelStep.INVITED: day_of(row.opened_at)}
            | {step: days[row.id] for step, days in steps.items() if row.id in days},
            minutes.get(row.id),
            row.left_reason,
        )
        for row in rows
    ]


def _of(query: Select[*tuple[Any, ...]], conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    return query.join(Candidacy.version).join(CertificationVersion.certification).where(*conditions)


def _first(
    session: Session, query: Select[*tuple[Any, ...]], table: Any, ids: Select[*tuple[Any, ...]]
) -> dict[UUID, date]:
    """Return the day of the first row of each candidacy."""
    found = session.execute(query.where(table.candidacy_id.in_(ids)).group_by(table.candidacy_id))
    return {row[0]: day_of(row[1]) for row in found}


def _active(session: Session, ids: Select[*tuple[Any, ...]]) -> tuple[dict[UUID, date], dict[UUID, int]]:
    """Return the day of the first act of each candidate, and their active minutes until the seal."""
    first_seal = (
        select(Submission.candidacy_id, func.min(Submission.submitted_at).label("at")).group_by(Submission.candidacy_id)
    ).subquery()
    slots = func.count(distinct(func.substr(cast(AuditEvent.occurred_at, String), 1, SLOT_CHARACTERS)))
    rows = session.execute(
        select(Candidacy.id, func.min(AuditEvent.occurred_at), slots)
        .join(AuditEvent, AuditEvent.actor_id == Candidacy.candidate_id)
        .outerjoin(first_seal, first_seal.c.candidacy_id == Candidacy.id)
        .where(Candidacy.id.in_(ids), AuditEvent.occurred_at >= Candidacy.opened_at)
        .where(or_(first_seal.c.at.is_(None), AuditEvent.occurred_at <= first_seal.c.at))
        .group_by(Candidacy.id)
    ).all()
    return {row[0]: day_of(row[1]) for row in rows}, {row[0]: row[2] * SLOT_MINUTES for row in rows}


def _half_covered(session: Session, ids: Select[*tuple[Any, ...]]) -> dict[UUID, date]:
    """Return the day on which half of the competencies asked for had a piece."""
    counted = session.execute(
        select(candidacy_block.c.candidacy_id, func.count())
        .join(Competency, Competency.block_id == candidacy_block.c.block_id)
        .where(candidacy_block.c.candidacy_id.in_(ids))
        .group_by(candidacy_block.c.candidacy_id)
    )
    asked = Counter({row[0]: row[1] for row in counted})
    proved: defaultdict[UUID, list[date]] = defaultdict(list)
    for candidacy_id, moment in session.execute(_proved(ids)):
        proved[candidacy_id].append(day_of(moment))
    half = {key: -(-asked[key] // 2) for key in proved}
    return {key: sorted(days)[half[key] - 1] for key, days in proved.items() if 0 < half[key] <= len(days)}


def _proved(ids: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        select(Claim.candidacy_id, func.min(Claim.changed_at))
        .join(Claim.evidence)
        .join(Competency, Competency.id == Claim.competency_id)
        .join(
            candidacy_block,
            (candidacy_block.c.candidacy_id == Claim.candidacy_id)
            & (candidacy_block.c.block_id == Competency.block_id),
        )
        .where(Claim.candidacy_id.in_(ids), Evidence.removed_at.is_(None))
        .group_by(Claim.candidacy_id, Claim.competency_id)
    )


def _heard(session: Session, ids: Select[*tuple[Any, ...]]) -> dict[UUID, date]:
    came = func.coalesce(Minutes.attendance, Attendance.HEARD) == Attendance.HEARD
    rows = session.execute(
        select(Submission.candidacy_id, func.min(Minutes.decided_on))
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Submission.candidacy_id.in_(ids), Minutes.void_reason.is_(None), came)
        .group_by(Submission.candidacy_id)
    )
    return {row[0]: row[1] for row in rows}


def _certified(session: Session, ids: Select[*tuple[Any, ...]]) -> dict[UUID, date]:
    """Return the day on which each candidate obtained the whole, held today."""
    of_candidacy = (CertificateListing.person_id == Candidacy.candidate_id) & (
        CertificateListing.version_id == Candidacy.version_id
    )
    rows = session.execute(
        select(Candidacy.id, func.min(CertificateListing.obtained_on))
        .join(CertificateListing, of_candidacy)
        .where(Candidacy.id.in_(ids), CertificateListing.is_whole, CertificateListing.status.in_(HELD_STATUSES))
        .group_by(Candidacy.id)
    )
    return {row[0]: row[1] for row in rows}


def list_bodies(session: Session) -> Iterator[tuple[str, Funnel]]:
    """Yield each body with its figures, by name."""
    for body in session.scalars(select(CertifyingBody).order_by(CertifyingBody.name, CertifyingBody.id)):
        yield body.name, load_funnel(session, Certification.body_id == body.id)
