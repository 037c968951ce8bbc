"""Check what counts as opening something of somebody else, from the pages themselves."""

import pytest
from sqlalchemy import event, select

from portfolio.domain.access_monitoring.models import AccessRecord, BulkAccessAlert
from portfolio.domain.email.models import OutgoingEmail
from tests import factories


@pytest.fixture
def world(store):
    return factories.begin_world(store)


def kept(store):
    with store.reader() as session:
        return list(session.scalars(select(AccessRecord).order_by(AccessRecord.seq)))


def test_an_advisor_who_opens_dossiers_and_files_is_counted_and_the_candidate_never(app, client, world, store):
    app.config["SETTINGS"] = app.config["SETTINGS"].with_changes(reading_people=0, reading_files=2)
    path, pieces = world.candidacy.id, [one.id for one in world.pieces[:3]]
    own = client
    own.log_in(world.candidate.email, factories.PASSWORD)
    for url in (f"/dossiers/{path}", f"/dossiers/{path}/preuves/{pieces[0]}"):
        assert own.get(url).status_code == 200
    assert kept(store) == []

    reader = app.test_client()
    reader.log_in(world.advisor.email, factories.PASSWORD)
    for _ in range(2):
        assert reader.get(f"/accompagnement/{path}").status_code == 200
        assert reader.get(f"/dossiers/{path}").status_code == 200
        assert reader.get(f"/dossiers/{path}/preuves/{pieces[0]}").status_code == 200
    assert reader.get(f"/dossiers/{path}/preuves/{world.advisor.id}").status_code == 404
    assert reader.get("/accompagnement").status_code == 200
    seen = kept(store)
    assert [(one.reader_id, one.body_id, one.subject_id) for one in seen] == [
        (world.advisor.id, world.body.id, world.candidate.id)
    ] * 2
    assert [bool(one.resource_hash) for one in seen] == [False, True]

    for piece in pieces[1:]:
        assert reader.get(f"/dossiers/{path}/preuves/{piece}").status_code == 200
    with store.reader() as session:
        assert session.scalars(select(BulkAccessAlert)).one().files == 3
        told = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == world.certifier.id)).one()
    assert "Bulletin" not in told.text


def test_a_page_opened_again_writes_nothing_and_a_store_that_refuses_takes_no_page_away(app, client, world, store):
    client.log_in(world.advisor.email, factories.PASSWORD)
    url = f"/accompagnement/{world.candidacy.id}"
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refused BEFORE INSERT ON access_record BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    assert client.get(url).status_code == 200
    asked = []

    def listen(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", listen)
    assert client.get(url).status_code == 200
    assert not [one for one in asked if "access_record" in one]
