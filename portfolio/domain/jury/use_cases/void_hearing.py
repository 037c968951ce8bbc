"""A sitting found irregular before a decision: it has no effect, and the dossier waits for another jury
(R10).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.use_cases.notifications import email_candidate
from portfolio.domain.closing.use_cases import lock_hearing, write_minutes
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases.loaders import load_hearing_state
from portfolio.domain.ledger.use_cases.closings import record_minutes
from portfolio.errors import Refusal


def void_hearing(session: Session, hearing_id: UUID, reason: str, *, by: UUID, at: datetime) -> Minutes:
    """End a sitting without effect: its minutes say why and who sat, decide nothing, and count as no failure
    (R10).

    The sealed dossier waits for another session, and the candidate is told. Raises Refusal: already closed,
    or no reason. The caller has asked for the password again: it is a signature.
    """
    hearing = lock_hearing(session, hearing_id)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    if not reason.strip():
        raise Refusal(JuryRefusal.NO_REASON)
    state = load_hearing_state(session, hearing_id)
    decided_on = min(hearing.session.held_on, day_of(at))
    minutes = write_minutes(session, state, decided_on=decided_on, void_reason=reason.strip(), by=by, at=at)
    hearing.closed_at, hearing.is_current, hearing.is_void = at, None, True
    session.flush()
    record_event(session, "sitting_voided", ("hearing", hearing_id), by=by, at=at, minutes=minutes.number)
    record_minutes(session, minutes.id, at=at)  # last but for the e-mail: it takes the ledger's lock
    email_candidate(session, state.candidacy, EmailTemplate.DECIDED_LATER, at=at)
    return minutes
