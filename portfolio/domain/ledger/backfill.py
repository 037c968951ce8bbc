"""Record once the acts that an installation kept before its ledger covered them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Base
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.recording import append, lock
from portfolio.domain.ledger.rules.acts import RECORDED_SINCE, TRACKED, TRACKED_SINCE, act_of
from portfolio.domain.ledger.tracking import record_fixed


def backfill(session: Session, *, at: datetime) -> int:
    """Record the acts and the facts that were written before the ledger knew of them, and answer how many.

    Once only: no jury sits without its members' statements, and nothing becomes a fact without an entry, so
    that as soon as the ledger tells of one row of a group it has been told of all of them, and a row that it
    does not know was not written by the application. It proves what these rows are since that day, not what
    they were before.
    """
    lock(session)  # two servers may start at once
    return (
        _earlier_acts(session, at)
        + _earlier_facts(session, TRACKED, at)
        + _earlier_facts(session, TRACKED_SINCE, at)
    )


def _earlier_acts(session: Session, at: datetime) -> int:
    if _load_tells(session, RECORDED_SINCE):
        return 0
    acts = [act for model in _models() for act in session.scalars(select(model))]
    append(session, acts, at=at)
    return len(acts)


def _earlier_facts(session: Session, names: Iterable[str], at: datetime) -> int:
    if _load_tells(session, names):
        return 0
    return record_fixed(session, [Base.metadata.tables[name] for name in names], at=at)


def _load_tells(session: Session, names: Iterable[str]) -> bool:
    acts = [act_of(name, 1) for name in names]
    return (
        session.scalar(select(LedgerEntry.seq).where(LedgerEntry.record_type.in_(acts)).limit(1)) is not None
    )


def _models() -> list[type[Base]]:
    known = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return [known[name] for name in RECORDED_SINCE]
