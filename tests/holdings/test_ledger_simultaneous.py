"""Twenty juries close at the same moment: one chain, without a gap, each closing under its own signature."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry
from portfolio.domain.ledger.recording import erase_rows
from tests.holdings.ledger_builders import KEYS, closings_in, entries_in, heard, signing
from tests.jury.builders import ON_THE_DAY, close

pytestmark = [pytest.mark.both, pytest.mark.slow]

JURIES = 20
OF_ONE_CLOSING = 1 + 4 + 11 + 4 + 1 + 5


@pytest.fixture
def db(database_url):
    database = signing(database_url)
    yield database
    database.engine.dispose()


def together(acts) -> None:
    """Run every act from one start, a thread each; any error fails."""
    start = Barrier(len(acts))

    def one(act) -> None:
        start.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(one, acts))


def test_twenty_hearings_closed_at_once_make_one_contiguous_chain(db):
    together([lambda made=made: close(db, made) for made in heard(db, JURIES, apart=True)])
    with db.reader() as session:
        answer = check(session, KEYS)
        numbers = list(session.scalars(select(LedgerEntry.seq).order_by(LedgerEntry.seq)))
        heads = session.execute(
            select(LedgerCheckpoint.first_seq, LedgerCheckpoint.seq).order_by(LedgerCheckpoint.seq)
        ).all()
    assert answer.ok
    assert numbers == list(range(1, entries_in(db) + 1))
    closings = closings_in(db)
    assert len(closings) == JURIES
    assert all(end - begin + 1 == OF_ONE_CLOSING for begin, end in closings), (
        "the acts of a closing are not interrupted"
    )
    firsts = {last: first for first, last in heads}
    assert all(firsts[end] <= begin for begin, end in closings), "one head covers all that a closing wrote"


def test_erasures_and_closings_at_once_make_one_contiguous_chain(db):
    first, *others = heard(db, 6, apart=True)
    close(db, first)
    with db.reader() as session:
        minutes = session.scalars(select(Minutes.id)).one()

    def wipe() -> None:
        with db.transaction() as session:
            erase_rows(session, {"minutes": [minutes]}, by=None, at=ON_THE_DAY)

    together([*(lambda made=made: close(db, made) for made in others), wipe, wipe, wipe])
    with db.reader() as session:
        answer = check(session, KEYS)
    assert answer.ok
    assert (answer.entries, answer.erased) == (entries_in(db), 1)


def test_the_ledger_is_checked_while_juries_close(db):
    def look() -> None:
        for _ in range(5):
            with db.reader() as session:
                answer = check(session, KEYS)
                assert answer.ok, answer.difference

    together([*(lambda made=made: close(db, made) for made in heard(db, 6, apart=True)), look, look])
