"""Explain to a person the result of each block and of the whole, from the recorded facts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.holdings.models.events import is_annulled
from portfolio.domain.holdings.rules.completion import completion_for, result_for
from portfolio.domain.holdings.rules.explanation import Explanation
from portfolio.domain.holdings.rules.facts import History, Presence
from portfolio.domain.holdings.rules.granting import granting_events, grants_for
from portfolio.domain.holdings.rules.validity import event_since
from portfolio.domain.holdings.use_cases.facts import PRESENCES, Catalogue, load_catalogue, load_history
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.submission.models import Submission, SubmittedBlock, is_superseded


def explain(session: Session, candidacy_id: UUID, *, on: date) -> Explanation:
    """Say for every block whether it is granted on some day and why, and the whole, from what closed minutes
    record.

    Nothing stored is taken for granted: the answer is derived from the facts each time. Raises NoResultFound.
    """
    candidacy = load_candidacy(session, candidacy_id)
    catalogue = load_catalogue(session, candidacy.version_id)
    history = load_history(session, candidacy.candidate_id)
    return load_explanation(session, candidacy, catalogue, history, on=on)


def load_explanation(
    session: Session,
    candidacy: Candidacy,
    catalogue: Catalogue,
    history: History,
    *,
    on: date,
    notified: bool = False,
) -> Explanation:
    """Ask the rules what a history makes on some day of the blocks a candidacy asks for; `notified` as
    `load_history`.

    The label is that of the last session (R8): a block whose validity ended after it counts.
    """
    requested = frozenset(block.id for block in candidacy.blocks)
    waiting = _waiting(session, candidacy.id)
    deliberated = _deliberated(session, candidacy.id) if notified else frozenset()
    answers = grants_for(
        catalogue.blocks, history, on=on, requested=requested, waiting=waiting, deliberated=deliberated
    )
    acts = granting_events(history)
    presence, decided_on = _last_session(session, candidacy.id)
    held = {
        block.id
        for block in catalogue.blocks
        if event_since(decided_on or on, acts.get(block.id, ())) is not None
    }
    # An absence is told until what was asked for is held, by whatever way (R8).
    result = result_for(candidacy.scope, requested, held, Presence.PRESENT if requested <= held else presence)
    return Explanation(answers, completion_for(catalogue.blocks, acts, on=on), result, requested)


def _last_session(session: Session, candidacy_id: UUID) -> tuple[Presence, date | None]:
    """Return whether the candidate came to the last session whose minutes are closed, and its day."""
    query = (
        select(Minutes.attendance, Minutes.decided_on)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .where(
            Submission.candidacy_id == candidacy_id, Minutes.void_reason.is_(None), ~is_annulled(Minutes.id)
        )
        .order_by(Minutes.decided_on.desc(), Minutes.closed_at.desc())
        .limit(1)
    )
    attendance, decided_on = session.execute(query).first() or (None, None)
    return PRESENCES[attendance or Attendance.HEARD], decided_on


def load_candidacy(session: Session, candidacy_id: UUID) -> Candidacy:
    """Read a candidacy with its candidate, its blocks and its version; raises NoResultFound."""
    query = (
        select(Candidacy)
        .where(Candidacy.id == candidacy_id)
        .options(
            selectinload(Candidacy.blocks),
            joinedload(Candidacy.candidate),
            joinedload(Candidacy.version).joinedload(CertificationVersion.certification),
        )
    )
    return session.scalars(query).one()


def _waiting(session: Session, candidacy_id: UUID) -> set[UUID]:
    """The blocks of the submissions whose minutes are not closed."""
    judged = exists().where(Minutes.hearing_id == Hearing.id, is_current_hearing())
    query = (
        select(SubmittedBlock.block_id)
        .join(Submission)
        .where(Submission.candidacy_id == candidacy_id, ~judged, ~is_superseded())
    )
    return set(session.scalars(query))


def _deliberated(session: Session, candidacy_id: UUID) -> frozenset[UUID]:
    """Return the blocks of the submissions whose decision waits for its notification."""
    query = (
        select(SubmittedBlock.block_id)
        .join(Submission)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Submission.candidacy_id == candidacy_id, awaits_notification(Minutes.id))
    )
    return frozenset(session.scalars(query))
