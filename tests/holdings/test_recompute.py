"""Check what `recompute-grants --check` says when someone with the owner's rights wrote or took away a grant: each
kind, by its name.
"""

import json
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.use_cases.recompute import DiscrepancyKind, recompute
from tests import factories
from tests.holdings.insider import insider, put, table
from tests.holdings.ledger_builders import heard, signing
from tests.jury.builders import close

pytestmark = pytest.mark.both

FORGED = date(2019, 1, 1)


def whole(url):
    """A whole certification, granted by one jury."""
    database = signing(url)
    (made,) = heard(database, 1)
    close(database, made)
    database.engine.dispose()


@pytest.fixture
def db(database_url, stories):
    stories.begin(database_url, "a whole", whole)
    database = signing(database_url)
    yield database
    database.engine.dispose()


def one_of(session: Session, name: str, **values: object) -> dict[str, object]:
    query = select(table(name))
    for column, value in values.items():
        query = query.where(table(name).c[column] == value)
    return dict(session.execute(query.limit(1)).mappings().one())


def forget(session: Session, name: str, row: object) -> None:
    session.execute(delete(table(name)).where(table(name).c.id == row))


def a_grant_is_taken_away(session: Session) -> None:
    award = one_of(session, "award")
    grants = select(table("block_grant").c.id).where(table("block_grant").c.id != award["completed_by"])
    forget(session, "block_grant", session.scalars(grants).first())


def a_grant_is_forged(session: Session) -> None:
    refused = put_refused(session)
    assert refused is not None


def put_refused(session: Session) -> object:
    """A decision turned into a refusal afterwards: its grant is founded on nothing."""
    decision = one_of(session, "recorded_decision")
    put(session, "recorded_decision", decision["id"], outcome="not_validated", reason="Inventée.")
    return decision["block_id"]


def a_grant_is_dated_back(session: Session) -> None:
    put(session, "block_grant", one_of(session, "block_grant")["id"], granted_on=FORGED)


def the_whole_is_taken_away(session: Session) -> None:
    award = one_of(session, "award")
    session.execute(delete(table("certificate")).where(table("certificate").c.award_id == award["id"]))
    forget(session, "award", award["id"])


def a_whole_is_dated_back(session: Session) -> None:
    put(session, "award", one_of(session, "award")["id"], obtained_on=FORGED)


def a_whole_is_dated_when_a_block_had_lapsed(session: Session) -> None:
    award = one_of(session, "award")
    day = award["obtained_on"] + timedelta(days=60)
    first, second = session.scalars(
        select(table("block").c.id)
        .where(table("block").c.version_id == award["version_id"])
        .order_by(table("block").c.number)
        .limit(2)
    )
    put(session, "block", first, validity_months=1)
    candidacy = one_of(session, "candidacy", candidate_id=award["person_id"])
    acquire_row(session, candidacy["id"], award["person_id"], second, day)
    put(session, "award", award["id"], obtained_on=day)


def acquire_row(session: Session, candidacy_id: UUID, person_id: UUID, block_id: UUID, on: date) -> None:
    file = {"file_key": "k", "file_name": "n", "file_mime": "m", "file_size": 1, "file_sha256": "ab" * 32}
    named = {"candidacy_id": candidacy_id, "person_id": person_id, "block_id": block_id, "acquired_on": on}
    session.add(
        Acquisition(**named, **file, id=uuid4(), obtained_at="Lyon", verified_by=person_id, verified_at=factories.AT)
    )
    session.flush()


def a_certificate_is_taken_away(session: Session) -> None:
    certificate = table("certificate")
    forget(
        session,
        "certificate",
        session.scalars(select(certificate.c.id).where(certificate.c.award_id.is_not(None))).one(),
    )


def a_certificate_says_another_day(session: Session) -> None:
    row = one_of(session, "certificate")
    put(session, "certificate", row["id"], printed_text={**row["printed_text"], "delivered_on": "2019-01-01"})


DEEDS: list[tuple[Callable[[Session], None], DiscrepancyKind]] = [
    (a_grant_is_taken_away, DiscrepancyKind.GRANT_MISSING),
    (a_grant_is_forged, DiscrepancyKind.GRANT_UNFOUNDED),
    (a_grant_is_dated_back, DiscrepancyKind.GRANT_DATE),
    (the_whole_is_taken_away, DiscrepancyKind.AWARD_MISSING),
    (a_whole_is_dated_back, DiscrepancyKind.AWARD_UNFOUNDED),
    (a_whole_is_dated_when_a_block_had_lapsed, DiscrepancyKind.AWARD_LAPSED),
    (a_certificate_is_taken_away, DiscrepancyKind.CERTIFICATE_MISSING),
    (a_certificate_says_another_day, DiscrepancyKind.CERTIFICATE_LABELS),
]


@pytest.mark.parametrize(("deed", "gap"), DEEDS, ids=[str(gap) for _deed, gap in DEEDS])
def test_each_kind_of_difference_is_found_by_its_name(db, deed, gap):
    with insider(db) as session:
        assert recompute(session).ok
        deed(session)
        session.flush()
        session.expire_all()
        assert gap in {discrepancy.gap for discrepancy in recompute(session).gaps}


def test_every_kind_of_difference_has_its_deed():
    assert {gap for _deed, gap in DEEDS} == set(DiscrepancyKind)


def test_a_grant_made_up_for_someone_without_a_jury_is_found(db):
    with insider(db) as session:
        model = one_of(session, "block_grant")
        second = {**model, "id": uuid4(), "serial": 2, "granted_on": FORGED}
        session.execute(insert(table("block_grant")).values(second))
        session.expire_all()
        assert DiscrepancyKind.CERTIFICATE_MISSING in {gap.gap for gap in recompute(session).gaps}


def test_the_command_ends_with_one_and_names_the_difference(app, store):
    (made,) = heard(store, 1)
    close(store, made)
    run = app.test_cli_runner().invoke
    well = run(args=["recompute-grants", "--check"])
    assert (well.exit_code, "Aucune différence" in well.output) == (0, True)
    with store.transaction() as session:
        session.connection().exec_driver_sql("DROP TRIGGER block_grant_no_update")
        session.connection().exec_driver_sql("UPDATE block_grant SET granted_on = '2019-01-01'")
    answer = run(args=["recompute-grants", "--check"])
    assert answer.exit_code == 1
    assert "n’a pas la date" in answer.output
    told = json.loads(run(args=["recompute-grants", "--check", "--json"]).output)
    assert told["ok"] is False
    assert "grant_date" in {one["code"] for one in told["differences"]}
    assert run(args=["recompute-grants", "--check", "--json"]).exit_code == 1
