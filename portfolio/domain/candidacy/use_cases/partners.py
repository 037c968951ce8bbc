"""The partner that a candidacy comes through, and whether it may train on the day that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.certification.models import Partner
from portfolio.domain.certification.rules.habilitation import HabilitationAnswer, Purpose, habilitation_on
from portfolio.domain.certification.use_cases.partners import find_partner
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class CandidacyPartner:
    """A partner, and whether its habilitation to train holds on the day of the admissibility, or of the
    training's start.
    """

    id: UUID
    name: str
    answer: HabilitationAnswer


def partner_of_candidacy(session: Session, candidacy_id: UUID) -> CandidacyPartner | None:
    """Return the partner that a candidacy comes through; None when it comes to the certifier directly."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    partner = session.get(Partner, candidacy.partner_id) if candidacy.partner_id else None
    if partner is None:
        return None
    return CandidacyPartner(
        partner.id, partner.name, habilitation_on(partner.as_period(), Purpose.TRAIN, candidacy.admissible_on)
    )


def choose_partner(
    session: Session, candidacy_id: UUID, partner_id: UUID | None, *, by: UUID, at: datetime
) -> None:
    """Record the partner that a candidacy comes through, or none.

    Raise Refusal when it is not one of its certification.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    certification_id = candidacy.version.certification_id
    if partner_id is not None and find_partner(session, certification_id, partner_id) is None:
        raise Refusal(CandidacyRefusal.PARTNER_UNKNOWN)
    if candidacy.partner_id == partner_id:
        return
    candidacy.partner_id = partner_id
    record_event(
        session, "candidacy_partner_chosen", ("candidacy", candidacy_id), by=by, at=at, partner=partner_id
    )
