"""The rhythm of a candidate: the day that they aim at, the letters about a silence, and why they stop."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, defer

from portfolio.calendar import PARIS, day_of
from portfolio.db.engine import insert_if_absent
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission, is_closed_candidacy, is_erased
from portfolio.domain.candidacy.rules.funnel import LeavingReason
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative, Pace
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.rules.next_action import NextAction, planned_steps
from portfolio.domain.dossier.rules.rehearsal import (
    BEFORE_SESSION,
    DEFAULT_HOUR,
    MAX_SOUND_BYTES,
    SILENCE,
    STEP_MINUTES,
    ClaimedCompetency,
    ClaimedPiece,
    RehearsalQuestion,
    RehearsalRefusal,
    rehearsal_questions,
    silence_letter_due,
    sound_type,
)
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.review.models import Message, NotificationPreference, RehearsalAnswer
from portfolio.domain.review.rules.messages import Frequency
from portfolio.domain.review.use_cases.email_notifications import choice_of, write_stoppable
from portfolio.errors import Refusal

MAX_SESSIONS = 12


@dataclass(frozen=True)
class OwnPace:
    """The rhythm that a candidate chose, and the steps that are left.

    `until`: the day of the deposit that they aim at, of a session that still stands or their own.
    """

    steps: Sequence[NextAction]
    until: date | None
    session_id: UUID | None
    letters: bool
    hour: int
    left_at: datetime | None


def load_pace(session: Session, candidacy_id: UUID, person_id: UUID) -> OwnPace:
    """Read the rhythm of a candidate and the steps of their draft."""
    row, matrix = session.get(Pace, candidacy_id), load_matrix(session, candidacy_id)
    choice = session.get(NotificationPreference, person_id)
    return OwnPace(
        steps=planned_steps(matrix.draft),
        until=matrix.path.target,
        session_id=row.session_id if row else None,
        letters=choice is None or (choice.silence_letters and choice.frequency is not Frequency.NEVER),
        hour=choice.silence_hour if choice else DEFAULT_HOUR,
        left_at=row.left_at if row else None,
    )


def list_sessions_ahead(session: Session, version_id: UUID, today: date) -> Sequence[tuple[UUID, date, str]]:
    """List the next sessions of a version that a deposit can still precede: id, day and place."""
    found = select(JurySession.id, JurySession.held_on, JurySession.place).where(
        JurySession.version_id == version_id,
        JurySession.cancelled_at.is_(None),
        JurySession.held_on > today + BEFORE_SESSION,
    )
    rows = session.execute(found.order_by(JurySession.held_on, JurySession.id).limit(MAX_SESSIONS))
    return [(row.id, row.held_on, row.place) for row in rows]


def choose_pace(
    session: Session,
    candidacy_id: UUID,
    *,
    target_on: date | None,
    session_id: UUID | None,
    letters: bool,
    hour: int,
    by: UUID,
    at: datetime,
) -> None:
    """Keep the day or the session that a candidate aims at, and whether and when they want letters about a silence."""
    row = _pace(session, candidacy_id)
    jury = session.get(JurySession, session_id) if session_id else None
    row.target_on, row.session_id = (jury.held_on - BEFORE_SESSION, jury.id) if jury else (target_on, None)
    set_silence_letters(session, by, letters, hour, at=at)
    record_event(session, "pace_chosen", ("candidacy", candidacy_id), by=by, at=at, letters=letters)


def set_silence_letters(session: Session, person_id: UUID, wanted: bool, hour: int, *, at: datetime) -> None:
    """Keep whether and at which hour a person wants letters about a silence; one who wanted no letter at all, and
    asks for these, has a letter a day again.
    """
    choice = choice_of(session, person_id, at)
    choice.silence_letters, choice.silence_hour = wanted, hour
    if wanted and choice.frequency is Frequency.NEVER:
        choice.frequency, choice.changed_at = Frequency.DAILY, at


def leave(session: Session, candidacy_id: UUID, reason: LeavingReason, *, by: UUID, at: datetime) -> None:
    """Keep that a candidate stops, and why: no letter about a silence any more. The candidacy stays as it is."""
    row = _pace(session, candidacy_id)
    row.left_at, row.left_reason = at, reason
    record_event(session, "candidate_stopped", ("candidacy", candidacy_id), by=by, at=at)


def resume(session: Session, candidacy_id: UUID, *, by: UUID, at: datetime) -> None:
    """Keep that a candidate goes on after they had stopped."""
    row = _pace(session, candidacy_id)
    row.left_at = row.left_reason = None
    record_event(session, "candidate_resumed", ("candidacy", candidacy_id), by=by, at=at)


def _pace(session: Session, candidacy_id: UUID) -> Pace:
    insert_if_absent(session, Pace, ("candidacy_id",), candidacy_id=candidacy_id, reminders=0)
    return session.get_one(Pace, candidacy_id, with_for_update=True)


@dataclass(frozen=True)
class Silence:
    """A draft in which nothing moved: whose it is, since when, and the last letter about it."""

    person_id: UUID
    since: datetime
    reminded_at: datetime | None


def list_due_silences(session: Session, at: datetime) -> Mapping[UUID, Silence]:
    """Return the candidacies whose letter about a silence is due."""
    rows = session.execute(_silent(at)).all()
    ids = [row.id for row in rows]
    last = {row[0]: row[1] for row in session.execute(last_activity(ids))} if ids else {}
    due = {}
    for row in rows:
        since = last.get(row.id, row.opened_at)
        moment = silence_letter_due(since, row.reminded_at, row.reminders or 0, row.hour)
        if moment is not None and moment <= at:
            due[row.id] = Silence(row.candidate_id, since, row.reminded_at)
    return due


def _silent(at: datetime) -> Select[Any]:
    """Select the drafts in which nothing moved for fourteen days, whose candidate has come and said no to no letter."""
    since = at - SILENCE
    hour = func.coalesce(NotificationPreference.silence_hour, DEFAULT_HOUR)
    moved = or_(*(exists().where(owner == Candidacy.id, moment > since) for owner, moment in _MOMENTS))
    spoke = exists().where(
        Message.candidacy_id == Candidacy.id, Message.author_id == Candidacy.candidate_id, Message.sent_at > since
    )
    said_no = or_(~NotificationPreference.silence_letters, NotificationPreference.frequency == Frequency.NEVER)
    return (
        select(Candidacy.id, Candidacy.candidate_id, Candidacy.opened_at)
        .add_columns(Pace.reminded_at, Pace.reminders, hour.label("hour"))
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .join(Person, Person.id == Candidacy.candidate_id)
        .outerjoin(NotificationPreference, NotificationPreference.person_id == Person.id)
        .outerjoin(Pace, Pace.candidacy_id == Candidacy.id)
        .where(Dossier.state == DossierState.DRAFT, Dossier.is_required, Candidacy.opened_at <= since)
        .where(Person.suspended_at.is_(None), Person.password_hash.is_not(None))
        .where(func.coalesce(said_no, False).is_(False), Pace.left_at.is_(None), hour <= at.astimezone(PARIS).hour)
        # A letter of the same hour, fourteen days before, may have been written some minutes later.
        .where(Pace.reminded_at.is_(None) | (Pace.reminded_at <= at - SILENCE / 2))
        .where(~is_closed_candidacy(), ~is_erased(), ~moved, ~spoke)
        .where(~((Dossier.revision > 1) & (Dossier.changed_at > since)))
    )


def queue_silence_letters(session: Session, title_of: Callable[[NextAction], str], *, at: datetime) -> int:
    """Write the letters about a silence that are due, each with the title of its next step; return how many."""
    due = list_due_silences(session, at)
    for candidacy_id, silence in due.items():
        row = _pace(session, candidacy_id)
        if row.reminded_at != silence.reminded_at:
            continue  # another worker wrote it meanwhile
        is_again = row.reminded_at is not None and row.reminded_at > silence.since
        row.reminders, row.reminded_at = row.reminders * is_again + 1, at
        steps = planned_steps(load_matrix(session, candidacy_id).draft)
        facts = {"candidacy_id": candidacy_id, "steps": len(steps), "days": (day_of(at) - day_of(silence.since)).days}
        first = title_of(steps[0]) if steps else ""
        facts["title"] = session.get_one(Candidacy, candidacy_id).version.title
        person = session.get_one(Person, silence.person_id)
        write_stoppable(session, person, EmailTemplate.SILENCE, at, first=first, minutes=STEP_MINUTES, **facts)
    return len(due)


_MOMENTS = (
    (Experience.candidacy_id, Experience.changed_at),
    (Narrative.candidacy_id, Narrative.changed_at),
    (Claim.candidacy_id, Claim.changed_at),
    (Evidence.candidacy_id, Evidence.changed_at),
    (Submission.candidacy_id, Submission.submitted_at),
)


def last_activity(ids: Collection[UUID]) -> Select[UUID, datetime]:
    """Select when each candidate last did something: wrote, added or changed a piece, said a word, submitted."""
    done = union_all(
        *(_moments(owner, moment, ids) for owner, moment in _MOMENTS),
        _moments(Dossier.candidacy_id, Dossier.changed_at, ids).where(Dossier.revision > 1),
        _moments(Message.candidacy_id, Message.sent_at, ids)
        .join(Candidacy, Candidacy.id == Message.candidacy_id)
        .where(Message.author_id == Candidacy.candidate_id),
    ).subquery()
    moment = func.max(done.c.moment)
    return select(done.c.candidacy_id, moment.label("moment")).group_by(done.c.candidacy_id)


def _moments(candidacy_id: Any, moment: Any, ids: Collection[UUID]) -> Select[Any]:
    return select(candidacy_id.label("candidacy_id"), moment.label("moment")).where(candidacy_id.in_(ids))


def load_questions(session: Session, candidacy_id: UUID, today: date) -> list[RehearsalQuestion]:
    """Draw the questions from the claims of a dossier, in two queries."""
    claims = (Claim.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
    claimed = exists().where(Claim.competency_id == Competency.id, Claim.evidence_id == Evidence.id, *claims)
    told = (Narrative.competency_id == Competency.id) & (Narrative.candidacy_id == candidacy_id)
    rows = session.execute(
        select(Competency, Narrative).join(Competency.block).outerjoin(Narrative, told).where(claimed)
        .order_by(Block.number, Competency.number)
    )  # fmt: skip
    competencies = [_competency(competency, narrative) for competency, narrative in rows]
    serving = exists().where(Claim.evidence_id == Evidence.id)
    pieces = session.scalars(
        select(Evidence).where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None), serving)
        .order_by(Evidence.number)
    )  # fmt: skip
    dated = [ClaimedPiece(one.id, one.number, one.title, one.dated_to or one.dated_from) for one in pieces]
    return rehearsal_questions(competencies, dated, today)


def _competency(competency: Competency, narrative: Narrative | None) -> ClaimedCompetency:
    parts = (narrative.situation, narrative.actions, narrative.choices, narrative.result) if narrative else ("",) * 4
    told = "\n".join(part for part in parts if part.strip())
    return ClaimedCompetency(competency.id, competency.label, competency.text, told, parts[2].strip(), parts[3].strip())


def list_answers(session: Session, candidacy_id: UUID, *, shared_only: bool) -> Sequence[RehearsalAnswer]:
    """List the answers of a candidate without their sounds, the last first; an advisor reads those shared."""
    query = select(RehearsalAnswer).where(RehearsalAnswer.candidacy_id == candidacy_id)
    if shared_only:
        query = query.where(RehearsalAnswer.shared_at.is_not(None))
    return session.scalars(
        query.options(defer(RehearsalAnswer.sound)).order_by(RehearsalAnswer.answered_at.desc(), RehearsalAnswer.id)
    ).all()


def find_answer(session: Session, candidacy_id: UUID, answer_id: UUID, *, shared_only: bool) -> RehearsalAnswer | None:
    """Return an answer of this candidacy; None for one that its reader may not hear."""
    query = select(RehearsalAnswer).where(RehearsalAnswer.id == answer_id, RehearsalAnswer.candidacy_id == candidacy_id)
    row = session.scalar(query)
    return row if row and (row.shared_at or not shared_only) else None


def save_answer(
    session: Session, candidacy_id: UUID, code: str, asked: str, sound: bytes, *, by: UUID, at: datetime
) -> RehearsalAnswer:
    """Keep the sound of an answer in the place of the earlier one, shared with nobody. Raise Refusal for no sound."""
    kind = sound_type(sound)
    if kind is None:
        raise Refusal(RehearsalRefusal.NO_SOUND)
    if len(sound) > MAX_SOUND_BYTES:
        raise Refusal(RehearsalRefusal.TOO_LONG)
    of_question = (RehearsalAnswer.candidacy_id == candidacy_id, RehearsalAnswer.question == code)
    row = session.scalar(select(RehearsalAnswer).where(*of_question).with_for_update())
    if row is None:
        row = RehearsalAnswer(candidacy_id=candidacy_id, question=code)
        session.add(row)
    row.asked, row.sound, row.media_type, row.answered_at, row.shared_at = asked, sound, kind, at, None
    record_event(session, "rehearsal_answered", ("candidacy", candidacy_id), by=by, at=at)
    return row


def share_answer(session: Session, row: RehearsalAnswer, shared: bool, *, by: UUID, at: datetime) -> None:
    """Let the advisor hear an answer, or no longer."""
    row.shared_at = at if shared else None
    record_event(session, "rehearsal_shared", ("candidacy", row.candidacy_id), by=by, at=at, shared=shared)


def delete_answer(session: Session, row: RehearsalAnswer, *, by: UUID, at: datetime) -> None:
    """Delete an answer and its sound."""
    session.delete(row)
    record_event(session, "rehearsal_deleted", ("candidacy", row.candidacy_id), by=by, at=at)
