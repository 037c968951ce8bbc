"""Appeals against what a jury decided: registered with their clock, answered, listed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.certification.models import Block
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import Appeal, AppealAnswer, AppealGrantProposal
from portfolio.domain.holdings.rules.status_changes import (
    AppealGrant,
    AppealInput,
    AppealOutcome,
    AppealState,
    ContestRefusal,
    answer_due,
    appeal_state,
    granted_blocks,
    lapses_by_silence,
)
from portfolio.domain.holdings.use_cases import second_member
from portfolio.domain.holdings.use_cases.contest_tasks import file_columns
from portfolio.domain.holdings.use_cases.granting import Proof
from portfolio.domain.holdings.use_cases.status_changes import annul_decisions
from portfolio.domain.holdings.use_cases.status_history import DecidedAgain, again_of, load_decided_again
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True)
class AppealDetails:
    """An appeal with the numbers of the blocks that it contests, and how it ended, if it did."""

    appeal: Appeal
    answer: AppealAnswer | None
    # Empty: everything that the jury decided, or an absence.
    blocks: tuple[int, ...] = ()
    annulled: tuple[int, ...] = ()
    pending: AppealGrantProposal | None = None
    proposed: tuple[int, ...] = ()
    hearing_id: UUID | None = None
    decided_on: date | None = None
    # Once it was granted: what other juries decided since.
    again: tuple[DecidedAgain, ...] = ()

    @property
    def awaits_jury(self) -> bool:
        """Return whether a block whose decision it annulled waits for another jury."""
        is_granted = self.answer is not None and self.answer.outcome is AppealOutcome.GRANTED
        return is_granted and any(each.on is None for each in self.again)

    def state(self, today: date) -> AppealState:
        """Return where the appeal stands on a day."""
        outcome = self.answer.outcome if self.answer is not None else None
        return appeal_state(self.appeal.kind, self.appeal.answer_by, outcome, today)

    @property
    def due_on(self) -> date | None:
        """Return the day on which silence becomes a refusal; None for a court, which always answers."""
        return self.appeal.answer_by if lapses_by_silence(self.appeal.kind) else None

    def days_left(self, today: date) -> int | None:
        """Return the days left to answer; negative once silence is a refusal, None once answered, or before a court."""
        return None if self.answer is not None or self.due_on is None else (self.due_on - today).days


def register(
    session: Session, hearing_id: UUID, appeal: AppealInput, proof: Proof | None = None, *, by: UUID, at: datetime
) -> Appeal:
    """Register an appeal, with the day on which silence becomes a refusal, and write to the person.

    Raise Refusal: minutes still open, filed before the decision, a day to come, or a block that this jury did
    not decide.
    """
    minutes = session.scalar(select(Minutes).where(Minutes.hearing_id == hearing_id))
    if minutes is None:
        raise Refusal(JuryRefusal.STILL_OPEN)
    if appeal.filed_on < minutes.decided_on:
        raise Refusal(ContestRefusal.BEFORE_DECISION)
    if max(appeal.filed_on, appeal.received_on) > day_of(at) or appeal.received_on < appeal.filed_on:
        raise Refusal(ContestRefusal.IN_THE_FUTURE)
    if not appeal.blocks <= _decided(session, minutes.id):
        raise Refusal(ContestRefusal.NO_SUCH_BLOCK)
    candidacy = _candidacy_of(session, minutes.id)
    row = Appeal(
        minutes_id=minutes.id,
        kind=appeal.kind,
        filed_on=appeal.filed_on,
        received_on=appeal.received_on,
        answer_by=answer_due(appeal.received_on),
        grounds=appeal.grounds,
        block_ids=_listed(appeal.blocks),
        words=load_words(session, candidacy, by),
        recorded_at=at,
        recorded_by=by,
        **file_columns(proof),
    )
    session.add(row)
    session.flush()
    record_event(session, "appeal_registered", ("minutes", minutes.id), by=by, at=at, kind=appeal.kind)
    append(session, [row], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, candidacy, EmailTemplate.APPEAL_REGISTERED, at=at)
    return row


def answer(
    session: Session,
    hearing_id: UUID,
    appeal_id: UUID,
    outcome: AppealOutcome,
    answered_on: date,
    text: str,
    *,
    by: UUID,
    at: datetime,
) -> AppealAnswer:
    """Record that an appeal was refused, or given up by the person: nothing changes of what was decided.

    Raise Refusal: already answered, before it was received, a day to come, waiting for a second member, or
    granted, which two members do.
    """
    if outcome is AppealOutcome.GRANTED:
        raise Refusal(ContestRefusal.NEEDS_SECOND_MEMBER)
    row = _lock_open(session, hearing_id, appeal_id)
    if find_pending_grant(session, appeal_id) is not None:
        raise Refusal(ContestRefusal.ALREADY_PROPOSED)
    _check_day(row, answered_on, at)
    candidacy = _candidacy_of(session, row.minutes_id)
    done = _answer_row(session, row, outcome, answered_on, text, candidacy, by=by, at=at)
    record_event(session, "appeal_answered", ("minutes", row.minutes_id), by=by, at=at, outcome=outcome)
    append(session, [done], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, candidacy, EmailTemplate.APPEAL_ANSWERED, at=at)
    return done


@dataclass(frozen=True, slots=True)
class OfAppeal:
    """The grant of an appeal, which annuls what it contests, as a way to end a right."""

    hearing_id: UUID
    appeal: Appeal

    @property
    def subject(self) -> tuple[str, UUID]:
        """Return the object that its audit events name."""
        return "minutes", self.appeal.minutes_id

    def lock(self, session: Session) -> None:
        """Lock the hearing before the appeal, as a closing does. Raise Refusal when it is answered already."""
        session.get_one(Hearing, self.hearing_id, with_for_update=True)
        _lock_open(session, self.hearing_id, self.appeal.id)

    def find_pending(self, session: Session) -> AppealGrantProposal | None:
        """Find the grant that waits for a second member."""
        return find_pending_grant(session, self.appeal.id)

    def verb(self, row: AppealGrantProposal) -> str:  # noqa: ARG002
        """Return the verb of its audit events."""
        return "appeal_grant"

    def check(self, session: Session, row: AppealGrantProposal, *, by: UUID, at: datetime) -> None:  # noqa: ARG002
        """Raise Refusal: a day that cannot be."""
        _check_day(self.appeal, row.answered_on, at)

    def take_effect(self, session: Session, row: AppealGrantProposal, *, by: UUID, at: datetime) -> AppealAnswer:
        """Grant the appeal: the decisions on its blocks are annulled, and the person is written to."""
        hearing = session.get_one(Hearing, self.hearing_id)
        candidacy = _candidacy_of(session, self.appeal.minutes_id)
        session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
        told = (AppealOutcome.GRANTED, row.answered_on, row.reason, candidacy)
        done = _answer_row(session, self.appeal, *told, by=row.proposed_by, at=at)
        done.block_ids, done.is_for_bias, done.confirmed_by = row.block_ids, row.is_for_bias or None, by
        session.flush()
        outcome = AppealOutcome.GRANTED
        record_event(session, "appeal_answered", self.subject, by=by, at=at, outcome=outcome)
        blocks = frozenset(UUID(each) for each in row.block_ids or ())
        rows = annul_decisions(session, hearing, self.appeal, done, blocks, at=at)
        append(session, [done, *rows], at=at)  # last but for the e-mail: it takes the ledger's lock
        email_candidate(session, candidacy, EmailTemplate.APPEAL_ANSWERED, at=at)
        return done


def propose_grant(
    session: Session, hearing_id: UUID, appeal_id: UUID, grant: AppealGrant, *, by: UUID, at: datetime
) -> AppealGrantProposal:
    """Propose to grant an appeal, which changes nothing until another member confirms it.

    Raise Refusal: already answered or proposed, a day that cannot be, or a block that it does not contest.
    """
    way = _way(session, hearing_id, appeal_id)
    row = AppealGrantProposal(
        appeal_id=appeal_id,
        answered_on=grant.answered_on,
        reason=grant.reason.strip(),
        block_ids=_listed(_granted_blocks(session, way.appeal, grant.blocks)),
        is_for_bias=grant.bias,
    )
    return second_member.propose(session, way, row, by=by, at=at)


def confirm_grant(
    session: Session, hearing_id: UUID, appeal_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime
) -> AppealAnswer:
    """Grant an appeal that another member proposed to grant: the decisions on its blocks are annulled.

    The dossier waits for another jury, without the members of this one where the ground is bias; the person
    is written to. Raise Refusal: not pending, or proposed by the same person.
    """
    way = _way(session, hearing_id, appeal_id)
    done: AppealAnswer = second_member.confirm(session, way, proposal_id, by=by, at=at)
    return done


def drop_grant(
    session: Session, hearing_id: UUID, appeal_id: UUID, proposal_id: UUID, *, by: UUID, at: datetime
) -> None:
    """Drop a proposal to grant an appeal: it waits for an answer again. Raise Refusal when it is not pending."""
    second_member.drop(session, _way(session, hearing_id, appeal_id), proposal_id, by=by, at=at)


def _way(session: Session, hearing_id: UUID, appeal_id: UUID) -> OfAppeal:
    query = select(Appeal).join(Minutes, Minutes.id == Appeal.minutes_id)
    return OfAppeal(
        hearing_id, session.scalars(query.where(Appeal.id == appeal_id, Minutes.hearing_id == hearing_id)).one()
    )


def find_pending_grant(session: Session, appeal_id: UUID) -> AppealGrantProposal | None:
    """Find the proposal to grant an appeal that waits for a second member."""
    return session.scalar(
        select(AppealGrantProposal).where(
            AppealGrantProposal.appeal_id == appeal_id, AppealGrantProposal.closed_at.is_(None)
        )
    )


def list_appeals(session: Session, hearing_id: UUID) -> list[AppealDetails]:
    """List the appeals against the minutes of a hearing, the oldest first."""
    return list_appeals_of(session, [hearing_id])


def list_appeals_of(session: Session, hearings: Collection[UUID]) -> list[AppealDetails]:
    """List the appeals against the minutes of some hearings, the oldest first, in three queries at most."""
    return _details(session, _appeals().where(Minutes.hearing_id.in_(hearings)))


def list_own_appeals(session: Session, candidacy_id: UUID, *, notified: bool = False) -> list[AppealDetails]:
    """List the appeals against what juries decided in a candidacy, the oldest first; `notified` omits what another
    jury decided since and no notification gave.
    """
    query = _appeals().join(Minutes.hearing).join(Hearing.submission)
    return _details(session, query.where(Submission.candidacy_id == candidacy_id), notified=notified)


def contestable_blocks(session: Session, hearing_id: UUID) -> list[tuple[UUID, int, str]]:
    """List the blocks that the minutes of a hearing decided: id, number, title."""
    query = (
        select(Block.id, Block.number, Block.title)
        .join(RecordedDecision, RecordedDecision.block_id == Block.id)
        .join(Minutes, Minutes.id == RecordedDecision.minutes_id)
        .where(Minutes.hearing_id == hearing_id)
        .order_by(Block.number)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _appeals() -> Select[*tuple[Any, ...]]:
    return (
        select(Appeal, AppealAnswer, AppealGrantProposal, Minutes.hearing_id, Minutes.decided_on)
        .join(Minutes, Minutes.id == Appeal.minutes_id)
        .outerjoin(AppealAnswer, AppealAnswer.appeal_id == Appeal.id)
        .outerjoin(
            AppealGrantProposal, (AppealGrantProposal.appeal_id == Appeal.id) & AppealGrantProposal.closed_at.is_(None)
        )
        .order_by(Appeal.received_on, Appeal.recorded_at, Appeal.id)
    )


def _details(session: Session, query: Select[*tuple[Any, ...]], *, notified: bool = False) -> list[AppealDetails]:
    rows = session.execute(query).all()
    named = {each for row in rows for part in row[:3] if part is not None for each in part.block_ids or ()}
    asked = select(Block.id, Block.number).where(Block.id.in_([UUID(each) for each in named]))
    numbers = {block_id.hex: number for block_id, number in session.execute(asked)} if named else {}

    def told(part: Any) -> tuple[int, ...]:
        found = () if part is None else part.block_ids or ()
        return tuple(sorted(numbers[each] for each in found if each in numbers))

    granted = {row[0].minutes_id for row in rows if row[1] is not None and row[1].outcome is AppealOutcome.GRANTED}
    again = load_decided_again(session, granted, notified=notified)
    return [
        AppealDetails(
            *(appeal, ended, told(appeal), told(ended), pending, told(pending), hearing_id, decided_on),
            again=again_of(again.get(appeal.minutes_id, ()), told(ended)),
        )
        for appeal, ended, pending, hearing_id, decided_on in rows
    ]


def _lock_open(session: Session, hearing_id: UUID, appeal_id: UUID) -> Appeal:
    query = select(Appeal).join(Minutes, Minutes.id == Appeal.minutes_id)
    row = session.scalars(
        query.where(Appeal.id == appeal_id, Minutes.hearing_id == hearing_id).with_for_update(of=Appeal)
    ).one()
    if session.scalar(select(AppealAnswer.id).where(AppealAnswer.appeal_id == appeal_id)) is not None:
        raise Refusal(ContestRefusal.ALREADY_ANSWERED)
    return row


def _check_day(row: Appeal, answered_on: date, at: datetime) -> None:
    if not row.received_on <= answered_on <= day_of(at):
        raise Refusal(ContestRefusal.IN_THE_FUTURE)


def _granted_blocks(session: Session, row: Appeal, chosen: frozenset[UUID]) -> frozenset[UUID]:
    contested = frozenset(UUID(each) for each in row.block_ids or ())
    found = granted_blocks(contested, _decided(session, row.minutes_id), chosen)
    if isinstance(found, ContestRefusal):
        raise Refusal(found)
    return found


def _decided(session: Session, minutes_id: UUID) -> frozenset[UUID]:
    query = select(RecordedDecision.block_id).where(RecordedDecision.minutes_id == minutes_id)
    return frozenset(session.scalars(query))


def _candidacy_of(session: Session, minutes_id: UUID) -> Candidacy:
    query = (
        select(Candidacy)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
    )
    return session.scalars(query.where(Minutes.id == minutes_id)).one()


def _listed(blocks: Collection[UUID]) -> list[str] | None:
    return sorted(block.hex for block in blocks) or None


def load_words(session: Session, candidacy: Candidacy, by: UUID | None) -> dict[str, Any]:
    """Return how the body names itself today, and the member who signs, for a letter to keep."""
    body = candidacy.version.certification.body
    said = load_body_settings(session, body.id)
    return {
        "legal_name": said.legal_name or body.name,
        "address": said.address,
        "city": said.city or body.city,
        "remedies": said.remedies,
        "contact": said.contact,
        "signatory": session.get_one(Person, by).name if by else "",
        "quality": said.signatory_quality if by and said.signatory_id == by else "",
    }


def _answer_row(
    session: Session,
    row: Appeal,
    outcome: AppealOutcome,
    answered_on: date,
    text: str,
    candidacy: Candidacy,
    *,
    by: UUID,
    at: datetime,
) -> AppealAnswer:
    done = AppealAnswer(
        appeal_id=row.id,
        outcome=outcome,
        answered_on=answered_on,
        text=text,
        words=load_words(session, candidacy, by),
        recorded_at=at,
        recorded_by=by,
    )
    session.add(done)
    return done
