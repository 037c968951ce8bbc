"""The adversarial stage: the person is invited to present observations, and what they answer is recorded
(R11).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.use_cases.notifications import email_candidate
from portfolio.domain.certification.models import Block
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.contests import Observation, ObservationInvitation
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.contests import (
    ContestRefusal,
    InvitationInput,
    ObservationInput,
    ObservationManner,
    invitation_refusal,
    observation_refusal,
)
from portfolio.domain.holdings.use_cases.acquisitions import Proof
from portfolio.domain.holdings.use_cases.status_changes import load_candidacy_of
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True)
class InvitationDetails:
    """An invitation with the observations that answered it, in the order of their days."""

    invitation: ObservationInvitation
    observations: tuple[Observation, ...]

    def is_over(self, today: date) -> bool:
        """Return whether the person answered, or the last day to answer has passed."""
        return bool(self.observations) or today > self.invitation.answer_by


def invite(
    session: Session, grant_id: UUID, invitation: InvitationInput, *, by: UUID, at: datetime
) -> ObservationInvitation:
    """Record that the person was invited to present observations, and write to them without the facts.

    Raise Refusal: a day to come, or too short a delay.
    """
    grant = session.get_one(Grant, grant_id, with_for_update=True)
    refusal = invitation_refusal(invitation, day_of(at))
    if refusal is not None:
        raise Refusal(refusal)
    row = ObservationInvitation(
        grant_id=grant_id,
        facts=invitation.facts,
        invited_on=invitation.invited_on,
        answer_by=invitation.answer_by,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(row)
    session.flush()
    record_event(
        session,
        "observations_invited",
        ("block_grant", grant_id),
        by=by,
        at=at,
        answer_by=invitation.answer_by,
    )
    append(session, [row], at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, load_candidacy_of(session, grant), EmailTemplate.OBSERVATIONS_INVITED, at=at)
    return row


def record_observation(
    session: Session,
    grant_id: UUID,
    invitation_id: UUID,
    observation: ObservationInput,
    proof: Proof | None = None,
    *,
    by: UUID,
    at: datetime,
) -> Observation:
    """Record what the person answered. Raise Refusal: no such invitation, or a day that cannot be."""
    invitation = session.scalar(
        select(ObservationInvitation).where(
            ObservationInvitation.id == invitation_id, ObservationInvitation.grant_id == grant_id
        )
    )
    if invitation is None:
        raise Refusal(ContestRefusal.NOT_INVITED)
    refusal = observation_refusal(observation, invitation.invited_on, invitation.answer_by, day_of(at))
    if refusal is not None:
        raise Refusal(refusal, answer_by=invitation.answer_by)
    row = Observation(
        invitation_id=invitation_id,
        manner=observation.manner,
        given_on=observation.given_on,
        text=observation.text,
        recorded_at=at,
        recorded_by=by,
        **file_columns(proof),
    )
    session.add(row)
    session.flush()
    record_event(
        session, "observation_recorded", ("block_grant", grant_id), by=by, at=at, manner=observation.manner
    )
    append(session, [row], at=at)
    return row


def list_invitations(session: Session, grant_ids: Collection[UUID]) -> list[InvitationDetails]:
    """List the invitations on some grants, the oldest first, in two queries."""
    query = select(ObservationInvitation).where(ObservationInvitation.grant_id.in_(grant_ids))
    rows = session.scalars(query.order_by(ObservationInvitation.invited_on, ObservationInvitation.id)).all()
    found = select(Observation).where(Observation.invitation_id.in_([row.id for row in rows]))
    answers = session.scalars(found.order_by(Observation.given_on, Observation.id)).all() if rows else []
    return [
        InvitationDetails(row, tuple(answer for answer in answers if answer.invitation_id == row.id))
        for row in rows
    ]


def list_own_invitations(
    session: Session, candidate_id: UUID, version_id: UUID
) -> list[tuple[int, InvitationDetails]]:
    """List the invitations that concern a person on a version, each with the number of its block."""
    query = select(Grant.id, Block.number).join(Block, Block.id == Grant.block_id)
    own = query.where(Grant.person_id == candidate_id, Block.version_id == version_id)
    blocks = {grant_id: number for grant_id, number in session.execute(own)}  # noqa: C416
    return (
        [(blocks[details.invitation.grant_id], details) for details in list_invitations(session, blocks)]
        if blocks
        else []
    )


def has_answered(observations: Collection[Observation]) -> bool:
    """Return whether the person presented observations, heard or in writing."""
    return any(observation.manner is not ObservationManner.NONE for observation in observations)


def file_columns(proof: Proof | None) -> dict[str, Any]:
    """Return the columns that hold a received file; none without a file."""
    names = ("key", "name", "mime", "size", "sha256")
    return {} if proof is None else {f"file_{name}": getattr(proof, name) for name in names}
