"""Current result of many candidacies, and their certificates that are no longer valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.models import Candidacy, candidacy_block
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.models.events import is_annulled
from portfolio.domain.holdings.rules.completion import Result, result_for
from portfolio.domain.holdings.rules.facts import Presence
from portfolio.domain.holdings.rules.status_changes import ENDED, GrantStatus
from portfolio.domain.holdings.use_cases.facts import PRESENCES
from portfolio.domain.holdings.use_cases.holdings import HeldByPerson, load_held_by_person
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.submission.models import Submission

# Asked by nearly every write after a jury, so built once.
_CANDIDACIES: BindParameter[Any] = bindparam("candidacies", expanding=True)
_ATTENDED = (
    select(Submission.candidacy_id, Minutes.attendance, Minutes.decided_on)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .where(Submission.candidacy_id.in_(_CANDIDACIES), Minutes.void_reason.is_(None), ~is_annulled(Minutes.id))
    .order_by(Minutes.decided_on, Minutes.closed_at)
)
_ASKED = (
    select(Candidacy.id, Candidacy.candidate_id, Candidacy.scope, candidacy_block.c.block_id)
    .outerjoin(candidacy_block, candidacy_block.c.candidacy_id == Candidacy.id)
    .where(Candidacy.id.in_(_CANDIDACIES))
)


@dataclass(frozen=True, slots=True)
class CandidacyOutcome:
    """The result of a candidacy by its name (R8), and how many blocks asked for stand no more (R10–R12)."""

    result: Result
    ended: Mapping[GrantStatus, int]


def load_outcomes(
    session: Session, candidacies: Collection[UUID], known: HeldByPerson | None = None
) -> dict[UUID, CandidacyOutcome]:
    """Map the candidacies that closed minutes speak of to their result today, in a constant number of
    queries.

    `known` is what their candidates have, when it was read already.
    """
    attended = _attended(session, candidacies)
    if not attended:
        return {}
    asked: dict[UUID, tuple[UUID, Scope, set[UUID]]] = {}
    for key, candidate_id, scope, block_id in fetch_rows(session, _ASKED, {"candidacies": list(attended)}):
        asked.setdefault(key, (candidate_id, scope, set()))[2].update(() if block_id is None else (block_id,))
    held = known or load_held_by_person(session, {candidate_id for candidate_id, _, _ in asked.values()})
    ended = {grant.of: grant.status for grant in held.grants if grant.status in ENDED}
    found = {}
    for key, (candidate_id, scope, blocks) in asked.items():
        presence, decided_on = attended[key]
        # The label is that of the last session: a block whose validity ended after it counts (R8).
        now = held.blocks_since(candidate_id, decided_on)
        lost = (ended.get((candidate_id, block)) for block in blocks - now)
        result = _result(scope, frozenset(blocks), now, presence)
        found[key] = CandidacyOutcome(result, Counter(status for status in lost if status))
    return found


def _result(scope: Scope, requested: frozenset[UUID], held: frozenset[UUID], attended: Presence) -> Result:
    # An absence is told until what was asked for is held, by whatever way (R8).
    return result_for(scope, requested, held, Presence.PRESENT if requested <= held else attended)


def _attended(session: Session, candidacies: Collection[UUID]) -> dict[UUID, tuple[Presence, date]]:
    """Return whether each candidate came to the last session whose minutes are closed, and its day."""
    rows = fetch_rows(session, _ATTENDED, {"candidacies": list(candidacies)})
    return {key: (PRESENCES[attendance or Attendance.HEARD], on) for key, attendance, on in rows}
