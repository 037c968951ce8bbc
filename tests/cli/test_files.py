"""The commands that look after files: the check reads every byte, the sweep removes nothing that a row names."""

import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Integer, String

from portfolio.all_models import metadata
from portfolio.db.engine import database
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import RenditionFailure, RenditionKind, RenditionState
from portfolio.files.integrity.check import IntegrityIssue, IssueKind
from portfolio.files.integrity.references import check_files, key_columns
from portfolio.files.storage.store import new_key
from portfolio.web.clock import now
from tests import factories
from tests.applications import config_for
from tests.object_store import kept_in


@pytest.fixture(params=["local", "s3"])
def config(request, sqlite_url, tmp_path):
    made = config_for(sqlite_url, tmp_path)
    if request.param == "local":
        return made
    bucket = request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}")
    return kept_in(made, bucket)


@pytest.fixture
def files(app):
    return app.extensions["files"]


@pytest.fixture
def pieces(store, files):
    """Return the pieces of a dossier, their files really kept."""
    with store.transaction() as session:
        world = factories.world(session)
        for piece in world.pieces:
            kept = files.save(piece.file.key, io.BytesIO(f"piece {piece.number}".encode()))
            piece.file.size, piece.file.sha256 = kept.size, kept.sha256
        return world.pieces


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


def rot(files, key):
    """Change a byte behind the store's back, as a tired disk does."""
    with files.open(key) as file:
        content = file.read()
    files.delete(key)
    files.save(key, io.BytesIO(bytes([content[0] ^ 1]) + content[1:]))


def test_all_is_well_is_said_with_status_0(run, pieces):
    done = run("check-files")
    assert done.exit_code == 0, done.output
    assert f"{len(pieces)} fichiers relus" in done.stdout
    assert "tout est comme à la réception" in done.stdout
    assert json.loads(run("check-files", "--json").stdout)["ok"] is True


def test_a_changed_a_missing_and_a_stray_file_are_each_found(run, pieces, files):
    changed, missing, orphan = pieces[0].file, pieces[1].file, new_key()
    rot(files, changed.key)
    files.delete(missing.key)
    files.save(orphan, io.BytesIO(b"nobody's"))
    done = run("check-files")
    assert done.exit_code == 1
    assert (
        f"n’est plus celui qui a été reçu\u00a0: {changed.key}, pièce d’un dossier (evidence_file, ligne {changed.id})"
        in done.stderr
    )
    assert f"Ce fichier manque\u00a0: {missing.key}" in done.stderr
    assert f"Aucune ligne ne nomme ce fichier\u00a0: {orphan}" in done.stderr
    assert "3 points à regarder" in done.stderr
    answer = run("check-files", "--json")
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert {name: [one["key"] for one in found[name]] for name in ("changed", "missing", "orphan")} == {
        "changed": [changed.key],
        "missing": [missing.key],
        "orphan": [orphan],
    }


def test_what_was_given_up_is_told_and_tried_again_when_it_is_asked_for(run, pieces, store):
    with store.transaction() as session:
        given = {
            "kind": RenditionKind.PAGES,
            "state": RenditionState.REFUSED,
            "requested_at": now(),
            "finished_at": now(),
        }
        fell = Rendition(file_id=pieces[0].file.id, failure_reason=RenditionFailure.FELL, **given)
        heavy = Rendition(file_id=pieces[1].file.id, failure_reason=RenditionFailure.TOO_HEAVY, **given)
        session.add_all([fell, heavy])
    done = run("check-files")
    assert done.exit_code == 0, "every file is what its rows say"
    assert "abandonnées après plusieurs essais\u00a0: 1 fichier." in done.stdout
    assert json.loads(run("check-files", "--json").stdout)["given_up"] == 1
    assert "Nouvel essai pour 1 fichier" in run("check-files", "--remake").stdout
    with store.reader() as session:
        states = [session.get_one(Rendition, rendition.id).state for rendition in (fell, heavy)]
    assert states == [RenditionState.WAITING, RenditionState.REFUSED], "what is too heavy stays so"
    assert "essai" not in run("check-files").stdout


def test_a_file_that_gets_its_row_during_the_check_is_no_orphan(app, pieces, files, store):
    class Arriving:
        """A store where, while its files are listed, the row of the newest one is written."""

        def __getattr__(self, name):
            return getattr(files, name)

        def keys(self):
            yield from files.keys()
            with store.transaction() as session:
                session.merge(pieces[0]).files[0].key = late.key

    late = files.save(new_key(), io.BytesIO(b"piece 1"))
    old = pieces[0].file.key
    with app.app_context():
        found = check_files(Arriving(), database())
        after = check_files(files, database())
    assert late.key not in {finding.key for finding in found.findings}
    assert after.findings == [IntegrityIssue(IssueKind.ORPHAN, old)]


def test_the_sweep_forgets_what_no_row_names_for_a_day_and_nothing_else(run, pieces, files, monkeypatch):
    orphan = files.save(new_key(), io.BytesIO(b"nobody's")).key
    assert run("sweep-files").stdout.strip() == "Rien à enlever."
    assert files.exists(orphan)
    monkeypatch.setattr("portfolio.run.cli.backups.now", lambda: now() + timedelta(days=2))
    done = run("sweep-files")
    assert (done.exit_code, done.stdout.strip()) == (0, "Enlevés\u00a0: 0 envoi inachevé, 1 fichier que rien ne nomme.")
    assert not files.exists(orphan)
    assert all(files.exists(piece.file.key) for piece in pieces)
    assert run("check-files").exit_code == 0


@pytest.mark.parametrize("config", ["s3"], indirect=True)
def test_a_store_that_does_not_answer_is_said(run, app):
    app.extensions["files"]._bucket = "absent"
    for command in ("check-files", "sweep-files"):
        done = run(command)
        assert done.exit_code == 1
        assert "Les fichiers ne répondent pas." in done.stderr


def test_every_table_that_keeps_a_digest_of_a_file_has_its_key_found():
    found = {column.table.name for column in key_columns()}
    assert {"evidence_file", "sealed_file"} <= found
    # A signed attestation only repeats the digest of its piece's file, which has its key; the source of which a
    # version was read is not kept; the digest of a day of the audit log is one of rows; a
    # certificate of attendance has its bytes in its own row.
    keep_none = {"attestation", "certification_version", "audit_digest", "attendance_certificate"}
    for table in metadata.sorted_tables:
        if table.name not in keep_none and any(column.name.endswith("sha256") for column in table.columns):
            assert table.name in found, f"{table.name}: name the key of its file `key`, or `…_key`"


def test_a_size_and_a_digest_stand_beside_each_key_under_its_prefix():
    for column in key_columns():
        prefix = column.name.removesuffix("key")
        columns = column.table.columns
        assert isinstance(columns[f"{prefix}sha256"].type, String), column
        assert isinstance(columns[f"{prefix}size"].type, Integer), column
