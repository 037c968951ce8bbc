"""Bring the database to the tables of this version, after a copy of it, and say how to go back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from shutil import move

from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from config import Config
from portfolio.backup.database_copy import database_copy, engine_name
from portfolio.backup.migration import SUFFIX, copy_messages, current_revision, remove_old_copies, settings_for, upgrade
from portfolio.files.storage.temporary_folder import temporary_folder


def migrate(config: Config, at: datetime, *, without_copy: bool = False) -> Iterator[str]:
    """Copy the database when there is something to change, migrate it, and yield what was done, in French.

    SQLite is copied beside its file by `migrations/env.py`; PostgreSQL by pg_dump into the data folder. Raise
    BackupError when pg_dump is missing or fails, before anything is changed, UnknownRoleError and
    UnknownRevisionError as `upgrade` does.
    """
    url = config.database_owner_url
    kept = timedelta(days=config.migration_copy_days)
    copy = None if without_copy else _copy_postgresql(config)
    copy = upgrade(url, application_url=config.database_url) or copy
    removed = [*remove_old_copies(url, kept, at), *_remove_old_dumps(config, kept, at)]
    yield from copy_messages(copy, removed, kept)
    if copy is not None:
        yield _way_back(config, copy)


def _copy_postgresql(config: Config) -> Path | None:
    url = config.database_owner_url
    if engine_name(url) != "postgresql":
        return None
    current = current_revision(url)
    if current in {None, ScriptDirectory.from_config(settings_for(url)).get_current_head()}:
        return None
    copy = config.data / f"acquis.{current}.pgdump{SUFFIX}"
    with (
        temporary_folder(config.data / "incoming") as folder,
        database_copy(url, config.postgresql_bin, folder) as (dump, _),
    ):
        copy.unlink(missing_ok=True)
        move(dump, copy)
    return copy


def _remove_old_dumps(config: Config, kept: timedelta, at: datetime) -> list[Path]:
    """Remove the copies of a PostgreSQL database that are older than `kept`."""
    if engine_name(config.database_owner_url) != "postgresql":
        return []
    old = [
        path
        for path in config.data.glob(f"acquis.*.pgdump{SUFFIX}")
        if datetime.fromtimestamp(path.stat().st_mtime, at.tzinfo) + kept <= at
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def _way_back(config: Config, copy: Path) -> str:
    """Say how to put the copy back, by a line that a shell takes as it is."""
    if engine_name(config.database_owner_url) == "postgresql":
        base = '"$DATABASE_OWNER_URL"' if config.database_owner_url != config.database_url else '"$DATABASE_URL"'
        psql, restore = (quote(str(Path(config.postgresql_bin, name))) for name in ("psql", "pg_restore"))
        # Tables of after, that the copy does not know, refer to those that it has: everything goes first.
        way = (
            f"{psql} --dbname={base} -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' && {restore} --no-owner "
            f"--exit-on-error --single-transaction --dbname={base} {quote(str(copy))}"
        )
        way += "\nEnfin flask migrate, qui rend ses droits au rôle de l’application."
    else:
        place = quote(make_url(config.database_owner_url).database or "")
        way = f"rm -f {place}-wal {place}-shm && mv {quote(str(copy))} {place}"
    return f"Pour revenir en arrière\u00a0: arrêtez tout, reprenez la version d’avant du programme, puis\n{way}"
