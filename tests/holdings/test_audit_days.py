"""The audit log: the digest of each past day is in the ledger, and its check names the first day that differs."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.audit_log.models import AuditDigest
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.ledger.checkpoints import digest_past_days
from portfolio.domain.ledger.rules.comparing import Change, Difference
from portfolio.wording.ledger import difference_message
from tests.holdings.insider import insider, table
from tests.holdings.ledger_builders import KEYS
from tests.holdings.ledger_stores import kept_stores

FIRST = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAYS = 4
EVENT = table("audit_event")


def _write(database: Database, *moments: datetime) -> None:
    for at in moments:
        with database.transaction() as session:
            record_event(session, "tried", ("candidacy", None), by=None, at=at, count=3)


def _digest(database: Database, at: datetime) -> int:
    with database.transaction() as session:
        return digest_past_days(session, at=at)


def _fill(database: Database) -> None:
    """Three events on each of four days; the last of these days has not ended."""
    for day in range(DAYS):
        _write(database, *(FIRST + timedelta(days=day, hours=hour) for hour in range(3)))
    assert _digest(database, FIRST + timedelta(days=DAYS - 1)) == DAYS - 1


kept_sqlite, kept_postgresql, db = kept_stores(_fill)


def _found(session: Session) -> Difference:
    session.flush()
    difference = check(session, KEYS).difference
    assert difference is not None
    return difference


def _of_day(session: Session, day: int) -> int:
    """Return the number of the second event of a day."""
    at = FIRST + timedelta(days=day, hours=1)
    number = session.scalar(select(EVENT.c.seq).where(EVENT.c.occurred_at == at))
    assert number is not None
    return number


def test_each_day_that_has_ended_has_its_digest_once_and_the_ledger_holds_it(db):
    with db.reader() as session:
        kept = session.scalars(select(AuditDigest).order_by(AuditDigest.day)).all()
        assert [(row.day, row.event_count) for row in kept] == [(date(2026, 6, 1 + day), 3) for day in range(3)]
        assert check(session, KEYS).ok
    assert _digest(db, FIRST + timedelta(days=DAYS - 1, hours=2)) == 0


@pytest.mark.parametrize("column", [column.name for column in EVENT.columns if column.name != "seq"])
def test_a_column_of_a_past_day_that_is_changed_or_emptied_is_told_with_its_day(db, column):
    others = {
        "occurred_at": FIRST + timedelta(days=1, hours=1, seconds=1),
        "actor_id": UUID(int=7),
        "object_id": UUID(int=8),
        "details": {},
        "action": "",
        "object_kind": "",
    }
    with insider(db) as session:
        number = _of_day(session, 1)
        session.execute(update(EVENT).where(EVENT.c.seq == number).values({column: others[column]}))
        seen = _found(session)
    assert (seen.change, seen.row) == (Change.AUDIT_DAY, "2026-06-02")
    assert "2\u00a0juin 2026" in difference_message(seen)


@pytest.mark.parametrize("day", range(3))
def test_a_removed_event_is_told_with_the_first_day_that_differs(db, day):
    with insider(db) as session:
        session.execute(delete(EVENT).where(EVENT.c.seq.in_([_of_day(session, day), _of_day(session, 2)])))
        assert _found(session).row == f"2026-06-0{day + 1}"


def test_a_log_that_is_emptied_is_told(db):
    with insider(db) as session:
        session.execute(delete(EVENT))
        assert _found(session).row == "2026-06-01"


def test_an_event_made_up_on_a_past_day_is_told(db):
    with insider(db) as session:
        first = session.scalar(select(func.min(EVENT.c.seq)))
        values = {"occurred_at": FIRST, "action": "x", "object_kind": "y", "details": {}, "seq": first - 1}
        session.execute(insert(EVENT).values(values))
        assert _found(session).row == "2026-06-01"


def test_a_digest_that_is_removed_or_made_again_is_told_by_the_ledger(db):
    digest = metadata.tables["audit_digest"]
    with insider(db) as session:
        session.execute(delete(digest).where(digest.c.day == date(2026, 6, 2)))
        assert (_found(session).change, _found(session).table) == (Change.ROW_DELETED, "audit_digest")
    with insider(db) as session:
        session.execute(update(digest).where(digest.c.day == date(2026, 6, 2)).values(sha256="0" * 64))
        assert (_found(session).change, _found(session).column) == (Change.COLUMN_CHANGED, "sha256")


def test_what_is_written_late_or_before_its_time_is_in_one_digest(store):
    day = timedelta(days=1)
    _write(store, FIRST, FIRST + day, FIRST, FIRST + 400 * day, FIRST + day)
    assert _digest(store, FIRST + 2 * day) == 2
    _write(store, FIRST, FIRST + 2 * day, FIRST + 3 * day)
    assert _digest(store, FIRST + 3 * day) == 1
    with store.reader() as session:
        kept = session.scalars(select(AuditDigest).order_by(AuditDigest.day)).all()
        assert [row.event_count for row in kept] == [1, 4, 2]
        assert [row.last_seq for row in kept] == sorted(row.last_seq for row in kept)
        assert check(session).ok


def test_a_day_that_has_only_just_ended_waits_for_the_acts_in_course(store):
    _write(store, FIRST)
    midnight = datetime(2026, 6, 1, 22, tzinfo=UTC)  # in Paris
    assert _digest(store, midnight + timedelta(minutes=5)) == 0
    assert _digest(store, midnight + timedelta(minutes=61)) == 1
