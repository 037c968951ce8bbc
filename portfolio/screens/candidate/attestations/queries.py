"""Requests of attestation as the candidate, the advisor and the certifier see them: where each stands; never what is
being written.

The proofs that the pages of evidence, of sealed dossiers and of juries show.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import read_session
from portfolio.domain.dossier.models.attestation import Attestation, AttestationRequest
from portfolio.domain.dossier.rules.attestation import (
    REMINDER_EVERY,
    REMINDERS,
    AskedCompetency,
    AttestationRefusal,
    ClaimedRelationship,
    RequestAction,
    RequestState,
    refusal_for,
    status_of,
)
from portfolio.domain.dossier.rules.description import ATTESTATIONS, EvidenceKind
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.attestation_requests import load_competencies
from portfolio.domain.dossier.use_cases.attestation_signing import SignatureProof
from portfolio.domain.submission.rules.dossier import SealedDossier

if TYPE_CHECKING:
    from portfolio.signing_key import Keys


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """A request in a list. `moment` is the one of its state; `evidence_id` the piece that it became."""

    id: UUID
    name: str
    quality: ClaimedRelationship
    organisation: str
    experience: str
    state: RequestState
    moment: datetime
    asked_at: datetime
    expires_at: datetime
    evidence_id: UUID | None


@dataclass(frozen=True, slots=True)
class RequestPageData:
    """A request on its own page: what was asked, what can be done with it now."""

    line: RequestSummary
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
        """Return whether an answer may still come."""
        return self.line.state in {RequestState.SENT, RequestState.OPENED}


def list_requests(session: Session, candidacy_id: UUID, at: datetime) -> list[RequestSummary]:
    """Return the requests of a candidacy, the latest first, in one query."""
    rows = session.execute(
        _requests(candidacy_id).order_by(AttestationRequest.requested_at.desc(), AttestationRequest.id)
    )
    return [_summary(request, evidence_id, at) for request, evidence_id in rows]


def find_request(session: Session, candidacy_id: UUID, request_id: UUID, at: datetime) -> RequestPageData | None:
    """Return one request of this candidacy; None for any other."""
    row = session.execute(_requests(candidacy_id).where(AttestationRequest.id == request_id)).first()
    if row is None:
        return None
    request, evidence_id = row
    return RequestPageData(
        line=_summary(request, evidence_id, at),
        email=request.email,
        began_on=request.began_on,
        ended_on=request.ended_on,
        wanted=request.request_text,
        competencies=load_competencies(session, request.id),
        reason=request.reason,
        reminders_left=REMINDERS - request.reminders,
        remind_refused=refusal_for(request.status, RequestAction.REMIND, at),
        remind_from=request.emailed_at + REMINDER_EVERY,
    )


def _requests(candidacy_id: UUID):  # type: ignore[no-untyped-def]
    signed = Attestation.request_id == AttestationRequest.id
    query = select(AttestationRequest, Attestation.evidence_id).outerjoin(Attestation, signed)
    return query.where(AttestationRequest.candidacy_id == candidacy_id)


def _summary(request: AttestationRequest, evidence_id: UUID | None, at: datetime) -> RequestSummary:
    state = status_of(request.status, at)
    moments = {
        RequestState.SIGNED: request.signed_at,
        RequestState.DECLINED: request.declined_at,
        RequestState.WITHDRAWN: request.withdrawn_at,
        RequestState.EXPIRED: request.expires_at,
        RequestState.OPENED: request.opened_at,
    }
    return RequestSummary(
        request.id, request.name, request.relationship_claimed, request.organisation, request.experience,
        state, moments.get(state) or request.emailed_at, request.requested_at, request.expires_at,
        evidence_id,
    )  # fmt: skip


def proofs_for(candidacy_id: UUID, files: Iterable[tuple[EvidenceKind | None, str]]) -> dict[str, SignatureProof]:
    """Return the proofs of files, given the kind of their piece and their digest; without an attestation
    nothing is asked.
    """
    wanted = [sha256 for kind, sha256 in files if kind in ATTESTATIONS]
    return signing.load_proofs(read_session(), installation_keys(), candidacy_id, wanted)


def proofs_in(candidacy_id: UUID, dossier: SealedDossier) -> dict[str, SignatureProof]:
    """Return the proofs of the exhibits of a sealed dossier, by the digest of their file."""
    return proofs_for(candidacy_id, ((exhibit.kind, exhibit.sha256) for exhibit in dossier.exhibits))


def installation_keys() -> Keys:
    """Return the keys whose signatures are ours."""
    keys: Keys = current_app.extensions["keys"]
    return keys
