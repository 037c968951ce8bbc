"""Current result of many candidacies, and their certificates that are no longer valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.holdings.rules.completion import Result, result_for
from portfolio.domain.holdings.rules.facts import Presence
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases.facts import PRESENCES
from portfolio.domain.holdings.use_cases.holdings import HeldByPerson, load_held_by_person
from portfolio.domain.jury.models.minutes import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.submission.models import Submission

_ENDED = frozenset({GrantStatus.SUSPENDED, GrantStatus.WITHDRAWN, GrantStatus.ANNULLED})


@dataclass(frozen=True, slots=True)
class CandidacyOutcome:
    """The result of a candidacy by its name (R8), and how many blocks asked for stand no more (R10–R12)."""

    result: Result
    ended: Mapping[GrantStatus, int]


def load_outcomes(
    session: Session, candidacies: Collection[UUID], known: HeldByPerson | None = None
) -> dict[UUID, CandidacyOutcome]:
    """Map the candidacies that closed minutes speak of to their result today, in a constant number of queries.

    `known` is what their candidates have, when it was read already.
    """
    attended = _attended(session, candidacies)
    if not attended:
        return {}
    query = select(Candidacy).where(Candidacy.id.in_(attended)).options(selectinload(Candidacy.blocks))
    rows = session.scalars(query).all()
    held = known or load_held_by_person(session, {row.candidate_id for row in rows})
    ended = {grant.of: grant.status for grant in held.grants if grant.status in _ENDED}
    return {row.id: _outcome(row, held.blocks[row.candidate_id], ended, attended[row.id]) for row in rows}


def _outcome(
    candidacy: Candidacy, held: frozenset[UUID], ended: Mapping[tuple[UUID, UUID], GrantStatus], attended: Presence
) -> CandidacyOutcome:
    requested = frozenset(block.id for block in candidacy.blocks)
    # An absence is told until what was asked for is held, by whatever way (R8).
    presence = Presence.PRESENT if requested <= held else attended
    found = (ended.get((candidacy.candidate_id, block)) for block in requested - held)
    return CandidacyOutcome(result_for(candidacy.scope, requested, held, presence), Counter(one for one in found if one))


def _attended(session: Session, candidacies: Collection[UUID]) -> dict[UUID, Presence]:
    """Whether each candidate came to the last session whose minutes are closed."""
    query = (
        select(Submission.candidacy_id, Minutes.attendance)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Submission.candidacy_id.in_(candidacies), Minutes.void_reason.is_(None))
        .order_by(Minutes.decided_on, Minutes.closed_at)
    )
    return {row[0]: PRESENCES[row[1] or Attendance.HEARD] for row in session.execute(query)}
