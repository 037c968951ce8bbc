"""Check this installation: each check returns a state and the figures of its sentence."""

import os
import shutil
import smtplib
import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from config import Config
from portfolio.backup.migration import settings_for
from portfolio.backup.scheduled import examine_backup, refuses_files
from portfolio.db.engine import Database, make_engine
from portfolio.documents.livret.readers import poppler_path
from portfolio.domain.account import second_factor
from portfolio.domain.account.models import SecondFactor
from portfolio.domain.account.second_factor import decrypt
from portfolio.domain.api_access import webhooks
from portfolio.domain.api_access.models import Webhook
from portfolio.domain.api_access.webhooks import count_webhooks
from portfolio.domain.dossier.use_cases.quarantine import count_waiting
from portfolio.domain.email.delivery import connect
from portfolio.domain.france_vae import use_cases as france_vae
from portfolio.domain.france_vae.client import Fault
from portfolio.domain.france_vae.models import FranceVaeAccess
from portfolio.domain.integrity_checks.rules import Finding, State
from portfolio.domain.integrity_checks.use_cases import Health, load_health
from portfolio.domain.si_cpf.models import SiCpfIdentity
from portfolio.domain.si_cpf.use_cases.awards import NIR_PURPOSE
from portfolio.files import antivirus
from portfolio.files.conversion.dictation import can_transcribe
from portfolio.files.conversion.machine import walls_of_machine
from portfolio.files.conversion.machine_reading import program_path
from portfolio.files.storage.store import FileStore, StoreError, new_key
from portfolio.seals import SealError, load_seal
from portfolio.signing_key import LostKeyError
from portfolio.tasks.heartbeat import worker_status
from portfolio.time_stamps import TimeStampError, load_authorities, stamp
from portfolio.verifiable_credentials import load_issuer
from portfolio.web.openid import OpenIdClient, OpenIdError, is_safe

# Less room than this, or less than this part of the disk, and uploads are refused soon.
LOW_BYTES, LOW_PART = 2 * 1024**3, 0.05
SEAL_ENDS = timedelta(days=90)
SCAN_LATE = timedelta(hours=1)
CLOCK_DRIFT = timedelta(seconds=5)
# What the key of the installation encrypts, and how many of each are opened.
_ENCRYPTED = (
    (SecondFactor.secret, second_factor.PURPOSE),
    (Webhook.secret, webhooks.PURPOSE),
    (FranceVaeAccess.secret, france_vae.PURPOSE),
    (SiCpfIdentity.nir, NIR_PURPOSE),
)
_SECRETS_READ, _SHOWN = 200, 5
# What PostgreSQL answers to a role without the right.
FORBIDDEN = "42501"
log = structlog.get_logger("acquis")


def examine(app: Flask, at: datetime) -> Iterator[Finding]:
    """Run every check of the installation, from the database outwards; one that fails stops no other."""
    config: Config = app.config["SETTINGS"]
    database: Database = app.extensions["database"]
    checks: dict[str, Callable[[], Finding | Iterable[Finding]]] = {
        "database": lambda: _database(database, config),
        "clock": lambda: _clock(database, at),
        "worker": lambda: _worker(database, at),
        "checks": lambda: _checks(database, at),
        "files": lambda: _files(app.extensions["files"]),
        "antivirus": lambda: _antivirus(database, at),
        "walls": lambda: _walls(config),
        "reading": _reading,
        "readers": _readers,
        "voice": lambda: _voice(config),
        "room": lambda: _room(config),
        "permissions": lambda: _permissions(config),
        "secrets": lambda: _secrets(database, config),
        "heads": lambda: _heads(config),
        "witness": lambda: _witness(config),
        "address": lambda: _address(config),
        "credentials": lambda: _credentials(config),
        "seal": lambda: _seal(config, at),
        "mail": lambda: _mail(config),
        "webhooks": lambda: _webhooks(database),
        "france_vae": lambda: _france_vae(database),
        "openid": lambda: _openid(app),
        "contact": lambda: _contact(config),
        "backup": lambda: examine_backup(config, at),
    }
    for name, check in checks.items():
        yield from _outcome(name, check)


def _outcome(name: str, check: Callable[[], Finding | Iterable[Finding]]) -> list[Finding]:
    try:
        found = check()
        return [found] if isinstance(found, Finding) else list(found)
    except SQLAlchemyError:
        return [Finding(name, State.UNKNOWN, "database")]
    except Exception as error:
        log.exception("check_failed", check=name)
        return [Finding(name, State.WRONG, "failed", type(error).__name__)]


def _database(database: Database, config: Config) -> Finding:
    try:
        with database.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return database_fault(error)
    head = ScriptDirectory.from_config(settings_for(config.database_owner_url)).get_current_head()
    if revision != head:
        return Finding("database", State.WRONG, "revision", f"{revision or '-'} → {head}")
    if config.database_owner_url != config.database_url and (fault := _fault_of_owner(config)):
        return Finding("database", State.WRONG, "owner", fault)
    return Finding("database", State.OK, detail=database.engine.dialect.name)


def _fault_of_owner(config: Config) -> str:
    """Return why the role that migrates and is backed up cannot connect, or nothing."""
    engine = make_engine(config.database_owner_url)
    try:
        engine.connect().close()
    except SQLAlchemyError as error:
        return type(error).__name__
    finally:
        engine.dispose()
    return ""


def database_fault(error: SQLAlchemyError) -> Finding:
    """Return why the database does not answer: the application's role may read nothing before the owner's
    has migrated.
    """
    refused = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") == FORBIDDEN
    return Finding("database", State.WRONG, "rights" if refused else "away", type(error).__name__)


def _clock(database: Database, at: datetime) -> Finding:
    """Compare with PostgreSQL's clock, which is another machine's; a SQLite database has none of its own."""
    if database.engine.dialect.name != "postgresql":
        return Finding(
            "clock", State.OK if at > datetime(2026, 1, 1, tzinfo=UTC) else State.WRONG, "past", f"{at:%d/%m/%Y}"
        )
    with database.engine.connect() as connection:
        theirs: datetime = connection.scalar(text("SELECT clock_timestamp()"))
    drift = abs(datetime.now(UTC) - theirs)
    return Finding("clock", State.OK if drift < CLOCK_DRIFT else State.WRONG, "drift", f"{drift.total_seconds():.1f}")


def _worker(database: Database, at: datetime) -> Finding:
    with database.reader() as session:
        status = worker_status(session)
    if status.is_working(at):
        return Finding("worker", State.OK)
    return Finding(
        "worker",
        State.WRONG,
        "stopped" if status.last else "never",
        f"{status.last:%d/%m/%Y %H:%M}" if status.last else "",
    )


def _reading() -> Finding:
    """Tell whether the words of photographs are read: without tesseract and its French they are not searched."""
    return Finding("reading", State.OK) if program_path() else Finding("reading", State.WARNING, "missing")


def _readers() -> Finding:
    """Tell whether books are opened by Poppler too before they are given."""
    return Finding("readers", State.OK) if poppler_path() else Finding("readers", State.WARNING, "missing")


def _voice(config: Config) -> Finding:
    """Tell whether what WHISPER_MODEL promises is here; nobody has to have it."""
    found = not config.whisper_model or can_transcribe(config.whisper_model)
    return Finding("voice", State.OK if found else State.WRONG, "missing", config.whisper_model)


def _secrets(database: Database, config: Config) -> Finding:
    """Say how many of the last encrypted secrets the key of this installation does not open."""
    with database.reader() as session:
        closed = sum(
            decrypt(secret or b"", config.secret_key, purpose) is None
            for column, purpose in _ENCRYPTED
            for secret in session.scalars(select(column).where(column.is_not(None)).limit(_SECRETS_READ))
        )
    return Finding("secrets", State.WRONG if closed else State.OK, "changed", str(closed))


def _france_vae(database: Database) -> Finding:
    with database.reader() as session:
        faults = set(session.scalars(select(FranceVaeAccess.fault).where(FranceVaeAccess.fault != "")))
    if not faults:
        return Finding("france_vae", State.OK)
    return Finding("france_vae", State.WARNING, Fault.KEY if Fault.KEY in faults else Fault.AWAY)


def _checks(database: Database, at: datetime) -> Finding:
    with database.reader() as session:
        health = load_health(session, at)
    states = {Health.CLEAN: State.OK, Health.LATE: State.WARNING, Health.FAILED: State.WRONG}
    return Finding("checks", states[health], health.value)


def _files(store: FileStore) -> Finding:
    """Save a few bytes, read them back and delete them."""
    key, content = new_key(), os.urandom(64)
    try:
        store.save(key, BytesIO(content))
        with store.open(key) as kept:
            same = kept.read() == content
        store.delete(key)
    except (StoreError, OSError) as error:
        return Finding("files", State.WRONG, "away", type(error).__name__)
    return Finding("files", State.OK if same else State.WRONG, "changed")


def _antivirus(database: Database, at: datetime) -> Finding:
    """Ask the antivirus whether it answers, and say how many files have waited too long."""
    if antivirus.is_installed() and not antivirus.answers():
        return Finding("antivirus", State.WRONG, "away")
    with database.reader() as session:
        waiting, since = count_waiting(session)
    if since is not None and at - since > SCAN_LATE:
        return Finding("antivirus", State.WRONG, "waiting", str(waiting))
    return Finding("antivirus", State.OK if antivirus.is_installed() else State.WARNING, "none")


def _walls(config: Config) -> Finding:
    if walls_of_machine().are_closed:
        return Finding("walls", State.OK)
    if config.unconfined_conversion:
        return Finding("walls", State.WARNING, "accepted")
    return Finding("walls", State.WRONG, "missing")


def _room(config: Config) -> Finding:
    usage = shutil.disk_usage(config.data)
    low = usage.free < LOW_BYTES or usage.free < usage.total * LOW_PART
    return Finding("room", State.WRONG if low else State.OK, "low", str(usage.free))


def _permissions(config: Config) -> Iterator[Finding]:
    """Say which keys and folders accounts other than ours may read; a closed data folder closes all of them."""
    names = ("secret.key", "ledger.key", "credential.key", "acquis.db", "files", "incoming")
    kept = [config.data / name for name in names] if _is_open(config.data) else []
    found = [path for path in kept if path.exists() and _is_open(path)]
    if foreign := _foreign(config.data):
        yield Finding("permissions", State.WRONG, "foreign", ", ".join(foreign))
    else:
        yield Finding("permissions", State.WRONG if found else State.OK, "open", ", ".join(path.name for path in found))


def _foreign(data: Path) -> list[str]:
    """Return what another account than that of the data folder owns there, as when root ran a command."""
    owner = data.stat().st_uid
    found = [*data.iterdir(), *(path for name in ("files", "incoming") for path in data.glob(f"{name}/*"))]
    return [str(path.relative_to(data)) for path in sorted(found) if path.lstat().st_uid != owner][:_SHOWN]


def _is_open(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _heads(config: Config) -> Finding:
    """Heads on the disk of the database prove nothing against someone who writes both."""
    if (refused := refuses_files(config.heads)) is not None:
        return Finding("heads", State.WRONG, "closed", refused)
    outside = config.ledger_heads is not None and config.data not in config.ledger_heads.parents
    return Finding("heads", State.OK if outside else State.WARNING, "same_place")


def _witness(config: Config) -> Finding:
    """Ask the authority for a time-stamp, and verify it."""
    if not config.tsa_url:
        return Finding("witness", State.WARNING, "none")
    try:
        authorities = load_authorities(config.tsa_ca_file) if config.tsa_ca_file else []
        stamp(config.tsa_url, b"acquis", authorities)
    except TimeStampError as error:
        return Finding("witness", State.WRONG, "refused", str(error))
    return Finding("witness", State.OK, detail=config.tsa_url)


def _address(config: Config) -> Finding:
    parts = urlsplit(config.address)
    if config.is_loopback_http:
        return Finding("address", State.WARNING, "loopback", config.address)
    if parts.scheme != "https":
        return Finding("address", State.WRONG, "clear", config.address)
    if config.proxies == 0 and config.host in {"127.0.0.1", "::1", "localhost"}:
        return Finding("address", State.WRONG, "proxies", config.address)
    if config.demo:
        return Finding("address", State.WRONG, "demo", config.address)
    return Finding("address", State.OK, detail=config.address)


def _credentials(config: Config) -> Finding:
    """Tell whether digital certificates are signed, and whether strangers find who signed them."""
    try:
        issuer = load_issuer(config.data, config.address)
    except (LostKeyError, ValueError, OSError):
        return Finding("credentials", State.WRONG, "lost")
    return Finding("credentials", State.OK if issuer.site_did else State.WARNING, "no_site", issuer.document_did)


def _seal(config: Config, at: datetime) -> Finding:
    """Tell whether certificates are sealed, by a certificate of seal that does not end soon."""
    try:
        seal = load_seal(config.seal_file, config.seal_password_file)
    except SealError as error:
        return Finding("seal", State.WRONG, "unusable", str(error))
    if seal is None:
        return Finding("seal", State.WARNING, "none")
    end = f"{seal.until:%d/%m/%Y}"
    if seal.until <= at:
        return Finding("seal", State.WRONG, "ended", end)
    if seal.until - at < SEAL_ENDS:
        return Finding("seal", State.WARNING, "ends", end)
    return Finding("seal", State.OK if config.tsa_url else State.WARNING, "no_time", end)


def _webhooks(database: Database) -> Finding:
    with database.reader() as session:
        all_of_them, failing, stopped = count_webhooks(session)
    if failing or stopped:
        return Finding("webhooks", State.WARNING, "stopped" if stopped else "failing", str(stopped or failing))
    return Finding("webhooks", State.OK, detail=str(all_of_them))


def _mail(config: Config) -> Finding:
    """Open a connection to the mail server and log in; nothing is sent."""
    if config.smtp is None:
        return Finding("mail", State.WARNING, "none")
    if config.smtp.ca_file and not os.access(config.smtp.ca_file, os.R_OK):
        return Finding("mail", State.WRONG, "authority", config.smtp.ca_file)
    try:
        connect(config.smtp).quit()
    except (OSError, smtplib.SMTPException) as error:
        return Finding("mail", State.WRONG, "refused", type(error).__name__)
    if config.mail_from.endswith(".invalid>"):
        return Finding("mail", State.WRONG, "sender", config.mail_from)
    return Finding("mail", State.OK, detail=config.smtp.host)


def _openid(app: Flask) -> Iterator[Finding]:
    """Ask each OpenID provider what it says of itself, and compare with the settings."""
    clients: dict[str, OpenIdClient] = app.extensions["openid"]
    config: Config = app.config["SETTINGS"]
    for name, client in clients.items():
        if not is_safe(client.provider.issuer) or (
            urlsplit(config.address).scheme != "https" and not config.is_loopback_http
        ):
            yield Finding("openid", State.WRONG, "clear", name)
            continue
        try:
            metadata = client.metadata()
        except OpenIdError as error:
            yield Finding("openid", State.WRONG, error.fault.value, f"{name}, {error.detail}" if error.detail else name)
            continue
        is_whole = bool(metadata.end_session_endpoint)
        yield Finding("openid", State.OK if is_whole else State.WARNING, "no_logout", name)


def _contact(config: Config) -> Finding:
    return Finding("contact", State.OK if config.contact else State.WARNING, "none")
