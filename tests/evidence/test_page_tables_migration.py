"""The tables of pages and of their images take their new names with every row. On both stores."""

from __future__ import annotations

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text

from portfolio.db.engine import Database
from portfolio.domain.evidence.models.renditions import Page, PageImage
from tests.review.test_digest_migration import load

NAMES = ("page", "page_image")


def before(db: Database) -> None:
    """Put the tables back under their former names, with one page and one image, and a column that came later."""
    with db.engine.execution_options(writes=True).begin() as connection:
        for name in reversed(NAMES):
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(
            text(
                "CREATE TABLE leaf (id VARCHAR(32) NOT NULL, number INTEGER NOT NULL, fault VARCHAR(20), ratio FLOAT,"
                " CONSTRAINT pk_leaf PRIMARY KEY (id), CONSTRAINT ck_leaf_fault CHECK (fault IN ('beyond')))"
            )
        )
        connection.execute(
            text(
                "CREATE TABLE leaf_image (id VARCHAR(32) NOT NULL, leaf_id VARCHAR(32) NOT NULL, width VARCHAR(20),"
                " CONSTRAINT pk_leaf_image PRIMARY KEY (id), CONSTRAINT uq_leaf_image_leaf_id_width UNIQUE (leaf_id, width),"
                " CONSTRAINT fk_leaf_image_leaf_id FOREIGN KEY(leaf_id) REFERENCES leaf (id) ON DELETE CASCADE)"
            )
        )
        connection.execute(text("CREATE INDEX ix_leaf_number ON leaf (number)"))
        connection.execute(text("INSERT INTO leaf (id, number, ratio) VALUES ('a', 3, 0.5)"))
        connection.execute(text("INSERT INTO leaf_image (id, leaf_id, width) VALUES ('b', 'a', 'grande')"))


def test_pages_keep_their_rows_and_every_column_under_the_new_names(db: Database) -> None:
    before(db)
    with db.engine.execution_options(writes=True).begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            load("0095_page_tables").upgrade()
        assert connection.execute(text("SELECT id, number, ratio FROM page")).all() == [("a", 3, 0.5)]
        assert connection.execute(text("SELECT page_id, width FROM page_image")).all() == [("a", "grande")]
        found = inspect(connection)
        assert not {"leaf", "leaf_image"} & set(found.get_table_names())
        names = [one["name"] for table in NAMES for one in found.get_check_constraints(table) + found.get_indexes(table)]
        names += [one["name"] for one in found.get_unique_constraints("page_image") + found.get_foreign_keys("page_image")]
        assert {"ck_page_fault", "ix_page_number", "uq_page_image_page_id_width", "fk_page_image_page_id"} <= set(names)
        assert not [name for name in names if "leaf" in name]
        (key,) = found.get_foreign_keys("page_image")
        assert (key["referred_table"], key["options"].get("ondelete")) == ("page", "CASCADE")


@pytest.mark.parametrize("model", [Page, PageImage])
def test_no_model_keeps_a_former_name(model: type) -> None:
    table = model.__table__
    names = [str(one.name) for one in [*table.constraints, *table.indexes]]
    assert not [name for name in [table.name, *table.columns.keys(), *names] if "leaf" in name]
