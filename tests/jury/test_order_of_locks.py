"""The ledger's lock is the last one that a transaction takes: while it holds it, it writes nothing of lists."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from portfolio.db.engine import Database
from portfolio.domain.notification.use_cases import notifying
from tests.jury.builders import ON_THE_DAY, close, scene
from tests.notification.builders import SAID, speak

pytestmark = [pytest.mark.both, pytest.mark.slow]

LISTS = ("candidacy_listing", "certificate_listing", "certificate_to_sign", "open_deadline", "listing_count")


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def lists_come_first(found: list[str]) -> bool:
    lock = "pg_advisory_xact_lock" if any("pg_advisory" in one for one in found) else "INSERT INTO ledger_entry"
    held = next(place for place, one in enumerate(found) if lock in one)
    written = [place for place, one in enumerate(found) if any(name in one for name in LISTS)]
    return bool(written) and max(written) < held


@pytest.mark.parametrize("refused", [(), (2,)], ids=["whole", "partial"])
def test_a_closing_and_its_letter_write_the_lists_before_they_hold_the_ledger(db, refused):
    made = scene(db, refused=refused)
    with statements(db) as found:
        close(db, made)
    assert lists_come_first(found)
    speak(db, made)
    with statements(db) as found, db.transaction() as session:
        notifying.notify(session, made.candidacy_id, 1, SAID if refused else {}, by=made.certifier.id, at=ON_THE_DAY)
    assert lists_come_first(found)
