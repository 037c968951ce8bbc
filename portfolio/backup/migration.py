"""Bring a database to the tables of this version, without losing a row on the way, and leave the application its
rights.

The copies that a migration makes of a SQLite database before it changes it: where they are, and when they are removed.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from portfolio.all_models import metadata
from portfolio.db.care import append_only_tables
from portfolio.db.engine import make_engine

MIGRATIONS = Path(__file__).parents[2] / "migrations"
# The first release of PostgreSQL where an owner may grant VACUUM and ANALYZE.
MAINTAIN_SINCE = (17,)
# What PostgreSQL answers when a lock is not given in time; how long a step is tried again, and how often.
LOCKED, BUSY_SECONDS, _PAUSE_SECONDS = "55P03", 180, 1


@cache
def needed_revision() -> str:
    """Return the revision whose tables this version works with: the last of its migrations."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


class UnknownRoleError(LookupError):
    """The role of the application does not exist yet: the person who runs the server makes it first."""


class BusyDatabaseError(RuntimeError):
    """A table stayed in use for as long as we try: a dump, or a long reading, is under way."""


class ForeignTablesError(RuntimeError):
    """The database holds the tables of another program, and none of ours: its address was not meant for us."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(", ".join(tables))
        self.tables = tables


class UnknownRevisionError(LookupError):
    """The database is at a revision that this version does not know: older than its first one, or later than
    its last one.
    """

    def __init__(self, revision: str, *, is_older: bool) -> None:
        super().__init__(revision)
        self.revision, self.is_older = revision, is_older


def upgrade(url: str, revision: str = "head", application_url: str = "") -> Path | None:
    """Apply the missing migrations with the owner's rights, then give the application's role its own, if it has one.

    On SQLite a copy is made first, when there is something to change, and rows are counted and foreign keys checked by
    `migrations/env.py`. Return the copy, if one was made. Raises UnknownRoleError, UnknownRevisionError,
    ForeignTablesError and BusyDatabaseError.
    """
    if current_revision(url) is None:
        _check_empty(url)
    settings = settings_for(url)
    _run_steps(settings, revision)
    role = application_role(url, application_url)
    if role is not None and revision == "head":
        _grant(url, role)
    copy: Path | None = settings.attributes.get("copy")
    return copy


def _run_steps(settings: AlembicConfig, revision: str) -> None:
    """Run the missing steps; one that waits too long for a table in use is tried again, those before it are done."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            command.upgrade(settings, revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != LOCKED:
                raise
            if time.monotonic() > until:
                raise BusyDatabaseError from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def application_role(owner_url: str, application_url: str) -> str | None:
    """Return the PostgreSQL role of the application when it is not the owner's; None when the two are one, or the
    store has none.
    """
    owner, application = make_url(owner_url), make_url(application_url or owner_url)
    if application.get_backend_name() != "postgresql" or application.username == owner.username:
        return None
    return application.username


def rights(role: str, schema: str, *, may_maintain: bool) -> Iterator[str]:
    """Give the statements that leave a role what it needs: facts are added and read, never changed.

    Both names are quoted already. `may_maintain`: the server knows the right to vacuum a table of another
    owner, which an erasure needs.
    """
    yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
    for table in metadata.tables:
        verbs = "SELECT, INSERT" if table in append_only_tables() else "SELECT, INSERT, UPDATE, DELETE"
        verbs += ", MAINTAIN" if may_maintain else ""
        yield f'REVOKE ALL ON "{table}" FROM {role}'
        yield f'GRANT {verbs} ON "{table}" TO {role}'
    # To say which version the tables are of; only the owner writes it.
    yield f"GRANT SELECT ON alembic_version TO {role}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"


def _grant(url: str, role: str) -> None:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            if not _exists(connection, role):
                raise UnknownRoleError(role)
            quote = connection.dialect.identifier_preparer.quote_identifier
            schema = connection.scalar(text("SELECT current_schema()"))
            version = connection.dialect.server_version_info or ()
            may_maintain = version >= MAINTAIN_SINCE
            for statement in rights(quote(role), quote(schema), may_maintain=may_maintain):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _exists(connection: Connection, role: str) -> bool:
    return connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is not None


def current_revision(url: str) -> str | None:
    """Return the revision that a database is at, None for an empty one; raise UnknownRevisionError."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    script = ScriptDirectory.from_config(settings_for(url))
    if current is not None and current not in {known.revision for known in script.walk_revisions()}:
        raise UnknownRevisionError(current, is_older=current < (script.get_base() or ""))
    return current


def _check_empty(url: str) -> None:
    """Raise ForeignTablesError when a database without a revision has tables all the same."""
    engine = make_engine(url)
    try:
        tables = set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()
    if tables:
        raise ForeignTablesError(sorted(tables))


def settings_for(url: str) -> AlembicConfig:
    """Return the settings Alembic needs, without a file of its own."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    return config


SUFFIX = ".before-migration"
log = structlog.get_logger("acquis")


def copy_path(database: Path, revision: str) -> Path:
    """Return where the copy of a database at this revision is made: beside it."""
    return database.with_name(f"{database.stem}.{revision}{SUFFIX}")


def made_at(copy: Path) -> datetime:
    """Return when a copy was made."""
    return datetime.fromtimestamp(copy.stat().st_mtime, UTC)


def list_copies(url: str) -> Sequence[Path]:
    """Return the copies of a database; none for PostgreSQL, whose backups are made elsewhere."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database or place.database == ":memory:":
        return ()
    database = Path(place.database)
    return sorted(database.parent.glob(f"{database.stem}*{SUFFIX}"))


def remove_old_copies(url: str, retention: timedelta, at: datetime) -> Sequence[Path]:
    """Remove the copies that were made longer ago than `kept`, and return them."""
    old = [copy for copy in list_copies(url) if made_at(copy) + retention <= at]
    for copy in old:
        copy.unlink(missing_ok=True)
        log.info("migration_copy_removed", path=str(copy))
    return old


def copy_messages(made: Path | None, removed: Sequence[Path], retention: timedelta) -> Iterator[str]:
    """Say in French where the copy just made is and until when, and which ones were removed."""
    if made is not None:
        until = made_at(made) + retention
        log.info("migration_copy_made", path=str(made), until=until.isoformat())
        yield (
            f"Copie de la base avant la migration : {made}. Elle est gardée jusqu’au {until:%d/%m/%Y}, puis supprimée."
        )
    for path in removed:
        yield f"Ancienne copie supprimée : {path}."
