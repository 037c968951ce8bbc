"""The first page of a certifier, of an advisor and of a juror around a session asks ten queries at most."""

import pytest
from sqlalchemy import event

from portfolio.db.engine import Database
from tests import factories
from tests.jury.builders import Scene
from tests.jury.pages import staged
from tests.page import CheckedClient


@pytest.fixture
def made(store: Database) -> Scene:
    """A jury of today, which declared and read."""
    return staged(store)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("certifier", "/organisme"),
        ("certifier", "/sessions"),
        ("certifier", "/sessions?cherche=bordeaux"),
        ("advisor", "/accompagnement"),
        ("advisor", "/accompagnement?cherche=samia"),
        ("president", "/jurys"),
    ],
)
def test_a_page_asks_ten_queries_at_most(
    client: CheckedClient, store: Database, made: Scene, who: str, path: str
) -> None:
    client.log_in(getattr(made, who).email, factories.PASSWORD)
    client.page(path)
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *heard: asked.append(heard[2]))
    assert client.get(path).status_code == 200
    assert 0 < sum("SELECT" in statement for statement in asked) <= 10
