"""Advisor and candidate talk about a competency: say, correct one's words, take them back, read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.candidacy.models import Candidacy
from portfolio.db import add_once
from portfolio.journal.services import note
from portfolio.refusal import Conflict, Refusal
from portfolio.review.models import Mark, Remark, ThreadReading
from portfolio.review.rules import ReviewRefusal, Said, prevents_change
from portfolio.review.services.letters import tell_at_once
from portfolio.review.services.marking import block_in_scope


def say(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    text: str,
    *,
    by: UUID,
    at: datetime,
    read_until: datetime | None = None,
) -> Remark:
    """Add a remark of the candidate or of the advisor about a competency, whatever the state of the dossier.

    Who answers has read what their page showed, up to `read_until`. Raises Refusal: not one of the two, out of scope,
    nothing written.
    """
    _check_speaker(session, candidacy_id, by)
    block_in_scope(session, candidacy_id, competency_id)
    if not text.strip():
        raise Refusal(ReviewRefusal.REMARK_EMPTY)
    remark = Remark(candidacy_id=candidacy_id, competency_id=competency_id, author_id=by, text=text.strip(), said_at=at)
    session.add(remark)
    note(session, "remark_said", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id)
    tell_at_once(session, candidacy_id, by=by, at=at)
    if read_until is not None:
        read_thread(session, candidacy_id, competency_id, read_until, by=by, at=at)
    return remark


def _check_speaker(session: Session, candidacy_id: UUID, by: UUID) -> None:
    candidacy = session.get_one(Candidacy, candidacy_id)
    if by not in {candidacy.candidate_id, candidacy.advisor_id}:
        raise Refusal(ReviewRefusal.NOT_IN_THE_CONVERSATION)


def change_remark(
    session: Session, candidacy_id: UUID, remark_id: UUID, text: str, revision: int, *, by: UUID, at: datetime
) -> Remark:
    """Correct one's own words and mark them as changed; the same words change nothing. The earlier ones are not kept.

    Raises Refusal (no such words, not one's own, withdrawn, answered since, nothing written), and Conflict when
    another revision was saved since the author opened the form.
    """
    remark = _own(session, candidacy_id, remark_id, by)
    why_not = prevents_change(_said(remark), _thread(session, remark), by)
    if why_not is not None:
        raise Refusal(why_not)
    if not text.strip():
        raise Refusal(ReviewRefusal.REMARK_EMPTY)
    if remark.text == text.strip():
        return remark
    if remark.revision != revision:
        raise Conflict({"text": remark.text}, remark.revision)
    remark.text, remark.changed_at = text.strip(), at
    remark.revision += 1
    note(session, "remark_changed", ("candidacy", candidacy_id), by=by, at=at, competency=remark.competency_id)
    return remark


def withdraw_remark(session: Session, candidacy_id: UUID, remark_id: UUID, *, by: UUID, at: datetime) -> Remark:
    """Take one's own words back: they are erased, their place stays. Twice changes nothing more.

    Raises Refusal: no such words, not one's own.
    """
    remark = _own(session, candidacy_id, remark_id, by)
    if remark.withdrawn_at is None:
        remark.text, remark.withdrawn_at = "", at
        remark.revision += 1
        note(session, "remark_withdrawn", ("candidacy", candidacy_id), by=by, at=at, competency=remark.competency_id)
    return remark


def _own(session: Session, candidacy_id: UUID, remark_id: UUID, by: UUID) -> Remark:
    _check_speaker(session, candidacy_id, by)
    remark = session.get(Remark, remark_id, with_for_update=True)
    if remark is None or remark.candidacy_id != candidacy_id:
        raise Refusal(ReviewRefusal.NO_SUCH_WORDS)
    if remark.author_id != by:
        raise Refusal(ReviewRefusal.NOT_YOUR_WORDS)
    return remark


def _said(remark: Remark) -> Said:
    return Said(remark.author_id, remark.said_at, withdrawn=remark.withdrawn_at is not None)


def _thread(session: Session, remark: Remark) -> list[Said]:
    """All that was said about the same competency, marks included."""
    here = (remark.candidacy_id, remark.competency_id)
    remarks = session.scalars(select(Remark).where(Remark.candidacy_id == here[0], Remark.competency_id == here[1]))
    marks = session.scalars(select(Mark).where(Mark.candidacy_id == here[0], Mark.competency_id == here[1]))
    return [*map(_said, remarks), *(Said(mark.advisor_id, mark.made_at) for mark in marks)]


def read_thread(session: Session, candidacy_id: UUID, competency_id: UUID, until: datetime, *, by: UUID, at: datetime) -> None:
    """Keep that a person has read the conversation up to this moment; it never goes back, nor beyond the present.

    Raises Refusal: not one of the two, out of scope.
    """
    _check_speaker(session, candidacy_id, by)
    block_in_scope(session, candidacy_id, competency_id)
    seen = min(until, at)
    keys = {"candidacy_id": candidacy_id, "competency_id": competency_id, "person_id": by}
    if not add_once(session, ThreadReading, tuple(keys), **keys, read_until=seen):
        mine = [getattr(ThreadReading, name) == value for name, value in keys.items()]
        session.execute(update(ThreadReading).where(*mine, ThreadReading.read_until < seen).values(read_until=seen))
