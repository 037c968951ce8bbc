"""A long story told once a process and kept: each test that begins after it gets a copy of its store."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url


class Stories:
    """The stores kept so far, and what each telling answered: ids, or rows detached from their session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: dict[tuple[str, str], tuple[str, Any]] = {}

    def begin(self, url: str, name: str, tell: Callable[[str], Any]) -> Any:
        """Leave the fresh store of this address as the story leaves it, and answer what telling it answered.

        `tell` is given the address, and leaves no connection open.
        """
        place = make_url(url)
        key = name, place.get_backend_name()
        if key in self._told:
            kept, answer = self._told[key]
            self._restore(place, kept)
            return answer
        answer = tell(url)
        self._told[key] = self._keep(place), answer
        return answer

    def _keep(self, place: URL) -> str:
        name = f"story_{uuid4().hex[:12]}"
        if place.get_backend_name() == "sqlite":
            engine = create_engine(place)
            with engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            engine.dispose()
            shutil.copy(str(place.database), self._folder / name)
        else:
            _run(place, f'CREATE DATABASE "{name}" TEMPLATE "{place.database}" STRATEGY FILE_COPY')
        return name

    def _restore(self, place: URL, kept: str) -> None:
        if place.get_backend_name() == "sqlite":
            shutil.copy(self._folder / kept, str(place.database))
        else:
            _run(place, f'DROP DATABASE "{place.database}" WITH (FORCE)')
            _run(place, f'CREATE DATABASE "{place.database}" TEMPLATE "{kept}" STRATEGY FILE_COPY')


def _run(place: URL, statement: str) -> None:
    engine = create_engine(place.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
