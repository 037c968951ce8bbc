"""Search what a person may read; the rights are conditions of the query itself.

The SQL conditions under which a person finds a text: the same people as `access.policy` lets read it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from portfolio.db.full_text import matching
from portfolio.domain.candidacy.models import Candidacy, SealedFile, Submission
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, PrivateFile
from portfolio.domain.dossier.models.renditions import Page
from portfolio.domain.jury.models.sessions import Hearing, belongs_to_jury
from portfolio.domain.jury.models.statements import stated_by
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury_session.use_cases.exclusions import is_excluded
from portfolio.domain.search.models import SearchEntry, SearchKind
from portfolio.domain.search.rules import Passage, passage_of, query_words
from portfolio.domain.search.use_cases.indexing import evidence_text, narrative_text, scope_word
from portfolio.domain.submission.rules.dossier import SealedDossier

# So many pieces and narratives a page; so many texts about a piece, and so many of its pages, are quoted.
PAGE_SIZE = 50
MAX_QUOTED = 3
# How many matches are put in order: a word that every page has does not make the search slower.
MAX_MATCHES = 5000
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
    # The passage was read by a machine in a picture.
    is_machine_read: bool = False


@dataclass(frozen=True, slots=True)
class FoundPiece:
    """Matches in one piece: its best passages, how many of its pages match, those that are not quoted, and how many
    other texts about it match. A narrative is found alone.
    """

    hits: tuple[Hit, ...]
    pages: int = 0
    more_pages: tuple[Hit, ...] = ()
    more_texts: int = 0


@dataclass(frozen=True, slots=True)
class SearchResults:
    """One page of results, a piece or a narrative each, and whether another follows."""

    found: Sequence[FoundPiece] = ()
    has_next: bool = False

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Every text that is quoted."""
        return tuple(hit for piece in self.found for hit in piece.hits)


def search_drafts(
    session: Session, person_id: UUID, query: str, candidacy_id: UUID | None = None, page: int = 1
) -> SearchResults:
    """Search the drafts that the person writes or advises, or the one named, in a constant number of queries."""
    drafts = readable_drafts(person_id, candidacy_id)
    matches = _matches(session, query, drafts, is_in_draft(drafts))
    groups, has_next = _groups(matches, {match.id: match.evidence_id for match in matches}, page)
    entries = _quoted(session, groups)
    texts = _draft_texts(session, entries.values())
    hits = {key: _draft_hit(entry, texts, query) for key, entry in entries.items() if key in texts}
    return SearchResults(_found(groups, hits), has_next)


def search_hearing(
    session: Session,
    person_id: UUID,
    hearing_id: UUID,
    closed_since: datetime,
    sealed: SealedDossier,
    query: str,
    page: int = 1,
) -> SearchResults:
    """Search the sealed dossier of a hearing, for a juror who may read it, in a constant number of queries;
    `sealed` is that dossier.
    """
    submission = heard_submission(person_id, hearing_id, closed_since)
    matches = _matches(session, query, candidacies_of(submission), is_sealed_in(submission))
    labels = _exhibit_labels(session, submission, matches)
    exhibits = {match.id: labels.get(match.file_id) or match.exhibit for match in matches}
    groups, has_next = _groups(matches, exhibits, page)
    entries = _quoted(session, groups)
    pages = _page_texts(session, entries.values())
    hits = {key: _sealed_hit(entry, sealed, labels, pages, query) for key, entry in entries.items()}
    return SearchResults(_found(groups, {key: hit for key, hit in hits.items() if hit is not None}), has_next)


def _matches(session: Session, query: str, candidacies: Select[Any], rights: ColumnElement[bool]) -> Sequence[Any]:
    """Return where the words are, the best kinds first, without the texts."""
    groups: list[tuple[str, ...]] = query_words(query)
    scope = tuple(scope_word(candidacy_id) for candidacy_id in session.scalars(candidacies))
    if not groups or not scope:
        return ()
    found = matching(session.get_bind().dialect.name, SearchEntry, [scope, *groups]).where(rights).limit(MAX_MATCHES)
    rank = case(_ORDER, value=SearchEntry.kind)
    return session.execute(
        select(
            *(SearchEntry.id, SearchEntry.kind, SearchEntry.evidence_id, SearchEntry.file_id),
            *(SearchEntry.page, SearchEntry.exhibit, _score(groups).label("score")),
        )
        .outerjoin(Evidence, Evidence.id == SearchEntry.evidence_id)
        .where(SearchEntry.id.in_(found.subquery().select()))
        .order_by(rank, SearchEntry.candidacy_id, Evidence.number, SearchEntry.page, SearchEntry.exhibit)
        .order_by(SearchEntry.competency, SearchEntry.id)
    ).all()


def _score(groups: Sequence[tuple[str, ...]]) -> ColumnElement[int]:
    """Return how many times a text has the words of the query."""
    words = literal(" ") + SearchEntry.words + literal(" ")
    stems = {stem for group in groups for stem in group}
    counts = (
        (func.length(words) - func.length(func.replace(words, f" {stem} ", ""))) / (len(stem) + 2)
        for stem in sorted(stems)
    )
    return cast(ColumnElement[int], sum(counts, literal(0)))


@dataclass(frozen=True, slots=True)
class _Group:
    """The matches of one piece: those that are quoted, and the others."""

    texts: Sequence[Row[Any]]
    pages: Sequence[Row[Any]]
    best: Sequence[Row[Any]]

    @property
    def quoted(self) -> list[int]:
        return [row.id for row in (*self.texts[:MAX_QUOTED], *self.best)]


def _groups(matches: Sequence[Row[Any]], pieces: Mapping[int, Any], page: int) -> tuple[Sequence[_Group], bool]:
    """Return the groups of a page of results, in the order of their first match, and whether others follow;
    `pieces` says of which piece each match is, of none for a narrative.
    """
    rows: dict[Any, list[Row[Any]]] = {}
    for match in matches:
        rows.setdefault(pieces[match.id] or match.id, []).append(match)
    first = (page - 1) * PAGE_SIZE
    shown = list(rows.values())[first : first + PAGE_SIZE]
    return [_group(group) for group in shown], len(rows) > first + PAGE_SIZE


def _group(rows: Sequence[Row[Any]]) -> _Group:
    pages = [row for row in rows if row.kind is SearchKind.PAGE]
    best = sorted(pages, key=lambda row: (-row.score, row.page))[:MAX_QUOTED]
    return _Group(
        [row for row in rows if row.kind is not SearchKind.PAGE], pages, sorted(best, key=lambda row: row.page)
    )


def _quoted(session: Session, groups: Iterable[_Group]) -> dict[int, SearchEntry]:
    """Return the entries that are quoted, by id, in one query."""
    ids = [key for group in groups for key in group.quoted]
    return {row.id: row for row in session.scalars(select(SearchEntry).where(SearchEntry.id.in_(ids)))}


def _found(groups: Iterable[_Group], hits: Mapping[int, Hit]) -> tuple[FoundPiece, ...]:
    found = []
    for group in groups:
        quoted = tuple(hits[key] for key in group.quoted if key in hits)
        if not quoted:
            continue
        first = next((hit for hit in quoted if hit.kind is SearchKind.PAGE), None)
        best = {row.id for row in group.best}
        more = [row.page for row in group.pages if row.id not in best] if first else []
        found.append(
            FoundPiece(
                quoted,
                len(group.pages),
                tuple(replace(first, page=number) for number in more) if first else (),
                max(0, len(group.texts) - MAX_QUOTED),
            )
        )
    return tuple(found)


def _draft_texts(session: Session, entries: Collection[SearchEntry]) -> Mapping[int, dict[str, Any]]:
    """Return the text of each entry with its place, in one query per kind."""
    pieces = {
        row.id: row for row in session.scalars(select(Evidence).where(Evidence.id.in_(_ids(entries, "evidence_id"))))
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


def _ids(entries: Iterable[SearchEntry | Row[Any]], column: str) -> list[UUID]:
    return [value for entry in entries if (value := getattr(entry, column)) is not None]


def _with_competency(session: Session, table: Any, ids: Sequence[UUID]) -> dict[Any, dict[str, Any]]:
    rows = session.execute(
        select(table, Competency, Block.number)
        .join(Competency, Competency.id == table.competency_id)
        .join(Competency.block)
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
        select(SearchEntry.page_id, Page.text, Page.machine_text, EvidenceFile.number)
        .join(Page, Page.id == SearchEntry.page_id)
        .join(EvidenceFile, EvidenceFile.id == SearchEntry.file_id)
        .where(SearchEntry.page_id.in_(_ids(entries, "page_id")))
    )
    return {
        page_id: {"text": text or read or "", "version": number, "is_machine_read": not text}
        for page_id, text, read, number in rows
    }


def _draft_hit(entry: SearchEntry, texts: Mapping[int, dict[str, Any]], query: str) -> Hit:
    place = dict(texts[entry.id])
    passage = passage_of(place.pop("text"), query)
    return Hit(entry.kind, entry.candidacy_id, passage, entry.evidence_id, page=entry.page, **place)


def _exhibit_labels(session: Session, submission: Select[Any], entries: Iterable[Row[Any]]) -> dict[UUID, str]:
    rows = session.execute(
        select(EvidenceFile.id, SealedFile.exhibit)
        .join(SealedFile, SealedFile.key == EvidenceFile.key)
        .where(SealedFile.submission_id.in_(submission), EvidenceFile.id.in_(set(_ids(entries, "file_id"))))
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
    lines = [line for block in sealed.blocks for line in block.competencies if line.number == entry.competency]
    text = _sealed_text(entry, exhibit, lines[0] if lines else None, pages)
    if text is None:
        return None
    title = exhibit.title if exhibit else ""
    competency = f"{lines[0].number} {lines[0].text}" if lines else ""
    passage = passage_of(text, query)
    by_machine = bool(entry.page_id and pages.get(entry.page_id, {}).get("is_machine_read"))
    place: dict[str, Any] = {"title": title, "page": entry.page, "exhibit": label, "competency": competency}
    return Hit(entry.kind, entry.candidacy_id, passage, is_machine_read=by_machine, **place)


def _sealed_text(entry: SearchEntry, exhibit: Any, line: Any, pages: Mapping[Any, dict[str, Any]]) -> str | None:
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


_newer = EvidenceFile.__table__.alias("newer")


def readable_drafts(person_id: UUID, candidacy_id: UUID | None = None) -> Select[UUID]:
    """Return the candidacies whose draft the person writes or advises (`READ_DRAFT`), or that one of them."""
    query = (
        select(Candidacy.id)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .where(or_(Candidacy.candidate_id == person_id, Candidacy.advisor_id == person_id), Dossier.is_required)
    )
    return query if candidacy_id is None else query.where(Candidacy.id == candidacy_id)


def is_in_draft(drafts: Select[UUID]) -> ColumnElement[bool]:
    """Return the condition: one of these drafts holds the text, of a piece that was not removed, in its
    current file.
    """
    removed = exists().where(Evidence.id == SearchEntry.evidence_id, Evidence.removed_at.is_not(None))
    replaced = exists().where(
        EvidenceFile.id == SearchEntry.file_id,
        _newer.c.evidence_id == EvidenceFile.evidence_id,
        _newer.c.number > EvidenceFile.number,
    )
    private = exists().where(PrivateFile.file_id == SearchEntry.file_id)
    return and_(
        SearchEntry.submission_id.is_(None), SearchEntry.candidacy_id.in_(drafts), ~removed, ~replaced, ~private
    )


def heard_submission(person_id: UUID, hearing_id: UUID, closed_since: datetime) -> Select[Any]:
    """Return the submission of a hearing at which the person sits and may read (`READ_HEARING`); none of another."""
    return select(Hearing.submission_id).where(
        Hearing.id == hearing_id,
        belongs_to_jury(person_id),
        stated_by(person_id, StatementKind.NO_RELATION),
        ~is_excluded(person_id),
        or_(Hearing.closed_at.is_(None), Hearing.closed_at >= closed_since),
    )


def is_sealed_in(submissions: Select[Any]) -> ColumnElement[bool]:
    """Return the condition: the entry is of a text that one of these seals holds, or of a page of a file
    that it names.
    """
    files = (
        select(EvidenceFile.id)
        .join(SealedFile, SealedFile.key == EvidenceFile.key)
        .where(SealedFile.submission_id.in_(submissions))
    )
    return or_(SearchEntry.submission_id.in_(submissions), SearchEntry.file_id.in_(files))


def candidacies_of(submissions: Select[Any]) -> Select[UUID]:
    """Return the candidacies of these submissions."""
    return select(Submission.candidacy_id).where(Submission.id.in_(submissions))
