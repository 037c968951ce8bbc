"""The world of the tests of rights: built once a worker, and put back as it was after each write."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portfolio import create_app
from portfolio.documents import typesetting
from tests import moment
from tests.applications import close_app, config_for
from tests.postgresql import fresh_database
from tests.rights.application import Differences, Installation
from tests.rights.filling import Form, each_form, send, succeeds
from tests.rights.moving import move
from tests.rights.story import build

clock, an_hour_later = moment.clock, moment.an_hour_later
# For the tests of this folder alone.
pytest_runtest_setup, pytest_runtest_teardown = moment.pytest_runtest_setup, moment.pytest_runtest_teardown
# How many people and dossiers a form is tried with.
TRIES = 4


@pytest.fixture(scope="package", autouse=True)
def documents_once() -> Iterator[None]:
    """A document that is typeset again with the same values is the same, byte for byte
    (tests/documents/test_typesetting.py): here each is typeset once.
    """
    made: dict[tuple[object, ...], Any] = {}
    compiler = typesetting._compiler

    def once(template: str, inputs: dict[str, str]) -> Any:
        def compile_once(**asked: Any) -> Any:
            key = template, *sorted(inputs.items()), repr(sorted(asked.items()))
            if key not in made:
                made[key] = compiler(template, inputs).compile(**asked)
            return made[key]

        return SimpleNamespace(compile=compile_once)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typesetting, "_compiler", once)
        yield


@pytest.fixture(scope="package")
def built(
    clock: moment.Clock, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Two bodies on one installation, on SQLite."""
    folder = tmp_path_factory.mktemp("rights")
    shutil.copy(sqlite_template, folder / "acquis.db")
    app = create_app(config_for(f"sqlite:///{folder / 'acquis.db'}", folder))
    made = Installation(app, build(app.extensions["database"], app.extensions["files"]))
    made.keep()
    yield made
    made.close()
    close_app(app)


@pytest.fixture(scope="package")
def elsewhere(built: Installation, postgresql_server: str) -> Iterator[Installation]:
    """Give the same world on PostgreSQL, to be read only."""
    built.restore()
    with fresh_database(postgresql_server) as url:
        app = create_app(config_for(url, built.app.config["SETTINGS"].data))
        move(built.store.engine, app.extensions["database"].engine)
        found = Installation(app, built.world)
        yield found
        found.close()
        close_app(app)


@pytest.fixture
def installed(built: Installation) -> Iterator[Installation]:
    """Give the same, as it was built, whatever a test writes."""
    built.restore()
    yield built
    built.restore()


@dataclass(frozen=True)
class Repeated:
    """Sent a second time, as by a second click: the answer, and the tables that it changed."""

    status: int
    leads_there: bool
    changed: set[str]


@dataclass(frozen=True)
class Found:
    """A form that succeeded, what it was answered, and the rows that it changed."""

    form: Form
    status: int
    differences: Differences
    repeated: Repeated


@pytest.fixture(scope="package")
def found(built: Installation) -> dict[str, Found]:
    """By endpoint, the first form that succeeds when it is filled as a person would, of four finders at most."""
    built.restore()
    working: dict[str, Found] = {}
    before = built.rows()
    tried: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for form in each_form(built, working.keys()):
        finders, who = tried[form.endpoint], (form.person, form.state)
        if form.endpoint in working or who in finders or len(finders) == TRIES:
            continue
        finders.add(who)
        answer = send(built, form)
        if succeeds(form, answer):
            differences, after = built.differences(before), built.digest()
            again = send(built, form)
            repeated = Repeated(again.status_code, again.location == answer.location, built.changed_since(after))
            working[form.endpoint] = Found(form, answer.status_code, differences, repeated)
        built.restore()
    return working


@pytest.fixture(scope="package")
def forms(found: dict[str, Found]) -> dict[str, Form]:
    """Return the forms alone."""
    return {endpoint: one.form for endpoint, one in found.items()}
