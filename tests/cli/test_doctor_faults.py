"""Each fault that `flask doctor` names, put there on purpose, on both databases: its line says so, and every
other line is there.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url

from config import Config, OpenIdProvider, Smtp, SmtpSecurity
from portfolio import create_app
from portfolio.backup.repository import Repository
from portfolio.domain.account.models import SecondFactor
from portfolio.domain.account.second_factor import PURPOSE, encrypt
from portfolio.domain.api_access.models import Webhook
from portfolio.domain.dossier.models.evidence import QuarantinedFile
from portfolio.domain.dossier.rules.rendition import QuarantineState
from portfolio.domain.france_vae.client import Fault
from portfolio.domain.france_vae.models import FranceVaeAccess
from portfolio.domain.france_vae.use_cases import PURPOSE as FRANCE_VAE
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.integrity_checks.rules import Finding, State
from portfolio.files.conversion.machine import Walls
from portfolio.files.storage.store import StoreError
from portfolio.run import doctor
from portfolio.tasks.heartbeat import record_heartbeat
from portfolio.verifiable_credentials import KEY_FILE, load_credential_keys
from portfolio.web.clock import now
from portfolio.web.openid import OpenIdClient, OpenIdError, OpenIdFault
from portfolio.wording.doctor import _SAYS, finding_message
from tests import factories
from tests.applications import close_app, config_for
from tests.authority import Authority
from tests.snapshots import share_key
from tools.cluster.__main__ import free_ports
from tools.cluster.postgresql import postgresql_programs

pytestmark = pytest.mark.both

LINES = [
    "database", "clock", "worker", "checks", "files", "antivirus", "walls", "reading", "readers", "voice", "room", "permissions", "secrets", "heads", "witness",
    "address", "credentials", "seal", "mail", "webhooks", "france_vae", "contact", "backup",
]  # fmt: skip
ADDRESS = "https://acquis.exemple.fr"
PROVIDER = OpenIdProvider("sso", "https://sso.exemple.fr", "id", "secret")


class Place:
    """An installation to break: its settings before the application starts, and what it stands on."""

    def __init__(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config, self.patch, self.at = config, monkeypatch, now()

    def change(self, **changes: Any) -> None:
        self.config = self.config.with_changes(**changes)

    def admin(self, statement: str) -> None:
        """Run a statement with the owner's rights."""
        app = create_app(self.config)
        with app.extensions["database"].engine.begin() as connection:
            connection.execute(text(statement))
        close_app(app)

    def add(self, *rows: Any, heartbeat: datetime | None = None) -> None:
        app = create_app(self.config)
        with app.extensions["database"].transaction() as session:
            session.add_all(rows)
            if heartbeat is not None:
                record_heartbeat(session, at=heartbeat)
        close_app(app)


Break = Callable[[Place], Any]
FAULTS: dict[tuple[str, str], Break] = {}


def fault(check: str, reason: str) -> Callable[[Break], Break]:
    def kept(way: Break) -> Break:
        FAULTS[check, reason] = way
        return way

    return kept


@fault("database", "away")
def _database_away(place: Place) -> None:
    url = make_url(place.config.database_url)
    if url.get_backend_name() == "sqlite":
        folder = place.config.data / "nowhere.db"
        folder.mkdir()
        away = url.set(database=str(folder))
    else:
        away = url.set(host="127.0.0.1", port=free_ports(1)[0], query={})
    place.change(database_url=away.render_as_string(hide_password=False))


@fault("database", "rights")
def _database_rights(place: Place) -> None:
    if make_url(place.config.database_url).get_backend_name() == "sqlite":
        pytest.skip("SQLite has no roles")
    url = make_url(place.config.database_url)
    role = f"bare_{uuid4().hex[:8]}"
    place.admin(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    there = url.set(username=role, password="secret").render_as_string(hide_password=False)
    place.change(database_url=there)


FAULTS["database", "revision"] = lambda place: place.admin("UPDATE alembic_version SET version_num = '0001'")


@fault("clock", "past")
def _clock_past(place: Place) -> None:
    if make_url(place.config.database_url).get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL has a clock of its own to compare with")
    place.at = datetime(2025, 3, 1, tzinfo=UTC)


@fault("clock", "drift")
def _clock_drift(place: Place) -> None:
    if make_url(place.config.database_url).get_backend_name() == "sqlite":
        pytest.skip("SQLite has no clock of its own")

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) - timedelta(minutes=3)

    place.patch.setattr(doctor, "datetime", Late)


FAULTS["worker", "never"] = lambda place: None
FAULTS["worker", "stopped"] = lambda place: place.add(heartbeat=place.at - timedelta(hours=3))
FAULTS["checks", "late"] = lambda place: None
FAULTS["checks", "failed"] = lambda place: place.add(
    IntegrityCheck(started_at=place.at, ended_at=place.at, ledger=False, grants=True, files=True)
)


@fault("files", "away")
def _files_away(place: Place) -> None:
    def refused(*_: object) -> None:
        raise StoreError("away")

    place.patch.setattr("portfolio.files.storage.local.LocalStore.save", refused)


@fault("files", "changed")
def _files_changed(place: Place) -> None:
    place.patch.setattr(doctor.os, "urandom", lambda size: _Other(size))


class _Other(bytes):
    """Bytes that are equal to nothing that was read."""

    def __eq__(self, _other: object) -> bool:
        return False

    __hash__ = bytes.__hash__


FAULTS["antivirus", "none"] = lambda place: None
FAULTS["antivirus", "away"] = lambda place: place.change(clamd=str(place.config.data / "clamd.ctl"))


@fault("antivirus", "waiting")
def _antivirus_waiting(place: Place) -> None:
    waiting = QuarantinedFile(
        key="ab/cd", held_key="ef/01", held_sha256="0" * 64, held_size=1, state=QuarantineState.WAITING
    )
    waiting.since = waiting.run_after = place.at - timedelta(hours=2)
    place.add(waiting)


@fault("database", "owner")
def _database_owner(place: Place) -> None:
    url = make_url(place.config.database_url)
    if url.get_backend_name() == "sqlite":
        pytest.skip("SQLite has no roles")
    place.change(database_owner_url=url.set(username="nobody_here").render_as_string(hide_password=False))


FAULTS["voice", "missing"] = lambda place: place.change(whisper_model=str(place.config.data))


@fault("permissions", "foreign")
def _permissions_foreign(place: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("root alone gives files away")
    (place.config.data / "files").mkdir(exist_ok=True)
    (place.config.data / "files" / "ab").mkdir()
    os.chown(place.config.data / "files" / "ab", 65534, 65534)


@fault("secrets", "changed")
def _secrets_changed(place: Place) -> None:
    with opened(place.config) as app, app.extensions["database"].transaction() as session:
        someone = factories.person(session, "Inès Martin", "ines@exemple.fr")
        session.flush()
        secret = encrypt("secret", "the key of before", PURPOSE)
        session.add(SecondFactor(person_id=someone.id, secret=secret, created_at=place.at))


@fault("france_vae", "key")
def _france_vae_key(place: Place, why: Fault = Fault.KEY) -> None:
    with opened(place.config) as app, app.extensions["database"].transaction() as session:
        body = factories.body(session)
        by = factories.certifier(session, body.id).id
        secret = encrypt("key", place.config.secret_key, FRANCE_VAE)
        session.add(
            FranceVaeAccess(
                body_id=body.id, secret=secret, set_by=by, set_at=place.at, next_at=place.at, fault=why.value
            )
        )


FAULTS["france_vae", "away"] = lambda place: _france_vae_key(place, Fault.AWAY)


@fault("walls", "missing")
def _walls_missing(place: Place) -> None:
    place.patch.setattr(doctor, "walls_of_machine", Walls)


@fault("walls", "accepted")
def _walls_accepted(place: Place) -> None:
    _walls_missing(place)
    place.change(unconfined_conversion=True)


@fault("room", "low")
def _room(place: Place) -> None:
    usage = SimpleNamespace(total=10**12, free=10**9)
    place.patch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)


@fault("permissions", "open")
def _permissions(place: Place) -> None:
    place.config.data.chmod(0o755)
    (place.config.data / "ledger.key").chmod(0o644)


FAULTS["readers", "missing"] = lambda place: place.patch.setattr(doctor, "poppler_path", lambda: None)
FAULTS["reading", "missing"] = lambda place: place.patch.setattr(doctor, "program_path", lambda: None)
FAULTS["credentials", "no_site"] = lambda place: place.change(address="http://127.0.0.1:8000")


@fault("credentials", "lost")
def _credentials_lost(place: Place) -> None:
    load_credential_keys(place.config.data)
    (place.config.data / KEY_FILE).unlink()


FAULTS["seal", "none"] = lambda place: None


def _sealed(place: Place, **made: Any) -> None:
    store, password = Authority(place.config.data.parent / "authority").seal_files(**made)
    place.change(seal_file=store, seal_password_file=password)


FAULTS["seal", "no_time"] = lambda place: _sealed(place)
FAULTS["seal", "ends"] = lambda place: _sealed(place, days=80)
FAULTS["seal", "ended"] = lambda place: _sealed(place, days=-1)


@fault("seal", "unusable")
def _seal_unusable(place: Place) -> None:
    _sealed(place, usages=("digital_signature",))


FAULTS["witness", "none"] = lambda place: None
FAULTS["witness", "refused"] = lambda place: place.change(tsa_url="http://127.0.0.1:9/")
# Nobody makes a folder there, root included.
CLOSED = Path("/proc/acquis")
FAULTS["heads", "closed"] = lambda place: place.change(ledger_heads=CLOSED)
FAULTS["heads", "same_place"] = lambda place: place.change(ledger_heads=place.config.data / "heads")
FAULTS["address", "loopback"] = lambda place: place.change(address="http://localhost")
FAULTS["address", "clear"] = lambda place: place.change(address="http://acquis.exemple.fr")
FAULTS["address", "proxies"] = lambda place: place.change(address=ADDRESS)
FAULTS["address", "demo"] = lambda place: place.change(address=ADDRESS, proxies=1, demo=True)
FAULTS["mail", "none"] = lambda place: place.change(smtp=None)
FAULTS["mail", "refused"] = lambda place: place.change(smtp=Smtp("127.0.0.1", port=1, security=SmtpSecurity.NONE))


FAULTS["mail", "authority"] = lambda place: place.change(
    smtp=Smtp("127.0.0.1", port=1, ca_file=str(place.config.data / "ca.pem"))
)


@contextmanager
def _mail_server() -> Iterator[int]:
    [port] = free_ports(1)
    server = Controller(object(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port
    finally:
        server.stop()


@fault("mail", "sender")
def _mail_sender(place: Place) -> Any:
    server = _mail_server()
    smtp = Smtp("127.0.0.1", port=server.__enter__(), security=SmtpSecurity.NONE)
    place.change(smtp=smtp, mail_from="Acquis <acquis@exemple.invalid>")
    return lambda: server.__exit__(None, None, None)


@fault("openid", "clear")
def _openid_clear(place: Place) -> None:
    place.change(openid_providers=(PROVIDER,), address="http://acquis.exemple.fr")


@fault("openid", "away")
def _openid_away(place: Place) -> None:
    _openid_fails(place, OpenIdFault.AWAY)


@fault("openid", "settings")
def _openid_settings(place: Place) -> None:
    _openid_fails(place, OpenIdFault.SETTINGS)


def _openid_fails(place: Place, why: OpenIdFault) -> None:
    def refused(_client: OpenIdClient) -> None:
        raise OpenIdError(why, "issuer")

    place.change(openid_providers=(PROVIDER,))
    place.patch.setattr(OpenIdClient, "metadata", refused)


@fault("openid", "no_logout")
def _openid_no_logout(place: Place) -> None:
    place.change(openid_providers=(PROVIDER,))
    place.patch.setattr(OpenIdClient, "metadata", lambda _client: SimpleNamespace(end_session_endpoint=""))


def _webhook(place: Place, **state: datetime) -> None:
    with opened(place.config) as app, app.extensions["database"].transaction() as session:
        body = factories.body(session)
        told = {
            "url": "https://exemple.fr/",
            "event_types": [],
            "secret": b"",
            "made_at": place.at,
            "next_at": place.at,
        }
        by = factories.certifier(session, body.id).id
        session.add(Webhook(body_id=body.id, made_by=by, **told, **state))


FAULTS["webhooks", "failing"] = lambda place: _webhook(place, failing_since=place.at)
FAULTS["webhooks", "stopped"] = lambda place: _webhook(place, stopped_at=place.at)
FAULTS["contact", "none"] = lambda place: place.change(contact="")
FAULTS["backup", "none"] = lambda place: place.change(backup_folder=None)
FAULTS["backup", "never"] = lambda place: place.change(backup_folder=place.config.data / "backups")
FAULTS["backup", "closed"] = lambda place: place.change(backup_folder=CLOSED)
FAULTS["backup", "recipient"] = lambda place: place.change(
    backup_folder=place.config.data / "backups", backup_recipient="age1wrong"
)


@fault("backup", "late")
def _backup_late(place: Place) -> None:
    place.change(backup_folder=place.config.data / "backups")
    made = SimpleNamespace(made_at=place.at - timedelta(days=3))
    place.patch.setattr(Repository, "latest", lambda _repository: made)


@fault("backup", "unreadable")
def _backup_unreadable(place: Place) -> None:
    def refused(_repository: Repository) -> None:
        raise PermissionError("closed")

    place.change(backup_folder=place.config.data / "backups")
    place.patch.setattr(Repository, "latest", refused)


@fault("backup", "no_program")
def _backup_no_program(place: Place) -> None:
    if make_url(place.config.database_url).get_backend_name() == "sqlite":
        pytest.skip("SQLite is copied without a program")
    place.change(backup_folder=place.config.data / "backups", postgresql_bin=str(place.config.data))


@fault("backup", "old_program")
def _backup_old_program(place: Place) -> None:
    if make_url(place.config.database_url).get_backend_name() == "sqlite":
        pytest.skip("SQLite is copied without a program")
    old = place.config.data / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o700)
    place.change(backup_folder=place.config.data / "backups", postgresql_bin=str(place.config.data))


@contextmanager
def opened(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    try:
        yield app
    finally:
        close_app(app)


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An installation on each database in turn."""
    tmp_path.chmod(0o700)
    share_key(tmp_path)
    programs = postgresql_programs() if make_url(database_url).get_backend_name() == "postgresql" else ""
    return Place(config_for(database_url, tmp_path).with_changes(postgresql_bin=programs), monkeypatch)


def _examined(place: Place) -> dict[str, Finding]:
    with opened(place.config) as app:
        return {finding.check: finding for finding in doctor.examine(app, place.at)}


@pytest.mark.slow
@pytest.mark.parametrize(("check", "reason"), sorted(_SAYS))
def test_each_fault_put_there_on_purpose_is_named_and_stops_no_other_line(place, check, reason):
    undo = FAULTS[check, reason](place)
    try:
        found = _examined(place)
    finally:
        if undo is not None:
            undo()
    assert (found[check].reason, found[check].state in {State.WRONG, State.WARNING}) == (reason, True)
    assert [name for name in found if name != "openid"] == LINES
    for finding in found.values():
        assert finding_message(finding)


def test_a_database_that_is_away_leaves_what_it_holds_unknown(place):
    _database_away(place)
    found = _examined(place)
    unknown = {name for name, finding in found.items() if finding.state is State.UNKNOWN}
    assert {"worker", "checks"} <= unknown
    assert "Réparez-la d’abord" in finding_message(found["worker"])


def test_a_check_that_fails_is_told_and_the_others_are_made(place):
    def broken(_config: Config) -> Finding:
        raise ValueError("unforeseen")

    place.patch.setattr(doctor, "_room", broken)
    found = _examined(place)
    assert (found["room"].state, found["room"].reason) == (State.WRONG, "failed")
    assert "ValueError" in finding_message(found["room"])
    assert list(found) == LINES


def test_a_sound_database_is_named_well(place):
    place.change(contact="aide@exemple.fr", ledger_heads=place.config.data.parent / "heads")
    place.add(
        IntegrityCheck(started_at=place.at, ended_at=place.at, ledger=True, grants=True, files=True), heartbeat=place.at
    )
    found = _examined(place)
    sound = {name for name, finding in found.items() if finding.state is State.OK}
    assert {"database", "clock", "worker", "checks", "files", "permissions", "contact", "heads"} <= sound
