"""An application with its world: what stands in every table, and the way back to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from tests.rights.fixtures_world import World
from tests.rights.leak_markers import Canary, in_text
from tests.rights.table import Line
from tests.rights.visitors import browser, token, who_is

# What logging in and the throttle write no matter who tries, and the count of what is opened.
QUIET = {
    *("login_session", "login_attempt", "known_browser", "access_record", "exhibit_opening"),
    # A candidate who opens the letter of a result proves that they received it.
    "notification_receipt",
}
# What every refusal, and that opening, write: a line in the audit log.
AUDITED = {"audit_event": " WHERE action NOT IN ('access_denied', 'notification_received')"}
# A number that is another one as soon as anything was written.
WRITTEN = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
}

Row = tuple[Any, ...]
Differences = dict[str, tuple[set[Row], set[Row]]]


@dataclass
class Installation:
    """The application, the world in its store, and a copy of that store."""

    app: Flask
    world: World
    browsers: dict[str | None, FlaskClient] = field(default_factory=dict)
    _own: dict[UUID | None, set[Canary]] = field(default_factory=dict)
    _copy: Any = None
    _watch: Any = None
    # The last digest, and the number of writes it was made after.
    _last: tuple[int, dict[str, int]] | None = None
    # What stands in the copy, and the number of writes after which the store was last the same.
    _kept: dict[str, int] = field(default_factory=dict)
    _same: int = -1

    @property
    def store(self) -> Database:
        """Return the database of the application."""
        found: Database = self.app.extensions["database"]
        return found

    @cached_property
    def token(self) -> str:
        """A token for the forms of every browser here."""
        return token(self.app)

    def browser(self, person: str, state: str = "draft") -> FlaskClient:
        """Return the browser of a person of the table; the same one when asked again."""
        name = who_is(person, state)
        if name not in self.browsers:
            self.browsers[name] = browser(self.app, self.world, name)
        return self.browsers[name]

    def own(self, person: str, state: str) -> set[Canary]:
        """A person's own name and address, which they may read anywhere."""
        who = self.world.people.get(who_is(person, state) or "")
        if who not in self._own:
            with self.store.reader() as session:
                found = session.get(Person, who) if who else None
                self._own[who] = in_text(f"{found.name} {found.email}") if found else set()
        return self._own[who]

    def takes_an_id(self, line: Line) -> bool:
        """Tell whether a route names an object in its address; the kind of a page or the name of an act is none."""
        return bool(self.rule(line).arguments - {"kind", "action"})

    def rule(self, line: Line) -> Rule:
        """Return the route of a line."""
        return next(one for one in self.app.url_map.iter_rules(line.endpoint) if line.method in (one.methods or ()))

    def url(self, line: Line, state: str, other: Mapping[str, object] | None = None) -> str | None:
        """Return the address of a route for the dossier in this state; None where there is no such thing in that
        state.

        `other`: ids that stand in place of those of that dossier.
        """
        adapter = self.app.url_map.bind("localhost")
        rule = self.rule(line)
        at: dict[str, object] = {
            "filename": "css/tokens.css",
            "token": "x",
            "kind": "help",
            "edition": "booklet",
            "withdrawals": 1,
            "credential_kind": "json",
            "push_act": "session",
            **self.world.places.get(state, {}),
            **(other or {}),
        }
        wanted = {name: line.names.get(name, name) for name in rule.arguments}
        if any(place not in at for place in wanted.values()):
            return None
        return adapter.build(line.endpoint, {name: at[place] for name, place in wanted.items()}, method=line.method)

    def digest(self) -> dict[str, int]:
        """A digest of the rows, in any order, of every table but the quiet ones; read again only after a write."""
        written = self.writes()
        if self._last is not None and self._last[0] == written:
            return self._last[1]
        found = {}
        with self.store.engine.connect() as connection:
            cursor = connection.connection.cursor()  # the driver's own: hundreds of tables are read a thousand times
            plain = self.store.engine.dialect.name == "sqlite"  # the rows of the other driver hold lists
            for name in metadata.tables.keys() - QUIET:
                cursor.execute(f'SELECT * FROM "{name}"{AUDITED.get(name, "")}')
                found[name] = sum(map(hash, cursor if plain else map(repr, cursor.fetchall())))
        self._last = written, found
        return found

    def changed_since(self, before: dict[str, int]) -> set[str]:
        """Return the tables whose rows are not what they were."""
        now = self.digest()
        return {name for name, rows in before.items() if now[name] != rows}

    def rows(self) -> dict[str, list[Row]]:
        """Every row of every table, as the driver reads it."""
        with self.store.engine.connect() as connection:
            cursor = connection.connection.cursor()
            return {name: cursor.execute(f'SELECT * FROM "{name}"').fetchall() for name in sorted(metadata.tables)}

    def differences(self, before: dict[str, list[Row]]) -> Differences:
        """By table, the rows that are new and those that are gone."""
        return {
            name: ({*rows} - {*before[name]}, {*before[name]} - {*rows})
            for name, rows in self.rows().items()
            if rows != before[name]
        }

    def writes(self) -> int:
        """A number that is another one as soon as anything is committed, or, on PostgreSQL, as soon as anyone tries."""
        if self._watch is None:
            self._watch = self.store.engine.raw_connection()
        cursor = self._watch.cursor()
        cursor.execute(WRITTEN[self.store.engine.dialect.name])
        found = int(cursor.fetchone()[0])
        cursor.close()
        if self.store.engine.dialect.name == "postgresql":
            self._watch.rollback()
        return found

    def close(self) -> None:
        """Give back what watches the writes; the application is closed by the test that made it."""
        if self._watch is not None:
            self._watch.close()

    def keep(self) -> None:
        """Remember the store as it stands."""
        self._copy = _memory()
        _copied(self.store, self._copy, back=False)
        self._kept, self._same = self.digest(), self.writes()

    def restore(self) -> None:
        """Put the store back, if anything was written; browsers keep their cookies."""
        if self.writes() == self._same:
            return
        _copied(self.store, self._copy, back=True)
        self._same = self.writes()
        self._last = self._same, self._kept


def _memory() -> Any:
    import pysqlite3

    return pysqlite3.dbapi2.connect(":memory:", check_same_thread=False)


def _copied(store: Database, copy: Any, *, back: bool) -> None:
    raw = store.engine.raw_connection()
    try:
        live = raw.driver_connection
        copy.backup(live) if back else live.backup(copy)
    finally:
        raw.close()
