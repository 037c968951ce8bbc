"""What an installation kept before its ledger recorded it: recorded once, when the ledger learns to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.certificate.ledger import LedgerEntry
from portfolio.certificate.rules.ledger import RECORDED_SINCE
from portfolio.certificate.services.ledger.recording import append, lock
from portfolio.db import Base


def record_earlier(session: Session, *, at: datetime) -> int:
    """Record the acts of `RECORDED_SINCE` that were written before the ledger knew of them, and answer how many.

    Once only: no jury sits without its members' statements, so that as soon as the ledger tells of one of these acts it has
    been told of all of them, and a row that it does not know was not written by the application. It proves what these
    acts are since that day, not what they were before.
    """
    lock(session)  # two servers may start at once
    if session.scalar(select(LedgerEntry.seq).where(LedgerEntry.act.in_(RECORDED_SINCE)).limit(1)) is not None:
        return 0
    acts = [act for model in _models() for act in session.scalars(select(model))]
    append(session, acts, at=at)
    return len(acts)


def _models() -> list[type[Base]]:
    known = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return [known[name] for name in RECORDED_SINCE]
