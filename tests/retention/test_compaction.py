"""Check that what was deleted stands nowhere in the file of a SQLite database once it was written anew."""

import random
from pathlib import Path

import pytest
from sqlalchemy import text

from portfolio.backup.migration import upgrade
from portfolio.db.engine import Database
from portfolio.db.full_text import create_statements
from portfolio.db.maintenance import compact
from portfolio.on_commit import open_database
from tests.retention.planner_statistics import values_kept_of

OWNERS = ("deleted", "kept", "other", "past")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "words.db"


@pytest.fixture
def words(path: Path) -> Database:
    """A database with the full-text index over a table that holds nothing but words."""
    database = open_database(f"sqlite:///{path}")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE search_entry (id INTEGER PRIMARY KEY, owner TEXT, words TEXT)"))
        for statement in create_statements("sqlite"):
            session.connection().exec_driver_sql(statement)
    return database


def fill(database: Database, seed: int) -> None:
    """Texts of many lengths, some of them corrected: the pages of the table are balanced again and again."""
    dice = random.Random(seed)
    for _ in range(300):
        owner = dice.choice(OWNERS)
        written = f"secret{owner}0 secret{owner}{dice.getrandbits(64):016x} " + " ".join(
            f"mot{dice.randint(0, 500)}" for _ in range(dice.randint(0, 60))
        )
        with database.transaction() as session:
            values = {"owner": owner, "words": f"c{dice.getrandbits(128):032x} {written}"}
            session.execute(text("INSERT INTO search_entry (owner, words) VALUES (:owner, :words)"), values)


def delete(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("DELETE FROM search_entry WHERE owner = 'deleted'"))


def bytes_of(path: Path) -> bytes:
    """Everything that stands in the folder of the database, its log of writes included."""
    return b"".join(each.read_bytes() for each in path.parent.iterdir())


@pytest.mark.parametrize("seed", range(4))
def test_no_byte_of_a_deleted_row_is_left(words: Database, path: Path, seed: int):
    fill(words, seed)
    assert b"secretdeleted" in bytes_of(path)
    delete(words)
    compact(words)
    left = bytes_of(path)
    assert b"secretdeleted" not in left
    assert b"secretkept" in left
    with words.reader() as session:
        found = session.execute(
            text("SELECT count(*) FROM search_index WHERE search_index MATCH 'secretkept0'")
        ).scalar()
        kept = session.execute(text("SELECT count(*) FROM search_entry WHERE owner = 'kept'")).scalar()
        assert found == kept > 0
        session.execute(text("INSERT INTO search_index(search_index) VALUES ('integrity-check')"))
    words.engine.dispose()


def separators(database: Database) -> list[str]:
    """Return the words of deleted rows that separate two pages of the index."""
    with database.reader() as session:
        terms = session.execute(text("SELECT term FROM search_index_idx")).scalars()
        return [term for term in map(str, terms) if "secretdel" in term]


def test_a_deleted_word_separates_no_pages_of_the_index(words: Database):
    for seed in range(4):
        fill(words, seed)
    delete(words)
    assert separators(words)
    compact(words)
    assert not separators(words)
    words.engine.dispose()


def test_a_database_without_a_deleted_row_is_left_sound(sqlite_url: str):
    upgrade(sqlite_url)
    database = open_database(sqlite_url)
    compact(database)
    compact(database)
    with database.reader() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    database.engine.dispose()


def test_postgresql_forgets_the_values_of_deleted_rows(postgresql_url: str):
    database = open_database(postgresql_url)
    with database.transaction() as session:
        session.execute(text("CREATE TABLE told (name TEXT)"))
        for name in ("deleted", "kept"):
            session.execute(text("INSERT INTO told SELECT :name FROM generate_series(1, 99)"), {"name": name})
    compact(database)
    assert values_kept_of(database, "told") == {"deleted", "kept"}
    with database.transaction() as session:
        session.execute(text("DELETE FROM told WHERE name = 'deleted'"))
    compact(database)
    assert values_kept_of(database, "told") == {"kept"}
    database.engine.dispose()
