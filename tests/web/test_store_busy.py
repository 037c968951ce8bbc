"""A store that answers nobody for now: a page that says so, with what was typed; then all goes on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, PendingRollbackError
from structlog.testing import capture_logs

from portfolio import create_app
from portfolio.db.engine import Database
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.on_commit import open_database
from tests import factories
from tests.applications import close_app, config_for
from tests.page import CheckedClient, Page
from tests.postgresql import run

WRITTEN = "Vingt ans de cuisine, et la moitié à former les autres."


@pytest.fixture
def texts(store: Database, client: CheckedClient) -> str:
    """Return the page where a candidate, logged in, writes of their career."""
    with store.transaction() as session:
        world = factories.world(session)
    client.log_in(world.candidate.email, factories.PASSWORD)
    return f"/dossiers/{world.candidacy.id}/textes"


@contextmanager
def somebody_writes(store: Database) -> Iterator[None]:
    """Another process holds the write, for longer than one waits."""

    def hurry(connection, _record):
        connection.execute("PRAGMA busy_timeout=20")

    event.listen(store.engine, "connect", hurry)
    store.engine.dispose()
    other = open_database(str(store.engine.url))
    with other.transaction() as session:
        session.connection()
        yield
    other.engine.dispose()
    event.remove(store.engine, "connect", hurry)
    store.engine.dispose()


@contextmanager
def everybody_is_served(store: Database) -> Iterator[None]:
    """Every connection is taken, for longer than one waits."""
    pool = store.engine.pool
    patience, pool._timeout = pool._timeout, 0.05
    with ExitStack() as held:
        for _ in range(pool.size() + pool._max_overflow):
            held.enter_context(store.engine.connect())
        yield
    pool._timeout = patience


@pytest.mark.parametrize("trouble", [somebody_writes, everybody_is_served])
def test_a_store_that_cannot_take_a_text_shows_it_again_and_takes_it_later(
    client: CheckedClient, store: Database, texts: str, trouble: Callable[[Database], AbstractContextManager[None]]
) -> None:
    page = client.page(texts)
    sent = {name: page.hidden(name) for name in ("csrf_token", "revision")} | {"career": WRITTEN, "motivation": ""}
    with trouble(store):
        refused = client.post(texts, data=sent, headers={"Referer": f"http://localhost{texts}"})
    assert refused.status_code == 503
    told = Page(refused.text)
    assert WRITTEN in told.text
    assert told.all("a", href=texts)
    assert client.post(texts, data=sent).status_code == 303
    assert WRITTEN in client.get(texts).text


@contextmanager
def closed(server: str, url: str) -> Iterator[None]:
    """PostgreSQL refuses this database to everybody, and ends who was there."""
    name = make_url(url).database
    run(make_url(server), f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    run(make_url(server), f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    yield
    run(make_url(server), f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_database_that_closes_and_opens_again_needs_no_restart(
    postgresql_server: str, postgresql_url: str, tmp_path: Path
) -> None:
    application = create_app(config_for(postgresql_url, tmp_path))
    application.test_client_class = CheckedClient
    with application.extensions["database"].transaction() as session:
        world = factories.world(session)
    visitor = application.test_client()
    visitor.log_in(world.candidate.email, factories.PASSWORD)
    home = f"/dossiers/{world.candidacy.id}"
    with closed(postgresql_server, postgresql_url):
        told = [visitor.get(path) for path in ("/", home, "/certificats/AB12-CD34")]
        health = visitor.get("/healthz")
    assert (health.status_code, health.json) == (503, {"status": "store_away"}), "a program reads it"
    for answer in told:
        assert answer.status_code == 503
        assert "Ce que vous aviez enregistré est intact" in Page(answer.text).text
    assert visitor.get(home).status_code == 200
    close_app(application)


@pytest.mark.parametrize(
    "error",
    [
        PendingRollbackError("Can't reconnect until invalid transaction is rolled back"),
        InterfaceError("SELECT 1", {}, Exception("the connection is closed"), connection_invalidated=True),
    ],
)
def test_what_follows_in_a_session_that_the_store_has_closed_is_no_fault_of_ours(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def meets_it() -> None:
        raise error

    monkeypatch.setitem(client.application.view_functions, "certifier.home.home", meets_it)
    assert client.get("/").status_code == 503


def test_the_log_tells_of_an_act_once_it_has_committed_and_never_of_one_taken_back(store: Database) -> None:
    def rename(session, name: str) -> None:
        record_event(session, name, ("person", None), by=None, at=factories.AT)

    with capture_logs() as logged:
        with store.transaction() as session:
            rename(session, "account_renamed")
            assert not logged
            with suppress(ValueError), session.begin_nested():
                rename(session, "in_a_savepoint")
                raise ValueError
        with suppress(ValueError), store.transaction() as session:
            rename(session, "on_a_full_disk")
            raise ValueError
    assert [line["event"] for line in logged] == ["account_renamed"]


def test_a_page_asked_for_when_every_connection_is_taken_says_to_wait(
    client: CheckedClient, store: Database, texts: str
) -> None:
    with everybody_is_served(store):
        refused = client.get(texts)
    assert refused.status_code == 503
    assert "dans quelques minutes" in Page(refused.text).text
