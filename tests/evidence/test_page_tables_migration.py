"""The tables of pages and of their images take their new names with every row. On both stores."""

from __future__ import annotations

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text

from portfolio.db.engine import Database
from portfolio.domain.evidence.models.renditions import Page, PageImage
from tests.review.test_digest_migration import load

MIGRATION = load("0095_page_tables")
NAMES = ("page", "page_image")
# The former names of the tables.
IMAGES, PAGES = (former for former, _new in MIGRATION.TABLES)


def before(db: Database) -> None:
    """Put the tables back under their former names, with one page and one image, and a column that came
    later.
    """
    identifiers = "id VARCHAR(32) NOT NULL, CONSTRAINT pk_{name} PRIMARY KEY (id)"
    statements = [
        "DROP TABLE search_entry",  # it came later, and refers to pages
        *(f"DROP TABLE {name}" for name in reversed(NAMES)),
        f"CREATE TABLE {PAGES} (number INTEGER NOT NULL, fault VARCHAR(20), ratio FLOAT, {identifiers.format(name=PAGES)},"
        f" CONSTRAINT ck_{PAGES}_fault CHECK (fault IN ('beyond')))",
        f"CREATE TABLE {IMAGES} ({PAGES}_id VARCHAR(32) NOT NULL, width VARCHAR(20), {identifiers.format(name=IMAGES)},"
        f" CONSTRAINT uq_{IMAGES}_{PAGES}_id_width UNIQUE ({PAGES}_id, width),"
        f" CONSTRAINT fk_{IMAGES}_{PAGES}_id FOREIGN KEY({PAGES}_id) REFERENCES {PAGES} (id) ON DELETE CASCADE)",
        f"CREATE INDEX ix_{PAGES}_number ON {PAGES} (number)",
        f"INSERT INTO {PAGES} (id, number, ratio) VALUES ('a', 3, 0.5)",
        f"INSERT INTO {IMAGES} (id, {PAGES}_id, width) VALUES ('b', 'a', 'grande')",
    ]
    with db.engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_pages_keep_their_rows_and_every_column_under_the_new_names(db: Database) -> None:
    before(db)
    with db.engine.execution_options(writes=True).begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            MIGRATION.upgrade()
        assert connection.execute(text("SELECT id, number, ratio FROM page")).all() == [("a", 3, 0.5)]
        assert connection.execute(text("SELECT page_id, width FROM page_image")).all() == [("a", "grande")]
        found = inspect(connection)
        assert not {PAGES, IMAGES} & set(found.get_table_names())
        names = [
            one["name"]
            for table in NAMES
            for one in found.get_check_constraints(table) + found.get_indexes(table)
        ]
        names += [
            one["name"]
            for one in found.get_unique_constraints("page_image") + found.get_foreign_keys("page_image")
        ]
        assert {
            "ck_page_fault",
            "ix_page_number",
            "uq_page_image_page_id_width",
            "fk_page_image_page_id",
        } <= set(names)
        assert not [name for name in names if PAGES in name]
        (key,) = found.get_foreign_keys("page_image")
        assert (key["referred_table"], key["options"].get("ondelete")) == ("page", "CASCADE")


@pytest.mark.parametrize("model", [Page, PageImage])
def test_no_model_keeps_a_former_name(model: type) -> None:
    table = model.__table__
    names = [str(one.name) for one in [*table.constraints, *table.indexes]]
    assert not [name for name in [table.name, *table.columns.keys(), *names] if PAGES in name]
