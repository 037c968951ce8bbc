"""What the candidate, the advisor and the certifier see of requests: where each stands; never what is being written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.attestation.models import Attestation, AttestationRequest
from portfolio.attestation.rules import (
    REMINDER_EVERY,
    REMINDERS,
    Act,
    AskedCompetency,
    AttestationRefusal,
    Quality,
    RequestState,
    refused,
    state_of,
)
from portfolio.attestation.services.context import competencies_of


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request in a list. `moment` is the one of its state; `evidence_id` the piece that it became."""

    id: UUID
    name: str
    quality: Quality
    organisation: str
    experience: str
    state: RequestState
    moment: datetime
    asked_at: datetime
    expires_at: datetime
    evidence_id: UUID | None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request on its own page: what was asked, what can be done with it now."""

    line: RequestLine
    email: str
    began_on: date | None
    ended_on: date | None
    wanted: str
    competencies: tuple[AskedCompetency, ...]
    reason: str
    reminders_left: int
    remind_refused: AttestationRefusal | None
    remind_from: datetime

    @property
    def waits(self) -> bool:
        """Whether an answer may still come."""
        return self.line.state in {RequestState.SENT, RequestState.OPENED}


def list_requests(session: Session, candidacy_id: UUID, at: datetime) -> list[RequestLine]:
    """Answer the requests of a candidacy, the latest first, in one query."""
    rows = session.execute(_requests(candidacy_id).order_by(AttestationRequest.asked_at.desc(), AttestationRequest.id))
    return [_line(request, evidence_id, at) for request, evidence_id in rows]


def find_request(session: Session, candidacy_id: UUID, request_id: UUID, at: datetime) -> RequestPage | None:
    """Answer one request of this candidacy; None for any other."""
    row = session.execute(_requests(candidacy_id).where(AttestationRequest.id == request_id)).first()
    if row is None:
        return None
    request, evidence_id = row
    return RequestPage(
        line=_line(request, evidence_id, at),
        email=request.email,
        began_on=request.began_on,
        ended_on=request.ended_on,
        wanted=request.wanted,
        competencies=competencies_of(session, request.id),
        reason=request.reason,
        reminders_left=REMINDERS - request.reminders,
        remind_refused=refused(request.course, Act.REMIND, at),
        remind_from=request.written_at + REMINDER_EVERY,
    )


def _requests(candidacy_id: UUID):  # type: ignore[no-untyped-def]
    signed = Attestation.request_id == AttestationRequest.id
    query = select(AttestationRequest, Attestation.evidence_id).outerjoin(Attestation, signed)
    return query.where(AttestationRequest.candidacy_id == candidacy_id)


def _line(request: AttestationRequest, evidence_id: UUID | None, at: datetime) -> RequestLine:
    state = state_of(request.course, at)
    moments = {
        RequestState.SIGNED: request.signed_at,
        RequestState.DECLINED: request.declined_at,
        RequestState.WITHDRAWN: request.withdrawn_at,
        RequestState.EXPIRED: request.expires_at,
        RequestState.OPENED: request.opened_at,
    }
    return RequestLine(
        request.id, request.name, request.quality, request.organisation, request.experience, state,
        moments.get(state) or request.written_at, request.asked_at, request.expires_at, evidence_id,
    )  # fmt: skip
