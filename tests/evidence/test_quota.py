"""A person, and all the dossiers of a body, have so much room: it is shown before anything is sent, and holds
for each way in.
"""

import io

import pytest
from sqlalchemy import func, select

from portfolio.domain.dossier.models.evidence import Evidence, Upload
from portfolio.domain.dossier.rules.quota import Quota, QuotaRefusal, Quotas
from portfolio.web.clock import now
from tests import factories, samples
from tests.applications import config_for
from tests.factories import PASSWORD
from tests.page import Page

ROOM = 400_000


@pytest.fixture
def limits() -> dict[str, int]:
    return {"person_quota": ROOM}


@pytest.fixture
def config(sqlite_url, tmp_path, limits):
    return config_for(sqlite_url, tmp_path).with_changes(**limits)


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


@pytest.fixture
def candidate(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    return client


def preuves(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves"


def send(client, world, size: int, name: str = "plan.pdf"):
    content = samples.pdf() + bytes(size) + name.encode()
    return client.send(f"{preuves(world)}/ajouter", {"files": [(io.BytesIO(content), name)]})


def announce(client, world, size: int, mark: str = "x"):
    token = client.page(f"{preuves(world)}/ajouter").all("input", name="csrf_token")[0]["value"]
    said = {"name": "film.wav", "size": str(size), "mark": mark, "csrf_token": token}
    return client.post(f"/dossiers/{world.candidacy.id}/envois", data=said)


def pieces(store) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(Evidence))


def test_no_limit_admits_everything_and_a_limit_its_last_byte():
    assert Quota(0, 10**15).admits(10**15)
    assert Quota(0, 5).room is None
    assert Quota(10, 4).admits(6)
    assert not Quota(10, 4).admits(7)
    assert Quota(10, 14).room == 0


def test_the_quota_of_the_person_is_refused_first_and_the_least_room_is_shown():
    both = Quotas(Quota(10, 8), Quota(10, 9))
    assert (both.refusal(1), both.refusal(2), both.refusal(3)) == (None, QuotaRefusal.BODY, QuotaRefusal.PERSON)
    assert both.room == 1
    assert Quotas(Quota(0, 1), Quota(0, 1)).room is None


def test_the_room_left_is_shown_before_a_file_is_chosen_once_little_is_left(candidate, world):
    assert "de place sur" not in candidate.page(f"{preuves(world)}/ajouter").text, "with room to spare"
    assert send(candidate, world, 330_000).status_code == 303
    assert "Il vous reste 69" in candidate.page(f"{preuves(world)}/ajouter").text


def test_a_file_beyond_the_room_left_is_refused_on_its_form_and_nothing_of_it_stays(candidate, world, store):
    assert send(candidate, world, 300_000).status_code == 303
    refused = send(candidate, world, 120_000, "autre.pdf")
    assert refused.status_code == 409
    assert "il vous reste 99" in Page(refused.text).text
    assert pieces(store) == 1


def test_an_upload_on_its_way_holds_its_room(candidate, world, store):
    assert announce(candidate, world, 300_000).status_code == 200
    refused = announce(candidate, world, 120_000, "y")
    assert refused.status_code == 409
    assert "il vous reste" in refused.json["sentence"]
    assert send(candidate, world, 120_000).status_code == 409
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 1
    assert announce(candidate, world, 300_000).status_code == 200, "the same one goes on"


def test_a_new_version_counts_beside_the_one_before(candidate, world, store):
    assert send(candidate, world, 300_000).status_code == 303
    with store.reader() as session:
        piece = session.scalars(select(Evidence.id)).one()
    content = samples.pdf() + bytes(120_000)
    refused = candidate.send(f"{preuves(world)}/{piece}/fichier", {"file": (io.BytesIO(content), "plan.pdf")})
    assert refused.status_code == 409
    assert "il vous reste" in Page(refused.text).text


@pytest.mark.parametrize("limits", [{"person_quota": 0, "body_quota": ROOM}])
def test_the_candidacies_of_one_body_share_its_room_and_those_of_another_do_not(candidate, world, store):
    with store.transaction() as session:
        for body_id, size in ((world.body.id, 300_000), (factories.body(session).id, 80_000)):
            version = world.version if body_id == world.body.id else factories.published_version(session, body_id)
            other = factories.candidacy(session, session.merge(version), factories.person(session))
            session.add(
                Upload(candidacy_id=other.id, fingerprint="x", name="x", size=size, started_at=now(), changed_at=now())
            )
    shown = candidate.page(f"{preuves(world)}/ajouter").text
    assert "Votre organisme certificateur n’a plus que 100 ko de place pour tous ses dossiers." in shown
    refused = send(candidate, world, 120_000)
    assert refused.status_code == 409
    assert "Prévenez votre organisme certificateur" in Page(refused.text).text
    assert pieces(store) == 0
