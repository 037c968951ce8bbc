"""The recorded site of a session, and whether the partner whose place it is may hold an assessment on the
day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.organisations import CertificationSite
from portfolio.domain.certification.rules.habilitation import HabilitationAnswer, Purpose
from portfolio.domain.certification.use_cases.partners import habilitation_of
from portfolio.domain.certification.use_cases.sites import find_site
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class SessionSite:
    """Where a session is held; `answer` says whether its partner may hold it on the day, None for the
    certifier's own site.
    """

    id: UUID
    name: str
    address: str
    partner: str
    answer: HabilitationAnswer | None


def site_of_session(session: Session, session_id: UUID) -> SessionSite | None:
    """Return the recorded site of a session with the habilitation of its partner on the day; None when none
    is recorded.
    """
    jury = session.get_one(JurySession, session_id)
    site = session.get(CertificationSite, jury.site_id) if jury.site_id else None
    if site is None:
        return None
    partner, answer = site.partner, None
    if partner is not None:
        answer = habilitation_of(
            session, partner, jury.version.certification_id, Purpose.ORGANISE, jury.held_on
        )
    return SessionSite(site.id, site.name, site.address, partner.name if partner else "", answer)


def choose_site(session: Session, session_id: UUID, site_id: UUID | None, *, by: UUID, at: datetime) -> None:
    """Record the site of a session, or none; the place written on summons stays.

    Raise Refusal when the site is not one of the body's, or when minutes of the session are closed.
    """
    jury = session.get_one(JurySession, session_id, with_for_update=True)
    if site_id is not None and find_site(session, jury.body_id, site_id) is None:
        raise Refusal(JuryRefusal.SITE_UNKNOWN)
    if jury.site_id == site_id:
        return
    if session.scalar(
        select(exists().where(Hearing.session_id == session_id, Hearing.closed_at.is_not(None)))
    ):
        raise Refusal(JuryRefusal.SITE_FIXED)
    jury.site_id = site_id
    record_event(session, "session_site_chosen", ("jury_session", session_id), by=by, at=at, site=site_id)
