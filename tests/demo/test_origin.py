"""The demonstration works on a database that it made, and changes no other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from demo import origin, scenarios, seed
from demo.origin import Origin, origin_of
from portfolio.db.engine import Database
from portfolio.domain.account.use_cases import create_certifier
from tests import factories
from tests.demo.conftest import NOW
from tools.cluster.__main__ import free_ports

TOP = Path(__file__).parents[2]


@pytest.fixture
def begun(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make the first chapter of the demonstration; return the address of its database."""
    monkeypatch.setattr(seed, "CHAPTERS", (scenarios.begins,))
    with app.app_context():
        seed.tell_once(NOW)
    return str(app.config["SETTINGS"].database_url)


def _found_body(store: Database) -> None:
    with store.transaction() as session:
        create_certifier(session, "vous@exemple.fr", "Jeanne Autre", "Institut des marées", "Brest", at=NOW)


@pytest.mark.records("demonstration_made")
def test_a_database_of_the_demonstration_is_known(begun):
    assert origin_of(begun) is Origin.DEMONSTRATION


def test_a_demonstration_that_stops_at_once_is_known(app, monkeypatch):
    monkeypatch.setattr(seed, "CHAPTERS", ())
    with app.app_context():
        seed.tell_once(NOW)
    assert origin_of(app.config["SETTINGS"].database_url) is Origin.DEMONSTRATION


def test_a_demonstration_made_before_there_was_a_mark_is_known(app, monkeypatch):
    monkeypatch.setattr(origin, "mark", lambda *_, **__: None)
    monkeypatch.setattr(seed, "CHAPTERS", (scenarios.begins,))
    with app.app_context():
        seed.tell_once(NOW)
    assert origin_of(app.config["SETTINGS"].database_url) is Origin.DEMONSTRATION


def test_a_demonstration_with_a_body_of_ones_own_is_known_as_both(begun, store):
    _found_body(store)
    assert origin_of(begun) is Origin.SHARED


def test_a_database_where_people_work_is_another(app, store):
    assert origin_of(app.config["SETTINGS"].database_url) is Origin.EMPTY
    with store.transaction() as session:
        factories.person(session, "Hélène Roche", "helene.roche@exemple.fr")
    assert origin_of(app.config["SETTINGS"].database_url) is Origin.OTHER


def test_a_database_that_is_not_there_is_empty_and_is_not_made(tmp_path):
    assert origin_of(f"sqlite:///{tmp_path / 'acquis.db'}") is Origin.EMPTY
    assert not list(tmp_path.iterdir())


def _refused(data: Path, *command: str, **settings: str) -> str:
    """Return the only line that a command of the demonstration says before it ends with status 1."""
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=TOP, capture_output=True, text=True, timeout=120,
        env=os.environ | {"DATA": str(data), "PORT": str(free_ports(1)[0]), "DEMO": "1"} | settings,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout
    [line] = ended.stderr.splitlines()
    return line


@pytest.fixture
def own(sqlite_template: Path, tmp_path: Path) -> Path:
    """Return a data folder where a body works, without the demonstration."""
    data = tmp_path / "own"
    data.mkdir()
    (data / "acquis.db").write_bytes(sqlite_template.read_bytes())
    (data / "files").mkdir()
    (data / "files" / "preuve").write_text("gardée")
    store = Database(f"sqlite:///{data / 'acquis.db'}")
    _found_body(store)
    store.engine.dispose()
    return data


@pytest.mark.parametrize(
    "command",
    [
        ("portfolio.run.bootstrap", "prepare"),
        ("portfolio.run.bootstrap", "serve", "8000"),
        ("flask", "--app", "wsgi", "work"),
    ],
    ids=["prepare", "serve", "work"],
)
def test_the_database_of_a_body_is_refused_before_anything_is_written(own, command):
    before = (own / "acquis.db").read_bytes()
    said = _refused(own, *command)
    assert "n’a pas été faite par la démonstration" in said
    assert "make run DEMO=0" in said
    assert (own / "acquis.db").read_bytes() == before


@pytest.mark.slow
def test_the_folder_of_a_body_is_never_emptied(own, tmp_path):
    assert "n’a pas été faite" in _refused(own, "portfolio.run.bootstrap", "--again")
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path / 'else.db'}"}
    assert "n’est pas vidée" in _refused(own, "portfolio.run.bootstrap", "--again", **elsewhere)
    assert (own / "files" / "preuve").read_text() == "gardée"
    assert (own / "acquis.db").exists()
