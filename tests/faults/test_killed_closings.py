"""The server is killed at random while minutes are closed and results told: each is there whole, or not at all."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.ledger.recording import SIGNER
from portfolio.on_commit import open_database
from portfolio.signing_key import load_keys
from portfolio.web.clock import now
from tests import factories
from tests.faults.kill_server import Blows, counted
from tests.faults.rows import Rows, rows, written
from tests.faults.running import Nursery, Server, Visitor, encoded
from tests.holdings.ledger_builders import heard
from tests.jury.builders import Scene
from tests.notification.builders import speak

pytestmark = [pytest.mark.both, pytest.mark.slow]

# One blow of four falls on the telling of a result, which writes the letters.
TOLD_EVERY = 4
WARMING = 3


class Act:
    """A form that someone signs: filled once, sent as often as it takes."""

    def __init__(self, person: Visitor, path: str, query: str = "", **more: str) -> None:
        self.person, self.path = person, path
        self.form = person.fields(path + query) | {"password": factories.PASSWORD} | more

    @property
    def another(self) -> dict[str, str]:
        """Return the same, filled again: another sheet, not a second click."""
        return {name: value for name, value in self.form.items() if name != "nonce"}


def closing_of(president: Visitor, scene: Scene) -> Act:
    """Return the closing of minutes, filled once the presidency has stated today as the day of the decision."""
    stated = f"?deliberated_on={day_of(now()):%d/%m/%Y}"
    return Act(president, f"/jurys/{scene.hearing_id}/cloture", stated, sure="y")


@pytest.fixture
def db(database_url: str, tmp_path: Path):
    """Give the database of the server, as the server signs in it."""
    opened = open_database(database_url, {SIGNER: load_keys(tmp_path, "").signer})
    yield opened
    opened.engine.dispose()


@pytest.fixture
def server(nursery: Nursery, db, database_url: str, tmp_path: Path):
    return Server(nursery, tmp_path, DATABASE_URL=database_url, SECRET_KEY="faults")


def act_whole(db: Database, act: Act, blows: Blows) -> Rows:
    """Do it without a blow; answer what it wrote."""
    before, began = rows(db), blows.begin()
    assert act.person.post(act.path, act.form).status == 303
    blows.measure(began)
    return written(before, rows(db))


def act_under_a_blow(db: Database, act: Act, whole: Rows, blows: Blows, refused: int) -> None:
    """Whatever the moment: all there or all absent; the same click again makes it whole, once; another sheet
    is told it is done.
    """
    before = rows(db)
    blows.begin()
    (answer,) = blows.strike([act.person.ask("POST", act.path, *encoded(act.form))])
    left = written(before, rows(db))
    assert left in ({}, whole)
    assert answer.status == 0 or (answer.status == 303 and left == whole), "told done, yet not there"
    began = blows.begin()
    again = act.person.post(act.path, act.form)
    assert again.status == 303, (left, again.page.text)
    if not left:
        blows.measure(began)
    assert written(before, rows(db)) == whole
    assert act.person.post(act.path, act.another).status == refused
    assert written(before, rows(db)) == whole


def test_a_closing_cut_anywhere_is_whole_or_absent_and_closes_once(db, server, tmp_path, kills):
    told, closed = kills // TOLD_EVERY, kills - kills // TOLD_EVERY
    made = heard(db, closed + WARMING, apart=True)
    speak(db, made[0])
    keys = load_keys(tmp_path, "")
    with server:
        president = Visitor(server.port).log_in(made[0].president.email, factories.PASSWORD)
        certifier = Visitor(server.port).log_in(made[0].certifier.email, factories.PASSWORD)
        closing, telling = (Blows(server, "idempotency_key", seed=seed) for seed in (1, 2))

        whole_closing = [act_whole(db, closing_of(president, scene), closing) for scene in made[:WARMING]][-1]
        tell = [
            Act(certifier, f"/candidatures/{scene.candidacy_id}/notification/1", step="send")
            for scene in made[:WARMING]
        ]
        whole_telling = [act_whole(db, one, telling) for one in tell][-1]
        assert {
            "minutes",
            "recorded_decision",
            "recorded_finding",
            "block_grant",
            "certificate",
            "award",
            "ledger_entry",
        } <= set(whole_closing)
        assert whole_telling["outgoing_email"] >= 1

        for scene in made[WARMING:]:
            act_under_a_blow(db, closing_of(president, scene), whole_closing, closing, refused=409)
            with db.reader() as session:
                ledger = check(session, keys)
            assert ledger.ok, ledger.difference
        for scene in made[WARMING : WARMING + told]:
            act = Act(certifier, f"/candidatures/{scene.candidacy_id}/notification/1", step="send")
            act_under_a_blow(db, act, whole_telling, telling, refused=409)

    with db.reader() as session:
        assert recompute(session).ok
        assert check(session, keys).ok
        for table, each in ((Minutes, 1), (Grant, 4), (Certificate, 5)):
            assert session.scalar(select(func.count()).select_from(table)) == each * len(made)
    print(counted(closing, telling))
    assert (closing.fell + telling.fell).total() == kills
    assert closing.share_inside > (0.4 if kills > 50 else 0)
