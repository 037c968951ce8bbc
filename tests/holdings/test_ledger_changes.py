"""Each column of each act and of the ledger itself, changed by someone who owns the store: found, and named."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from portfolio.db.care import recorded_tables
from portfolio.db.engine import Database
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.ledger.recording import erase_rows
from portfolio.domain.ledger.rules.comparing import Change, Difference
from portfolio.wording.ledger import difference_message
from tests.holdings.insider import alter, insider, key, keys_of, make_up, put, table, with_acts
from tests.holdings.ledger_builders import KEYS, entries_in, heard
from tests.holdings.ledger_stores import kept_stores
from tests.jury.builders import ON_THE_DAY, close
from tests.thoroughness import in_turn, one_in

LEDGER = ("ledger_entry", "ledger_salt", "ledger_checkpoint")
ACTS = recorded_tables()


def _fill(database: Database) -> None:
    """Two closings, one of which completes a certification, and a lawful erasure; every test keeps it as it was."""
    for made in heard(database, 2):
        close(database, made)
        with database.transaction() as session:
            minutes = keys_of(session, "minutes")[0]
            erase_rows(session, {"minutes": [minutes]}, by=made.certifier.id, at=ON_THE_DAY + timedelta(days=400))


kept_sqlite, kept_postgresql, db = kept_stores(_fill)


def found(session: Session) -> Difference:
    """Return what the check finds first; it must be told in French."""
    session.flush()
    difference = check(session, KEYS).difference
    assert difference is not None
    assert difference_message(difference)
    return difference


def middle(session: Session, name: str) -> UUID | int:
    """A row of a table that is neither the first nor the last, when it has that many; not one whose words are
    erased.
    """
    keys = keys_of(session, name)
    return keys[-1] if name == "minutes" else keys[len(keys) // 2]


@pytest.mark.slow
def test_nothing_is_found_where_nothing_was_changed(db):
    with db.reader() as session:
        answer = check(session, KEYS)
    assert answer.ok
    assert answer.entries == entries_in(db)
    assert answer.erased == 1
    assert answer.head.seq == answer.entries


@pytest.mark.parametrize(
    ("name", "db"),
    one_in(3, in_turn([name for name in ACTS if any(column.nullable for column in table(name).columns)])),
    indirect=["db"],
)
def test_a_column_is_emptied(db, name):
    nullable = [column.name for column in table(name).columns if column.nullable]
    for column in nullable:
        with insider(db) as session:
            with_acts(session, name)
            full = select(table(name).c.id).where(table(name).c[column].is_not(None)).limit(1)
            row = session.scalar(full)
            if row is None:  # no finding here carries a ground
                continue
            put(session, name, row, **{column: None})
            seen = found(session)
        assert (seen.change, seen.table, seen.row, seen.column) == (Change.COLUMN_CHANGED, name, row.hex, column)


ENTRY_COLUMNS = [column.name for column in table("ledger_entry").columns]


@pytest.mark.parametrize("column", one_in(2, ENTRY_COLUMNS))
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_column_of_an_entry_is_changed(db, column, place):
    with insider(db) as session:
        keys = keys_of(session, "ledger_entry")
        row = {"first": keys[0], "middle": keys[len(keys) // 2], "last": keys[-1]}[place]
        alter(session, "ledger_entry", row, column)
        seen = found(session)
    assert (seen.change, seen.table, seen.row) == (Change.COLUMN_CHANGED, "ledger_entry", str(row))
    assert seen.column == column


def test_an_entry_is_made_to_tell_of_another_kind_of_act(db):
    with insider(db) as session:
        put(session, "ledger_entry", 3, record_type="award")
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.column) == (
        Change.COLUMN_CHANGED,
        "ledger_entry",
        "3",
        "record_type",
    )


@pytest.mark.parametrize("column", ["fact_salt", "personal_salt"])
def test_a_salt_is_changed(db, column):
    with insider(db) as session:
        row = session.scalar(
            select(table("ledger_salt").c.seq).where(table("ledger_salt").c.personal_salt.is_not(None)).limit(1)
        )
        alter(session, "ledger_salt", row, column)
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.column) == (Change.COLUMN_CHANGED, "ledger_salt", str(row), column)


@pytest.mark.parametrize("column", one_in(2, [column.name for column in table("ledger_checkpoint").columns]))
def test_a_column_of_a_signed_head_is_changed(db, column):
    with insider(db) as session:
        row = keys_of(session, "ledger_checkpoint")[-1]
        alter(session, "ledger_checkpoint", row, column)
        seen = found(session)
    # Of the key's name and the signature, nothing says which one is right.
    named = None if column in {"kid", "signature"} else column
    assert (seen.change, seen.table, seen.column) == (Change.COLUMN_CHANGED, "ledger_checkpoint", named)


def test_a_signed_head_is_moved_behind_the_others(db):
    with insider(db) as session:
        first, second = keys_of(session, "ledger_checkpoint")[:2]
        put(session, "ledger_checkpoint", second, seq=9000)
        seen = found(session)
    assert (seen.change, seen.row, seen.other) == (Change.NOT_SIGNED, str(first + 1), str(second))


@pytest.mark.parametrize(("name", "db"), one_in(3, in_turn([*ACTS, "ledger_entry"])), indirect=["db"])
def test_a_row_is_deleted(db, name):
    with insider(db) as session:
        if name in ACTS:
            with_acts(session, name)
        row = middle(session, name)
        session.execute(delete(table(name)).where(key(name) == row))
        seen = found(session)
    if name == "ledger_erasure":  # what it made lawful is met first
        assert seen.change is Change.ERASED_WITHOUT_ACT
    else:
        assert (seen.change, seen.table) == (Change.ROW_DELETED, name)
        assert seen.row == (row.hex if name in ACTS else str(row))


def test_a_stretch_of_entries_is_deleted(db):
    with insider(db) as session:
        session.execute(delete(table("ledger_entry")).where(table("ledger_entry").c.seq.between(5, 9)))
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.other) == (Change.ROW_DELETED, "ledger_entry", "5", "9")


def test_the_signature_of_a_closing_is_deleted(db):
    with insider(db) as session:
        first = keys_of(session, "ledger_checkpoint")[0]
        session.execute(delete(table("ledger_checkpoint")).where(table("ledger_checkpoint").c.seq == first))
        seen = found(session)
    assert (seen.change, seen.row, seen.other) == (Change.NOT_SIGNED, "1", str(first))


@pytest.mark.parametrize(
    ("name", "db"),
    one_in(3, in_turn([name for name in ACTS if name not in {"ledger_erasure", "minutes"}])),
    indirect=["db"],
)
def test_two_acts_are_swapped(db, name):
    with insider(db) as session:
        with_acts(session, name, 2)
        one, two = keys_of(session, name)[-2:]
        aside = uuid4()
        for before, after in ((one, aside), (two, one), (aside, two)):
            put(session, name, before, id=after)
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.other) == (Change.ROWS_SWAPPED, name, one.hex, two.hex)


@pytest.mark.parametrize(("one", "two"), [(4, 5), (2, 30), (1, 74), (73, 74)])
def test_two_entries_are_swapped(db, one, two):
    with insider(db) as session:
        for before, after in ((one, 9000), (two, one), (9000, two)):
            put(session, "ledger_entry", before, seq=after)
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.other) == (Change.ROWS_SWAPPED, "ledger_entry", str(one), str(two))


@pytest.mark.parametrize(
    ("name", "db"), one_in(3, in_turn([name for name in ACTS if name != "ledger_erasure"])), indirect=["db"]
)
def test_an_act_is_inserted(db, name):
    with insider(db) as session:
        forged = make_up(name)
        session.execute(insert(table(name)).values(forged))
        seen = found(session)
    assert (seen.change, seen.table, seen.row) == (Change.ROW_INSERTED, name, forged["id"].hex)


def test_an_entry_is_slipped_in(db):
    with insider(db) as session:
        model = session.execute(select(table("ledger_entry")).limit(1)).mappings().one()
        forged = {**model, "seq": -3, "row_id": uuid4(), "entry_hash": "0" * 64}
        session.execute(insert(table("ledger_entry")).values(forged))
        seen = found(session)
    assert (seen.change, seen.table, seen.row) == (Change.ROW_INSERTED, "ledger_entry", "-3")


ODD_VALUES = {
    "sqlite": (
        "UPDATE block_grant SET granted_on = 'hier'",
        "UPDATE block_grant SET granted_on = 20260618",
        "UPDATE block_grant SET granted_on = CAST(x'ff' AS TEXT)",
        "UPDATE block_grant SET granted_on = x'00ff'",
        "UPDATE block_grant SET granted_on = NULL",
    ),
    "postgresql": (
        "UPDATE block_grant SET granted_on = 'infinity'",
        "UPDATE block_grant SET granted_on = '2026-06-18 BC'",
        "UPDATE block_grant SET granted_on = '20260-06-18'",
    ),
}


def test_a_value_that_no_type_can_read_is_a_change_and_not_a_failure(db):
    dialect = db.engine.dialect.name
    for statement in ODD_VALUES[dialect]:
        with insider(db) as session:
            row = keys_of(session, "block_grant")[2]
            if dialect == "sqlite":
                _let_be_empty(session)
            session.execute(text(f"{statement} WHERE id = '{row.hex if dialect == 'sqlite' else row}'"))
            seen = found(session)
        expected = (Change.COLUMN_CHANGED, "block_grant", row.hex, "granted_on")
        assert (seen.change, seen.table, seen.row, seen.column) == expected, statement


def _let_be_empty(session: Session) -> None:
    """Take NOT NULL away behind the store's back."""
    change = "replace(sql, 'granted_on DATE NOT NULL', 'granted_on DATE')"
    session.execute(text("PRAGMA writable_schema=ON"))
    session.execute(text(f"UPDATE sqlite_master SET sql = {change} WHERE name = 'block_grant'"))
    session.execute(text("PRAGMA writable_schema=RESET"))


def test_an_entry_whose_digests_are_no_longer_a_structure_is_a_change_and_not_a_failure(db):
    for value in ([], "rien", 3, {"id": None}, {"é": 1.5}):
        with insider(db) as session:
            put(session, "ledger_entry", 7, digests=value)
            seen = found(session)
        assert (seen.change, seen.table, seen.row, seen.column) == (
            Change.COLUMN_CHANGED,
            "ledger_entry",
            "7",
            "digests",
        )
