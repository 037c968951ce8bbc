"""The admissibilities of a body that wait for its ruling: until it comes, nothing a jury validates is
acquired (R3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.domain.candidacy.models import Candidacy, LapseRuling
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import (
    LapseState,
    ProgressDates,
    lapse_of,
    missed_deadlines,
)
from portfolio.domain.candidacy.use_cases.first_activity import (
    earliest_day,
    first_activity_at,
    first_submission_at,
)
from portfolio.domain.certification.models import Certification, CertificationVersion


@dataclass(frozen=True, slots=True)
class UnruledLapse:
    """A candidacy whose first step came too late, or has not come, without a word of the certifier; and since
    when.
    """

    candidacy_id: UUID
    candidate: str
    until: date


def list_unruled_lapses(session: Session, body_id: UUID, today: date) -> tuple[UnruledLapse, ...]:
    """List the candidacies of a body whose admissibility waits for a ruling, the oldest delay first, in one
    query.
    """
    ruled = exists().where(
        LapseRuling.candidacy_id == Candidacy.id,
        LapseRuling.deadline_kind.is_(None) | (LapseRuling.deadline_kind == DeadlineKind.FIRST_STEP),
    )
    query = (
        select(Candidacy, first_activity_at(), first_submission_at())
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id, Candidacy.regime == Regime.FRANCE_VAE, ~ruled)
        .options(joinedload(Candidacy.candidate))
    )
    found = []
    for candidacy, act, deposit in session.execute(query):
        path = ProgressDates(
            candidacy.regime,
            candidacy.admissible_on,
            day_of(candidacy.opened_at),
            earliest_day((act, deposit)),
        )
        if lapse_of(path, (), today) is LapseState.NOT_RULED:
            (overrun,) = missed_deadlines(path, today)
            found.append(UnruledLapse(candidacy.id, candidacy.candidate_name, overrun.clock.until))
    return tuple(sorted(found, key=lambda lapse: (lapse.until, lapse.candidate, lapse.candidacy_id)))
