"""A backup holds what the rows say at one moment; a restore puts it back into an empty installation and
checks all of it.
"""

import io
import json
from datetime import timedelta

import pytest
from pyrage import x25519
from sqlalchemy import select, text

from portfolio import create_app
from portfolio.backup.create import create_backup
from portfolio.backup.encryption import Recipient, read_identities
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.repository import BackupKey
from portfolio.backup.restore import choose_backup, restore_backup
from portfolio.backup.scheduled import remove_old_backups
from portfolio.domain.account.models import Person
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.ledger.rules.chain import Checkpoint
from portfolio.files.storage.store import digest_of
from portfolio.on_commit import open_database
from tests import factories
from tests.applications import config_for
from tests.backup.conftest import CANARY, DAY
from tests.object_store import kept_in
from tests.postgresql import fresh_database
from tools.cluster.postgresql import postgresql_programs


@pytest.fixture(params=["sqlite-local", "postgresql-s3"])
def config(request, tmp_path):
    engine, place = request.param.split("-")
    made = config_for(request.getfixturevalue(f"{engine}_url"), tmp_path / "live").with_changes(
        postgresql_bin=postgresql_programs()
    )
    made.data.mkdir(parents=True, exist_ok=True)
    return made if place == "local" else on_s3(request, made, "live")


@pytest.fixture
def empty(request, config, tmp_path):
    """Give the settings of a second, empty installation of the same kind."""
    data = tmp_path / "second"
    data.mkdir()
    if config.database_url.startswith("sqlite"):
        yield config_for(f"sqlite:///{data / 'acquis.db'}", data)
        return
    with fresh_database(request.getfixturevalue("postgresql_server")) as url:
        wipe(url)
        yield on_s3(request, config_for(url, data).with_changes(postgresql_bin=postgresql_programs()), "second")


def on_s3(request, config, name):
    bucket = request.getfixturevalue("object_server").bucket(
        f"tests/{request.node.name[:20]}/{config.data.parent.name}/{name}"
    )
    return kept_in(config, bucket)


def wipe(url):
    database = open_database(url)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.engine.dispose()


def digests(database, files):
    with database.reader() as session:
        keys = session.scalars(select(EvidenceFile.key).order_by(EvidenceFile.key)).all()
        people = session.scalars(select(Person.email).order_by(Person.email)).all()
    found = {}
    for key in keys:
        with files.open(key) as content:
            found[key] = digest_of(content)
    return found, people


def test_an_installation_is_restored_with_its_rows_its_files_and_its_keys(here, empty, repository):
    made = create_backup(here, repository, None, DAY)
    assert made.ok, made
    assert made.files == made.added > 0
    restored = restore_backup(empty, repository, choose_backup(repository), (), key_of(here))
    assert restored.ok, restored
    app = create_app(empty)
    assert digests(app.extensions["database"], app.extensions["files"]) == digests(here.database, here.files)
    assert app.extensions["keys"].signer.kid == here.keys.signer.kid
    app.extensions["database"].engine.dispose()


def test_an_encrypted_backup_holds_nothing_readable_and_opens_with_its_key_only(here, empty, repository, tmp_path):
    identity = x25519.Identity.generate()
    made = create_backup(here, repository, Recipient.parse(str(identity.to_public())), DAY)
    assert made.ok
    names = [path for path in repository.root.rglob("*") if path.is_file()]
    for path in names:
        content = path.read_bytes()
        assert CANARY not in content, path
        assert b"camille" not in content.lower(), path
    for keys in ("", str(x25519.Identity.generate())):
        with pytest.raises(BackupError):
            restore_backup(
                empty, repository, choose_backup(repository), identities(tmp_path, keys) if keys else (), key_of(here)
            )
    assert restore_backup(
        empty, repository, choose_backup(repository), identities(tmp_path, str(identity)), key_of(here)
    ).ok


def key_of(here):
    """Return the public key of the backups of an installation, as whoever runs it keeps it elsewhere."""
    return BackupKey.load(here.config.data).public


def identities(folder, text):
    path = folder / "identity.txt"
    path.write_text(f"# key\n{text}\n")
    return read_identities(path)


def test_a_second_backup_copies_only_the_files_that_came_since(here, repository):
    first = create_backup(here, repository, None, DAY)
    again = create_backup(here, repository, None, DAY + timedelta(days=1))
    assert (again.files, again.added) == (first.files, 0)


def test_a_file_that_is_missing_or_changed_is_named_and_the_backup_is_finished(here, repository):
    with here.database.transaction() as session:
        lost, bent = session.scalars(select(EvidenceFile).order_by(EvidenceFile.key).limit(2)).all()
        bent.sha256 = "0" * 64
    here.files.delete(lost.key)
    made = create_backup(here, repository, None, DAY)
    assert (made.missing, made.changed, made.ok) == ([lost.key], [bent.key], False)
    assert repository.latest() is not None


class TestOnOneMachine:
    """What does not depend on the engine nor on the store."""

    @pytest.fixture
    def config(self, sqlite_url, tmp_path):
        return config_for(sqlite_url, tmp_path)

    def test_a_backup_that_is_interrupted_leaves_the_former_one_and_is_taken_up(
        self, here, empty, repository, monkeypatch
    ):
        create_backup(here, repository, None, DAY)
        with here.database.transaction() as session:
            for piece in factories.world(session).pieces:
                kept = here.files.save(piece.file.key, io.BytesIO(CANARY))
                piece.file.size, piece.file.sha256 = kept.size, kept.sha256
        opened = here.files.open
        calls = []

        def cut(key):
            calls.append(key)
            if len(calls) > 2:
                raise KeyboardInterrupt
            return opened(key)

        with monkeypatch.context() as patch:
            patch.setattr(here.files, "open", cut)
            with pytest.raises(KeyboardInterrupt):
                create_backup(here, repository, None, DAY + timedelta(hours=1))
        assert [backup.made_at for backup in repository.backups()] == [DAY]
        taken_up = create_backup(here, repository, None, DAY + timedelta(hours=2))
        assert 0 < taken_up.added < taken_up.files - 2
        assert restore_backup(empty, repository, choose_backup(repository), (), key_of(here)).ok

    def test_what_is_written_during_a_backup_is_in_the_next_one(self, here, empty, repository, monkeypatch):
        opened = here.files.open

        def write_meanwhile(key):
            with here.database.transaction() as session:
                factories.person(session)
            return opened(key)

        before = digests(here.database, here.files)
        with monkeypatch.context() as patch:
            patch.setattr(here.files, "open", write_meanwhile)
            create_backup(here, repository, None, DAY)
        restore_backup(empty, repository, choose_backup(repository), (), key_of(here))
        app = create_app(empty)
        assert digests(app.extensions["database"], app.extensions["files"]) == before

    def test_one_changed_byte_in_the_backup_is_named_and_the_rest_is_restored(self, here, empty, repository):
        create_backup(here, repository, None, DAY)
        path = next(path for path in sorted(repository.root.glob("files-*/**/*")) if path.is_file())
        path.chmod(0o600)
        content = bytearray(path.read_bytes())
        content[0] ^= 1
        path.write_bytes(content)
        restored = restore_backup(empty, repository, choose_backup(repository), (), key_of(here))
        assert restored.damaged == ["/".join(path.relative_to(repository.root).parts[1:])]
        assert not restored.ok
        assert restored.ledger_intact

    def test_a_damaged_database_copy_is_refused_before_anything_is_written(self, here, empty, repository):
        create_backup(here, repository, None, DAY)
        folder = choose_backup(repository).folder
        with (folder / "database.sqlite3").open("r+b") as file:
            file.seek(5000)
            file.write(b"\0\1\2\3")
        with pytest.raises(BackupError) as refused:
            restore_backup(empty, repository, choose_backup(repository), (), key_of(here))
        assert refused.value.failure is BackupFailure.DAMAGED
        assert not list(create_app(empty).extensions["files"].keys())

    def test_an_installation_that_holds_something_is_never_replaced(self, here, repository):
        create_backup(here, repository, None, DAY)
        with pytest.raises(BackupError) as refused:
            restore_backup(here.config, repository, choose_backup(repository), (), key_of(here))
        assert refused.value.failure is BackupFailure.NOT_EMPTY

    def test_old_backups_go_with_the_files_that_no_other_one_holds(self, here, repository):
        create_backup(here, repository, None, DAY)
        with here.database.reader() as session:
            erased = session.scalars(select(EvidenceFile.key)).first()
        create_backup(here, repository, None, DAY + timedelta(days=20))
        # The file is removed from the later backup, as an erasure removes it.
        later = repository.backups()[1].folder / "files.jsonl"
        later.write_text(
            "".join(line for line in later.read_text().splitlines(keepends=True) if json.loads(line)["key"] != erased)
        )
        removed = remove_old_backups(repository, timedelta(days=30), DAY + timedelta(days=40))
        assert (removed.backups, removed.files) == (1, 1)
        assert not list(repository.root.glob(f"files-*/{erased}"))
        assert remove_old_backups(repository, timedelta(days=1), DAY + timedelta(days=400)).backups == 0, (
            "the last one stays"
        )

    def test_the_commands_say_what_was_done_and_what_to_do(self, here, tmp_path, monkeypatch):
        run = create_app(here.config).test_cli_runner().invoke
        place = str(tmp_path / "backups")
        made = run(args=["backup", place])
        assert (made.exit_code, "fichiers" in made.output) == (0, True), made.output
        assert "n’est pas chiffrée" in made.output
        assert f"Clé publique des sauvegardes\u00a0: {key_of(here)}" in made.output
        assert run(args=["backup", place, "--encrypt-to", "age1wrong"]).output.startswith("La clé donnée pour chiffrer")
        assert "n’est pas vide" in run(args=["restore", place]).output
        data = tmp_path / "third"
        data.mkdir()
        other = create_app(config_for(f"sqlite:///{data / 'acquis.db'}", data)).test_cli_runner().invoke
        assert "Donnez avec --signed-by" in other(args=["restore", place]).output
        restored = other(args=["restore", place, "--signed-by", key_of(here)])
        assert (restored.exit_code, "Registre\u00a0: intact" in restored.output) == (0, True), restored.output

    def test_heads_kept_elsewhere_tell_how_many_acts_came_after_the_backup(self, here, empty, repository):
        append_head(here.config.heads, 3)
        create_backup(here, repository, None, DAY)
        append_head(empty.heads, 3)
        append_head(empty.heads, 8)
        report = restore_backup(empty, repository, choose_backup(repository), (), key_of(here))
        assert report.lost_entries == 5
        assert (empty.heads / "heads.log.before-restore").exists()


def append_head(folder, seq):
    folder.mkdir(parents=True, exist_ok=True)
    head = Checkpoint(1, seq, "a" * 64, "2026-03-01T00:00:00", "kid", "signature")
    with (folder / "heads.log").open("a") as file:
        file.write(head.line + "\n")
