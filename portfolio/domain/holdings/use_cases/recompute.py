"""Everything recomputed from the facts, and compared with what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import completion_for
from portfolio.domain.holdings.rules.facts import CertifiedBlock, History
from portfolio.domain.holdings.rules.granting import GrantingEvent, granting_events
from portfolio.domain.holdings.rules.validity import days_held, standing_events
from portfolio.domain.holdings.use_cases.facts import Catalogue, load_catalogue, load_history
from portfolio.domain.holdings.use_cases.holdings import RecordedGrant, recorded_grants
from portfolio.domain.holdings.use_cases.issuing import GRANTED_HERE, completing_act
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.submission.models import Submission


class DiscrepancyKind(StrEnum):
    """How what is stored differs from what the facts give."""

    GRANT_MISSING = "grant_missing"
    GRANT_UNFOUNDED = "grant_unfounded"
    GRANT_DATE = "grant_date"
    AWARD_MISSING = "award_missing"
    AWARD_UNFOUNDED = "award_unfounded"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_LABELS = "certificate_labels"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference: whose, on which row or block, and by which act."""

    gap: DiscrepancyKind
    person_id: UUID
    row_id: UUID | None
    block: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many people, grants and awards were recomputed, and every difference."""

    people: int
    grants: int
    awards: int
    gaps: tuple[Discrepancy, ...]

    @property
    def ok(self) -> bool:
        """Whether what is stored is exactly what the facts give."""
        return not self.gaps


def recompute(session: Session) -> Recomputed:
    """Derive every grant and award again from minutes, acquisitions, equivalences and later acts, and compare (R1–R13).

    Nothing is written. A grant stored must be one the facts once gave, with their date; the act that stands for a block today
    must be stored; the same of the whole; each has its certificate, whose labels say the same block and day.
    """
    people = _people(session)
    catalogues: dict[UUID, Catalogue] = {}
    gaps: list[Discrepancy] = []
    for person_id in people:
        gaps += _differences(session, person_id, catalogues)
    grants, awards = (len(session.scalars(select(kind.id)).all()) for kind in (Grant, Award))
    return Recomputed(len(people), grants, awards, (*gaps, *_bare(session)))


def _people(session: Session) -> list[UUID]:
    heard = (
        select(Candidacy.candidate_id)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
    )
    every = union(heard, select(Acquisition.person_id), select(Grant.person_id), select(Award.person_id))
    return sorted(session.scalars(every))


def _differences(session: Session, person_id: UUID, catalogues: dict[UUID, Catalogue]) -> list[Discrepancy]:
    history = load_history(session, person_id)
    acts, ever = granting_events(history), granting_events(history.without_endings)
    stored = recorded_grants(session, person_id)
    blocks = {}
    gaps = []
    for version_id in session.scalars(select(Candidacy.version_id).where(Candidacy.candidate_id == person_id).distinct()):
        catalogue = catalogues.setdefault(version_id, load_catalogue(session, version_id))
        blocks.update({block.id: block for block in catalogue.blocks})
        gaps += _missing(person_id, catalogue, acts, stored)
        awards = session.scalars(select(Award).where(Award.person_id == person_id, Award.version_id == version_id)).all()
        gaps += _awards(person_id, awards, catalogue, history, stored)
    return gaps + _unfounded(person_id, blocks, ever, stored)


Acts = dict[UUID, tuple[GrantingEvent, ...]]


def _missing(person_id: UUID, catalogue: Catalogue, acts: Acts, stored: list[RecordedGrant]) -> list[Discrepancy]:
    """The acts that stand today and have no grant."""
    known = {(recorded_grant.grant.block_id, recorded_grant.act.reference) for recorded_grant in stored}
    due = [(block, act) for block in catalogue.blocks for act in standing_events(acts.get(block.id, ()), block.validity_months)]
    return [
        Discrepancy(DiscrepancyKind.GRANT_MISSING, person_id, None, block.number, act.reference)
        for block, act in due
        if act.source in GRANTED_HERE and (block.id, act.reference) not in known
    ]


def _unfounded(person_id: UUID, blocks: dict[UUID, CertifiedBlock], ever: Acts, stored: list[RecordedGrant]) -> list[Discrepancy]:
    """The grants that no fact ever gave, or that are dated otherwise."""
    found = []
    for recorded_grant in stored:
        same = [act for act in ever.get(recorded_grant.grant.block_id, ()) if act.reference == recorded_grant.act.reference]
        number = blocks[recorded_grant.grant.block_id].number if recorded_grant.grant.block_id in blocks else None
        if not same:
            found.append(
                Discrepancy(
                    DiscrepancyKind.GRANT_UNFOUNDED, person_id, recorded_grant.grant.id, number, recorded_grant.act.reference
                )
            )
        elif recorded_grant.act not in same:
            found.append(
                Discrepancy(DiscrepancyKind.GRANT_DATE, person_id, recorded_grant.grant.id, number, recorded_grant.act.reference)
            )
    return found


def _awards(
    person_id: UUID, awards: Sequence[Award], catalogue: Catalogue, history: History, stored: list[RecordedGrant]
) -> list[Discrepancy]:
    """The wholes that the facts give and that are not stored, and those that they never gave."""
    acts, ever = granting_events(history), granting_events(history.without_endings)
    founded = {row.id for row in awards if _once_whole(row, catalogue, ever, stored)}
    gaps = [Discrepancy(DiscrepancyKind.AWARD_UNFOUNDED, person_id, row.id) for row in awards if row.id not in founded]
    whole = completion_for(catalogue.blocks, days_held(catalogue.blocks, acts))
    if whole.completed_by is not None and whole.on is not None:
        proof = completing_act(catalogue.blocks, whole.completed_by.id, whole.on, acts, history)
        last = {
            recorded_grant.grant.id for recorded_grant in stored if (recorded_grant.grant.block_id, recorded_grant.act) == proof
        }
        if proof is not None and not any(row.completed_by in last and row.obtained_on == whole.on for row in awards):
            gaps.append(Discrepancy(DiscrepancyKind.AWARD_MISSING, person_id, None))
    return gaps


def _once_whole(award: Award, catalogue: Catalogue, ever: Acts, stored: list[RecordedGrant]) -> bool:
    """Whether every block had an act by the day of the award, one of them on that day, and the grant it names is stored."""
    days: list[list[date]] = [[act.on for act in ever.get(block.id, ())] for block in catalogue.blocks]
    complete = all(any(day <= award.obtained_on for day in each) for each in days)
    that_day = any(award.obtained_on in each for each in days)
    return complete and that_day and any(recorded_grant.grant.id == award.completed_by for recorded_grant in stored)


def _bare(session: Session) -> list[Discrepancy]:
    """Grants and awards without a certificate, and certificates that say another day or another block."""
    found = []
    rows = session.execute(select(Grant, Certificate).outerjoin(Certificate, Certificate.grant_id == Grant.id))
    for grant, certificate in rows:
        found += _compared(grant.person_id, grant.id, certificate, grant.granted_on, grant.block.number)
    wholes = session.execute(select(Award, Certificate).outerjoin(Certificate, Certificate.award_id == Award.id))
    for award, certificate in wholes:
        found += _compared(award.person_id, award.id, certificate, award.obtained_on, None)
    return found


def _compared(person_id: UUID, row_id: UUID, certificate: Certificate | None, on: date, block: int | None) -> list[Discrepancy]:
    if certificate is None:
        return [Discrepancy(DiscrepancyKind.CERTIFICATE_MISSING, person_id, row_id, block)]
    printed = certificate.labels.get("block")
    same = certificate.labels.get("delivered_on") == on.isoformat() and (printed["number"] if printed else None) == block
    return [] if same else [Discrepancy(DiscrepancyKind.CERTIFICATE_LABELS, person_id, certificate.id, block, certificate.number)]
