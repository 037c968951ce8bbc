"""Work that waits for the certifier: results to notify, certificates to sign; and what was notified already."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.candidacy.rules.deadlines import deadlines_for
from portfolio.domain.candidacy.rules.opening import regime_for
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.notification.use_cases.letter_data import DECIDED


@dataclass(frozen=True)
class ResultToNotify:
    """A result to notify, and the last day of its letter if the law sets one."""

    candidacy_id: UUID
    number: int
    candidate: str
    decided_on: date
    until: date | None


def load_pending_results(session: Session, body_id: UUID, limit: int) -> tuple[ResultToNotify, ...]:
    """Return the first results of a body to notify, the oldest first: found by the rows of the list of candidacies."""
    first = (
        select(CandidacyListing.candidacy_id)
        .where(CandidacyListing.body_id == body_id, CandidacyListing.to_notify_since.is_not(None))
        .order_by(CandidacyListing.to_notify_since, CandidacyListing.candidacy_id)
        .limit(limit)
    )
    ids = session.scalars(first).all()
    if not ids:
        return ()
    columns = (Candidacy.route, Candidacy.regime, Candidacy.admissible_on)
    rows = session.execute(_not_notified().add_columns(*columns).where(Candidacy.id.in_(ids)))
    return tuple(_result_to_notify(row) for row in rows)[:limit]


def _result_to_notify(row: Any) -> ResultToNotify:
    key, number, candidate, decided_on, route, regime, admissible_on = row
    clocks = deadlines_for(regime_for(route, regime), admissible_on, decided_on=decided_on)
    return ResultToNotify(key, number, candidate, decided_on, next((clock.until for clock in clocks), None))


def _not_notified() -> Select[*tuple[Any, ...]]:
    return (
        select(Candidacy.id, Submission.number, candidate_display_name(Person), Minutes.decided_on)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(DECIDED, ~exists().where(ResultNotification.minutes_id == Minutes.id))
        .order_by(Minutes.decided_on, Minutes.closed_at, Minutes.id)
    )
