"""Each column of each fact, changed by the owner of the database: found and named; a table that nobody
classified is told.
"""

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.all_models import metadata
from portfolio.db.care import covered_tables, recorded_tables, table_care, tracked_tables
from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.sessions import JuryMember, JuryMemberAffiliation, JurySession
from portfolio.domain.jury.rules.enums import AffiliationKind, College, OrganisationKind
from portfolio.domain.ledger.recording import erase_rows, table_named
from portfolio.domain.ledger.rules.comparing import Change, Difference
from portfolio.domain.ledger.tracking import backfill
from portfolio.wording.ledger import difference_message
from tests import factories
from tests.holdings.insider import alter, insider, keys_of, make_up, put, table, value_of, with_acts
from tests.holdings.ledger_builders import KEYS, heard
from tests.holdings.ledger_stores import kept_stores
from tests.jury.builders import ON_THE_DAY, close
from tests.thoroughness import EXHAUSTIVE, in_turn, one_in

LATER = ON_THE_DAY + timedelta(days=400)
# Columns whose change is met first where another table says the same.
MET_ELSEWHERE = {("ledger_erasure", "seq")}  # what the erasure made lawful is met first


def _name_substitute(session: Session, session_id: UUID, rank: int = 1) -> JuryMember:
    tie = JuryMemberAffiliation(
        kind=AffiliationKind.EMPLOYMENT,
        organisation_kind=OrganisationKind.CERTIFIER,
        organisation="Institut de l’exemple",
    )
    member = JuryMember(
        session_id=session_id,
        person_id=factories.person(session, f"Nadia Suppléante {rank}").id,
        seat=Seat.TEACHER_TRAINER,
        rank=rank,
        college=College.NONE,
        in_activity=True,
        is_director=False,
        is_qualified=True,
        ties=[tie],
    )
    session.add(member)
    session.flush()
    return member


def _fill(database: Database) -> None:
    """Three dossiers sealed, two of them judged; a substitute with a tie is named after the first closing."""
    made = heard(database, 3)
    close(database, made[0])
    with database.transaction() as session:
        _name_substitute(session, made[0].session_id)
    close(database, made[1])


kept_sqlite, kept_postgresql, db = kept_stores(_fill)


def found(session: Session) -> Difference:
    session.flush()
    session.expire_all()
    difference = check(session, KEYS).difference
    assert difference is not None
    assert difference_message(difference)
    return difference


def test_every_table_is_covered_by_the_ledger_or_says_why_it_holds_no_fact():
    cares = {name: table_care(table) for name, table in metadata.tables.items()}
    silent = [name for name, care in cares.items() if not (care.is_recorded or care.is_tracked or care.no_fact)]
    assert not silent, (
        f"{', '.join(silent)}: nothing says whether the rows of this table are facts. Give its class a `__care__`: `recorded` "
        "if its rows are written once with an act that a use case appends to the ledger, `tracked` if they become facts and "
        "may still change, `no_fact` with the reason otherwise (portfolio/db/care.py)."
    )
    assert all(care.is_recorded + care.is_tracked + bool(care.no_fact) == 1 for care in cares.values())


@pytest.mark.parametrize("name", covered_tables())
def test_the_ledger_can_name_the_rows_of_every_table_of_facts(name):
    assert "id" in table(name).c, (
        f"{name}: a fact needs a column `id`, under which the ledger records it (see `Numbered`)"
    )
    assert table_care(table(name)).name, f"{name}: give it its French name in its `__care__`"


@pytest.mark.parametrize("name", [name for name, link in tracked_tables().items() if link is not None])
def test_a_fact_that_belongs_to_another_row_names_one_that_is_tracked(name):
    (key,) = table(name).c[tracked_tables()[name]].foreign_keys
    assert key.column.table.name in tracked_tables()
    assert key.column.name == "id"


@pytest.mark.slow
def test_the_store_holds_what_was_written(db):
    with db.reader() as session:
        answer = check(session, KEYS)
        for name in (
            "submission",
            "sealed_file",
            "submitted_block",
            "member_attendance",
            "jury_member",
            "hearing",
            "competency",
        ):
            assert keys_of(session, name), name
    assert answer.difference is None


def _columns_of_new_types() -> dict[str, list[str]]:
    """By table, its columns of a type that few columns of the tables before have: a row is read by types."""
    seen: Counter[str] = Counter()
    chosen: dict[str, list[str]] = {}
    for name in covered_tables():
        for column in table(name).columns:
            seen[repr(column.type)] += 1
            if EXHAUSTIVE or seen[repr(column.type)] <= 3:
                chosen.setdefault(name, []).append(column.name)
    return chosen


NEW_TYPES = _columns_of_new_types()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "db"),
    one_in(3, [(name, "sqlite") for name in covered_tables()]) + [(name, "postgresql") for name in NEW_TYPES],
    indirect=["db"],
)
def test_every_column_of_every_fact_changed_by_the_owner_of_the_database_is_found_and_named(db, name):
    """One column at a time, each taken back before the next; on PostgreSQL, some columns of each type."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    columns = [column.name for column in table(name).columns] if is_sqlite else NEW_TYPES[name]
    missed = {}
    with insider(db) as session:
        with_acts(session, name)
        for column in columns:
            with session.begin_nested() as changed:
                row = _change(session, name, column)
                seen = found(session)
                changed.rollback()
            told = (seen.change, seen.table, seen.row, seen.column)
            if told != (Change.COLUMN_CHANGED, name, row.hex, column) and (name, column) not in MET_ELSEWHERE:
                missed[column] = told
    assert not missed


def _change(session: Session, name: str, column: str) -> UUID:
    """Change a column of the first row, from the middle on, that the unique keys of the table let change."""
    keys = keys_of(session, name)
    for row in [*keys[len(keys) // 2 :], *keys]:
        try:
            with session.begin_nested():
                if value_of(session, name, row, column) is None:
                    put(session, name, row, **{column: make_up(name)[column]})
                else:
                    alter(session, name, row, column)
        except IntegrityError:
            continue
        return row
    raise AssertionError(f"no row of {name} could be changed")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "db"), one_in(3, in_turn(covered_tables())), indirect=["db"])
def test_a_fact_deleted_by_the_owner_of_the_database_is_found_and_named(db, name):
    with insider(db) as session:
        with_acts(session, name)
        row = keys_of(session, name)[-1]
        session.execute(delete(table(name)).where(table(name).c.id == row))
        seen = found(session)
    assert (seen.change, seen.table, seen.row) == (Change.ROW_DELETED, name, row.hex)


INSERTED = [name for name in tracked_tables() if tracked_tables()[name] or name in ("submission", "attestation")]


@pytest.mark.parametrize(("name", "db"), one_in(3, in_turn(INSERTED)), indirect=["db"])
def test_a_fact_added_by_the_owner_of_the_database_is_found_and_named(db, name):
    with insider(db) as session:
        row = make_up(name)
        link = tracked_tables()[name]
        if link is not None:
            (key,) = table(name).c[link].foreign_keys
            row[link] = keys_of(session, key.column.table.name)[0]
        session.execute(insert(table(name)).values(row))
        seen = found(session)
    assert (seen.change, seen.table, seen.row) == (Change.ROW_INSERTED, name, row["id"].hex)


def test_every_e_of_the_manifests_replaced_is_found(db):
    with insider(db) as session:
        for row in keys_of(session, "submission"):
            manifest = bytes(value_of(session, "submission", row, "manifest"))
            put(session, "submission", row, manifest=manifest.replace(b"e", b"3"))
        seen = found(session)
    assert (seen.change, seen.table, seen.column) == (Change.COLUMN_CHANGED, "submission", "manifest")


def test_a_manifest_changed_before_the_ledger_recorded_it_no_longer_gives_its_root(db):
    with insider(db) as session:
        row = keys_of(session, "submission")[0]
        manifest = bytes(value_of(session, "submission", row, "manifest"))
        put(session, "submission", row, manifest=manifest.replace(b'"title":"', b'"title":"X', 1))
        _forget_facts(session)
        backfill(session, at=LATER)
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.column) == (Change.SEAL_BROKEN, "submission", row.hex, "root")


@pytest.mark.parametrize(
    ("name", "column"), [("sealed_file", "sha256"), ("sealed_file", "key"), ("evidence_file", "size")]
)
def test_a_file_whose_row_was_changed_before_the_ledger_recorded_it_disagrees_with_the_manifest(db, name, column):
    with insider(db) as session:
        row = _change(session, name, column)
        _forget_facts(session)
        backfill(session, at=LATER)
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.column) == (Change.SEAL_BROKEN, name, row.hex, column)


def _forget_facts(session: Session) -> None:
    """The store as an earlier version left it: the ledger tells of the acts alone."""
    acts = session.execute(
        select(table("ledger_entry").c.record_type, table("ledger_entry").c.row_id).order_by("seq")
    ).all()
    for name in ("ledger_checkpoint", "ledger_salt", "ledger_entry"):
        session.execute(delete(table(name)))
    from portfolio.domain.ledger.recording import append_named

    append_named(session, [(act, row.hex) for act, row in acts if table_named(act) in recorded_tables()], at=ON_THE_DAY)


def test_the_facts_that_an_earlier_version_kept_are_recorded_once_and_signed(db):
    with insider(db) as session:
        _forget_facts(session)
        assert found(session).change is Change.ROW_INSERTED
        assert backfill(session, at=LATER) > 0
        assert check(session, KEYS).ok
        assert backfill(session, at=LATER) == 0
        row = _change(session, "competency", "text")
        assert (found(session).table, found(session).row) == ("competency", row.hex)


def test_a_change_that_the_application_makes_is_recorded_and_the_earlier_value_put_back_is_found(db):
    with db.transaction() as session:
        jury = session.get_one(JurySession, keys_of(session, "jury_session")[0])
        before, jury.place = jury.place, "Salle 12"
    with insider(db) as session:
        assert check(session, KEYS).ok
        put(session, "jury_session", jury.id, place=before)
        seen = found(session)
    assert (seen.change, seen.table, seen.row, seen.column) == (
        Change.COLUMN_CHANGED,
        "jury_session",
        jury.id.hex,
        "place",
    )


def test_a_member_removed_by_the_application_is_recorded_and_put_back_by_hand_is_found(db):
    with db.transaction() as session:
        member = _name_substitute(session, keys_of(session, "jury_session")[0], rank=2).id
    with db.transaction() as session:
        session.delete(session.get_one(JuryMember, member))
    with insider(db) as session:
        assert check(session, KEYS).ok
        row = make_up("jury_member") | {"id": member, "session_id": keys_of(session, "jury_session")[0]}
        session.execute(insert(table("jury_member")).values(row))
        seen = found(session)
    assert (seen.change, seen.table, seen.row) == (Change.ROW_INSERTED, "jury_member", member.hex)


def test_what_is_not_yet_a_fact_changes_freely(db):
    """The third candidate waits for the jury: the row of the hearing is not in the ledger yet."""
    with insider(db) as session:
        hearing = table("hearing")
        session.execute(update(hearing).where(hearing.c.closed_at.is_(None)).values(attendance="excused"))
        assert check(session, KEYS).ok


def test_after_an_erasure_a_manifest_may_go_and_the_check_says_erased(db):
    with insider(db) as session:
        row = keys_of(session, "submission")[0]
        erase_rows(session, {"submission": [row]}, by=None, at=LATER)
        put(session, "submission", row, manifest=b"")
        answer = check(session, KEYS)
        assert (answer.ok, answer.erased) == (True, 1)
        put(session, "submission", row, root="0" * 64)
        seen = found(session)
    assert (seen.table, seen.column) == ("submission", "root")


def test_an_entry_about_a_dossier_holds_no_word_of_it(db):
    with db.reader() as session:
        told = [str(row) for row in session.execute(select(table("ledger_entry")))]
        names = session.scalars(select(table("person").c.name)).all()
    for word in [*names, "budget", uuid4().hex]:
        assert not any(word in row for row in told), word
