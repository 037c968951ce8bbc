"""The state of a draft, told by counts: it changes with each save and removal, and reads none of the texts."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Text,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, read_once
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_joined
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import UNFINISHED, RenditionKind


class DraftChanges(NamedTuple):
    """State of the tables that an author saves, and of the copies of their files that readers are shown."""

    saved: tuple[tuple[str, str], ...]
    made: str


@read_once
def draft_changes(session: Session, candidacy_id: UUID) -> DraftChanges:
    """Return what changes whenever a draft, or what is made of its files, does; in one query."""
    rows = sorted(map(tuple, fetch_rows(session, _CHANGES, {"candidacy": candidacy_id})))
    return DraftChanges(tuple((table, saved) for table, saved, _ in rows), "".join(made for *_, made in rows))


def _said(*figures: Any) -> ColumnElement[str]:
    separated = (part for figure in figures for part in (figure, " "))
    return func.concat(*separated, type_=Text)


def rows_changes(table: Any) -> ColumnElement[str]:
    """Return what changes with the rows of a table of drafts: how many they are, their revisions, the last change."""
    return _said(func.count(), func.sum(table.revision), func.max(table.changed_at))


def _changes() -> CompoundSelect[Any]:
    tables: tuple[Any, ...] = (Dossier, Experience, Narrative, Claim, Evidence)
    of_candidacy: BindParameter[UUID] = bindparam("candidacy")
    own = [
        select(literal(table.__tablename__), rows_changes(table), literal(""))
        .select_from(table)
        .where(table.candidacy_id == of_candidacy, is_joined(table) if table is Evidence else true())
        for table in tables
    ]
    saved = _said(func.sum(EvidenceFile.number), func.sum(EvidenceFile.pages), func.max(EvidenceFile.received_at))
    awaited = func.sum(case((Rendition.state.in_(UNFINISHED), 1)))
    extents = (
        func.count(Rendition.proof),
        func.count(Rendition.key),
        func.sum(Rendition.pages),
        func.sum(Rendition.seconds),
    )
    files = (
        select(literal("evidence_file"), saved, _said(awaited, *extents, func.max(Rendition.finished_at)))
        .join(EvidenceFile.evidence)
        .outerjoin(Rendition, (Rendition.file_id == EvidenceFile.id) & (Rendition.kind == RenditionKind.PAGES))
        .where(Evidence.candidacy_id == of_candidacy)
    )
    return union_all(*own, files)


_CHANGES = _changes()
