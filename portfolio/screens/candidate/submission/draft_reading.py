"""The draft as a jury would read it: its texts, its claims and its exhibits, a page at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal, null, select
from sqlalchemy.orm import Bundle, Session

from portfolio.db.engine import fetch_rows, kept_while
from portfolio.db.sql_functions import uuid_hex
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.models.evidence import (
    Evidence,
    EvidenceFile,
    description_columns,
    is_current_file,
    is_joined,
)
from portfolio.domain.dossier.rules.draft import CompetencyFact
from portfolio.domain.dossier.use_cases.draft_changes import draft_changes
from portfolio.domain.submission.rules.dossier import (
    SealedBlock,
    SealedClaim,
    SealedCompetency,
    SealedExhibit,
    SealedExperience,
    SealedSection,
    SealedTexts,
)
from portfolio.domain.submission.rules.readability import Hint, ReadingEffort, hints_of, reading_effort
from portfolio.domain.submission.use_cases.build_manifest import (
    anchors_of,
    exhibit_of,
    experience_of,
    load_experiences,
    load_narratives,
    narrative_of,
    sections_of,
)
from portfolio.screens.candidate.submission.queries import ChecklistPageData

# What a page of the reading holds: so many claims, a competency counting for some of them by its own texts.
CLAIMS_A_PAGE, CLAIMS_OF_TEXTS = 60, 4


@dataclass(frozen=True, slots=True)
class ReadDraft:
    """The texts of a draft that are read, under the names of a sealed dossier.

    `places` are the pieces, with the version of their file, by the label that the jury would know them by.
    """

    texts: SealedTexts
    experiences: tuple[SealedExperience, ...]
    blocks: tuple[SealedBlock, ...]
    exhibits: tuple[SealedExhibit, ...] = ()
    sections: tuple[SealedSection, ...] = ()
    places: Mapping[str, tuple[UUID, int]] = field(default_factory=dict)

    def exhibit(self, label: str) -> SealedExhibit | None:
        """Find an exhibit of the page by its label."""
        return next((exhibit for exhibit in self.exhibits if exhibit.label == label), None)


@dataclass(frozen=True, slots=True)
class ReadingPart:
    """A share of a competency on one page, or of the annexes (None): some of its pieces, in the order of their
    labels.
    """

    competency: CompetencyFact | None
    pieces: Sequence[int]


def cut_in_pages(page: ChecklistPageData) -> list[list[ReadingPart]]:
    """Cut a draft into pages that do not grow with it, in the order of the reading; annexes come last."""
    shown = page.exhibits.of_competency
    wholes = [ReadingPart(line.fact, shown[line.fact.id]) for line in page.matrix.lines()]
    wholes.append(ReadingPart(None, shown[None]))
    pages: list[list[ReadingPart]] = [[]]
    room = CLAIMS_A_PAGE
    for whole in wholes:
        left, texts = whole.pieces, CLAIMS_OF_TEXTS if whole.competency else 0
        while left or texts:
            if room <= texts:
                pages.append([])
                room = CLAIMS_A_PAGE
            taken = room - texts
            pages[-1].append(ReadingPart(whole.competency, left[:taken]))
            room -= texts + len(left[:taken])
            left, texts = left[taken:], 0
    return pages


def page_of_block(pages: Sequence[Sequence[ReadingPart]]) -> dict[int, int]:
    """Return the page on which each block begins, by its number; that of the annexes and of the end is the last."""
    first: dict[int, int] = {}
    for number, parts in enumerate(pages, start=1):
        for part in parts:
            if part.competency is not None:
                first.setdefault(part.competency.block, number)
    return first


def load_reading(session: Session, page: ChecklistPageData, parts: Sequence[ReadingPart]) -> ReadDraft:
    """Read what a page shows of the draft; in five queries."""
    numbers = {number for part in parts for number in part.pieces}
    facts = {part.competency.id: part.competency for part in parts if part.competency}
    shown = {part.competency.id: frozenset(part.pieces) for part in parts if part.competency}
    claims: defaultdict[UUID, list[Any]] = defaultdict(list)
    asked = {"candidacy": page.path.candidacy_id, "competencies": list(facts), "numbers": list(numbers)}
    for row in fetch_rows(session, _CLAIMS, asked) if numbers else ():
        if row.number in shown[row.competency_id]:
            claims[row.competency_id].append(row)
    draft, ranks = _load_texts(session, page, facts, claims)
    files = list(session.execute(_PIECES, asked)) if numbers else []
    labels = page.exhibits.labels
    files.sort(key=lambda row: page.exhibits.ranks[row.piece.number])
    exhibits = tuple(exhibit_of(labels[piece.number], piece, file, ranks) for piece, file in files)
    places = {labels[piece.number]: (piece.id, file.number) for piece, file in files}
    return ReadDraft(draft.texts, draft.experiences, draft.blocks, exhibits, sections_of(page.frame), places)


_SHOWN = (
    Evidence.candidacy_id == bindparam("candidacy"),
    Evidence.number.in_(bindparam("numbers", expanding=True)),
    is_joined(Evidence),
)
_CLAIMS = (
    select(Evidence.number, Claim.competency_id, Claim.passage, Claim.comment, Claim.anchors)
    .join(Evidence, Evidence.id == Claim.evidence_id)
    .where(*_SHOWN, Claim.competency_id.in_(bindparam("competencies", expanding=True)))
)
_PIECE: Bundle[Any] = Bundle("piece", Evidence.id, Evidence.number, *description_columns())
_FILE: Bundle[Any] = Bundle(
    "file", EvidenceFile.name, EvidenceFile.mime, EvidenceFile.family, EvidenceFile.pages, EvidenceFile.size,
    EvidenceFile.sha256, EvidenceFile.number,
)  # fmt: skip
_PIECES = (
    select(_PIECE, _FILE).join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id).where(*_SHOWN, is_current_file())
)


def _load_texts(
    session: Session,
    page: ChecklistPageData,
    facts: Mapping[UUID, CompetencyFact],
    claims: Mapping[UUID, Sequence[Any]],
) -> tuple[ReadDraft, dict[UUID, int]]:
    """Read the texts of a draft and of these competencies, with the claims already read; and the number of
    each experience.
    """
    candidacy_id = page.path.candidacy_id
    own = session.get_one(Dossier, candidacy_id)
    experiences = load_experiences(session, candidacy_id)
    narratives = load_narratives(session, candidacy_id, facts)
    rank, labels = page.exhibits.ranks, page.exhibits.labels
    found: defaultdict[int, list[SealedCompetency]] = defaultdict(list)
    for key, fact in facts.items():
        rows = sorted(claims.get(key, ()), key=lambda row: rank[row.number])
        sealed = tuple(SealedClaim(labels[row.number], row.passage, row.comment) for row in rows)
        anchors = tuple(anchor for row in rows for anchor in anchors_of(row, labels[row.number]))
        told = narrative_of(narratives.get(key))
        found[fact.block].append(SealedCompetency(fact.label, fact.text, told, sealed, anchors))
    titles = {block.number: block.title for block in page.blocks}
    texts = SealedTexts(own.career, own.motivation, own.conclusion)
    blocks = tuple(SealedBlock(number, titles[number], tuple(listed)) for number, listed in found.items())
    ranks = {row.id: rank for rank, row in enumerate(experiences, start=1)}
    return ReadDraft(texts, tuple(experience_of(ranks[row.id], row) for row in experiences), blocks), ranks


_COMMENTS = (
    select(Evidence.number, uuid_hex(Claim.competency_id).label("competency"), Claim.comment)
    .add_columns(literal("").label("passage"), null().label("anchors"))
    .join(Evidence, Evidence.id == Claim.evidence_id)
    .where(Claim.candidacy_id == bindparam("candidacy"), is_joined(Evidence))
)


def notice(session: Session, page: ChecklistPageData) -> tuple[ReadingEffort, tuple[Hint, ...]]:
    """Return how long the draft takes to read, and what would make it easier; its texts are read again when
    it has changed.
    """
    candidacy_id = page.path.candidacy_id
    state = (page.presented, page.exhibits.pages, draft_changes(session, candidacy_id).saved)
    return kept_while(session, ("noticed", candidacy_id), state, partial(_notice, session, page))


def _notice(session: Session, page: ChecklistPageData) -> tuple[ReadingEffort, tuple[Hint, ...]]:
    facts = {line.fact.id: line.fact for line in page.matrix.lines()}
    ids = {competency.hex: competency for competency in facts}
    claims: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in fetch_rows(session, _COMMENTS, {"candidacy": page.path.candidacy_id}):
        if row.competency in ids:
            claims[ids[row.competency]].append(row)
    draft = _load_texts(session, page, facts, claims)[0]
    return reading_effort(draft, page.exhibits.pages), hints_of(draft)
