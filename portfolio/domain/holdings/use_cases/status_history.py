"""Status history of a candidacy's grants, as the person concerned reads it (R10–R12).

Current result of many candidacies, and their certificates that are no longer valid.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.models import Candidacy, Submission, candidacy_block
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.events import GrantStatusChange, bears_on, is_annulled
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.completion import Result, result_for
from portfolio.domain.holdings.rules.facts import Presence
from portfolio.domain.holdings.rules.status_changes import ENDED, GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.endings import Ending, load_other_endings
from portfolio.domain.holdings.use_cases.facts import PRESENCES
from portfolio.domain.holdings.use_cases.holdings import HeldByPerson, load_held_by_person
from portfolio.domain.holdings.use_cases.notified_results import (
    ClosedMinutes,
    awaits_notification,
    is_followed,
    list_closed_minutes,
)
from portfolio.domain.jury.models.deliberation import Minutes, MinutesRectification, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import Attendance, Outcome

_HOLDER = aliased(Candidacy)


@dataclass(frozen=True, slots=True)
class DecidedAgain:
    """Blocks of some minutes that another jury decided since, when, and in which minutes that stand; without a day,
    those that none decided. No block: minutes that decided nothing.
    """

    blocks: tuple[int, ...]
    on: date | None = None
    minutes: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusDecision:
    """A later act: what, since when, why, on which blocks, and when the person was heard."""

    kind: StatusChangeKind
    decided_on: date
    reason: str
    heard_on: date | None
    # Empty: an absence, which decided of no block.
    blocks: tuple[int, ...]
    recorded_at: datetime
    by_appeal: bool = False
    # Of an annulment: what other juries decided since.
    again: tuple[DecidedAgain, ...] = ()
    # Whether a later act changed the status of these blocks again.
    is_followed: bool = False


def last_decision_on(since: Sequence[StatusDecision], number: int) -> StatusDecision | None:
    """Return the act that says where a block of some minutes stands now; None while nothing changed what its jury
    decided. A confirmation gives the decision back, and a rectification takes nothing from it (R10, R12).
    """
    acts = [act for act in since if number in act.blocks and act.kind is not StatusChangeKind.RECTIFICATION]
    return acts[-1] if acts and acts[-1].kind is not StatusChangeKind.CONFIRMATION else None


@dataclass(frozen=True, slots=True)
class VoidHearing:
    """A sitting without effect, and why."""

    held_on: date
    reason: str
    again: tuple[DecidedAgain, ...] = ()


@dataclass(frozen=True, slots=True)
class RectifiedMinutes:
    """A later entry refers to minutes, which did not change; its words stay with those who read the minutes."""

    minutes: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class StatusHistory:
    """Everything of this kind for one candidacy, each the earliest first."""

    acts: tuple[StatusDecision, ...]
    voids: tuple[VoidHearing, ...]
    rectified: tuple[RectifiedMinutes, ...]
    # What the person held before and was written by mistake, and the equivalences taken back.
    ended: tuple[Ending, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.acts or self.voids or self.rectified or self.ended)


def load_status_history(session: Session, candidacy_id: UUID, *, notified: bool = False) -> StatusHistory:
    """Gather what was decided later for a candidacy, in three queries, and one for each of what was annulled, rectified
    and without effect; `notified` omits what bears on a result that no notification gave.
    """
    own = (Candidacy.candidate_id == _HOLDER.candidate_id) & (Candidacy.version_id == _HOLDER.version_id)
    granted = (_HOLDER.candidate_id == Grant.person_id) & (_HOLDER.version_id == Block.version_id)
    closed = list_closed_minutes(session, candidacy_id)
    void = sorted((each for each in closed if each.void_reason is not None), key=attrgetter("closed_at"))
    again = load_decided_again(session, [minutes.minutes_id for minutes in void], notified=notified)
    return StatusHistory(
        _acts(
            session,
            exists().where(_HOLDER.id == candidacy_id, granted),
            exists().where(_HOLDER.id == candidacy_id, own),
            notified=notified,
        ),
        tuple(VoidHearing(each.decided_on, each.void_reason or "", again[each.minutes_id]) for each in void),
        _rectified(session, [each for each in closed if not (notified and each.awaits_notification)]),
        load_other_endings(session, candidacy_id),
    )


def _rectified(session: Session, closed: Iterable[ClosedMinutes]) -> tuple[RectifiedMinutes, ...]:
    ids = [minutes.minutes_id for minutes in closed if minutes.is_rectified]
    written = select(Minutes.number, MinutesRectification.written_at).join(Minutes.rectifications)
    query = written.where(Minutes.id.in_(ids)).order_by(MinutesRectification.written_at, MinutesRectification.id)
    return tuple(RectifiedMinutes(*row) for row in session.execute(query)) if ids else ()


def load_decided_since(session: Session, hearing_id: UUID, *, notified: bool = False) -> tuple[StatusDecision, ...]:
    """Return the later acts on what the minutes of a hearing decided, the earliest first (R10–R12)."""
    of_hearing = select(Minutes.id).where(Minutes.hearing_id == hearing_id)
    return _acts(session, Grant.minutes_id.in_(of_hearing), Minutes.hearing_id == hearing_id, notified=notified)


def load_each_decided_since(session: Session, hearings: Collection[UUID]) -> dict[UUID, tuple[StatusDecision, ...]]:
    """Map these hearings to the later acts on what their minutes decided: one query says which have some, those alone
    are read.
    """
    changed = select(Minutes.hearing_id).where(Minutes.hearing_id.in_(hearings), is_followed())
    return dict.fromkeys(hearings, ()) | {
        hearing_id: load_decided_since(session, hearing_id) for hearing_id in session.scalars(changed).all()
    }


def load_decided_again(
    session: Session, minutes: Collection[UUID], *, notified: bool = False
) -> dict[UUID, tuple[DecidedAgain, ...]]:
    """Map these minutes to what other juries decided since of the same blocks, the earliest first, then to what none
    did; `notified` omits a decision that no notification gave.
    """
    if not minutes:
        return {}
    said, made, annulled = aliased(RecordedDecision), aliased(RecordedDecision), aliased(GrantStatusChange)
    other = aliased(Candidacy)
    stands = ~exists().where(bears_on(annulled, Minutes.id, made.block_id), annulled.kind == StatusChangeKind.ANNULMENT)
    columns = (Candidacy.candidate_id, Candidacy.version_id, made.block_id)
    decided = select(*columns, Minutes.closed_at, Minutes.decided_on, Minutes.number)
    decided = decided.join(Minutes.hearing).join(Hearing.submission).join(Submission.candidacy)
    decided = decided.join(made, made.minutes_id == Minutes.id).where(stands)
    later = (decided.where(~awaits_notification(Minutes.id)) if notified else decided).subquery()
    of_person = (later.c.candidate_id == other.candidate_id) & (later.c.version_id == other.version_id)
    same = said.id.is_(None) | (later.c.block_id == said.block_id)
    query = (
        select(Minutes.id, Block.number, later.c.decided_on, later.c.number, later.c.closed_at)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(other, other.id == Submission.candidacy_id)
        .outerjoin(said, said.minutes_id == Minutes.id)
        .outerjoin(Block, Block.id == said.block_id)
        .outerjoin(later, of_person & same & (later.c.closed_at > Minutes.closed_at))
        .where(Minutes.id.in_(minutes))
        .order_by(later.c.closed_at, Block.number)
    )
    first: dict[tuple[UUID, int | None], tuple[Any, ...]] = {}
    for key, number, *by in session.execute(query):
        first.setdefault((key, number), tuple(by))
    found: dict[UUID, dict[tuple[Any, ...], list[int]]] = {key: {} for key in minutes}
    for (key, number), decision in first.items():
        found[key].setdefault(decision, []).extend(() if number is None else (number,))
    told = {key: [DecidedAgain(tuple(blocks), *by) for by, blocks in each.items()] for key, each in found.items()}
    return {key: tuple(sorted(each, key=lambda one: one.on is None)) for key, each in told.items()}


def again_of(again: Collection[DecidedAgain], blocks: Collection[int]) -> tuple[DecidedAgain, ...]:
    """Keep what bears on some blocks; all of it, without a block."""
    kept = (replace(each, blocks=tuple(number for number in each.blocks if number in blocks)) for each in again)
    return tuple(each for each in kept if each.blocks) if blocks else tuple(again)


def _withdrawn_before(moment: Any) -> ColumnElement[bool]:
    """Return the SQL condition: the grant of the row was withdrawn before a moment."""
    earlier = aliased(GrantStatusChange)
    return (
        exists()
        .where(earlier.grant_id == Grant.id, earlier.kind == StatusChangeKind.WITHDRAWAL, earlier.recorded_at <= moment)
        .correlate(Grant, GrantStatusChange)
    )


def _acts(
    session: Session, granted: ColumnElement[bool], decided: ColumnElement[bool], *, notified: bool
) -> tuple[StatusDecision, ...]:
    """Return the later acts on some grants and on what some minutes decided, each with the blocks it bears on."""
    bears = or_(GrantStatusChange.grant_id == Grant.id, bears_on(GrantStatusChange, Grant.minutes_id, Grant.block_id))
    of_grants = (
        select(GrantStatusChange.id, Block.number, _withdrawn_before(GrantStatusChange.recorded_at).label("withdrawn"))
        .add_columns(literal(True).label("has_decisions"))
        .select_from(GrantStatusChange)
        .join(Grant, bears)
        .join(Grant.block)
        .where(granted)
    )
    if notified:
        of_grants = of_grants.where(~awaits_notification(Grant.minutes_id))
    told = union_all(of_grants, _annulled_without_grant(decided, notified=notified)).subquery()
    query = (
        select(GrantStatusChange, told.c.number, told.c.withdrawn, told.c.has_decisions)
        .join(told, told.c.id == GrantStatusChange.id)
        .order_by(GrantStatusChange.recorded_at, GrantStatusChange.sequence, told.c.number)
    )
    rows: dict[GrantStatusChange, set[int]] = {}
    for act, number, withdrawn, has_decisions in session.execute(query):
        # What was withdrawn for fraud is neither confirmed nor annulled afterwards (R11).
        if withdrawn and act.kind in (StatusChangeKind.CONFIRMATION, StatusChangeKind.ANNULMENT):
            continue
        if number is not None:
            rows.setdefault(act, set()).add(number)
        elif not has_decisions:
            rows.setdefault(act, set())
    annulled = {act.minutes_id for act in rows if act.kind is StatusChangeKind.ANNULMENT and act.minutes_id}
    again = load_decided_again(session, annulled, notified=notified)
    found: list[StatusDecision] = []
    changed: set[int] = set()
    for act in sorted(rows, key=lambda act: (act.recorded_at, act.sequence), reverse=True):
        blocks = tuple(sorted(rows[act]))
        others = again.get(act.minutes_id, ()) if act.minutes_id and act.kind is StatusChangeKind.ANNULMENT else ()
        found.append(
            StatusDecision(
                act.kind,
                act.decided_on,
                act.reason,
                act.heard_on,
                blocks,
                act.recorded_at,
                act.appeal_id is not None,
                again_of(others, blocks),
                not changed.isdisjoint(blocks),
            )
        )
        changed.update(blocks if act.kind is not StatusChangeKind.RECTIFICATION else ())
    return tuple(reversed(found))


def _annulled_without_grant(decided: ColumnElement[bool], *, notified: bool) -> Select[*tuple[Any, ...]]:
    """Select the annulments of what some minutes refused, and of an absence: no grant tells them.

    One row a block refused, or one without a number, and whether the minutes decided of any block.
    """
    refusal = aliased(RecordedDecision)
    of_block = GrantStatusChange.block_id.is_(None) | (GrantStatusChange.block_id == refusal.block_id)
    refused = (refusal.minutes_id == Minutes.id) & (refusal.outcome != Outcome.VALIDATED)
    has_decisions = exists().where(RecordedDecision.minutes_id == Minutes.id).correlate(Minutes)
    query = (
        select(
            GrantStatusChange.id, Block.number, literal(False).label("withdrawn"), has_decisions.label("has_decisions")
        )
        .select_from(GrantStatusChange)
        .join(Minutes, Minutes.id == GrantStatusChange.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .outerjoin(refusal, refused & of_block)
        .outerjoin(Block, Block.id == refusal.block_id)
        .where(decided, GrantStatusChange.kind == StatusChangeKind.ANNULMENT)
    )
    return query.where(~awaits_notification(Minutes.id)) if notified else query


# Asked by nearly every write after a jury, so built once.
_CANDIDACIES: BindParameter[Any] = bindparam("candidacies", expanding=True)
# The closed minutes of these candidacies, each once a block that its candidacy asks for.
_ATTENDED = (
    select(Submission.candidacy_id, Candidacy.candidate_id, Candidacy.scope, candidacy_block.c.block_id)
    .add_columns(Minutes.attendance, Minutes.decided_on)
    .join(Submission.candidacy)
    .outerjoin(candidacy_block, candidacy_block.c.candidacy_id == Candidacy.id)
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .where(Submission.candidacy_id.in_(_CANDIDACIES), Minutes.void_reason.is_(None), ~is_annulled(Minutes.id))
    .order_by(Minutes.decided_on, Minutes.closed_at)
)
# The last day on which a jury whose decision stands refused each block.
_REFUSED = (
    select(Submission.candidacy_id, RecordedDecision.block_id, func.max(Minutes.decided_on))
    .join(Hearing, Hearing.submission_id == Submission.id)
    .join(Minutes, Minutes.hearing_id == Hearing.id)
    .join(RecordedDecision, RecordedDecision.minutes_id == Minutes.id)
    .where(
        Submission.candidacy_id.in_(_CANDIDACIES),
        RecordedDecision.outcome == Outcome.NOT_VALIDATED,
        Minutes.void_reason.is_(None),
        ~is_annulled(Minutes.id),
    )
    .group_by(Submission.candidacy_id, RecordedDecision.block_id)
)


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
    attended: dict[UUID, tuple[Presence, date]] = {}
    asked: dict[UUID, tuple[UUID, Scope, set[UUID]]] = {}
    rows = fetch_rows(session, _ATTENDED, {"candidacies": list(candidacies)})
    for key, candidate_id, scope, block_id, attendance, on in rows:
        attended[key] = PRESENCES[attendance or Attendance.HEARD], on  # of the last session
        asked.setdefault(key, (candidate_id, scope, set()))[2].update(() if block_id is None else (block_id,))
    if not attended:
        return {}
    held = known or load_held_by_person(session, {candidate_id for candidate_id, _, _ in asked.values()})
    ended = {grant.of: grant for grant in held.grants if grant.status in ENDED}
    rows = fetch_rows(session, _REFUSED, {"candidacies": list(attended)}) if ended else ()
    refused = {(key, block): on for key, block, on in rows}
    found = {}
    for key, (candidate_id, scope, blocks) in asked.items():
        presence, decided_on = attended[key]
        # The label is that of the last session: a block whose validity ended after it counts (R8).
        now = held.blocks_since(candidate_id, decided_on)
        lost = {block: ended[candidate_id, block] for block in blocks - now if (candidate_id, block) in ended}
        # One that another jury refused since is not acquired, whatever became of the first decision.
        stand = (grant for block, grant in lost.items() if refused.get((key, block), grant.act.on) <= grant.act.on)
        result = _result(scope, frozenset(blocks), now, presence)
        found[key] = CandidacyOutcome(result, Counter(grant.status for grant in stand))
    return found


def _result(scope: Scope, requested: frozenset[UUID], held: frozenset[UUID], attended: Presence) -> Result:
    # An absence is told until what was asked for is held, by whatever way (R8).
    return result_for(scope, requested, held, Presence.PRESENT if requested <= held else attended)
