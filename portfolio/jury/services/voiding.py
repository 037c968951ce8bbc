"""A sitting found irregular before a decision: it has no effect, and the dossier waits for another jury (R10)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.candidacy.services.telling import tell_candidate
from portfolio.certificate.services.ledger import record_closing
from portfolio.journal.services import note
from portfolio.jury.minutes import Minutes
from portfolio.jury.rules import JuryRefusal, day_of
from portfolio.jury.services.closing import hold, write_minutes
from portfolio.jury.services.loading import load_standing
from portfolio.mail.services import Letter
from portfolio.refusal import Refusal


def void_sitting(session: Session, hearing_id: UUID, reason: str, *, by: UUID, at: datetime) -> Minutes:
    """End a sitting without effect: its minutes say why and who sat, decide nothing, and count as no failure (R10).

    The sealed dossier waits for another session, and the candidate is told. Raises Refusal: already closed, or no reason. Whoever
    asks has asked for the password again: it is a signature.
    """
    hearing = hold(session, hearing_id)
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    if not reason.strip():
        raise Refusal(JuryRefusal.NO_REASON)
    standing = load_standing(session, hearing_id)
    decided_on = min(hearing.session.held_on, day_of(at))
    minutes = write_minutes(session, standing, decided_on=decided_on, void_reason=reason.strip(), by=by, at=at)
    hearing.closed_at, hearing.stands, hearing.voided = at, None, True
    session.flush()
    note(session, "sitting_voided", ("hearing", hearing_id), by=by, at=at, minutes=minutes.number)
    record_closing(session, minutes.id, at=at)  # last but for the e-mail: it takes the ledger's lock
    tell_candidate(session, standing.candidacy, Letter.DECIDED_LATER, at=at)
    return minutes
