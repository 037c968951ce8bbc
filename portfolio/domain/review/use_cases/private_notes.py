"""Private notes of an advisor: only their author reads and writes them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.review.models import PrivateNote
from portfolio.domain.review.rules.assessment import ReviewRefusal
from portfolio.domain.review.use_cases.assess import block_in_scope
from portfolio.errors import Conflict, Refusal


def find_note(session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID) -> PrivateNote | None:
    """Answer the reader's own note about a competency, if they wrote one."""
    return session.scalar(_note_of(candidacy_id, competency_id, reader))


def save_note(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    text: str,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> int:
    """Keep the advisor's note and answer its new revision (0: nothing was ever written); the same text
    changes nothing.

    Raises Refusal (not their candidacy, out of scope), Conflict when another revision was saved since.
    """
    if session.get_one(Candidacy, candidacy_id).advisor_id != by:
        raise Refusal(ReviewRefusal.NOT_THE_ADVISOR)
    block_in_scope(session, candidacy_id, competency_id)
    keys = {"candidacy_id": candidacy_id, "competency_id": competency_id, "author_id": by}
    if (
        revision == 0
        and text
        and insert_if_absent(session, PrivateNote, tuple(keys), id=new_id(), **keys, text=text, changed_at=at)
    ):
        record_event(
            session, "private_note_saved", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id
        )
        return 1
    found = session.scalar(_note_of(candidacy_id, competency_id, by).with_for_update())
    if found is None:
        return 0
    if found.text == text:
        return found.revision
    if found.revision != revision:
        raise Conflict({"note": found.text}, found.revision)
    found.text, found.changed_at = text, at
    found.revision += 1
    record_event(
        session, "private_note_saved", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id
    )
    return found.revision


def _note_of(candidacy_id: UUID, competency_id: UUID, author: UUID) -> Select[PrivateNote]:
    return select(PrivateNote).where(
        PrivateNote.candidacy_id == candidacy_id,
        PrivateNote.competency_id == competency_id,
        PrivateNote.author_id == author,
    )
