"""Advisor and candidate talk about a competency: say, correct one's words, take them back, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.db.engine import insert_if_absent
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import CoverageReview
from portfolio.domain.dossier.rules.anchors import Anchor, anchor_from_json
from portfolio.domain.dossier.rules.assessment import ReviewRefusal
from portfolio.domain.dossier.use_cases.claims import own_evidence
from portfolio.domain.review.models import Message, ThreadReadMarker
from portfolio.domain.review.rules.messages import ConversationEntry, prevents_change
from portfolio.domain.review.use_cases.assessments import block_in_scope
from portfolio.domain.review.use_cases.display_names import load_display_names
from portfolio.domain.review.use_cases.email_notifications import email_immediately
from portfolio.errors import Conflict, Refusal

# How many messages about one piece its viewer shows.
MAX_PLACED = 100


def post_message(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    text: str,
    *,
    by: UUID,
    at: datetime,
    read_until: datetime | None = None,
    evidence_id: UUID | None = None,
    anchor: Anchor | None = None,
) -> Message:
    """Add a remark of the candidate or of the advisor about a competency, whatever the state of the dossier.

    Who answers has read what their page showed, up to `read_until`. A message may be about a piece of the
    candidacy, and about a place in it. Raises Refusal: not one of the two, out of scope, nothing written, a
    piece of another candidacy.
    """
    _check_speaker(session, candidacy_id, by)
    block_in_scope(session, candidacy_id, competency_id)
    if not text.strip():
        raise Refusal(ReviewRefusal.REMARK_EMPTY)
    remark = Message(
        candidacy_id=candidacy_id, competency_id=competency_id, author_id=by, text=text.strip(), sent_at=at
    )
    if evidence_id is not None:
        remark.evidence_id = own_evidence(session, candidacy_id, evidence_id).id
        remark.anchor = anchor.as_json() if anchor else None
    session.add(remark)
    record_event(session, "remark_said", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id)
    email_immediately(session, candidacy_id, by=by, at=at)
    if read_until is not None:
        mark_thread_read(session, candidacy_id, competency_id, read_until, by=by, at=at)
    return remark


def post_to_several(session: Session, places: Mapping[UUID, UUID], text: str, *, by: UUID, at: datetime) -> None:
    """Add the same remark of an advisor to several dossiers: `places`, the competency that it stands under in each.

    Raises Refusal as one message would; then none is written.
    """
    for candidacy_id, competency_id in places.items():
        post_message(session, candidacy_id, competency_id, text, by=by, at=at)


def _check_speaker(session: Session, candidacy_id: UUID, by: UUID) -> None:
    candidacy = session.get_one(Candidacy, candidacy_id)
    if by not in {candidacy.candidate_id, candidacy.advisor_id}:
        raise Refusal(ReviewRefusal.NOT_IN_THE_CONVERSATION)


def edit_message(
    session: Session, candidacy_id: UUID, remark_id: UUID, text: str, revision: int, *, by: UUID, at: datetime
) -> Message:
    """Correct one's own words and mark them as changed; the same words change nothing.

    The earlier ones are not kept. Raises Refusal (no such words, not one's own, withdrawn, answered since,
    nothing written), and Conflict when another revision was saved since the author opened the form.
    """
    remark = _own(session, candidacy_id, remark_id, by)
    why_not = prevents_change(_to_entry(remark), _thread(session, remark), by)
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
    record_event(session, "remark_changed", ("candidacy", candidacy_id), by=by, at=at, competency=remark.competency_id)
    return remark


def withdraw_message(session: Session, candidacy_id: UUID, remark_id: UUID, *, by: UUID, at: datetime) -> Message:
    """Take one's own words back: they are erased, their place stays. Twice changes nothing more.

    Raises Refusal: no such words, not one's own.
    """
    remark = _own(session, candidacy_id, remark_id, by)
    if remark.withdrawn_at is None:
        remark.text, remark.withdrawn_at = "", at
        remark.revision += 1
        record_event(
            session, "remark_withdrawn", ("candidacy", candidacy_id), by=by, at=at, competency=remark.competency_id
        )
    return remark


def _own(session: Session, candidacy_id: UUID, remark_id: UUID, by: UUID) -> Message:
    _check_speaker(session, candidacy_id, by)
    remark = session.get(Message, remark_id, with_for_update=True)
    if remark is None or remark.candidacy_id != candidacy_id:
        raise Refusal(ReviewRefusal.NO_SUCH_WORDS)
    if remark.author_id != by:
        raise Refusal(ReviewRefusal.NOT_YOUR_WORDS)
    return remark


def _to_entry(remark: Message) -> ConversationEntry:
    return ConversationEntry(remark.author_id, remark.sent_at, withdrawn=remark.withdrawn_at is not None)


def _thread(session: Session, remark: Message) -> list[ConversationEntry]:
    """All that was said about the same competency, marks included."""
    here = (remark.candidacy_id, remark.competency_id)
    remarks = session.scalars(select(Message).where(Message.candidacy_id == here[0], Message.competency_id == here[1]))
    marks = session.scalars(
        select(CoverageReview).where(CoverageReview.candidacy_id == here[0], CoverageReview.competency_id == here[1])
    )
    return [*map(_to_entry, remarks), *(ConversationEntry(mark.advisor_id, mark.created_at) for mark in marks)]


def mark_thread_read(
    session: Session, candidacy_id: UUID, competency_id: UUID, until: datetime, *, by: UUID, at: datetime
) -> None:
    """Keep that a person has read the conversation up to this moment; it never goes back, nor beyond the present.

    Raises Refusal: not one of the two, out of scope.
    """
    _check_speaker(session, candidacy_id, by)
    block_in_scope(session, candidacy_id, competency_id)
    seen = min(until, at)
    keys = {"candidacy_id": candidacy_id, "competency_id": competency_id, "person_id": by}
    if not insert_if_absent(session, ThreadReadMarker, tuple(keys), **keys, read_until=seen):
        mine = [getattr(ThreadReadMarker, name) == value for name, value in keys.items()]
        session.execute(
            update(ThreadReadMarker).where(*mine, ThreadReadMarker.read_until < seen).values(read_until=seen)
        )


@dataclass(frozen=True, slots=True)
class PlacedMessage:
    """A message about a piece: on which competency, by whom, with the place that it names."""

    label: str
    text: str
    message: str
    author: str
    sent_at: datetime
    anchor: Anchor | None


def list_placed_messages(session: Session, candidacy_id: UUID, evidence_id: UUID) -> list[PlacedMessage]:
    """Return the latest messages about a piece that were not withdrawn, the first one first, in two queries."""
    rows = session.execute(
        select(Message, Block.number, Competency.number, Competency.text)
        .join(Competency, Competency.id == Message.competency_id)
        .join(Competency.block)
        .where(Message.candidacy_id == candidacy_id, Message.evidence_id == evidence_id, Message.withdrawn_at.is_(None))
        .order_by(Message.sent_at.desc())
        .limit(MAX_PLACED)
    ).all()
    names = load_display_names(session, candidacy_id)
    return [
        PlacedMessage(
            f"{block}.{number}",
            text,
            row.text,
            names.get(row.author_id, ""),
            row.sent_at,
            anchor_from_json(row.anchor) if row.anchor else None,
        )
        for row, block, number, text in reversed(rows)
    ]
