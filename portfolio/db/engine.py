"""The engine, the read session of a request, and `transaction()`: the only commit.

Room for other writers between the transactions of a long act.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, partial, wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import pysqlite3
from flask import current_app, g, has_app_context
from sqlalchemy import JSON, DateTime, Dialect, Engine, Enum, Executable, MetaData, Uuid, create_engine, event, literal
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import TypeDecorator

from portfolio.calendar import day_of
from portfolio.db.together import Together

# Earlier releases can corrupt a database in WAL mode.
SAFE_SQLITE = (3, 51, 3)
# How each store says that its disk is full.
POSTGRESQL_DISK_FULL, SQLITE_FULL = "53100", "database or disk is full"
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=15000",
    "secure_delete=ON",
    "trusted_schema=OFF",
    # 8 MiB a connection, four times the default: fifty lines of a list, each with ten tables, then read their
    # pages of the database once (1.0 ms beside 2.1 with 100,000 candidacies; 64 MiB gains nothing more).
    "cache_size=-8192",
    # Else INSERT OR REPLACE would delete a row behind the back of the append-only guards.
    "recursive_triggers=ON",
)
# Statements that a connection to SQLite keeps prepared. The driver keeps those that were run most often: with
# its hundred, the statements of a page put one another out, and preparing one again takes longer than running
# it.
STATEMENTS_KEPT = 500
# The same for a connection to PostgreSQL, which holds each plan in the memory of its server.
STATEMENTS_PREPARED = 300
# Statements that an engine keeps compiled. The product has more than SQLAlchemy's five hundred: a server that shows all
# its pages would compile some of them again at each request.
STATEMENTS_COMPILED = 2000
IN_TRANSACTION = 2  # PQTRANS_INTRANS of libpq: no statement of it has failed


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC, read back aware; SQLite forgets zones, so we say it ourselves."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# In the `info` of a column that repeats the key of a stored file which another row names: it does not keep
# the file.
REPEATED_KEY = "repeated_key"
# In the `info` of a table or of a column, its care (`portfolio/db/care.py`); a class says its own as `__care__`.
CARE = "care"


class Base(DeclarativeBase):
    """Parent of every table: predictable names of constraints, and UTC moments."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime(),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }

    def __init_subclass__(cls, **options: Any) -> None:
        """Keep the care that the class declares with its table."""
        super().__init_subclass__(**options)
        if "__care__" in vars(cls):
            cls.metadata.tables[cls.__tablename__].info[CARE] = vars(cls)["__care__"]


def enum_column(kind: type[StrEnum], name: str) -> Enum:
    """A column type for a closed list of codes, checked by the database itself.

    The checks are added by `Base` conventions under `name`; values, not member names, are stored.
    """
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def new_id() -> uuid.UUID:
    """A random identity: it can stand in a URL without telling how many there are."""
    return uuid.uuid4()


class Numbered:
    """A row whose key is of others, with a random identity of its own, under which the ledger records it."""

    id: Mapped[uuid.UUID] = mapped_column(unique=True, default=new_id)


class UuidPrimaryKey:
    """A row known outside by a random identity."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


def fetch_rows(session: Session, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
    """Return the rows of a statement of columns, without the unit of work, which costs as much as the store itself.

    It keeps nothing of what is read; what a writing session has changed so far is written first, as ever.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(_narrowed(session, statement), parameters).all()


def fetch_together(session: Session, parts: Together, parameters: Mapping[str, Any]) -> list[list[Any]]:
    """Return the rows of each statement of a `Together`, by the names of its columns, in no order."""
    criteria = reading_criteria(session)
    statement = parts.narrowed(criteria) if criteria else parts.statement
    found: list[list[Any]] = [[] for _ in parts.places]
    for number, *values in fetch_rows(session, statement, parameters):
        found[number].append(parts.rows[number]._make([values[place] for place in parts.places[number]]))
    return found


# The name under which a session finds the clock: for what is written beside an act that names no moment.
CLOCK = "clock"


def today_of(session: Session) -> date:
    """Return the present day, as people in France see it, by the clock of a session."""
    return day_of(session.info[CLOCK]())


_AFTER_COMMIT = "after_commit"


class Follower(NamedTuple):
    """A thing that every transaction does beside what was asked: after each flush, while the session still
    tells which rows are new, and as its last act before the commit.
    """

    after_flush: Callable[[Session], None]
    before_commit: Callable[[Session], None] | None = None


class Database:
    """One engine and the two ways to use it: reading, and one transaction that writes."""

    def __init__(
        self,
        url: str,
        info: dict[Any, Any] | None = None,
        followers: Sequence[Follower] = (),
        *,
        engine: Callable[[str], Engine] | None = None,
    ) -> None:
        """`info` rides in every session: what services may need of the installation, such as its signing
        key. `portfolio.on_commit.open_database` names the followers of the application. `engine` gives one that
        is already made.
        """
        self.engine = (engine or make_engine)(url)
        self._followers = followers
        self._info = {CLOCK: partial(datetime.now, UTC), _KEPT: {}, **(info or {})}
        self._writing = self.engine.execution_options(writes=True)
        self._reading = self.engine.execution_options(reads=True)

    def reader(self) -> Session:
        """A session that only reads; the caller that opens it closes it."""
        return Session(self._reading, autoflush=False, info=self._info)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a write that commits at the end, or rolls back.

        On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`), so that what it reads cannot
        change before it writes; on PostgreSQL the services lock the rows they rely on.
        """
        with Session(self._writing, expire_on_commit=False, info=self._info) as session:
            for follower in self._followers:
                event.listen(session, "after_flush", _noting(follower))
            with session.begin():
                yield session
                for follower in self._followers:
                    if follower.before_commit is not None:
                        follower.before_commit(session)
            for act in session.info.pop(_AFTER_COMMIT, ()):
                act()


def _noting(follower: Follower) -> Callable[[Session, object], None]:
    return lambda session, _context: follower.after_flush(session)


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Call `act` once the transaction of this session has committed; never when it is rolled back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(act)


def is_disk_full(error: DBAPIError) -> bool:
    """Return whether the database refused a write for want of room on its disk."""
    return getattr(error.orig, "sqlstate", None) == POSTGRESQL_DISK_FULL or SQLITE_FULL in str(error.orig)


def insert_if_absent(session: Session, table: type[Base], keys: tuple[str, ...], **values: Any) -> bool:
    """Add a row unless one with these keys is there; True when it was added, for exactly one of those who
    try at once.
    """
    if session.autoflush:
        session.flush()
    build = _insert_if_absent_statement(session.get_bind().dialect.name, table, keys)
    return session.connection().execute(build, values).first() is not None


@cache
def _insert_if_absent_statement(store: str, table: type[Base], keys: tuple[str, ...]) -> Executable:
    """Return the statement, built once: building it takes as long as running it."""
    builders: dict[str, Any] = {"sqlite": insert_sqlite, "postgresql": insert_postgresql}
    # What comes back is told by the store itself: a count of rows is not, for an insert, on every driver.
    added: Executable = (
        builders[store](table.__table__).on_conflict_do_nothing(index_elements=keys).returning(literal(1))
    )
    return added


def make_engine(url: str) -> Engine:
    """Build an engine with the safeguards of its store; its errors never tell the values of a statement."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql_engine(parsed)
    raise ValueError("DATABASE_URL must name a SQLite or a PostgreSQL database")


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        # Few connections: those who wait for a row wait here in line, where no lock_timeout runs.
        pool_size=10,
        max_overflow=2,
        pool_timeout=60,
        hide_parameters=True,
        query_cache_size=STATEMENTS_COMPILED,
        connect_args={"options": "-c statement_timeout=30000 -c lock_timeout=5000 -c timezone=UTC -c datestyle=ISO"},
    )

    @event.listens_for(engine, "connect")
    def _keep_statements(connection: Any, _record: Any) -> None:
        connection.prepared_max = STATEMENTS_PREPARED

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.connection.dbapi_connection.read_only = _reads(connection)

    # psycopg forgets what it has prepared at each ROLLBACK: PostgreSQL then parses and plans every statement
    # of every page again. A transaction that only reads ends by COMMIT, which changes nothing either.
    @event.listens_for(engine, "rollback")
    def _end_reading(connection: Any) -> None:
        if connection.invalidated or not _reads(connection):
            return
        driver = connection.connection.dbapi_connection
        if driver.pgconn.transaction_status == IN_TRANSACTION:
            try:
                driver.commit()
            except engine.dialect.loaded_dbapi.OperationalError as error:
                connection.invalidate(error)  # the server is gone: what was read is read

    return engine


def _reads(connection: Any) -> bool:
    return bool(connection.get_execution_options().get("reads", False))


def _sqlite_engine(url: str) -> Engine:
    if pysqlite3.sqlite_version_info < SAFE_SQLITE:
        raise RuntimeError(
            f"SQLite {pysqlite3.sqlite_version_info} may corrupt a WAL database: install pysqlite3 again"
        )
    kept = {"cached_statements": STATEMENTS_KEPT}
    engine = create_engine(
        url,
        module=pysqlite3.dbapi2,
        pool_size=10,
        max_overflow=10,
        pool_timeout=60,
        hide_parameters=True,
        query_cache_size=STATEMENTS_COMPILED,
        connect_args=kept,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def database() -> Database:
    """Return the database of the running application."""
    found: Database = current_app.extensions["database"]
    return found


def read_session() -> Session:
    """Return the read session of this request, opened when first asked for."""
    if "read_session" not in g:
        g.read_session = database().reader()
        g.read_session.info[_READ] = {}
        if g.get("reads"):
            narrow(g.read_session, g.reads)
    session: Session = g.read_session
    return session


_READ = "read"
Params = ParamSpec("Params")
Value = TypeVar("Value")


def read_once(read: Callable[Concatenate[Session, Params], Value]) -> Callable[Concatenate[Session, Params], Value]:
    """Give a function that reads, and whose answer nobody changes, the same answer for the same arguments as
    long as the read session of a request lasts; any other session reads each time.
    """

    @wraps(read)
    def answer(session: Session, /, *args: Params.args, **kwargs: Params.kwargs) -> Value:
        known = session.info.get(_READ)
        if known is None:
            return read(session, *args, **kwargs)
        key = (read, args, *sorted(kwargs.items()))
        if key not in known:
            known[key] = read(session, *args, **kwargs)
        found: Value = known[key]
        return found

    return answer


# Under this name every session of a database finds what its requests keep for the next ones.
_KEPT, _MOST_KEPT = "kept", 200


def kept_while(session: Session, subject: tuple[object, ...], state: object, read: Callable[[], Value]) -> Value:
    """Return what `read` answers about a subject, which requests keep as long as its state, read before, is the same.

    Figures, numbers and keys are kept, never a text. A session that writes, or reads less than everything, reads.
    """
    if _READ not in session.info or is_narrowed(session):
        return read()
    kept: dict[tuple[object, ...], tuple[object, Value]] = session.info[_KEPT]
    known = kept.get(subject)
    if known is None or known[0] != state:
        known = (state, read())
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[subject] = known
    return known[1]  # another thread may have emptied the rest


# The criteria that narrow what a session reads, of whatever table and statement.
_READS = "reads"


def narrow(session: Session, criteria: Sequence[ExecutableOption]) -> None:
    """Apply these criteria to everything that a session reads from now on; without any, it reads all again."""
    if _READS not in session.info:
        event.listen(session, "do_orm_execute", _narrow_orm)
    session.info[_READS] = criteria
    if _READ in session.info:
        session.info[_READ] = {}


def narrow_request(criteria: Sequence[ExecutableOption]) -> None:
    """Apply these criteria to what this request reads, after a write as well."""
    g.reads = criteria
    narrow(read_session(), criteria)


def is_narrowed(session: Session) -> bool:
    """Return whether a session reads less than everything."""
    return bool(reading_criteria(session))


def reading_criteria(session: Session) -> Sequence[ExecutableOption]:
    """Return the criteria that narrow what a session reads."""
    criteria: Sequence[ExecutableOption] = session.info.get(_READS, ())
    return criteria


def _narrowed(session: Session, statement: Any) -> Any:
    criteria = reading_criteria(session)
    return statement.options(*criteria) if criteria else statement


def _narrow_orm(state: ORMExecuteState) -> None:
    if state.is_select and not state.is_column_load:
        state.statement = _narrowed(state.session, state.statement)


def close_read_session(_error: BaseException | None = None) -> None:
    """Give the read session back; what was loaded stays usable, detached."""
    if has_app_context() and (session := g.pop("read_session", None)) is not None:
        session.close()


def mark_database_down() -> None:
    """Say that the store does not answer: until the end of this request, nothing that can be told without
    it asks it.
    """
    g.given_up = True
    close_read_session()


def is_database_down() -> bool:
    """Return whether this request met a store that does not answer."""
    return "given_up" in g


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the only commit of the application: end the read of the request, then begin the write.

    A read left open across a write would fail at once on SQLite ("database is locked").
    """
    close_read_session()
    with database().transaction() as session:
        yield session


# SQLite keeps no queue: a writer that waits looks again every tenth of a second. An act that takes the lock
# back at once keeps everybody else out until their patience ends, "database is locked".
_SQLITE_SECONDS = 0.12


def yield_to_writers(database: Database) -> None:
    """Wait after a transaction until every writer that waits had its chance; PostgreSQL has a queue and
    needs no wait.
    """
    if database.engine.dialect.name == "sqlite":
        time.sleep(_SQLITE_SECONDS)
