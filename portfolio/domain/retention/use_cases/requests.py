"""A candidate asks for the erasure of a dossier, and the body answers (article 17 of the GDPR).

Keep a dossier from being erased, and let it go again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from portfolio.calendar import day_of
from portfolio.db.engine import new_id
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, Erasure, candidate_display_name
from portfolio.domain.candidacy.rules.stage import Cause, Extent
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.domain.retention.models import ErasureRequest, LegalHold
from portfolio.domain.retention.rules import GRACE, LegalGround, RetentionRefusal
from portfolio.domain.retention.use_cases.clocks import store_clocks
from portfolio.domain.retention.use_cases.erasing import plan_erasure
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class HoldDetails:
    """A hold of a dossier: why, by whom, since when, and how it ended."""

    id: UUID
    reason: str
    placed_at: datetime
    placed_by: str
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str


def place_hold(session: Session, candidacy_id: UUID, reason: str, *, by: UUID, at: datetime) -> LegalHold:
    """Stop the clocks and the erasures of a dossier. Raise Refusal when nothing is left to keep."""
    lock_candidacy(session, candidacy_id)
    if is_erased_whole(session, candidacy_id):
        raise Refusal(RetentionRefusal.ALREADY_ERASED)
    hold = LegalHold(id=new_id(), candidacy_id=candidacy_id, reason=reason.strip(), placed_at=at, placed_by=by)
    session.add(hold)
    session.flush()
    record_event(session, "hold_placed", ("candidacy", candidacy_id), by=by, at=at)
    store_clocks(session, [candidacy_id], day_of(at))
    return hold


def has_hold(session: Session, candidacy_id: UUID, hold_id: UUID) -> bool:
    """Return whether a hold is of this dossier."""
    return (
        session.scalar(select(LegalHold.id).where(LegalHold.id == hold_id, LegalHold.candidacy_id == candidacy_id))
        is not None
    )


def end_hold(session: Session, candidacy_id: UUID, hold_id: UUID, reason: str, *, by: UUID, at: datetime) -> None:
    """Let the clocks run again.

    Raise Refusal when the hold was ended before, NoResultFound for one of another dossier.
    """
    lock_candidacy(session, candidacy_id)
    query = select(LegalHold).where(LegalHold.id == hold_id, LegalHold.candidacy_id == candidacy_id).with_for_update()
    hold = session.scalars(query).one()
    if hold.ended_at is not None:
        raise Refusal(RetentionRefusal.HOLD_ENDED)
    hold.ended_at, hold.ended_by, hold.end_reason = at, by, reason.strip()
    session.flush()
    record_event(session, "hold_ended", ("candidacy", candidacy_id), by=by, at=at)
    store_clocks(session, [candidacy_id], day_of(at))


def list_holds(session: Session, candidacy_id: UUID) -> Sequence[HoldDetails]:
    """List the holds of a dossier, those that still hold first, then the latest."""
    placed, ended = aliased(Person), aliased(Person)
    query = (
        select(
            *(LegalHold.id, LegalHold.reason, LegalHold.placed_at, placed.name.label("placed_by"), LegalHold.ended_at),
            *(ended.name.label("ended_by"), LegalHold.end_reason),
        )
        .join(placed, placed.id == LegalHold.placed_by)
        .outerjoin(ended, ended.id == LegalHold.ended_by)
        .where(LegalHold.candidacy_id == candidacy_id)
        .order_by(LegalHold.ended_at.is_not(None), LegalHold.placed_at.desc())
    )
    return [HoldDetails(*row) for row in session.execute(query)]


def lock_candidacy(session: Session, candidacy_id: UUID) -> None:
    """Take the row under which holds, requests and erasures of a dossier come one after the other."""
    session.execute(select(Candidacy.id).where(Candidacy.id == candidacy_id).with_for_update())


def is_erased_whole(session: Session, candidacy_id: UUID) -> bool:
    """Return whether the rows of a dossier were erased as a whole."""
    query = select(Erasure.id).where(
        Erasure.candidacy_id == candidacy_id, Erasure.extent == Extent.WHOLE, Erasure.rows_at.is_not(None)
    )
    return session.scalar(query) is not None


# A page shows so many requests at most: a body answers each within a month.
MAX_OPEN = 100


def ask_erasure(session: Session, candidacy_id: UUID, message: str, *, by: UUID, at: datetime) -> ErasureRequest:
    """Ask the body for the erasure of a dossier. Raise Refusal when it is asked, ordered or done already."""
    lock_candidacy(session, candidacy_id)
    if find_open_request(session, candidacy_id) is not None:
        raise Refusal(RetentionRefusal.ALREADY_ASKED)
    if _is_planned(session, candidacy_id):
        raise Refusal(RetentionRefusal.ALREADY_ERASED)
    request = ErasureRequest(id=new_id(), candidacy_id=candidacy_id, message=message.strip(), asked_at=at)
    session.add(request)
    record_event(session, "erasure_asked", ("candidacy", candidacy_id), by=by, at=at)
    return request


def answer_request(
    session: Session, candidacy_id: UUID, ground: LegalGround | None, answer: str,
    labels: dict[LegalGround, str], *, by: UUID, at: datetime,
) -> None:  # fmt: skip
    """Accept the request of a dossier, which orders its erasure, or keep the dossier by a ground of law; tell
    the candidate.

    `labels` are the grounds as the letter says them. Raise Refusal: nothing is asked, something holds the
    dossier, or it still waits for its jury.
    """
    lock_candidacy(session, candidacy_id)
    request = find_open_request(session, candidacy_id)
    if request is None:
        raise Refusal(RetentionRefusal.ALREADY_ANSWERED)
    dated = load_dated(session, [candidacy_id], day_of(at))[candidacy_id]
    accepted = ground is None
    if accepted and dated.facts.holds:
        raise Refusal(RetentionRefusal.HELD)
    if accepted and dated.facts.awaits_decision and dated.facts.closed_on is None:
        raise Refusal(RetentionRefusal.AWAITS_DECISION)
    request.answered_at, request.answered_by, request.is_accepted = at, by, accepted
    request.ground, request.answer = ground, answer.strip()
    if accepted:
        plan_erasure(session, candidacy_id, Extent.WHOLE, Cause.ASKED, by=by, at=at, run_after=at + GRACE)
    title = session.scalars(
        select(CertificationVersion.title)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where(Candidacy.id == candidacy_id)
    ).one()
    candidacy = session.get_one(Candidacy, candidacy_id)
    queue_email(
        session, session.get_one(Person, dated.candidate_id), EmailTemplate.ERASURE_ANSWER, at=at,
        body_id=dated.body_id, name=candidacy.candidate_name, title=title, accepted=accepted,
        goes_on=day_of(at + GRACE), ground=labels[ground] if ground else "", answer=answer.strip(),
        body=session.get_one(CertifyingBody, dated.body_id).name,
    )  # fmt: skip
    record_event(session, "erasure_answered", ("candidacy", candidacy_id), by=by, at=at, accepted=accepted)


def find_open_request(session: Session, candidacy_id: UUID) -> ErasureRequest | None:
    """Return the request of a dossier that waits for an answer."""
    query = select(ErasureRequest).where(
        ErasureRequest.candidacy_id == candidacy_id, ErasureRequest.answered_at.is_(None)
    )
    return session.scalars(query).first()


def find_last_request(session: Session, candidacy_id: UUID) -> ErasureRequest | None:
    """Return the last request of a dossier, answered or not."""
    query = select(ErasureRequest).where(ErasureRequest.candidacy_id == candidacy_id)
    return session.scalars(query.order_by(ErasureRequest.asked_at.desc()).limit(1)).first()


def list_open_requests(session: Session, body_id: UUID) -> Sequence[Any]:
    """List the requests that a body has to answer, the oldest first."""
    columns = (ErasureRequest.candidacy_id, ErasureRequest.asked_at)
    query = (
        _unanswered(body_id)
        .join(Candidacy.candidate)
        .with_only_columns(*columns, candidate_display_name(Person).label("candidate"))
        .order_by(ErasureRequest.asked_at)
        .limit(MAX_OPEN)
    )
    return session.execute(query).all()


def any_open_request(body: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether a request waits for the answer of a body, as a column."""
    return _unanswered(body).with_only_columns(ErasureRequest.id).exists()


def _unanswered(body: UUID | ColumnElement[UUID]) -> Select[Any]:
    return (
        select(ErasureRequest)
        .join(Candidacy, Candidacy.id == ErasureRequest.candidacy_id)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body, ErasureRequest.answered_at.is_(None))
    )


def find_planned(session: Session, candidacy_id: UUID) -> Erasure | None:
    """Return the erasure of a whole dossier that was ordered, done or not."""
    query = select(Erasure).where(Erasure.candidacy_id == candidacy_id, Erasure.extent == Extent.WHOLE)
    return session.scalars(query).first()


def _is_planned(session: Session, candidacy_id: UUID) -> bool:
    return find_planned(session, candidacy_id) is not None
