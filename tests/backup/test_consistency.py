"""Check that what an installation holds is signed at one moment, and a restore made by other means is compared with
it.
"""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from portfolio.backup.consistency import compare, make_manifest, read_manifest
from portfolio.backup.repository import BackupKey
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.ledger.checkpoints import digest_past_days
from portfolio.files.storage.local import LocalStore
from portfolio.web.clock import now
from tests.holdings.ledger_builders import KEYS
from tests.integrity.stored_files import keep_files
from tests.jury import builders


@pytest.fixture
def made(app, store):
    made = builders.scene(store)
    keep_files(app, store)
    builders.get_ready(store, made)
    builders.deliberate(store, made)
    builders.close(store, made)
    return made


def written(app, store):
    key = BackupKey.load(app.config["SETTINGS"].data)
    return make_manifest(store, key, now()), key.public


def test_the_same_installation_agrees_with_its_manifest(app, store, made):
    text, public = written(app, store)
    held = read_manifest(text, public)
    found = compare(held, store, app.extensions["files"], app.extensions["keys"])
    assert found.ok
    assert (found.entries, found.files, found.same_files) == (0, 0, True)
    runner = app.test_cli_runner()
    path = app.config["SETTINGS"].data / "manifeste.json"
    assert runner.invoke(args=["consistency-manifest", str(path)]).exit_code == 0
    said = runner.invoke(args=["check-consistency", str(path)])
    assert said.exit_code == 0, said.output
    assert "il contient tout" in said.output
    path.write_text(path.read_text().replace('"entries"', '"Entries"'))
    assert "n’est pas signé" in runner.invoke(args=["check-consistency", str(path)]).output


@pytest.mark.slow
def test_what_came_after_is_counted_and_what_is_lost_is_named(app, store, made):
    text, public = written(app, store)
    held = read_manifest(text, public)
    files, keys = app.extensions["files"], app.extensions["keys"]
    with store.transaction() as session:
        assert digest_past_days(session, at=now())
    later = compare(held, store, files, keys)
    assert (later.ok, later.same_files) == (True, None)
    assert later.entries > 0
    more = replace(held, entries=held.entries + 100)
    assert not compare(more, store, files, keys).ok, "acts of the manifest are lost"
    with store.reader() as session:
        lost = session.scalars(select(EvidenceFile.key)).first()
    files.delete(lost)
    assert not compare(held, store, files, keys).files_agree


def test_nothing_but_the_manifest_itself_is_taken_for_it(app, store, made):
    text, public = written(app, store)
    content, signature = text.splitlines()
    other = json.dumps(json.loads(content) | {"entries": 1}, sort_keys=True)
    assert read_manifest(f"{other}\n{signature}\n", public) is None
    assert read_manifest("", public) is None
    assert read_manifest(text, BackupKey(b"\1" * 32).public) is None


def test_a_manifest_of_postgresql_says_up_to_where_to_restore(postgresql_url, tmp_path):
    from portfolio.db.engine import Database

    database = Database(postgresql_url, {})
    key = BackupKey.load(tmp_path)
    held = read_manifest(make_manifest(database, key, now()), key.public)
    assert "/" in held.position
    assert compare(held, database, LocalStore(tmp_path / "files"), KEYS).ok
    database.engine.dispose()
