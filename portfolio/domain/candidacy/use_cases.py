"""A candidate is written to that something was decided: never what, only where to read it.

The first thing done on a path, in SQL: it holds the clock of the admissibility (R6412-4).
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy, Submission
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


# What a candidate does to these is a step of their path; logging in is none.
STEPS = ("candidacy", "experience", "narrative", "evidence", "claim", "submission")


def first_activity_at() -> ScalarSelect[datetime]:
    """Return, for the candidacy of a query, the moment of the first thing that its candidate did since the opening,
    or their advisor with them.
    """
    own = AuditEvent.actor_id == Candidacy.candidate_id
    theirs = (AuditEvent.object_id == Candidacy.id) & (AuditEvent.actor_id == Candidacy.advisor_id)
    done = select(func.min(AuditEvent.occurred_at)).where(
        or_(own, theirs), AuditEvent.occurred_at >= Candidacy.opened_at, AuditEvent.object_kind.in_(STEPS)
    )
    return done.correlate(Candidacy).scalar_subquery()


def first_submission_at() -> ScalarSelect[datetime]:
    """Return, for the candidacy of a query, when its first dossier was sealed."""
    sealed = select(func.min(Submission.submitted_at)).where(Submission.candidacy_id == Candidacy.id)
    return sealed.correlate(Candidacy).scalar_subquery()


def earliest_day(moments: Iterable[datetime | None]) -> date | None:
    """Return the day of the earliest of these, in Paris; None when nothing was done."""
    known = [moment for moment in moments if moment is not None]
    return day_of(min(known)) if known else None
