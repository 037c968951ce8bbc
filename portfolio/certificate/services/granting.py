"""What closing a hearing would grant, and what it does grant: the only place that writes grants."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.certificate.models import Award, Certificate, Grant
from portfolio.certificate.rules import (
    GrantAnswer,
    GrantGround,
    WholeAnswer,
    grants_at,
    new_number,
    whole_for,
)
from portfolio.certificate.services.facts import WITH_SUBMISSION, Catalogue, catalogue_of, closed_sitting, drafted_sitting
from portfolio.certificate.services.held import acts_of, held_blocks
from portfolio.certificate.services.labels import labels_of
from portfolio.certification.models import Block, Certification, CertificationVersion
from portfolio.db import new_id
from portfolio.journal.services import note
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import Hearing
from portfolio.submission.models import Submission


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be granted if the minutes were closed as they stand, and whether that makes the whole."""

    answers: tuple[GrantAnswer, ...]
    whole: WholeAnswer


def preview_page(session: Session, hearing_id: UUID, faults: Collection[str] = ()) -> Preview:
    """Say what closing would grant, and why, from the drafts; nothing is written. For every block of the version.

    `faults` are the codes of the blocking predicates that are false now: whoever asks has just computed them.
    """
    query = select(Hearing).where(Hearing.id == hearing_id).options(*WITH_SUBMISSION)
    hearing = session.scalars(query).unique().one()
    candidacy = hearing.submission.candidacy
    catalogue = catalogue_of(session, candidacy.version_id)
    sitting = drafted_sitting(session, hearing, catalogue, faults)
    held = acts_of(held_blocks(session, candidacy.candidate_id, candidacy.version_id))
    answers = grants_at(catalogue.blocks, sitting, held)
    return Preview(answers, _whole(catalogue, answers))


def preview(session: Session, hearing_id: UUID, faults: Collection[str] = ()) -> list[GrantAnswer]:
    """Say what closing would grant, block by block; see `preview_page`."""
    return list(preview_page(session, hearing_id, faults).answers)


def _whole(catalogue: Catalogue, answers: Collection[GrantAnswer]) -> WholeAnswer:
    return whole_for(catalogue.blocks, {one.block.id: one.act.on for one in answers if one.act is not None})


def grant_from_minutes(session: Session, minutes_id: UUID, *, by: UUID, at: datetime) -> list[GrantAnswer]:
    """Grant what closed minutes give: a grant and a certificate per new block, and the whole once its set is complete.

    R3 is asked again from what the minutes record. The candidate's row is locked first: two juries that land the last block
    on one day write one whole; running again writes nothing. Part of the closing, whose journal line tells it; a
    validation of a block already held has a line of its own, for the earliest act stands (domain §5).
    """
    minutes = _minutes(session, minutes_id)
    candidacy = minutes.hearing.submission.candidacy
    session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
    catalogue = catalogue_of(session, candidacy.version_id)
    sitting = closed_sitting(minutes, catalogue)
    held = held_blocks(session, candidacy.candidate_id, candidacy.version_id)
    answers = grants_at(catalogue.blocks, sitting, acts_of(held))
    for answer in answers:
        if answer.ground is GrantGround.GRANTED:
            _grant(session, minutes, answer, at)
    for answer in grants_at(catalogue.blocks, sitting, {}):
        stands = held.get(answer.block.id)
        if answer.granted and stands is not None and stands.reference != minutes.number:
            facts = {"block": answer.block.number, "decided_on": sitting.decided_on, "stands": stands.granted_on}
            note(session, "block_granted_again", ("minutes", minutes.id), by=by, at=at, **facts)
    session.flush()
    _award(session, minutes, _whole(catalogue, answers), at)
    return list(answers)


def _minutes(session: Session, minutes_id: UUID) -> Minutes:
    submission = joinedload(Minutes.hearing).joinedload(Hearing.submission)
    version = submission.joinedload(Submission.candidacy).joinedload(Candidacy.version)
    query = (
        select(Minutes)
        .where(Minutes.id == minutes_id)
        .options(
            selectinload(Minutes.decisions),
            selectinload(Minutes.findings),
            joinedload(Minutes.hearing).joinedload(Hearing.session),
            submission.selectinload(Submission.blocks),
            submission.joinedload(Submission.candidacy).joinedload(Candidacy.candidate),
            version.joinedload(CertificationVersion.certification).joinedload(Certification.body),
            version.selectinload(CertificationVersion.registrations),
            version.selectinload(CertificationVersion.blocks).selectinload(Block.competencies),
        )
        .execution_options(populate_existing=True)
    )
    session.flush()
    return session.scalars(query).unique().one()


def _grant(session: Session, minutes: Minutes, answer: GrantAnswer, at: datetime) -> None:
    assert answer.act is not None
    grant = Grant(
        id=new_id(),
        person_id=minutes.hearing.submission.candidacy.candidate_id,
        block_id=answer.block.id,
        source=answer.act.source,
        minutes_id=minutes.id,
        granted_on=answer.act.on,
        recorded_at=at,
    )
    session.add(grant)
    session.flush()
    session.add(_certificate(labels_of(minutes, answer.act.on, answer.block), at, grant_id=grant.id))


def _award(session: Session, minutes: Minutes, whole: WholeAnswer, at: datetime) -> None:
    """Record the whole once, by the grant that completed it (R7)."""
    candidacy = minutes.hearing.submission.candidacy
    same = (Award.person_id == candidacy.candidate_id, Award.version_id == candidacy.version_id)
    if not whole.obtained or whole.completed_by is None or session.scalar(select(Award.id).where(*same)):
        return
    last = (Grant.person_id == candidacy.candidate_id, Grant.block_id == whole.completed_by.id)
    obtained_on: date = whole.on or minutes.decided_on
    award = Award(
        id=new_id(),
        person_id=candidacy.candidate_id,
        version_id=candidacy.version_id,
        completed_by=session.scalars(select(Grant.id).where(*last)).one(),
        obtained_on=obtained_on,
        recorded_at=at,
    )
    session.add(award)
    session.flush()
    session.add(_certificate(labels_of(minutes, obtained_on, None), at, award_id=award.id))
    session.flush()


def _certificate(labels: dict[str, Any], at: datetime, **subject: UUID) -> Certificate:
    return Certificate(number=new_number(), labels=labels, issued_at=at, **subject)
