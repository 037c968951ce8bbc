"""A long story told once a process and kept: each test that begins after it gets a copy of its store."""

import pickle
import secrets
import shutil
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc.util import urlsafe_b64encode
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from portfolio.db.engine import Database
from portfolio.domain.email.rules import MAIL_FROM
from portfolio.domain.ledger.recording import SIGNER
from portfolio.signing_key import KEY_FILE, SEED_BYTES, Signer
from tests import audit_records, postgresql
from tests.places import place_for_a_server

# The key of every data folder that a test of this process does not make by itself: what is signed in one is
# valid in another.
_SEED = secrets.token_bytes(SEED_BYTES)
SHARED_KEY = Signer(_SEED)
_shared = {SHARED_KEY.kid}

# A store where one of these says something is no longer fresh.
_FIRST = "SELECT 1 FROM person UNION ALL SELECT 1 FROM certifying_body LIMIT 1"


def share_key(folder: Path) -> None:
    """Give a data folder the key that snapshots are signed with."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / KEY_FILE).write_text(urlsafe_b64encode(_SEED).decode())


def share_signer(signer: Signer) -> None:
    """Let stores that are signed with this key be kept too: many tests sign with it."""
    _shared.add(signer.kid)


class Stories:
    """The stores kept so far, and what each telling answered: ids, or rows detached from their session, anew
    for each test.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], tuple[str, bytes]] = {}

    @cached_property
    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="acquis-stories-", dir=place_for_a_server()))

    def begin(self, url: str | URL, name: str, tell: Callable[[str], Any]) -> Any:
        """Fill the fresh store of this address with the scenario, and return what the scenario returned.

        `tell` is given the address, and closes every connection.
        """
        place = make_url(url)
        key = name, place.get_backend_name()
        if key in self._told:
            kept, answer = self._told[key]
            self._restore(place, kept)
            return pickle.loads(answer)
        with audit_records.muted():
            told = tell(place.render_as_string(hide_password=False))
        self._told[key] = self._keep(place), pickle.dumps(told)
        return told

    def begin_with(self, db: Database, name: str, tell: Callable[[Database], Any]) -> Any:
        """Return the same with a database already open; the scenario is run there when something is written in it
        already, or when what it signs is signed by a key that other tests do not share, or while a server has the
        store open.
        """
        with db.reader() as session:
            riding, fresh = session.info, session.execute(text(_FIRST)).first() is None
        signer = riding.get(SIGNER)
        if not fresh or (signer is not None and signer.kid not in _shared):
            return tell(db)
        db.engine.dispose()
        if _is_in_use(db.engine.url):
            return tell(db)

        def told(_: str) -> Any:
            answer = tell(db)
            db.engine.dispose()
            return answer

        return self.begin(
            db.engine.url, f"{name}, signed by {signer and signer.kid}, from {riding.get(MAIL_FROM)}", told
        )

    def forget(self) -> None:
        """Remove what is kept here; the databases of a server go with it."""
        self._told.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _keep(self, place: URL) -> str:
        name = f"story_{uuid4().hex[:12]}"
        if place.get_backend_name() == "sqlite":
            engine = create_engine(place)
            with engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            engine.dispose()
            shutil.copy(str(place.database), self._folder / name)
        else:
            postgresql.copy(place.set(database=name), str(place.database))
        return name

    def _restore(self, place: URL, kept: str) -> None:
        if place.get_backend_name() == "sqlite":
            shutil.copy(self._folder / kept, str(place.database))
        else:
            postgresql.replace_untouched(place, kept)


def _is_in_use(place: URL) -> bool:
    """Tell whether somebody else has a store open; ours is closed.

    SQLite removes its log with the last connection.
    """
    if place.get_backend_name() == "sqlite":
        return Path(f"{place.database}-wal").exists()
    return postgresql.is_in_use(place)


STORIES = Stories()
