"""A candidate is written to that something was decided: never what, only where to read it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import has_livret2
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate, queue_email


def email_candidate(
    session: Session, candidacy: Candidacy, letter: EmailTemplate, *, at: datetime, **facts: Any
) -> OutgoingEmail:
    """Write this letter to the candidate of a candidacy, in the name of its certifying body; `facts` are
    those it needs more.
    """
    body = candidacy.version.certification.body
    shared: dict[str, Any] = {"name": candidacy.candidate_name, "body": body.name, "candidacy_id": candidacy.id}
    shared["by_vae"] = has_livret2(candidacy.route)
    return queue_email(session, candidacy.candidate, letter, at=at, body_id=body.id, **shared, **facts)
