"""Find when a tracked row becomes a fact, and which rows become facts together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Table, bindparam, exists, or_, select, true

from portfolio.db.engine import Base
from portfolio.domain.ledger.rules.acts import TRACKED

_TABLES = Base.metadata.tables


def fixed(table: Table) -> ColumnElement[bool]:
    """Whether a row of a tracked table is a fact already: published, submitted, or part of closed minutes."""
    link = TRACKED[table.name]
    if link is None:
        return _FIXED.get(table.name, true)()
    parent = parent_of(table)
    return exists(select(parent.c.id).where(parent.c.id == table.c[link], fixed(parent)))


def parent_of(table: Table) -> Table:
    """The table of the rows that the rows of this one belong to."""
    (key,) = table.c[TRACKED[table.name] or ""].foreign_keys
    return key.column.table


def children_of(table: Table) -> Iterator[tuple[Table, ColumnElement[UUID]]]:
    """The tracked tables whose rows belong to the rows of this one, with the column that says to which."""
    for name, link in TRACKED.items():
        if link is not None and parent_of(_TABLES[name]) is table:
            yield _TABLES[name], _TABLES[name].c[link]


def fixed_with(name: str) -> Iterator[tuple[Table, Select[UUID]]]:
    """The rows that a row (`row` of each query) of one of these tables makes facts of, and to which it does
    not belong.
    """
    for table, query in _MADE_FACTS.get(name, {}).items():
        yield _TABLES[table], query


def _published() -> ColumnElement[bool]:
    return _TABLES["certification_version"].c.published_at.is_not(None)


def _has_published() -> ColumnElement[bool]:
    version = _TABLES["certification_version"].alias()
    own = version.c.certification_id == _TABLES["certification"].c.id
    return exists(select(version.c.id).where(own, version.c.published_at.is_not(None)))


def _presented() -> ColumnElement[bool]:
    submission, acquisition, candidacy = _TABLES["submission"], _TABLES["acquisition"], _TABLES["candidacy"]
    return or_(
        exists(select(submission.c.id).where(submission.c.candidacy_id == candidacy.c.id)),
        exists(select(acquisition.c.id).where(acquisition.c.candidacy_id == candidacy.c.id)),
    )


def _sealed() -> ColumnElement[bool]:
    sealed = _TABLES["sealed_file"]
    return exists(select(sealed.c.id).where(sealed.c.key == _TABLES["evidence_file"].c.key))


def _closed() -> ColumnElement[bool]:
    minutes = _TABLES["minutes"]
    return exists(select(minutes.c.id).where(minutes.c.hearing_id == _TABLES["hearing"].c.id))


def _has_closed() -> ColumnElement[bool]:
    minutes, hearing = _TABLES["minutes"], _TABLES["hearing"].alias()
    own = hearing.c.session_id == _TABLES["jury_session"].c.id
    return exists(select(minutes.c.id).join(hearing, hearing.c.id == minutes.c.hearing_id).where(own))


# Of the other tables that belong to no row, every row is a fact.
_FIXED: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "certification": _has_published,
    "certification_version": _published,
    "candidacy": _presented,
    "evidence_file": _sealed,
    "hearing": _closed,
    "jury_session": _has_closed,
}


_ROW: BindParameter[UUID] = bindparam("row")


def _one(wanted: str, table: str) -> Select[UUID]:
    return select(_TABLES[table].c[wanted]).where(_TABLES[table].c.id == _ROW)


def _session_of_minutes() -> Select[UUID]:
    minutes, hearing = _TABLES["minutes"], _TABLES["hearing"]
    joined = select(hearing.c.session_id).join(minutes, minutes.c.hearing_id == hearing.c.id)
    return joined.where(minutes.c.id == _ROW)


def _files_of_submission() -> Select[UUID]:
    file, sealed = _TABLES["evidence_file"], _TABLES["sealed_file"]
    return select(file.c.id).join(sealed, sealed.c.key == file.c.key).where(sealed.c.submission_id == _ROW)


_MADE_FACTS: Mapping[str, Mapping[str, Select[UUID]]] = {
    "certification_version": {"certification": _one("certification_id", "certification_version")},
    "submission": {"candidacy": _one("candidacy_id", "submission"), "evidence_file": _files_of_submission()},
    "acquisition": {"candidacy": _one("candidacy_id", "acquisition")},
    "minutes": {"hearing": _one("hearing_id", "minutes"), "jury_session": _session_of_minutes()},
}
