"""Acts that ended rights of a person, and that nothing gave again, and appeals that wait for their answer: their first
page says them (domain §10).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Select, Uuid, bindparam, case, exists, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.events import (
    Appeal,
    AppealAnswer,
    Equivalence,
    EquivalenceSide,
    GrantStatusChange,
    GroupEquivalence,
    GroupEquivalenceBlock,
    bears_on,
)
from portfolio.domain.holdings.models.grants import Grant, PriorHolding, PriorHoldingEnd
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import AppealKind, EndingKind, StatusChangeKind
from portfolio.domain.holdings.use_cases.holdings import load_held_blocks_by_person
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing


@dataclass(frozen=True, slots=True)
class Ending:
    """An act that ended rights: which, when, why, of which entry when it is not the candidacy's, on which blocks.

    Of an appeal: the day on which it was received, and that on which silence refuses it, before a court none.
    """

    kind: EndingKind
    decided_on: date
    reason: str
    entry: str
    blocks: tuple[int, ...]
    until: date | None = None


_PERSON = bindparam("person", type_=Uuid())


def load_endings(session: Session, person_id: UUID, on: date) -> dict[UUID, tuple[Ending, ...]]:
    """Map the candidacies of a person to what ended of their blocks, the earliest first, in one query, and two more
    when there is any: what is held today all the same is left out, and so is what no notification gave.
    """
    rows = fetch_rows(session, _ENDINGS, {"person": person_id, "on": on})
    held = load_held_blocks_by_person(session, (person_id,), on=on)[person_id] if rows else frozenset()
    return _endings_of(row for row in rows if row.block_id not in held)


def load_other_endings(session: Session, candidacy_id: UUID) -> tuple[Ending, ...]:
    """Return the rectifications of what the person of a candidacy held before, and the equivalences taken back,
    whatever they hold today, in one query.
    """
    return _endings_of(fetch_rows(session, _OTHERS, {"candidacy": candidacy_id})).get(candidacy_id, ())


def _endings_of(rows: Iterable[Any]) -> dict[UUID, tuple[Ending, ...]]:
    """Gather the rows of each candidacy, acts of one decision on several blocks together."""
    found: defaultdict[UUID, dict[Ending, set[int]]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row.recorded_at, row.id)):
        entry = "" if row.version_id == row.own_version_id else str(row.code)
        act = Ending(EndingKind(row.kind), row.decided_on, row.reason, entry, (), row.until)
        found[row.candidacy_id].setdefault(act, set()).update([row.number] if row.number else [])
    return {
        candidacy_id: tuple(replace(act, blocks=tuple(sorted(numbers))) for act, numbers in acts.items())
        for candidacy_id, acts in found.items()
    }


def _columns(act_id: Any, kind: Any, on: Any, reason: Any, recorded_at: Any) -> tuple[Any, ...]:
    of_act = (act_id.label("id"), kind.label("kind"), on.label("decided_on"), reason, recorded_at.label("recorded_at"))
    own = (Candidacy.id.label("candidacy_id"), Candidacy.version_id.label("own_version_id"))
    of_block = (Block.id.label("block_id"), Block.number, Block.version_id, Certification.code)
    return (*of_act, *own, *of_block, literal(None, Date()).label("until"))


def _annulled() -> Select[*tuple[Any, ...]]:
    """Select what juries decided and was annulled, as long as no other jury decided of the block."""
    act, later, decided = aliased(GrantStatusChange), aliased(Minutes), aliased(RecordedDecision)
    heard, sealed, said = aliased(Hearing), aliased(Submission), aliased(RecordedDecision)
    again = (
        exists()
        .where(
            decided.block_id == said.block_id,
            later.id == decided.minutes_id,
            heard.id == later.hearing_id,
            sealed.id == heard.submission_id,
            sealed.candidacy_id == Submission.candidacy_id,
            later.closed_at > Minutes.closed_at,
        )
        .correlate(said, Submission, Minutes)
    )
    return (
        select(*_columns(act.id, literal(EndingKind.ANNULMENT.value), act.decided_on, act.reason, act.recorded_at))
        .select_from(act)
        .join(Minutes, Minutes.id == act.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .join(said, bears_on(act, said.minutes_id, said.block_id))
        .join(Block, Block.id == said.block_id)
        .join(Block.version)
        .join(CertificationVersion.certification)
        .where(Candidacy.candidate_id == _PERSON, act.kind == StatusChangeKind.ANNULMENT)
        .where(~awaits_notification(Minutes.id), ~again)
    )


def _ended_grants() -> Select[*tuple[Any, ...]]:
    """Select the withdrawals for fraud, and the annulments of what no jury granted."""
    act = GrantStatusChange
    kinds = (StatusChangeKind.WITHDRAWAL, StatusChangeKind.ANNULMENT)
    of_person = (Candidacy.candidate_id == Grant.person_id) & (Candidacy.version_id == Block.version_id)
    return (
        select(*_columns(act.id, act.kind, act.decided_on, act.reason, act.recorded_at))
        .select_from(act)
        .join(Grant, Grant.id == act.grant_id)
        .join(Grant.block)
        .join(Block.version)
        .join(CertificationVersion.certification)
        .join(Candidacy, of_person)
        .where(Grant.person_id == _PERSON, act.kind.in_(kinds), ~awaits_notification(Grant.minutes_id))
    )


def _rectified_holdings() -> Select[*tuple[Any, ...]]:
    """Select what was held before and was written by mistake, for each candidacy of the same body."""
    aimed, targeted, act = aliased(CertificationVersion), aliased(Certification), PriorHoldingEnd
    return (
        select(*_columns(act.id, literal(EndingKind.RECTIFICATION.value), act.decided_on, act.reason, act.recorded_at))
        .select_from(PriorHoldingEnd)
        .join(PriorHolding, PriorHolding.id == PriorHoldingEnd.holding_id)
        .join(PriorHolding.block)
        .join(Block.version)
        .join(CertificationVersion.certification)
        .join(Candidacy, Candidacy.candidate_id == PriorHolding.person_id)
        .join(aimed, aimed.id == Candidacy.version_id)
        .join(targeted, (targeted.id == aimed.certification_id) & (targeted.body_id == Certification.body_id))
    )


def _taken_back(table: Any, aims: Any, asks: Any) -> Select[*tuple[Any, ...]]:
    """Select the equivalences of a table that another ruling ended, for the candidates who held a block that it asked
    for; `aims` and `asks` give, of the ruling that ended, the blocks it counted for and those it asked for.
    """
    ruled, given, again = aliased(table), aliased(table), aliased(table)
    identical = EquivalenceKind.IDENTICAL
    restored = exists().where(again.replaces_id == ruled.id, again.kind == identical)
    granted = exists().where(
        Grant.person_id == Candidacy.candidate_id,
        Grant.block_id.in_(asks(given)),
        Grant.recorded_at <= ruled.declared_at,
        ~awaits_notification(Grant.minutes_id),
    )
    before = exists().where(
        PriorHolding.person_id == Candidacy.candidate_id,
        PriorHolding.block_id.in_(asks(given)),
        PriorHolding.verified_at <= ruled.declared_at,
    )
    act = (ruled.id, literal(EndingKind.EQUIVALENCE.value), ruled.declared_on, ruled.reason, ruled.declared_at)
    return (
        select(*_columns(*act))
        .select_from(ruled)
        .join(given, given.id == ruled.replaces_id)
        .join(Block, Block.id.in_(aims(given)))
        .join(Block.version)
        .join(CertificationVersion.certification)
        .join(Candidacy, Candidacy.version_id == Block.version_id)
        .where(given.kind == identical, ruled.kind != identical, ~restored, or_(granted, before))
    )


def _pending_appeals() -> Select[*tuple[Any, ...]]:
    """Select the appeals that nobody answered, before their silence refuses them."""
    until = case((Appeal.kind == AppealKind.COURT, None), else_=Appeal.answer_by)
    act = (Appeal.id, literal(EndingKind.APPEAL.value), Appeal.received_on, literal("").label("reason"))
    return (
        select(*_columns(*act, Appeal.recorded_at)[:7])
        .add_columns(*(literal(None, of).label(name) for name, of in (("block_id", Uuid()), ("number", Integer()))))
        .add_columns(Candidacy.version_id, literal("").label("code"), until.label("until"))
        .join(Minutes, Minutes.id == Appeal.minutes_id)
        .join(Minutes.hearing)
        .join(Hearing.submission)
        .join(Submission.candidacy)
        .where(Candidacy.candidate_id == _PERSON, ~exists().where(AppealAnswer.appeal_id == Appeal.id))
        .where(or_(until.is_(None), until >= bindparam("on", type_=Date())))
    )


def _side(of: EquivalenceSide) -> Any:
    """Return the blocks of one side of a ruling on several blocks together."""

    def blocks(given: Any) -> Any:
        block = aliased(GroupEquivalenceBlock)
        return select(block.block_id).where(block.equivalence_id == given.id, block.side == of)

    return blocks


_OTHER_KINDS = (
    _rectified_holdings(),
    _taken_back(Equivalence, lambda given: [given.granted_block_id], lambda given: [given.held_block_id]),
    _taken_back(GroupEquivalence, _side(EquivalenceSide.COUNTS_FOR), _side(EquivalenceSide.HELD)),
)
_ENDINGS = union_all(
    *(_annulled(), _ended_grants(), _pending_appeals()),
    *(query.where(Candidacy.candidate_id == _PERSON) for query in _OTHER_KINDS),
)
_OTHERS = union_all(*(query.where(Candidacy.id == bindparam("candidacy", type_=Uuid())) for query in _OTHER_KINDS))
