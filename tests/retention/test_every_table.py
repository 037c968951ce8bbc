"""Every row that leads to a dossier or to a person goes with it, unless its table declares otherwise."""

from uuid import uuid4

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text, Uuid

from portfolio.all_models import metadata
from portfolio.db.care import (
    CARE,
    append_only_tables,
    care,
    erasable_words,
    exported_tables,
    no_fact,
    paths_to_person,
    recorded,
    table_care,
)  # fmt: skip
from portfolio.db.engine import Base
from portfolio.domain.candidacy.rules.stage import Extent
from portfolio.domain.retention.use_cases import erased_rows
from portfolio.domain.retention.use_cases.erased_rows import Scope

IDS = [uuid4()]
WHOLE = Scope(IDS[0], IDS, IDS, IDS, IDS, IDS, IDS, IDS, IDS).rows


def deleted(rows: dict[str, list[object]], extent: Extent = Extent.WHOLE) -> set[str]:
    """Return the tables from which an erasure deletes."""
    executed: list[str] = []

    class Recorder:
        def execute(self, statement: object) -> None:
            executed.append(statement.table.name)  # type: ignore[attr-defined]

    erased_rows.delete_rows(Recorder(), rows, extent)  # type: ignore[arg-type]
    return {*executed}


def unerased(tables: dict[str, Table]) -> list[str]:
    """Return the tables that lead to a person, and that no erasure empties, deletes from, or has a reason to keep."""
    gone = deleted(WHOLE) | deleted({"person": IDS}) | set(erasable_words())
    cares = {name: table_care(tables[name]) for name in paths_to_person()}
    return [name for name, care in cares.items() if name not in gone and not (care.kept or care.is_emptied)]


def test_every_table_that_leads_to_a_person_is_erased_or_kept_for_a_reason():
    left = unerased(metadata.tables)
    assert not left, (
        f"{', '.join(left)}: say in its `__care__` why an erasure keeps these rows, or what words of them go"
    )


def test_what_an_erasure_deletes_is_told_by_nothing_that_stays():
    assert "minutes" not in deleted(WHOLE)
    assert deleted(WHOLE, Extent.DRAFTS) < deleted(WHOLE)
    assert {"claim", "message", "page_image", "search_entry"} <= deleted(WHOLE, Extent.DRAFTS)
    assert {"juror_note", "member_vote", "return_request"} <= deleted(WHOLE)
    assert {"passkey", "access_record", "provider_session", "juror_conflict"} <= deleted({"person": IDS})
    assert not (deleted(WHOLE) | deleted({"person": IDS})) & {
        *append_only_tables(),
        "certifying_body_member",
        "hearing",
    }


def copied() -> MetaData:
    """Return the tables of the product, to which a test adds its own."""
    copy = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(copy)
    return copy


@pytest.mark.parametrize("link", ["candidacy", "hearing", "evidence_file", "person"])
def test_a_new_table_that_leads_to_a_person_is_exported_and_erased(monkeypatch: pytest.MonkeyPatch, link: str):
    copy = copied()
    owner = "person_id" if link == "person" else f"{link}_id"
    Table(
        "diary",
        copy,
        Column("id", Uuid, primary_key=True),
        Column(owner, ForeignKey(f"{link}.id")),
        Column("text", Text),
    )
    monkeypatch.setattr(Base, "metadata", copy)
    monkeypatch.setattr("portfolio.db.care.paths_to_person", paths_to_person.__wrapped__)
    assert "diary" in exported_tables()
    assert "diary" in deleted({"person": IDS} if link == "person" else WHOLE)


def test_an_append_only_table_of_a_person_says_what_words_go(monkeypatch: pytest.MonkeyPatch):
    copy = copied()

    def columns(**info: object) -> tuple[Column, ...]:
        link = Column("candidacy_id", ForeignKey("candidacy.id"))
        return Column("id", Uuid, primary_key=True), link, Column("text", Text, **info)

    Table("silent", copy, *columns(), info={CARE: recorded("acte")})
    Table("blanked", copy, *columns(info=care(erased_as="")), info={CARE: recorded("acte")})
    Table("spared", copy, *columns(), info={CARE: no_fact("a note", kept="a law asks it")})
    monkeypatch.setattr(Base, "metadata", copy)
    for name in ("paths_to_person", "append_only_tables"):
        monkeypatch.setattr(f"portfolio.db.care.{name}", globals()[name].__wrapped__)
    monkeypatch.setitem(globals(), "paths_to_person", paths_to_person.__wrapped__)
    assert unerased(copy.tables) == ["silent"]
