"""Preparing the dossier that follows a partial result: blocks kept for later, recommendations done, the
advisor's meeting.

The frame of the livret 2 that a candidacy answers, and how long its texts are.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import fetch_together, read_once
from portfolio.db.together import Together
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, candidacy_block
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.book_frame import Frame, count_words
from portfolio.domain.certification.rules.entry_schema import frame_from_json
from portfolio.domain.dossier.models.dossier import (
    Dossier,
    Experience,
    Narrative,
    PostJuryMeeting,
    PostponedBlock,
    RecommendationDone,
)
from portfolio.domain.dossier.rules.completeness import Lengths
from portfolio.domain.dossier.rules.draft import DossierRefusal, GeneralText
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.holdings.use_cases.holdings import block_statuses
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.errors import Refusal

_OF_CANDIDACY: BindParameter[UUID] = bindparam("candidacy")
_LAST_DECISION = (
    select(Submission.number, Minutes.decided_on)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .where(Submission.candidacy_id == _OF_CANDIDACY, exists().where(RecordedDecision.minutes_id == Minutes.id))
    .order_by(Submission.number.desc())
    .limit(1)
)


@read_once
def postponed_blocks(session: Session, candidacy_id: UUID) -> frozenset[UUID]:
    """Return the blocks that a candidate keeps for a later deposit."""
    return frozenset(
        session.scalars(select(PostponedBlock.block_id).where(PostponedBlock.candidacy_id == candidacy_id))
    )


@read_once
def find_last_decision(session: Session, candidacy_id: UUID) -> tuple[int, date] | None:
    """Find the last deposit that a jury decided on: its number, and the day of the decision."""
    row = session.execute(_LAST_DECISION, {"candidacy": candidacy_id}).first()
    return (row.number, row.decided_on) if row else None


def asks_for(session: Session, candidacy_id: UUID, block_id: UUID) -> bool:
    """Return whether a candidacy asks for a block."""
    asked = (candidacy_block.c.candidacy_id == candidacy_id, candidacy_block.c.block_id == block_id)
    return session.scalar(select(candidacy_block.c.block_id).where(*asked)) is not None


def postpone_block(
    session: Session, candidacy_id: UUID, block_id: UUID, *, postponed: bool, by: UUID, at: datetime
) -> None:
    """Keep a block for a later deposit, or present it in this one; its texts and evidence stay in the draft.

    Raises Refusal: SEALED, NOTHING_DECIDED (the first deposit presents every block asked for), NOT_IN_SCOPE
    (not asked for, held or suspended), ONE_BLOCK_LEFT (a deposit presents at least one block).
    """
    lock_draft(session, candidacy_id)
    if find_last_decision(session, candidacy_id) is None:
        raise Refusal(DossierRefusal.NOTHING_DECIDED)
    left = _blocks_left(session, candidacy_id, day_of(at))
    if block_id not in left:
        raise Refusal(DossierRefusal.NOT_IN_SCOPE)
    row = session.get(PostponedBlock, (candidacy_id, block_id))
    if (row is not None) == postponed:
        return
    if row is not None:
        session.delete(row)
    elif not left - postponed_blocks(session, candidacy_id) - {block_id}:
        raise Refusal(DossierRefusal.ONE_BLOCK_LEFT)
    else:
        session.add(PostponedBlock(candidacy_id=candidacy_id, block_id=block_id, since=at))
    session.flush()
    verb = "block_postponed" if postponed else "block_presented_again"
    record_event(session, verb, ("candidacy", candidacy_id), by=by, at=at, block=block_id)


def _blocks_left(session: Session, candidacy_id: UUID, on: date) -> set[UUID]:
    """Return the blocks asked for that are neither held nor suspended."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    statuses = block_statuses(session, candidacy.candidate_id, candidacy.version_id, notified=True, on=on)
    asked = session.scalars(select(candidacy_block.c.block_id).where(candidacy_block.c.candidacy_id == candidacy_id))
    return set(asked) - statuses.held.keys() - statuses.suspended.keys()


@dataclass(frozen=True, slots=True)
class KeptForNext:
    """The day of the last decision, the blocks that a candidate keeps for a later deposit, the recommendations that
    they ticked (the number of the minutes, and what they are about), and the day on which their advisor met them since.
    """

    decided_on: date
    postponed: frozenset[UUID]
    done: frozenset[tuple[str, str]]
    met_on: date | None


def load_kept(session: Session, candidacy_id: UUID) -> KeptForNext | None:
    """Return what is kept for the deposit that follows the last decision, in one query; None before any."""
    decisions, postponed, done, met = fetch_together(session, _KEPT, {"candidacy": candidacy_id})
    if not decisions:
        return None
    return KeptForNext(
        decisions[0].decided_on,
        frozenset(row.block_id for row in postponed),
        frozenset((row.minutes_number, row.label) for row in done),
        next((row.held_on for row in met if row.after_number == decisions[0].number), None),
    )


_KEPT = Together(
    _LAST_DECISION,
    select(PostponedBlock.block_id).where(PostponedBlock.candidacy_id == _OF_CANDIDACY),
    select(RecommendationDone.minutes_number, RecommendationDone.label).where(
        RecommendationDone.candidacy_id == _OF_CANDIDACY
    ),
    select(PostJuryMeeting.after_number, PostJuryMeeting.held_on).where(PostJuryMeeting.candidacy_id == _OF_CANDIDACY),
)


def tick_recommendation(
    session: Session, candidacy_id: UUID, minutes_number: str, label: str, *, done: bool, by: UUID, at: datetime
) -> None:
    """Keep that the candidate did what a jury recommended, or has it to do again. Raises Refusal(SEALED)."""
    lock_draft(session, candidacy_id)
    place = {"candidacy_id": candidacy_id, "minutes_number": minutes_number, "label": label}
    row = session.scalar(select(RecommendationDone).filter_by(**place))
    if (row is not None) == done:
        return
    if row is not None:
        session.delete(row)
    else:
        session.add(RecommendationDone(**place, done_at=at))
    session.flush()
    record_event(session, "recommendation_ticked", ("candidacy", candidacy_id), by=by, at=at, about=label, done=done)


def find_meeting(session: Session, candidacy_id: UUID) -> PostJuryMeeting | None:
    """Find the meeting that followed the last decision."""
    decision = find_last_decision(session, candidacy_id)
    if decision is None:
        return None
    return session.scalar(select(PostJuryMeeting).filter_by(candidacy_id=candidacy_id, after_number=decision[0]))


def note_meeting(session: Session, candidacy_id: UUID, held_on: date, *, by: UUID, at: datetime) -> PostJuryMeeting:
    """Note the day on which the advisor met the candidate again after the jury; noted twice, the last day stands.

    Raises Refusal: no decision yet, a day before the decision, or a day to come.
    """
    session.get_one(Candidacy, candidacy_id, with_for_update=True)
    decision = find_last_decision(session, candidacy_id)
    if decision is None:
        raise Refusal(DossierRefusal.NOTHING_DECIDED)
    number, decided_on = decision
    if held_on < decided_on:
        raise Refusal(DossierRefusal.MEETING_BEFORE_JURY, day=decided_on.isoformat())
    if held_on > day_of(at):
        raise Refusal(DossierRefusal.MEETING_TOMORROW)
    row = find_meeting(session, candidacy_id) or PostJuryMeeting(candidacy_id=candidacy_id, after_number=number)
    row.held_on, row.noted_by, row.noted_at = held_on, by, at
    session.add(row)
    session.flush()
    record_event(
        session, "post_jury_meeting_noted", ("candidacy", candidacy_id), by=by, at=at, held_on=held_on.isoformat()
    )
    return row


def load_frame(session: Session, candidacy_id: UUID) -> Frame:
    """Return the frame of the version that a candidacy answers; empty for the usual outline."""
    query = (
        select(CertificationVersion.entry["frame"])
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where(Candidacy.id == candidacy_id)
    )
    return frame_from_json(session.scalar(query))


def load_lengths(session: Session, candidacy_id: UUID, frame: Frame) -> Lengths | None:
    """Count the words of each text of a draft; None when its certifier gives no frame."""
    if not frame:
        return None
    dossier = session.get_one(Dossier, candidacy_id)
    narratives = session.scalars(select(Narrative).where(Narrative.candidacy_id == candidacy_id))
    experiences = session.scalars(select(Experience).where(Experience.candidacy_id == candidacy_id))
    return Lengths(
        frame,
        {text: count_words(getattr(dossier, text.value)) for text in GeneralText},
        {row.competency_id: count_words(row.situation, row.actions, row.choices, row.result) for row in narratives},
        tuple(count_words(row.context, row.perimeter, row.responsibilities) for row in experiences),
    )
