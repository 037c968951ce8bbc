"""Delete the lines of acts that ended long ago: they lead to people, and say nothing that is not kept
elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from portfolio.db.engine import Database
from portfolio.db.fairness import yield_to_writers
from portfolio.domain.group_acts.models import BulkOpening, BulkOpeningLine, GroupAct, GroupActLine
from portfolio.domain.group_acts.rules import KEPT_AFTER_END

# So many acts at most in one transaction; each has some hundred lines.
_AT_ONCE = 20
_Act = type[GroupAct] | type[BulkOpening]
_Line = type[GroupActLine] | type[BulkOpeningLine]


def purge_ended(database: Database, at: datetime) -> int:
    """Delete what ended long enough ago, and return how many acts; without one, nothing is locked."""
    return _purge(database, GroupAct, GroupActLine, at) + _purge(database, BulkOpening, BulkOpeningLine, at)


def _purge(database: Database, act: _Act, line: _Line, at: datetime) -> int:
    with database.reader() as session:
        ids = session.scalars(select(act.id).where(act.ended_at <= at - KEPT_AFTER_END)).all()
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        with database.transaction() as session:
            of_act = line.act_id if issubclass(line, GroupActLine) else line.opening_id
            session.execute(delete(line).where(of_act.in_(chunk)))
            session.execute(delete(act).where(act.id.in_(chunk)))
        yield_to_writers(database)
    return len(ids)
