"""Every setting, typed, with its default; read from the environment once, at start."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MEBIBYTE = 1024 * 1024
MAX_PORT = 65_535
# Where the double of France VAE answers, without a network.
DEMO_FRANCE_VAE = "https://france-vae.exemple.fr/interop/v1"
_DATABASE_FILES = ("acquis.db", "acquis.db-wal", "acquis.db-shm")


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected; `NONE` sends in plain text and is never a
    default.
    """

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


IMPLICIT_TLS_PORT = 465


@dataclass(frozen=True)
class Smtp:
    """The mail server; without one, mail stays in the local outbox.

    Its certificate is verified against the authorities of the system, and those of `ca_file` when one is
    given.
    """

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    ca_file: str = ""


class OpenIdPreset(StrEnum):
    """The shape of an OpenID provider: what it asks for beside the standard."""

    PLAIN = "plain"
    PROCONNECT = "proconnect"
    FRANCECONNECT = "franceconnect"


# What each shape is called on a button, and the scopes that it knows; the settings of a provider may say
# otherwise.
OPENID_LABELS = {OpenIdPreset.PROCONNECT: "ProConnect", OpenIdPreset.FRANCECONNECT: "FranceConnect"}
OPENID_SCOPES = {
    OpenIdPreset.PLAIN: "openid profile email",
    OpenIdPreset.PROCONNECT: "openid given_name usual_name email",
    OpenIdPreset.FRANCECONNECT: "openid given_name family_name email",
}
# FranceConnect refuses a request without a level.
OPENID_ACR = {OpenIdPreset.FRANCECONNECT: ("eidas1",)}


class SettingFault(StrEnum):
    """Why a setting cannot be used."""

    NO_NUMBER = "no_number"
    OUT_OF_RANGE = "out_of_range"
    NO_CHOICE = "no_choice"
    NO_ADDRESS = "no_address"
    NO_KEY = "no_key"
    NO_NAME = "no_name"
    MISSING = "missing"
    NO_FOLDER = "no_folder"
    NOT_OURS = "not_ours"


class SettingError(ValueError):
    """A setting that cannot be used, and what its sentence tells (`portfolio.wording.certifying_body`)."""

    def __init__(self, code: SettingFault, name: str, **facts: Any) -> None:
        """Name the setting."""
        super().__init__(f"{name}: {code}")
        self.code, self.name, self.facts = code, name, facts


@dataclass(frozen=True)
class OpenIdProvider:
    """A provider by which people sign in."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str = ""
    scopes: str = ""
    preset: OpenIdPreset = OpenIdPreset.PLAIN
    # The levels asked for (acr_values); an answer below them is refused.
    acr_values: tuple[str, ...] = ()
    # The values of acr or amr that replace the code of our own second factor at sign-in. None by default.
    second_factor: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Config:
    """What the application needs to know of where it runs."""

    data: Path
    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    address: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    # Where the evidence files are: empty for the data folder, or s3://bucket/prefix. What is empty below is
    # found as AWS tools find it (AWS_ACCESS_KEY_ID, AWS_REGION, a role of the machine…).
    files_url: str = ""
    s3_endpoint: str = ""
    s3_region: str = ""
    s3_access_key: str = field(default="", repr=False)
    s3_secret_key: str = field(default="", repr=False)
    # The address by which browsers reach the S3, when heavy files go straight to it; its bucket must allow
    # PUT from our origin (CORS). Empty: everything comes through us.
    s3_browser_endpoint: str = ""
    smtp: Smtp | None = None
    mail_from: str = "Acquis <ne-pas-repondre@acquis.invalid>"
    # The address of the person who runs this installation: people without mail ask them for a link, and they
    # are written to when a body has nobody else to be warned. Empty: nobody is.
    contact: str = ""
    upload_limit: int = 512 * MEBIBYTE
    # Bytes of evidence, uploads on their way included, that one person may have, and those of all the
    # candidacies of one body; 0: no limit.
    person_quota: int = 10 * 1024 * MEBIBYTE
    body_quota: int = 0
    session_hours: int = 12
    # A session that nobody used for so many minutes ends; 0: it lasts its hours.
    session_idle_minutes: int = 180
    # Who must have a second factor: certifier, advisor, president. Empty: anyone who wants one.
    second_factor_for: frozenset[str] = frozenset()
    # The OpenID providers by which people sign in, beside their password.
    openid_providers: tuple[OpenIdProvider, ...] = ()
    # For how many days a third party may answer a request for an attestation, and the size of the file they
    # may join.
    attestation_days: int = 30
    # The API of France VAE for certifiers; nothing is read there without the key of a body.
    france_vae_url: str = "https://vae.gouv.fr/interop/v1"
    # Whether the webhooks of a body may go to this machine and to private networks, and without encryption.
    private_webhooks: bool = False
    # Whether holders are offered their certificates in a European wallet: a trial.
    wallets: bool = False
    annex_limit: int = 10 * MEBIBYTE
    # The ClamAV daemon that scans files: the path of its socket, or host:port. Empty: files are not scanned,
    # and screens say so.
    clamd: str = ""
    # Whether the page of a new piece proposes competencies that have words in common with it.
    suggestions: bool = True
    # The folder of a Whisper model (CTranslate2), by which a recorded voice is put in writing; empty: it is not.
    whisper_model: str = ""
    threads: int = 8
    # How many proxies stand before the server and write X-Forwarded-For and X-Forwarded-Proto: nobody else is
    # believed.
    proxies: int = 0
    # What one network address may hold at once: connections, and bytes of bodies. A request has to arrive
    # within so many seconds, and one more for each 8 kB. Behind proxies, the address is the one they write.
    address_connections: int = 200
    address_in_flight: int = 1024 * MEBIBYTE
    request_seconds: int = 60
    # How many tasks a worker runs at once, beside the one that somebody waits for.
    workers: int = 2
    # After how long without a file the processes that wait for one leave.
    idle_seconds: int = 180
    # For how many months a former contract keeps a juror from being external (J7); each session keeps its
    # own.
    external_months: int = 24
    # For how many days those who sat still read a dossier after its minutes are closed.
    juror_days: int = 30
    # How many people's dossiers, and how many of their files, somebody may open in an hour before their body
    # is told; 0: never.
    reading_people: int = 40
    reading_files: int = 200
    # The key that signs the ledger; without one given, it is kept in the data folder. Its heads also go to a
    # second place.
    ledger_key: str = field(default="", repr=False)
    ledger_heads: Path | None = None
    # The certificate of seal of the body, a PKCS#12 file, and the file of its password: what closes its certificates.
    # None: they are not sealed, and screens say so.
    seal_file: Path | None = None
    seal_password_file: Path | None = None
    # The authority that time-stamps heads of the ledger and seals (RFC 3161), and the file of its root certificates.
    tsa_url: str = ""
    tsa_ca_file: Path | None = None
    # For how many days the copy of the database made before a migration is kept beside it.
    migration_copy_days: int = 30
    # Where the worker backs up every night, at which hour (UTC), to which public key of age, and how long
    # backups are kept. Empty: nowhere.
    backup_folder: Path | None = None
    backup_hour: int = 0
    backup_recipient: str = ""
    backup_days: int = 30
    # The folder of pg_dump and pg_restore, of the server's own release, when they are not on the PATH.
    postgresql_bin: str = ""
    # Who shows this token (Authorization: Bearer …) reads /metrics; empty: nobody does.
    metrics_token: str = field(default="", repr=False)
    # The file of the log; None: standard error.
    log_file: Path | None = None
    # Whether files are opened where this machine lacks the walls that keep a hostile file from the data.
    unconfined_conversion: bool = False
    demo: bool = False
    testing: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; make the data folder and its secret on the first start."""
        data = _data_folder(env)
        port = number(env, "PORT", 8000, least=1, most=MAX_PORT)
        host = env.get("HOST") or "127.0.0.1"
        url = _database_address(env, "DATABASE_URL") or _own_database(data)
        demo = _switch(env, "DEMO", default=False)
        config = cls(
            data=data,
            database_url=url,
            database_owner_url=_database_address(env, "DATABASE_OWNER_URL") or url,
            secret_key=env.get("SECRET_KEY") or kept_secret(data / "secret.key"),
            address=_address(env, "ADDRESS") or f"http://{host}:{port}",
            host=host,
            port=port,
            files_url=_address(env, "FILES_URL", ("s3",)),
            s3_endpoint=_address(env, "S3_ENDPOINT"),
            s3_region=env.get("S3_REGION", ""),
            s3_access_key=env.get("S3_ACCESS_KEY", ""),
            s3_secret_key=env.get("S3_SECRET_KEY", ""),
            s3_browser_endpoint=_address(env, "S3_BROWSER_ENDPOINT").rstrip("/"),
            smtp=_smtp(env),
            mail_from=_shaped(env, "MAIL_FROM", *_MAILBOX) or cls.mail_from,
            contact=_shaped(env, "CONTACT", *_MAILBOX),
            upload_limit=number(env, "UPLOAD_LIMIT_MIB", 512) * MEBIBYTE,
            person_quota=number(env, "PERSON_QUOTA_MIB", 10 * 1024) * MEBIBYTE,
            body_quota=number(env, "BODY_QUOTA_MIB", 0) * MEBIBYTE,
            session_hours=number(env, "SESSION_HOURS", 12),
            session_idle_minutes=number(env, "SESSION_IDLE_MINUTES", 180),
            second_factor_for=_second_factor_for(env),
            openid_providers=_openid_providers(env),
            france_vae_url=_address(env, "FRANCE_VAE_URL") or (DEMO_FRANCE_VAE if demo else cls.france_vae_url),
            wallets=_switch(env, "WALLETS", default=False),
            private_webhooks=_switch(env, "PRIVATE_WEBHOOKS", default=False),
            attestation_days=number(env, "ATTESTATION_DAYS", 30),
            clamd=_shaped(env, "CLAMD", *_SOCKET),
            suggestions=_switch(env, "SUGGESTIONS", default=True),
            whisper_model=env.get("WHISPER_MODEL", ""),
            annex_limit=number(env, "ANNEX_LIMIT_MIB", 10) * MEBIBYTE,
            threads=number(env, "THREADS", 8, least=1),
            proxies=number(env, "PROXIES", 0),
            address_connections=number(env, "CONNECTIONS_PER_ADDRESS", 200),
            address_in_flight=number(env, "IN_FLIGHT_MIB_PER_ADDRESS", 1024) * MEBIBYTE,
            request_seconds=number(env, "REQUEST_SECONDS", 60),
            workers=number(env, "WORKERS", 2),
            idle_seconds=number(env, "IDLE_SECONDS", 180, least=1),
            external_months=number(env, "EXTERNAL_MONTHS", 24, most=1200),
            juror_days=number(env, "JUROR_DAYS", 30),
            reading_people=number(env, "READING_PEOPLE", 40),
            reading_files=number(env, "READING_FILES", 200),
            ledger_key=_ledger_key(env),
            ledger_heads=Path(env["LEDGER_HEADS"]).resolve() if env.get("LEDGER_HEADS") else None,
            seal_file=_file(env, "SEAL_FILE"),
            seal_password_file=_file(env, "SEAL_PASSWORD_FILE"),
            tsa_url=_address(env, "TSA_URL"),
            tsa_ca_file=_file(env, "TSA_CA_FILE"),
            migration_copy_days=number(env, "MIGRATION_COPY_DAYS", 30),
            backup_folder=Path(env["BACKUP_FOLDER"]).resolve() if env.get("BACKUP_FOLDER") else None,
            backup_hour=number(env, "BACKUP_HOUR", 0, most=23),
            backup_recipient=env.get("BACKUP_RECIPIENT", ""),
            backup_days=number(env, "BACKUP_DAYS", 30),
            postgresql_bin=env.get("POSTGRESQL_BIN", ""),
            metrics_token=env.get("METRICS_TOKEN", ""),
            log_file=Path(env["LOG_FILE"]).expanduser().absolute() if env.get("LOG_FILE") else None,
            demo=demo,
        )
        # The files of a demonstration are ours, and the visitor's own.
        accepted = _switch(env, "UNCONFINED_CONVERSION", default=demo and config.is_loopback_http)
        return config.with_changes(unconfined_conversion=accepted)

    def with_changes(self, **changes: object) -> Config:
        """Return a copy with some settings changed, for tests."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def is_loopback_http(self) -> bool:
        """Whether cookies must do without `Secure`: plain http, on this machine only."""
        parts = urlsplit(self.address)
        return parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}

    @property
    def origin(self) -> str:
        """The origin of the site as browsers write it."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def passkey_host(self) -> str:
        """The host name for which passkeys are made; empty where the standard wants none: an address, or a
        site without TLS.
        """
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        is_name = re.search(r"[a-z]", host) is not None and ":" not in host
        return host if is_name and (parts.scheme == "https" or host == "localhost") else ""

    @property
    def own_database_url(self) -> str:
        """Return the address of the database of the data folder, which serves where no setting names another."""
        return _own_database(self.data)

    @property
    def has_own_database(self) -> bool:
        """Return whether the database is the one of the data folder, which no setting names."""
        return self.database_url == self.own_database_url

    @property
    def private_paths(self) -> tuple[Path, ...]:
        """List the paths that no program opening a file may read: data, backups, heads, databases."""
        urls = (self.database_url, self.database_owner_url)
        databases = (Path(url.removeprefix("sqlite:///")) for url in urls if url.startswith("sqlite:///"))
        seal = (self.seal_file, self.seal_password_file)
        kept = (self.data, self.backup_folder, self.ledger_heads, *seal, *databases, *_SETTINGS_FILES)
        return tuple(dict.fromkeys(path.absolute() for path in kept if path is not None))

    @property
    def files(self) -> Path:
        """The folder of the evidence files when they are kept locally."""
        return self.data / "files"

    @property
    def parts(self) -> Path:
        """The folder of the files that come in parts; every process of one machine shares it, whatever keeps
        the files.
        """
        return self.data / "incoming" / "parts"

    @property
    def heads(self) -> Path:
        """The second place of the ledger's heads: better on another machine than this one."""
        return self.ledger_heads or self.data / "heads"


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Return a setting that is 1 or 0; raise SettingError, for « oui » or « true » would silently mean no."""
    given = env.get(name, "").strip() or str(int(default))
    if given not in _SWITCHES:
        raise SettingError(SettingFault.NO_CHOICE, name, value=given[:_SHOWN], choices=_SWITCHES)
    return given == "1"


def number(env: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return a setting that is a whole number; raise SettingError."""
    given = env.get(name, "").strip() or str(default)
    if most is None:  # what no date and no disk goes beyond
        most = 1_000_000_000 if "MIB" in name else 100_000
    try:
        value = int(given)
    except ValueError:
        raise SettingError(SettingFault.NO_NUMBER, name, value=given[:_SHOWN]) from None
    if value < least or value > most:
        raise SettingError(SettingFault.OUT_OF_RANGE, name, value=given[:_SHOWN], least=least, most=most)
    return value


def _address(env: Mapping[str, str], name: str, schemes: Sequence[str] = ("http", "https")) -> str:
    """Return a setting that is an address of one of these kinds, or empty; raise SettingError."""
    given = env.get(name, "").strip()
    try:
        parts = urlsplit(given)
        is_one = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_one = False
    if given and (not is_one or any(character.isspace() for character in given)):
        form = " ou ".join(f"{scheme}://…" for scheme in schemes)
        raise SettingError(SettingFault.NO_ADDRESS, name, value=given[:_SHOWN], form=form)
    return given


def _file(env: Mapping[str, str], name: str) -> Path | None:
    """Return a setting that is a path, or None; `flask doctor` says whether it can be read."""
    given = env.get(name, "").strip()
    return Path(given).expanduser().absolute() if given else None


def _shaped(env: Mapping[str, str], name: str, pattern: str, form: str) -> str:
    """Return a setting of this pattern, or empty; raise SettingError, which shows the form of one."""
    given = env.get(name, "").strip()
    if given and not re.fullmatch(pattern, given):
        raise SettingError(SettingFault.NO_ADDRESS, name, value=given[:_SHOWN], form=form)
    return given


def _own_database(data: Path) -> str:
    return f"sqlite:///{data / 'acquis.db'}"


def _database_address(env: Mapping[str, str], name: str) -> str:
    """Return the address of a database, or empty; raise SettingError, which never repeats its password."""
    given = env.get(name, "").strip()
    if given:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            backend = make_url(given).get_backend_name()
        except (ArgumentError, ValueError):
            backend = ""
        if backend not in {"sqlite", "postgresql"}:
            form = "postgresql://compte:mot-de-passe@machine/base ou sqlite:////chemin/acquis.db"
            raise SettingError(SettingFault.NO_ADDRESS, name, value="", form=form)
    return given


def _second_factor_for(env: Mapping[str, str]) -> frozenset[str]:
    """Return who must have a second factor; raise SettingError, for a wrong word would ask nobody."""
    given = env.get("SECOND_FACTOR_FOR", "").replace(",", " ").split()
    for kind in given:
        if kind not in _KINDS:
            raise SettingError(SettingFault.NO_CHOICE, "SECOND_FACTOR_FOR", value=kind, choices=list(_KINDS))
    return frozenset(given)


def _ledger_key(env: Mapping[str, str]) -> str:
    """Return the key of the ledger, or empty; raise SettingError, which never repeats it."""
    given = env.get("LEDGER_KEY", "").strip()
    if given:
        from portfolio.signing_key import parse_seed

        try:
            parse_seed(given)
        except ValueError:
            raise SettingError(SettingFault.NO_KEY, "LEDGER_KEY") from None
    return given


def _data_folder(env: Mapping[str, str]) -> Path:
    """Return the data folder, made if it is absent, in which this account can work; raise SettingError."""
    path = Path(env.get("DATA") or "data").expanduser().absolute()
    try:
        data = path.resolve()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = [data, *(data / name for name in _DATABASE_FILES), *data.glob("*.key")]
    except (OSError, RuntimeError) as error:
        raise SettingError(SettingFault.NO_FOLDER, "DATA", path=path, error=error) from error
    for found in kept:
        needed = os.R_OK if found.suffix == ".key" else os.R_OK | os.W_OK
        needed |= os.X_OK if found == data else 0
        if os.access(found, os.F_OK) and not os.access(found, needed):
            raise SettingError(SettingFault.NOT_OURS, "DATA", path=found)
    return data


def is_secret(name: str) -> bool:
    """Return whether a variable of the environment holds a password or a key."""
    return name in _SECRETS or name.endswith(("_SECRET", "PASSWORD")) or name.startswith("AWS_")


_SECRETS = frozenset(
    {
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "SECRET_KEY",
        "LEDGER_KEY",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
        "METRICS_TOKEN",
    }
)
# How much of a wrong setting is repeated, and who may have to have a second factor.
_SHOWN, _KINDS = 60, ("certifier", "advisor", "president")
_SWITCHES = ["1", "0"]
# Settings of one shape: the pattern, and what has it.
_MAILBOX = (r"[^@\s,]+@[^@\s,]+|[^@<>]*<[^@\s<>,]+@[^@\s<>,]+>", "Acquis <acquis@exemple.fr>")
_SOCKET = (r"/.+|[^\s:]+:\d+|\[.+\]:\d+", "/run/clamav/clamd.ctl ou hôte:3310")
# Where settings lie in the documented installation, and beside the code.
_SETTINGS_FILES = (Path("/etc/acquis"), Path(__file__).parent / ".env")


def kept_secret(path: Path) -> str:
    """Read the secret of this installation, or make it; only its owner may read it."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def _smtp(env: Mapping[str, str]) -> Smtp | None:
    if not env.get("SMTP_HOST"):
        return None
    port = number(env, "SMTP_PORT", 587)
    return Smtp(
        host=env["SMTP_HOST"],
        port=port,
        user=env.get("SMTP_USER", ""),
        password=env.get("SMTP_PASSWORD", ""),
        security=_smtp_security(env.get("SMTP_SECURITY", ""), port),
        ca_file=env.get("SMTP_CA_FILE", ""),
    )


def _smtp_security(chosen: str, port: int) -> SmtpSecurity:
    """Return the protection chosen, else implicit TLS on port 465 and STARTTLS on every other one."""
    if not chosen:
        return SmtpSecurity.TLS if port == IMPLICIT_TLS_PORT else SmtpSecurity.STARTTLS
    try:
        return SmtpSecurity(chosen.strip().lower())
    except ValueError:
        raise SettingError(SettingFault.NO_CHOICE, "SMTP_SECURITY", value=chosen, choices=list(SmtpSecurity)) from None


def _openid_providers(env: Mapping[str, str]) -> tuple[OpenIdProvider, ...]:
    """Read the providers that OPENID_PROVIDERS names; the settings of `proconnect` begin with
    OPENID_PROCONNECT_.
    """
    names = env.get("OPENID_PROVIDERS", "").replace(",", " ").lower().split()
    return tuple(_openid_provider(name, env) for name in dict.fromkeys(names))


def _openid_provider(name: str, env: Mapping[str, str]) -> OpenIdProvider:
    if not re.fullmatch(r"[a-z0-9-]{1,30}", name):
        raise SettingError(SettingFault.NO_NAME, "OPENID_PROVIDERS", value=name)
    start = f"OPENID_{name.upper().replace('-', '_')}_"
    settings = {key: env.get(f"{start}{key}", "").strip() for key in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
    if missing := [f"{start}{key}" for key, value in settings.items() if not value]:
        raise SettingError(SettingFault.MISSING, ", ".join(missing))
    asked = env.get(f"{start}PRESET", "").strip().lower() or (name if name in set(OpenIdPreset) else OpenIdPreset.PLAIN)
    try:
        preset = OpenIdPreset(asked)
    except ValueError:
        raise SettingError(SettingFault.NO_CHOICE, f"{start}PRESET", value=asked, choices=list(OpenIdPreset)) from None
    return OpenIdProvider(
        name=name,
        issuer=settings["ISSUER"],
        client_id=settings["CLIENT_ID"],
        client_secret=settings["CLIENT_SECRET"],
        label=env.get(f"{start}LABEL", "") or OPENID_LABELS.get(preset, name),
        scopes=env.get(f"{start}SCOPES", "") or OPENID_SCOPES[preset],
        preset=preset,
        acr_values=tuple(env.get(f"{start}ACR_VALUES", "").replace(",", " ").split()) or OPENID_ACR.get(preset, ()),
        second_factor=frozenset(env.get(f"{start}SECOND_FACTOR", "").replace(",", " ").split()),
    )
