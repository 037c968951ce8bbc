"""The copies that a migration makes of a SQLite database before it changes it: where they are, and when they
are removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.engine import make_url

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
            f"Copie de la base avant la migration : {made}. Elle est gardée jusqu’au {until:%d/%m/%Y}, puis "
            "supprimée."
        )
    for path in removed:
        yield f"Ancienne copie supprimée : {path}."
