"""Whether each manifest still gives the root of its submission, and says what the rows of its blocks and
files say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Base
from portfolio.domain.ledger.rules.difference import Change, Difference
from portfolio.domain.submission.rules.manifest import UnreadableManifest, items_and_root

_TABLES = Base.metadata.tables
_AT_ONCE = 20  # a manifest may hold some hundred kilobytes
_SEALED = ("name", "mime", "size", "sha256")
_RECEIVED = ("name", "mime", "size", "sha256", "family", "pages")


def first_broken_seal(
    session: Session, erased: Collection[str] = (), only: Collection[str] | None = None
) -> Difference | None:
    """The first submission whose manifest and rows disagree, among all or `only` these; of those erased
    nothing is left to read.
    """
    for row in _submissions(session) if only is None else _these(session, sorted(only)):
        if row.id.hex not in erased:
            found = _broken(session, row)
            if found is not None:
                return found
    return None


def _submissions(session: Session) -> Iterator[Any]:
    table = _TABLES["submission"]
    query = (
        select(table.c.id, table.c.candidacy_id, table.c.manifest, table.c.root)
        .order_by(table.c.id)
        .limit(_AT_ONCE)
    )
    rows = session.execute(query).all()
    while rows:
        yield from rows
        rows = session.execute(query.where(table.c.id > rows[-1].id)).all()


def _these(session: Session, rows: Sequence[str]) -> Iterator[Any]:
    table = _TABLES["submission"]
    query = select(table.c.id, table.c.candidacy_id, table.c.manifest, table.c.root).order_by(table.c.id)
    for start in range(0, len(rows), _AT_ONCE):
        some = [UUID(row) for row in rows[start : start + _AT_ONCE]]
        yield from session.execute(query.where(table.c.id.in_(some)))


def _broken(session: Session, submission: Any) -> Difference | None:
    try:
        items, root = items_and_root(submission.manifest)
        numbers = {item["number"] for item in items if item["id"].startswith("block:")}
        exhibits = {item["label"]: item for item in items if item["id"].startswith("exhibit:")}
    except (UnreadableManifest, KeyError, AttributeError):
        return _difference("submission", submission.id, "manifest")
    if root != submission.root:
        return _difference("submission", submission.id, "root")
    if _numbers(session, submission.id) != numbers:
        return _difference("submission", submission.id, "manifest")
    return _of_files(session, submission, exhibits)


def _numbers(session: Session, submission_id: UUID) -> set[int]:
    block, presented = _TABLES["block"], _TABLES["submitted_block"]
    query = select(block.c.number).join(presented, presented.c.block_id == block.c.id)
    return set(session.scalars(query.where(presented.c.submission_id == submission_id)))


def _of_files(
    session: Session, submission: Any, exhibits: Mapping[str, Mapping[str, Any]]
) -> Difference | None:
    sealed = session.execute(
        select(_TABLES["sealed_file"]).where(_TABLES["sealed_file"].c.submission_id == submission.id)
    ).all()
    if {row.exhibit for row in sealed} != exhibits.keys():
        return _difference("submission", submission.id, "manifest")
    versions = _versions(session, submission.candidacy_id)
    for row in sealed:
        exhibit = exhibits[row.exhibit]
        version = versions.get((exhibit.get("piece"), exhibit.get("file_version")))
        found = _compared(_TABLES["sealed_file"], row, exhibit, _SEALED)
        if found is None and version is not None:
            found = _compared(_TABLES["evidence_file"], version, exhibit, _RECEIVED)
            if found is None and version.key != row.key:
                found = _difference("sealed_file", row.id, "key", row.exhibit)
        if found is not None:
            return found
    return None


def _versions(session: Session, candidacy_id: UUID) -> Mapping[tuple[Any, Any], Any]:
    """The rows of the files of a candidacy, by the number of the piece and of the version."""
    file, piece = _TABLES["evidence_file"], _TABLES["evidence"]
    query = select(file, piece.c.number.label("piece")).join(piece, piece.c.id == file.c.evidence_id)
    return {
        (row.piece, row.number): row
        for row in session.execute(query.where(piece.c.candidacy_id == candidacy_id))
    }


def _compared(table: Table, row: Any, exhibit: Mapping[str, Any], names: Sequence[str]) -> Difference | None:
    wrong = next((name for name in names if getattr(row, name) != exhibit.get(name)), None)
    return None if wrong is None else _difference(table.name, row.id, wrong, exhibit["label"])


def _difference(table: str, row: UUID, column: str, exhibit: str | None = None) -> Difference:
    return Difference(Change.SEAL_BROKEN, table, row.hex, None, column, exhibit)
