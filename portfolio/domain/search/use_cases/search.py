"""Search what a person may read; the rights are conditions of the query itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.orm import Session

from portfolio.db.full_text import matching
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models import Claim, Narrative
from portfolio.domain.evidence.models.evidence import Evidence, EvidenceFile
from portfolio.domain.evidence.models.renditions import Page
from portfolio.domain.search.models import SearchEntry, SearchKind
from portfolio.domain.search.rules.words import Passage, passage_of, query_words
from portfolio.domain.search.use_cases import readable
from portfolio.domain.search.use_cases.indexing import evidence_text, narrative_text, scope_word
from portfolio.domain.submission.models import SealedFile
from portfolio.domain.submission.rules.dossier import SealedDossier

PAGE_SIZE = 50
# How many matches are put in order: a word that every page has does not make the search slower.
MAX_MATCHES = 1000
# Titles first, then what is written about the pieces, then the pages of their files; those of one dossier
# follow each other.
_ORDER = {kind: rank for rank, kind in enumerate(SearchKind)}


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that matches: where it is, and the passage that shows the match."""

    kind: SearchKind
    candidacy_id: UUID
    passage: Passage
    evidence_id: UUID | None = None
    number: int | None = None
    title: str = ""
    version: int | None = None
    page: int | None = None
    exhibit: str = ""
    competency: str = ""
    competency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of results, and whether another follows."""

    hits: Sequence[Hit] = ()
    has_next: bool = False


def search_drafts(
    session: Session, person_id: UUID, query: str, candidacy_id: UUID | None = None, page: int = 1
) -> SearchResults:
    """Search the drafts that the person writes or advises, or the one named."""
    drafts = readable.readable_drafts(person_id, candidacy_id)
    entries, has_next = _entries(session, query, drafts, readable.is_in_draft(drafts), page)
    texts = _draft_texts(session, entries)
    return SearchResults(
        tuple(_draft_hit(entry, texts, query) for entry in entries if entry.id in texts), has_next
    )


def search_hearing(
    session: Session,
    person_id: UUID,
    hearing_id: UUID,
    closed_since: datetime,
    sealed: SealedDossier,
    query: str,
    page: int = 1,
) -> SearchResults:
    """Search the sealed dossier of a hearing, for a juror who may read it; `sealed` is that dossier."""
    submission = readable.heard_submission(person_id, hearing_id, closed_since)
    rights = readable.is_sealed_in(submission)
    entries, has_next = _entries(session, query, readable.candidacies_of(submission), rights, page)
    labels = _exhibit_labels(session, submission, entries)
    pages = _page_texts(session, entries)
    hits = [_sealed_hit(entry, sealed, labels, pages, query) for entry in entries]
    return SearchResults(tuple(hit for hit in hits if hit is not None), has_next)


def _entries(
    session: Session, query: str, candidacies: Select[Any], rights: ColumnElement[bool], page: int
) -> tuple[Sequence[SearchEntry], bool]:
    groups: list[tuple[str, ...]] = query_words(query)
    scope = tuple(scope_word(candidacy_id) for candidacy_id in session.scalars(candidacies))
    if not groups or not scope:
        return (), False
    found = (
        matching(session.get_bind().dialect.name, SearchEntry, [scope, *groups])
        .where(rights)
        .limit(MAX_MATCHES)
    )
    rank = case(_ORDER, value=SearchEntry.kind)
    rows = session.scalars(
        select(SearchEntry)
        .outerjoin(Evidence, Evidence.id == SearchEntry.evidence_id)
        .where(SearchEntry.id.in_(found.subquery().select()))
        .order_by(rank, SearchEntry.candidacy_id, Evidence.number, SearchEntry.page, SearchEntry.exhibit)
        .order_by(SearchEntry.competency, SearchEntry.id)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def _draft_texts(session: Session, entries: Sequence[SearchEntry]) -> Mapping[int, dict[str, Any]]:
    """Return the text of each entry with its place, in one query per kind."""
    pieces = {
        row.id: row
        for row in session.scalars(select(Evidence).where(Evidence.id.in_(_ids(entries, "evidence_id"))))
    }
    claims = _with_competency(session, Claim, _ids(entries, "claim_id"))
    narratives = _with_competency(session, Narrative, _ids(entries, "narrative_id"))
    pages = _page_texts(session, entries)
    texts: dict[int, dict[str, Any]] = {}
    for entry in entries:
        piece = pieces.get(entry.evidence_id) if entry.evidence_id else None
        place: dict[str, Any] = {"number": piece.number, "title": piece.title} if piece else {}
        if entry.kind is SearchKind.EVIDENCE and piece:
            texts[entry.id] = place | {"text": evidence_text(piece)}
        elif entry.claim_id in claims:
            texts[entry.id] = place | claims[entry.claim_id]
        elif entry.narrative_id in narratives:
            texts[entry.id] = narratives[entry.narrative_id]
        elif entry.page_id in pages:
            texts[entry.id] = place | pages[entry.page_id]
    return texts


def _ids(entries: Iterable[SearchEntry], column: str) -> list[UUID]:
    return [value for entry in entries if (value := getattr(entry, column)) is not None]


def _with_competency(session: Session, table: Any, ids: Sequence[UUID]) -> dict[Any, dict[str, Any]]:
    rows = session.execute(
        select(table, Competency, Block.number)
        .join(Competency, Competency.id == table.competency_id)
        .join(Block, Block.id == Competency.block_id)
        .where(table.id.in_(ids))
    )
    return {
        row.id: {
            "text": row.comment if isinstance(row, Claim) else narrative_text(row),
            "competency": f"{block}.{competency.number} {competency.text}",
            "competency_id": competency.id,
        }
        for row, competency, block in rows
    }


def _page_texts(session: Session, entries: Iterable[SearchEntry]) -> dict[Any, dict[str, Any]]:
    rows = session.execute(
        select(SearchEntry.page_id, Page.text, EvidenceFile.number)
        .join(Page, Page.id == SearchEntry.page_id)
        .join(EvidenceFile, EvidenceFile.id == SearchEntry.file_id)
        .where(SearchEntry.page_id.in_(_ids(entries, "page_id")))
    )
    return {page_id: {"text": text, "version": number} for page_id, text, number in rows}


def _draft_hit(entry: SearchEntry, texts: Mapping[int, dict[str, Any]], query: str) -> Hit:
    place = dict(texts[entry.id])
    passage = passage_of(place.pop("text"), query)
    return Hit(entry.kind, entry.candidacy_id, passage, entry.evidence_id, page=entry.page, **place)


def _exhibit_labels(
    session: Session, submission: Select[Any], entries: Iterable[SearchEntry]
) -> dict[UUID, str]:
    rows = session.execute(
        select(EvidenceFile.id, SealedFile.exhibit)
        .join(SealedFile, SealedFile.key == EvidenceFile.key)
        .where(SealedFile.submission_id.in_(submission), EvidenceFile.id.in_(_ids(entries, "file_id")))
    )
    return {key: value for key, value in rows}  # noqa: C416


def _sealed_hit(
    entry: SearchEntry,
    sealed: SealedDossier,
    labels: Mapping[UUID, str],
    pages: Mapping[Any, dict[str, Any]],
    query: str,
) -> Hit | None:
    label = labels.get(entry.file_id, "") if entry.file_id else entry.exhibit or ""
    exhibit = sealed.exhibit(label) if label else None
    lines = [
        line for block in sealed.blocks for line in block.competencies if line.number == entry.competency
    ]
    text = _sealed_text(entry, exhibit, lines[0] if lines else None, pages)
    if text is None:
        return None
    title = exhibit.title if exhibit else ""
    competency = f"{lines[0].number} {lines[0].text}" if lines else ""
    passage = passage_of(text, query)
    return Hit(
        entry.kind,
        entry.candidacy_id,
        passage,
        title=title,
        page=entry.page,
        exhibit=label,
        competency=competency,
    )


def _sealed_text(
    entry: SearchEntry, exhibit: Any, line: Any, pages: Mapping[Any, dict[str, Any]]
) -> str | None:
    if entry.kind is SearchKind.PAGE:
        found = pages.get(entry.page_id)
        return found["text"] if found else None
    if entry.kind is SearchKind.SEALED_EXHIBIT:
        return evidence_text(exhibit) if exhibit else None
    if line is None:
        return None
    if entry.kind is SearchKind.SEALED_NARRATIVE:
        return narrative_text(line.narrative)
    return next((claim.comment for claim in line.claims if claim.exhibit == entry.exhibit), None)
