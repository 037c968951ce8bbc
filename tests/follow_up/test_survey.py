"""Holders are asked by a signed link, reminded twice, and counted; those of blocks alone are none."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.follow_up import use_cases
from portfolio.domain.follow_up.models import FollowUp
from portfolio.domain.follow_up.rules import Answer, Situation, Wave
from tests import factories
from tests.page import CheckedClient
from tests.si_cpf.builders import holder

DAY = date(2026, 3, 20)
MORNING = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
def world(store: Database) -> factories.World:
    return factories.begin_world(store, filled=False)


def letters(store: Database) -> list[str]:
    with store.reader() as session:
        query = select(OutgoingEmail.text).where(OutgoingEmail.kind == "survey").order_by(OutgoingEmail.created_at)
        return list(session.scalars(query))


def ask(store: Database, world: factories.World, key: str = "k", at: datetime = MORNING) -> int:
    with store.transaction() as session:
        return use_cases.ask_holders(session, world.body.id, key, at=at)


def test_a_holder_is_asked_once_reminded_twice_and_then_left_alone(store, world):
    with store.transaction() as session:
        holder(session, world, on=DAY)
        blocks = factories.candidacy(session, world.version, factories.person(session, "Zoé Roy"))
        for block in world.version.blocks[:2]:
            factories.held(session, blocks, block.id, DAY)
    sent = [ask(store, world, at=MORNING + timedelta(days=days)) for days in (-30, 0, 1, 14, 15, 28, 29, 60)]
    assert sent == [0, 1, 0, 1, 0, 1, 0, 0]
    assert ["Ce courrier est un rappel" in text for text in letters(store)] == [False, True, True]
    with store.reader() as session:
        found = use_cases.load_rates(session, world.body.id, Wave.M6, MORNING.date())
        assert {key[2]: rates.holders for key, rates in found.items()} == {None: 1, Route.VAE: 1}


@pytest.mark.records("follow_up_answered", "follow_up_refused")
def test_two_routes_are_one_promotion_and_each_its_own(store, world):
    with store.transaction() as session:
        for number in range(3):
            candidacy = holder(session, world, f"Personne {number}", on=DAY)
            candidacy.route = Route.VAE if number else Route.CONTINUING_TRAINING
    assert ask(store, world) == 3
    with store.transaction() as session:
        first, *others = session.scalars(select(FollowUp).order_by(FollowUp.id)).all()
        use_cases.record_answer(session, first, Answer(Situation.EMPLOYED, True), by=None, at=MORNING)
        use_cases.refuse(session, others[0], at=MORNING)
    assert ask(store, world, at=MORNING + timedelta(days=20)) == 1, "neither who answered nor who refused"
    with store.reader() as session:
        found = use_cases.load_rates(session, world.body.id, Wave.M6, MORNING.date())
        whole = found["RNCP16959", 2026, None]
        assert (whole.holders, whole.respondents, whole.employed) == (3, 1, 1)
        assert sum(found["RNCP16959", 2026, route].holders for route in (Route.VAE, Route.CONTINUING_TRAINING)) == 3


@pytest.mark.records("follow_up_turned")
def test_the_pages_ask_count_and_stop(client: CheckedClient, store: Database, world):
    with store.transaction() as session:
        holder(session, world, on=DAY)
        holder(session, world, "Inès Martin", on=DAY)
    key = str(client.application.config["SECRET_KEY"])
    assert ask(store, world, key) == 2
    links = [re.search(r"/enquete/\S+", text)[0] for text in letters(store)]
    assert client.get(links[0][:-1] + "0").status_code in (200, 404)
    assert client.get(links[0].rsplit("/", 1)[0] + "/" + "0" * 32).status_code == 404
    assert client.send(links[0], {"gross_pay": "beaucoup"}).status_code == 422
    told = {
        "situation": "employed",
        "in_target_job": "oui",
        "contract": "permanent",
        "gross_pay": "32 000",
        "employer": "Alma",
    }
    assert "Merci" in client.send(links[0], told).text
    assert "Vous avez déjà répondu" in client.page(links[0]).text
    assert "Alma" not in client.page(links[0]).text
    client.log_in(world.certifier.email, factories.PASSWORD)
    page = client.page("/organisme/insertion")
    assert "1 sur 2, 50 %" in page.text
    call = next(a["href"] for a in page.all("a") if re.fullmatch(r"/organisme/insertion/[0-9a-f-]{36}", a["href"]))
    assert client.send(call, {}).status_code == 422
    assert client.send(call, {"situation": "seeking"}).status_code == 303
    table = client.get("/organisme/insertion/renouvellement.csv").text
    assert ";6;2;2;100;1;2;50;1;2;50;0" in table
    assert "Enquête" in client.page("/organisme/insertion").text
    assert client.send("/organisme/insertion", {"etat": "oui"}).status_code == 303
    with store.reader() as session:
        assert use_cases.list_asking_bodies(session) == [world.body.id]
        assert session.scalars(select(FollowUp.typed_by).where(FollowUp.typed_by.is_not(None))).all() == [
            world.certifier.id
        ]
    assert "plus de questions" in client.send(f"{links[1]}/arret", {}, form=links[1]).text
    assert client.get(links[1]).status_code == 404
