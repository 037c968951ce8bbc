"""Someone who acts for two certifying bodies chooses one; a form acts for the body its page was shown for."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.certification.models import Certification
from tests import factories
from tests.certification.draft_pages import TEXT

HOME, INDEX, IMPORT, CHOOSE = ("/organisme", "/certifications", "/certifications/importer", "/organisme/agir-pour")
NORTH, SOUTH = "Institut du Nord", "École du Sud"


@pytest.fixture
def bodies(client, store) -> tuple[UUID, UUID]:
    """Hélène acts for both, and is connected."""
    with store.transaction() as session:
        north, south = factories.body(session, NORTH), factories.body(session, SOUTH)
        south.created_at += timedelta(days=1)
        helene = factories.certifier(session, north.id)
        session.add(CertifyingBodyMember(body_id=south.id, person_id=helene.id))
    client.log_in(helene.email, factories.PASSWORD)
    return north.id, south.id


def choose(client, body: UUID):
    return client.send(CHOOSE, {"acting_for": str(body)}, form=HOME)


def owners(store) -> list[UUID]:
    with store.reader() as session:
        return list(session.scalars(select(Certification.body_id)))


def test_one_body_at_a_time_and_the_page_says_which(client, bodies):
    page = client.page(HOME)
    assert page.headings[0] == NORTH
    assert f"Passer à {SOUTH}" in page.text
    assert f"Vous agissez pour {NORTH}" in client.page(INDEX).text
    answer = choose(client, bodies[1])
    assert answer.status_code == 303
    page = client.page(HOME)
    assert page.headings[0] == SOUTH
    assert f"Vous agissez maintenant pour {SOUTH}" in page.text
    assert f"Vous agissez pour {SOUTH}" in client.page(INDEX).text


def test_a_form_acts_for_the_body_its_page_was_shown_for_whatever_another_window_chose(client, store, bodies):
    north, south = bodies
    shown = client.page(IMPORT)
    hidden = {one["name"]: one.get("value", "") for one in shown.all("input", type="hidden")}
    choose(client, south)
    assert client.post(IMPORT, data=hidden | {"text": TEXT}).status_code == 303
    assert owners(store) == [north]
    assert client.send(IMPORT, {"text": TEXT}).status_code == 303
    assert sorted(owners(store)) == sorted([north, south])


def test_a_body_that_is_not_theirs_does_not_exist_and_one_they_left_is_forgotten(client, store, bodies):
    _north, south = bodies
    with store.transaction() as session:
        other = factories.body(session, "Autre").id
    for foreign in (other, uuid4(), "x"):
        assert client.send(CHOOSE, {"acting_for": str(foreign)}, form=HOME).status_code == 404
        assert client.send(IMPORT, {"text": TEXT, "acting_for": str(foreign)}).status_code == 404
    assert owners(store) == []
    choose(client, south)
    with store.transaction() as session:
        person = session.scalars(select(Person.id).where(Person.name == "Hélène Roche")).one()
        session.delete(session.get_one(CertifyingBodyMember, (south, person)))
    page = client.page(HOME)
    assert page.headings[0] == NORTH
    assert "Passer à" not in page.text
    assert "Vous agissez pour" not in client.page(INDEX).text


def test_whoever_acts_for_one_body_sees_nothing_of_this(client, store):
    with store.transaction() as session:
        helene = factories.certifier(session, factories.body(session, NORTH).id)
    client.log_in(helene.email, factories.PASSWORD)
    assert "acting_for" not in client.get(IMPORT).text
    assert "Vous agissez" not in client.page(HOME).text
