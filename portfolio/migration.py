"""Bring a database to the tables of this version, without losing a row on the way."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the missing migrations with the owner's rights.

    On SQLite a copy is made first, and rows are counted and foreign keys checked by `migrations/env.py`.
    """
    command.upgrade(settings_for(url), revision)


def settings_for(url: str) -> AlembicConfig:
    """The settings Alembic needs, without a file of its own."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
