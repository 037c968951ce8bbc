"""The sealed dossiers that no session hears yet, and why one session could not hear one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.juror_card import allows_time_to_read
from portfolio.domain.jury.use_cases.conflicts_of_interest import NOBODY, Incompatibilities
from portfolio.domain.jury.use_cases.loaders import has_same_seats
from portfolio.domain.submission.models import Submission, SubmittedBlock, is_superseded

# A session page offers so many dossiers at once, those that wait the longest.
MAX_DOSSIERS = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """A session that can hear a dossier: nothing prevents it, and its members have the time to read."""

    session_id: UUID
    held_on: date


@dataclass(frozen=True)
class UnscheduledDossier:
    """A sealed dossier that no session hears yet.

    `obstacle` says why a given session cannot hear it; `proposed` is the first one that can.
    """

    submission_id: UUID
    candidate: str
    number: int
    submitted_at: datetime
    certification: str
    blocks: tuple[int, ...]
    version_id: UUID
    candidate_id: UUID
    advisor_id: UUID | None
    candidacy_id: UUID
    route: Route = Route.VAE
    obstacle: JuryRefusal | None = None
    who: str = ""
    proposed: Proposal | None = None
    is_record: bool = False


# What `label_of` reads of a session.
WITH_CERTIFICATION = joinedload(JurySession.version).joinedload(CertificationVersion.certification)


def label_of(version: CertificationVersion) -> str:
    """Name a version as lists do."""
    return f"{version.certification.code} · {version.title}"


def list_unscheduled_dossiers(
    session: Session,
    body_id: UUID,
    version_id: UUID | None = None,
    limit: int = MAX_DOSSIERS,
    *,
    candidacy_id: UUID | None = None,
) -> list[UnscheduledDossier]:
    """List the first sealed dossiers of a body that no session hears, the oldest first: they wait the
    longest; those of one version, or that of one candidacy, alone.
    """
    first = (
        select(CandidacyListing.candidacy_id)
        .where(CandidacyListing.body_id == body_id, CandidacyListing.stage == Stage.SEALED)
        .order_by(CandidacyListing.stage_since, CandidacyListing.candidacy_id)
        .limit(limit)
    )
    if version_id is not None:
        first = first.where(CandidacyListing.version_id == version_id)
    if candidacy_id is not None:
        first = first.where(CandidacyListing.candidacy_id == candidacy_id)
    rows = session.execute(_dossiers_of(first)).all()
    return [_unscheduled(list(of_dossier)) for _, of_dossier in groupby(rows, key=lambda row: row.id)]


def _dossiers_of(candidacies: Select[UUID]) -> Select[*tuple[Any, ...]]:
    """Select the dossiers of these candidacies that no session hears, one row a block presented."""
    first = candidacies.subquery()
    return (
        select(
            *(Submission.id, Submission.number, Submission.submitted_at, Submission.kind),
            *(Candidacy.version_id, Candidacy.candidate_id, Candidacy.advisor_id, Candidacy.route),
            *(Certification.code, CertificationVersion.title, Block.number.label("block")),
            candidate_display_name(Person).label("candidate"),
            Candidacy.id.label("candidacy_id"),
        )
        .select_from(first)
        .join(Candidacy, Candidacy.id == first.c.candidacy_id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(SubmittedBlock, SubmittedBlock.submission_id == Submission.id)
        .outerjoin(Block, Block.id == SubmittedBlock.block_id)
        .where(Hearing.id.is_(None), ~is_superseded())
        .order_by(Submission.submitted_at, Submission.id, Block.number)
    )


def _unscheduled(rows: Sequence[Any]) -> UnscheduledDossier:
    """One dossier, from the row of each block that it presents, or its only row."""
    row = rows[0]
    return UnscheduledDossier(
        row.id,
        row.candidate,
        row.number,
        row.submitted_at,
        f"{row.code} · {row.title}",
        tuple(each.block for each in rows if each.block is not None),
        row.version_id,
        row.candidate_id,
        row.advisor_id,
        row.candidacy_id,
        route=row.route,
        is_record=row.kind is not None,
    )


def with_blocking_reason(
    dossier: UnscheduledDossier, jury: JurySession, barring: Incompatibilities
) -> UnscheduledDossier:
    """Say beforehand what `add_hearing` would refuse, so that nobody has to try."""
    excluded = barring.barred_from(dossier.candidate_id, dossier.advisor_id)
    replaced = {(member.seat, member.place) for member in jury.members if member.person_id not in excluded}
    names = {
        member.person_id: member.name
        for member in jury.members
        # A substitute of the same seat may take their place; the candidate never sits in their own jury.
        if (member.seat, member.place) not in replaced or member.person_id == dossier.candidate_id
    }
    obstacle, who = None, ""
    if any(hearing.submission_id == dossier.submission_id for hearing in jury.hearings):
        return replace(dossier, obstacle=JuryRefusal.NOT_WAITING)
    accompanied = barring.accompanied.get(dossier.candidate_id, NOBODY) | {dossier.advisor_id}
    barred = (
        (JuryRefusal.MEMBER_IS_CANDIDATE, {dossier.candidate_id}),
        (JuryRefusal.MEMBER_IS_ADVISOR, accompanied),
        (JuryRefusal.MEMBER_RELATED, barring.related.get(dossier.candidate_id, NOBODY)),
        (JuryRefusal.MEMBER_JUDGED, barring.judged.get(dossier.candidate_id, NOBODY)),
    )
    found = next(
        ((code, names[person]) for code, people in barred for person in names if person in people), None
    )
    if found is not None:
        obstacle, who = found
    elif day_of(dossier.submitted_at) > jury.held_on:
        obstacle = JuryRefusal.SEALED_AFTER_SESSION
    elif dossier.version_id == jury.version_id and not has_same_seats(jury, dossier.route):
        obstacle = JuryRefusal.OTHER_SEATS
    return replace(dossier, obstacle=obstacle, who=who)


def with_proposal(
    dossier: UnscheduledDossier, juries: Collection[JurySession], barring: Incompatibilities, today: date
) -> UnscheduledDossier:
    """Propose the first session to come that can hear a dossier and gives its members the time to read it, if
    there is one.
    """
    able = (
        jury
        for jury in sorted(juries, key=lambda jury: (jury.held_on, jury.id))
        if jury.version_id == dossier.version_id
        and jury.cancelled_at is None
        and allows_time_to_read(jury.held_on, day_of(dossier.submitted_at), today)
        and with_blocking_reason(dossier, jury, barring).obstacle is None
    )
    return next((replace(dossier, proposed=Proposal(jury.id, jury.held_on)) for jury in able), dossier)


def block_numbers(session: Session, submissions: Iterable[UUID]) -> dict[UUID, tuple[int, ...]]:
    """Give the numbers of the blocks that submissions present."""
    rows = session.execute(
        select(SubmittedBlock.submission_id, Block.number)
        .join(Block, Block.id == SubmittedBlock.block_id)
        .where(SubmittedBlock.submission_id.in_(list(submissions)))
        .order_by(Block.number)
    )
    found: dict[UUID, tuple[int, ...]] = {}
    for submission_id, number in rows:
        found[submission_id] = (*found.get(submission_id, ()), number)
    return found
