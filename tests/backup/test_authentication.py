"""Whoever writes in the folder of the backups, and reads all that is there, makes no backup that a restore takes."""

import io
import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from pyrage import x25519

from portfolio import create_app
from portfolio.backup.create import create_backup
from portfolio.backup.encryption import Recipient, write_copy
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.repository import KEY_FILE, MANIFEST, SIGNATURE, BackupKey, choose_public_key
from portfolio.backup.restore import choose_backup, restore_backup
from portfolio.files.storage.store import digest_of
from portfolio.wording.backup import failure_message, restore_messages
from tests.applications import config_for
from tests.backup.conftest import CANARY, DAY


@pytest.fixture
def config(sqlite_url, tmp_path):
    """Settings of one installation, on SQLite and its folder."""
    made = config_for(sqlite_url, tmp_path / "live")
    made.data.mkdir(exist_ok=True)
    return made


@pytest.fixture
def empty(tmp_path):
    data = tmp_path / "second"
    data.mkdir()
    return config_for(f"sqlite:///{data / 'acquis.db'}", data)


def refused(empty, repository, public):
    with pytest.raises(BackupError) as stopped:
        restore_backup(empty, repository, choose_backup(repository), (), public)
    assert failure_message(stopped.value)
    return stopped.value.failure


def forge(repository, folder):
    """Put another database there, and write its digest in the manifest."""
    path = folder / "database.sqlite3"
    path.write_bytes(path.read_bytes() + b"\0")
    with path.open("rb") as content:
        size, sha256 = digest_of(content)
    manifest = json.loads((folder / MANIFEST).read_text())
    part = {"size": size, "sha256": sha256, "stored_size": size, "stored_sha256": sha256}
    manifest["parts"][path.name] = part
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_the_key_that_signs_is_in_no_backup(here, repository):
    create_backup(here, repository, None, DAY)
    seed = (here.config.data / KEY_FILE).read_bytes()
    assert all(seed not in path.read_bytes() for path in repository.root.rglob("*") if path.is_file())


def test_a_forged_backup_is_refused_signed_or_not(here, empty, repository):
    public = BackupKey.load(here.config.data).public
    create_backup(here, repository, None, DAY)
    folder = choose_backup(repository).folder
    forge(repository, folder)
    assert refused(empty, repository, public) is BackupFailure.NOT_OURS
    # The attacker's own key, then the ledger's, which a clear backup holds.
    for seed in (bytes(32), BackupKey.load(folder).seed):
        signature = BackupKey(seed).sign((folder / MANIFEST).read_bytes())
        (folder / SIGNATURE).write_text(signature)
        assert refused(empty, repository, public) is BackupFailure.NOT_OURS
    (folder / SIGNATURE).write_text("é")
    assert refused(empty, repository, public) is BackupFailure.NOT_OURS
    (folder / SIGNATURE).unlink()
    assert refused(empty, repository, public) is BackupFailure.UNSIGNED
    assert not list(create_app(empty).extensions["files"].keys())


def test_an_older_backup_under_a_newer_name_is_refused(here, empty, repository):
    create_backup(here, repository, None, DAY)
    folder = choose_backup(repository).folder
    shutil.copytree(folder, folder.with_name((DAY + timedelta(days=9)).strftime("%Y%m%dT%H%M%SZ")))
    assert refused(empty, repository, BackupKey.load(here.config.data).public) is BackupFailure.NOT_OURS


def test_an_encrypted_file_put_in_the_place_of_another_is_not_restored(here, empty, repository):
    identity = x25519.Identity.generate()
    recipient = Recipient.parse(str(identity.to_public()))
    create_backup(here, repository, recipient, DAY)
    path = sorted(repository.root.glob("files-*/**/*.age"))[0]
    write_copy(io.BytesIO(CANARY + b"X"), path, recipient)
    public = BackupKey.load(here.config.data).public
    found = restore_backup(empty, repository, choose_backup(repository), [identity], public)
    assert found.damaged == [
        path.relative_to(path.parents[len(path.relative_to(repository.root).parts) - 2]).as_posix().removesuffix(".age")
    ]


def test_what_somebody_adds_to_the_journal_is_in_no_later_backup(here, empty, repository):
    identity = x25519.Identity.generate()
    recipient = Recipient.parse(str(identity.to_public()))
    made = create_backup(here, repository, recipient, DAY)
    listed = [json.loads(line) for line in (repository.root / "files.jsonl").read_text().splitlines()]
    place = repository.root / "files-mine"
    copy = write_copy(io.BytesIO(CANARY + b"X"), place / (listed[0]["key"] + ".age"), recipient)
    forged = listed[0] | {"place": "files-mine", "stored_size": copy.stored_size, "stored_sha256": copy.stored_sha256}
    with (repository.root / "files.jsonl").open("a") as journal:
        journal.write(json.dumps(forged) + "\n")
    again = create_backup(here, repository, recipient, DAY + timedelta(days=1))
    assert (again.files, again.added) == (made.files, 1), "it is copied from the store again"
    public = BackupKey.load(here.config.data).public
    assert restore_backup(empty, repository, choose_backup(repository), [identity], public).ok


def test_an_unsigned_backup_is_taken_when_it_is_asked_for_and_that_is_said(here, empty, repository):
    create_backup(here, repository, None, DAY)
    (choose_backup(repository).folder / SIGNATURE).unlink()
    found = restore_backup(empty, repository, choose_backup(repository), (), None)
    assert found.ok
    assert not found.authenticated
    assert any("n’a pas été authentifiée" in line for line in restore_messages(found, "x"))
    assert not any("authentifiée" in line for line in restore_messages(replace(found, authenticated=True), "x"))


def test_a_restore_without_a_key_asks_for_it_and_a_wrong_one_is_told(here, empty, repository):
    create_backup(here, repository, None, DAY)
    with pytest.raises(BackupError) as stopped:
        choose_public_key(empty.data, "")
    assert stopped.value.failure is BackupFailure.NO_PUBLIC_KEY
    assert choose_public_key(here.config.data, "") == BackupKey.load(here.config.data).public
    assert refused(empty, repository, "clé") is BackupFailure.BAD_PUBLIC_KEY
    assert refused(empty, repository, BackupKey(bytes(32)).public) is BackupFailure.NOT_OURS
