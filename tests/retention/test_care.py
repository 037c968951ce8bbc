"""A column that tells of a person is exported and emptied unless its declaration says otherwise."""

import pytest
from sqlalchemy import Column, Date, DateTime, ForeignKey, Integer, MetaData, String, Table, Text

from portfolio.all_models import metadata
from portfolio.db.care import care, care_of, erased_values
from portfolio.db.engine import Database
from portfolio.domain.account.models import NO_NAME, Person
from portfolio.domain.personal_data.use_cases import load_account
from portfolio.domain.retention.use_cases.erasing import erase_account
from tests import factories
from tests.factories import AT

# Tables whose rows stay after an erasure, emptied.
STAYING = (
    "person", "candidacy", "dossier", "evidence", "evidence_file", "attestation_request", "erasure_request",
)  # fmt: skip


def table_with(*columns: Column) -> Table:
    return Table("account", MetaData(), Column("id", Integer, primary_key=True), *columns)


@pytest.mark.parametrize(
    ("column", "erased"),
    [
        (Column("phone", String(40), nullable=False), {"phone": ""}),
        (Column("phone", String(40)), {"phone": None}),
        (Column("born_on", Date), {"born_on": None}),
        (Column("phone", Text, info=care(erased_as="-")), {"phone": "-"}),
        (Column("phone", Text, info=care(kept="a law asks it")), {}),
        (Column("seen_at", DateTime), {}),
        (Column("body_id", ForeignKey("body.id")), {}),
    ],
)
def test_a_column_is_emptied_unless_it_says_why_it_stays(column: Column, erased: dict[str, object]):
    assert erased_values(table_with(column)) == erased
    assert not care_of(column).is_secret


def test_a_column_that_cannot_be_emptied_and_says_nothing_is_named():
    with pytest.raises(TypeError, match=r"account\.born_on"):
        erased_values(table_with(Column("born_on", Date, nullable=False)))


@pytest.mark.parametrize("name", STAYING)
def test_every_column_of_rows_that_stay_has_its_care(name: str):
    assert erased_values(metadata.tables[name])


def test_a_field_added_to_the_account_is_exported_and_erased(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    db = Database(sqlite_url)
    with db.transaction() as session:
        person_id = factories.person(session, email="samia@exemple.fr").id
        exported = load_account(session, person_id)
        columns = {column.name for column in metadata.tables["person"].columns}
        assert columns - set(exported) == {"password_hash"}
        erase_account(session, person_id, at=AT)
        session.flush()
        row = session.get_one(Person, person_id)
        assert row.name == NO_NAME
        assert row.email == f"efface-{person_id.hex}@efface.invalid"
        assert row.password_hash is None
        assert row.suspended_at == AT
    db.engine.dispose()
