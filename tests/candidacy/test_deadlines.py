"""The statutory delays of a body: every one that passed and every near one, on both stores and on its first page."""

import re
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from portfolio.db.engine import Database
from portfolio.domain.admissibility.use_cases.deadline_rulings import rule_on_deadline
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime, months_after
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, Ruling
from portfolio.screens.certifier.home.deadlines import Deadlines, load_deadlines
from portfolio.web.clock import now, today
from tests import factories
from tests.factories import World
from tests.page import CheckedClient


def admissible(db: Database, made: World, name: str, on: date, *, opened: date | None = None) -> Candidacy:
    """A candidacy of the France VAE regime in which nothing is done."""
    with db.transaction() as session:
        person = factories.person(session, name)
        found = factories.candidacy(session, made.version, person)
        found.regime, found.admissible_on = Regime.FRANCE_VAE, on
        found.opened_at = datetime.combine(opened or on, now().timetz())
        return found


def begun(db: Database) -> World:
    """A body whose only candidacy has no statutory delay."""
    with db.transaction() as session:
        world = factories.world(session, filled=False)
        world.candidacy.regime = Regime.CERFA
        return world


@pytest.fixture
def made(db: Database) -> World:
    return begun(db)


def of_body(db: Database, made: World) -> Deadlines:
    with db.reader() as session:
        return load_deadlines(session, made.body.id, today(), limit=9)


LATE, NEAR, FAR = (months_after(today() + timedelta(days=days), -6) for days in (-60, 9, 40))


def test_what_passed_and_what_is_near_is_listed_the_oldest_first(db: Database, made: World) -> None:
    admissible(db, made, "Loin", FAR)
    admissible(db, made, "Proche", NEAR)
    admissible(db, made, "Tard", LATE)
    admissible(db, made, "Plus tard", months_after(today(), -12))
    # Opened here after its delay: nothing waits for it, and it is an overrun all the same.
    admissible(db, made, "Avant", date(2021, 3, 2), opened=today())
    found = of_body(db, made)
    assert [candidacy_deadline.candidate for candidacy_deadline in found.passed] == ["Avant", "Plus tard", "Tard"]
    assert [(candidacy_deadline.candidate, candidacy_deadline.clock.kind) for candidacy_deadline in found.near] == [
        ("Proche", DeadlineKind.FIRST_STEP)
    ]


@pytest.mark.records("delay_ruled")
def test_a_ruling_takes_the_delay_off_the_list(db: Database, made: World) -> None:
    kept, lapsed = admissible(db, made, "Gardée", LATE), admissible(db, made, "Caduque", LATE)
    with db.transaction() as session:
        for candidacy, outcome in ((kept, LapseOutcome.LEGITIMATE), (lapsed, LapseOutcome.LAPSED)):
            ruling = Ruling(DeadlineKind.FIRST_STEP, outcome, "Motif.", today())
            rule_on_deadline(session, candidacy.id, ruling, by=made.certifier.id, at=now())
    assert of_body(db, made) == Deadlines()


def test_the_delays_of_another_body_are_its_own(db: Database, made: World) -> None:
    admissible(db, made, "Tard", LATE)
    with db.transaction() as session:
        other = factories.body(session, "Un autre institut")
        assert load_deadlines(session, other.id, today()) == Deadlines()


def test_one_query_whatever_the_number(db: Database, made: World) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *found: asked.append(found[2]))
    for number in range(12):
        admissible(db, made, f"Personne {number}", LATE)
    asked.clear()
    assert of_body(db, made).passed_count.number == 12
    assert len([one for one in asked if "SELECT" in one]) == 1


def test_seventy_overruns_are_on_the_first_page_counted_with_the_oldest_and_a_list_in_pages(
    client: CheckedClient, store: Database
) -> None:
    world = begun(store)
    for number in range(70):
        admissible(store, world, f"Personne {number:02}", date(2021, 3, 2), opened=today())
    client.log_in(world.certifier.email, factories.PASSWORD)
    text = client.page("/organisme").text.replace("\u00a0", " ")
    assert "Tout est à jour" not in text
    assert "70 délais légaux sont dépassés" in text
    assert "Voir les 70 délais dépassés, sans décision" in text
    pages = [
        set(re.findall(r"Personne \d\d", client.page(f"/organisme/delais?page={number}").text)) for number in (1, 2)
    ]
    assert [len(names) for names in pages] == [50, 20]
    assert len(pages[0] | pages[1]) == 70
    assert "Aucun délai proche" in client.page("/organisme/delais?liste=proches&page=999").text


@pytest.mark.parametrize("query", ["?page=-1", "?page=%C2%B2", "?page=" + "9" * 400, "?liste=nimporte", "?page="])
def test_an_odd_page_is_a_page_all_the_same(client: CheckedClient, store: Database, query: str) -> None:
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert client.get(f"/organisme/delais{query}").status_code == 200
    assert client.get(f"/courriers{query}").status_code == 200


def test_everything_is_up_to_date_only_when_no_row_waits(client: CheckedClient, store: Database) -> None:
    world = begun(store)
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert "Tout est à jour" in client.page("/organisme").text
    with store.transaction() as session:
        found = factories.candidacy(session, world.version, factories.person(session, "Proche"))
        found.regime, found.admissible_on, found.opened_at = Regime.FRANCE_VAE, NEAR, now()
    text = client.page("/organisme").text.replace("\u00a0", " ")
    assert "Tout est à jour" not in text
    assert "1 délai légal se termine bientôt" in text


def test_a_candidacy_whose_first_step_came_in_time_says_nothing_of_a_passed_delay(
    client: CheckedClient, store: Database
) -> None:
    from portfolio.domain.audit_log.use_cases import record_event

    with store.transaction() as session:
        world = factories.world(session, filled=False)
        found = session.get_one(Candidacy, world.candidacy.id)
        found.opened_at = now() - timedelta(days=240)
        found.admissible_on, found.regime = found.opened_at.date(), Regime.FRANCE_VAE
        record_event(
            session, "experience_added", ("experience", found.id), by=found.candidate_id, at=now() - timedelta(days=200)
        )
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert "Délai dépassé" not in client.page(f"/candidatures/{world.candidacy.id}").text
