"""Keep the search index current: every text that a session writes is indexed in the same transaction.

A text written before the index, or by a statement that names no row, is indexed by the worker (`index_missing`).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.dossier import Claim, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import METHOD, TEXT_NOT_READ
from portfolio.domain.search.models import SearchEntry, SearchKind
from portfolio.domain.search.rules import index_words
from portfolio.domain.submission.rules.dossier import SealedDossier, SealedExhibit, SealedNarrative
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest

# How many rows of a kind one run of the worker indexes.
BATCH = 500
# The table of a text, the kind of its entry, and the column of the entry that names the row.
_SOURCES: Mapping[type[Any], tuple[SearchKind, str]] = {
    Evidence: (SearchKind.EVIDENCE, "evidence_id"),
    Claim: (SearchKind.CLAIM, "claim_id"),
    Narrative: (SearchKind.NARRATIVE, "narrative_id"),
    Page: (SearchKind.PAGE, "page_id"),
}
Values = dict[str, Any]


def scope_word(candidacy_id: UUID) -> str:
    """Return the word that every entry of a candidacy has: the index answers with the entries of one
    candidacy at once.
    """
    return f"c{candidacy_id.hex}"


def narrative_text(narrative: Narrative | SealedNarrative) -> str:
    """Return everything a narrative says."""
    return "\n".join(
        part for part in (narrative.situation, narrative.actions, narrative.choices, narrative.result) if part
    )


def evidence_text(piece: Evidence | SealedExhibit) -> str:
    """Return what a piece says about itself: its title, the role and the part of the candidate, its web address."""
    return "\n".join(part for part in (piece.title, piece.own_role, piece.own_part, piece.web_address) if part)


def index_rows(session: Session, rows: Iterable[Any]) -> int:
    """Index the texts of these rows again, and return how many there were."""
    count = 0
    for row in rows:
        source = _SOURCES.get(type(row))
        if source is not None:
            kind, column = source
            session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, getattr(SearchEntry, column) == row.id))
            session.execute(insert(SearchEntry), [_entry(session, row, kind) | {column: row.id}])
        elif isinstance(row, Submission):
            session.execute(delete(SearchEntry).where(SearchEntry.submission_id == row.id))
            if entries := list(_sealed_entries(row)):
                session.execute(insert(SearchEntry), entries)
        else:
            continue
        count += 1
    return count


def index_missing(session: Session) -> int:
    """Index some of the texts that have no entry yet, and return how many."""
    count = 0
    for table, (kind, column) in _SOURCES.items():
        known = exists().where(SearchEntry.kind == kind, getattr(SearchEntry, column) == table.id)
        query = select(table).where(~known)
        if table is Page:
            drawn = Rendition.id == Page.rendition_id, Rendition.method == METHOD
            has_words = or_(Page.text != "", Page.machine_text != "")
            query = query.join(Rendition, drawn[0]).where(has_words, drawn[1])
        count += index_rows(session, session.scalars(query.order_by(table.id).limit(BATCH)).all())
    known = exists().where(SearchEntry.submission_id == Submission.id)
    sealed = select(Submission).where(~known).order_by(Submission.id).limit(BATCH // 10)
    return count + index_rows(session, session.scalars(sealed).all())


def _entry(session: Session, row: Any, kind: SearchKind) -> Values:
    if kind is SearchKind.PAGE:
        return _page_entry(session, row)
    if kind is SearchKind.CLAIM:
        return _values(kind, row.candidacy_id, row.comment, evidence_id=row.evidence_id)
    return _values(kind, row.candidacy_id, evidence_text(row) if kind is SearchKind.EVIDENCE else narrative_text(row))


def _page_entry(session: Session, page: Page) -> Values:
    file_id, evidence_id, candidacy_id = session.execute(
        select(EvidenceFile.id, Evidence.id, Evidence.candidacy_id)
        .join(EvidenceFile.evidence)
        .join(Rendition, Rendition.file_id == EvidenceFile.id)
        .where(Rendition.id == page.rendition_id)
    ).one()
    found = {"file_id": file_id, "evidence_id": evidence_id, "page": page.number}
    return _values(SearchKind.PAGE, candidacy_id, page.text or page.machine_text or "", **found)


def _sealed_entries(submission: Submission) -> Iterator[Values]:
    """Yield what a sealed dossier says; nothing for one that cannot be read, which the checks of the ledger name."""
    try:
        dossier: SealedDossier = read_manifest(submission.manifest)
    except UnreadableManifest:
        return
    sealed = {"submission_id": submission.id}
    for exhibit in dossier.exhibits:
        place = sealed | {"exhibit": exhibit.label, "competency": ""}
        yield _values(SearchKind.SEALED_EXHIBIT, submission.candidacy_id, evidence_text(exhibit), **place)
    for competency in (competency for block in dossier.blocks for competency in block.competencies):
        place = sealed | {"exhibit": "", "competency": competency.number}
        yield _values(
            SearchKind.SEALED_NARRATIVE, submission.candidacy_id, narrative_text(competency.narrative), **place
        )
        for claim in competency.claims:
            yield _values(
                SearchKind.SEALED_CLAIM, submission.candidacy_id, claim.comment, **(place | {"exhibit": claim.exhibit})
            )


def _values(kind: SearchKind, candidacy_id: UUID, text: str, **place: Any) -> Values:
    words = f"{scope_word(candidacy_id)} {index_words(text)}".rstrip()
    return {"kind": kind, "candidacy_id": candidacy_id, "words": words, **place}


def index_written(session: Session) -> None:
    """Index the texts that a flush has just written."""
    written = [row for row in (*session.new, *session.dirty) if _is_indexed(row)]
    if written:
        index_rows(session, written)


def _is_indexed(row: object) -> bool:
    """Return whether a row has words to find; a page whose text is not read yet has none."""
    if isinstance(row, Page):
        return row.hidden != TEXT_NOT_READ
    return type(row) in _SOURCES or type(row) is Submission
