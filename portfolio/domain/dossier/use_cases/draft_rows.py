"""The rows of a whole draft, read once, in a number of queries that does not grow with it.

Write the content digest of each competency; a review made on another digest is outdated.

Snapshot the content of a competency, and keep the reviews whose content is saved again unchanged.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Text, and_, bindparam, func, select, true
from sqlalchemy.orm import Bundle, Session

from portfolio.db.engine import fetch_together, read_once
from portfolio.db.sql_functions import uuid_hex
from portfolio.db.together import Together, side_by_side
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Narrative
from portfolio.domain.dossier.models.evidence import (
    Evidence,
    EvidenceFile,
    description_columns,
    description_of,
    is_current_file,
)
from portfolio.domain.dossier.rules.anchors import Anchor, anchors_from_json
from portfolio.domain.dossier.rules.assessment import (
    CompetencySnapshot,
    EvidenceSnapshot,
    PieceSeen,
    Seen,
    differences,
    evidence_snapshot,
    snapshot_from_json,
)
from portfolio.domain.dossier.rules.citation import CitationUnit, Sheet, ShownExtent, citation_unit, last_of
from portfolio.domain.dossier.rules.description import EvidenceDescription
from portfolio.domain.dossier.rules.draft import NarrativeText
from portfolio.domain.dossier.use_cases.conversions import SHOWN, shown_columns, shown_of
from portfolio.domain.dossier.use_cases.matrix import PROMPTS


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """A piece in a list: its number, what it says of itself, its current file."""

    id: UUID
    number: int
    piece: EvidenceDescription
    family: str
    file_name: str
    size: int
    sha256: str
    version: int
    revision: int
    experience_id: UUID | None
    # How long its current file plays, when it is known.
    seconds: int | None = None
    shown: ShownExtent | None = None

    @property
    def measure(self) -> CitationUnit:
        """Return how passages of it are told."""
        return citation_unit(self.family, self.piece.pages)

    @property
    def countable(self) -> tuple[CitationUnit, int | None, tuple[Sheet, ...]]:
        """Return how passages of it are told, and how many pages or seconds it has, when it is known."""
        last = last_of(self.family, self.piece.pages, self.seconds, self.shown)
        return self.measure, last, self.shown.sheets if self.shown else ()


@dataclass(frozen=True, slots=True)
class ClaimDetails:
    """A claim as the pages show it."""

    id: UUID
    evidence_id: UUID
    competency_id: UUID
    passage: str
    comment: str
    revision: int
    # The regions and quoted passages that it names, and the version of the file that its author had before
    # them.
    anchors: tuple[Anchor, ...] = ()
    file_version: int | None = None


@dataclass(frozen=True, slots=True)
class NarrativeDetails:
    """A narrative as the pages show it."""

    id: UUID
    story: NarrativeText
    revision: int


def load_pieces(
    session: Session, candidacy_id: UUID, among: Collection[UUID] | None = None
) -> tuple[EvidenceSummary, ...]:
    """Return the pieces that were not removed, or these of them, by number, with their current file, in one
    query.
    """
    last = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).correlate(Evidence)
    rows = session.execute(
        select(PIECE_COLUMNS, FILE_COLUMNS)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()))
        .outerjoin(*SHOWN)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_(None))
        .where(Evidence.id.in_(among) if among is not None else true())
        .order_by(Evidence.number)
    )
    return tuple(evidence_summary(piece, file) for piece, file in rows)


# What `evidence_summary` reads of a piece and of its file: a list has no use for the rest.
PIECE_COLUMNS: Bundle[Any] = Bundle("piece", Evidence.id, Evidence.number, Evidence.revision, *description_columns())
FILE_COLUMNS: Bundle[Any] = Bundle(
    "file", EvidenceFile.family, EvidenceFile.name, EvidenceFile.size, EvidenceFile.sha256,
    EvidenceFile.number, EvidenceFile.pages, EvidenceFile.seconds, *shown_columns(),
)  # fmt: skip


def evidence_summary(piece: Any, file: Any, shown: ShownExtent | None = None) -> EvidenceSummary:
    """Return what the pages show of a piece: both are rows of the tables, or these columns of them; `shown`
    goes with a row of the table.
    """
    return EvidenceSummary(
        piece.id, piece.number, description_of(piece, file.pages), file.family, file.name, file.size,
        file.sha256, file.number, piece.revision, piece.experience_id, file.seconds, shown or shown_of(file),
    )  # fmt: skip


def load_narrative(session: Session, candidacy_id: UUID, competency_id: UUID) -> NarrativeDetails | None:
    """Return the narrative of a competency; None when nothing was written."""
    row = session.scalar(
        select(Narrative).where(Narrative.candidacy_id == candidacy_id, Narrative.competency_id == competency_id)
    )
    if row is None:
        return None
    return NarrativeDetails(row.id, NarrativeText(row.situation, row.actions, row.choices, row.result), row.revision)


ContentDigests = dict[UUID, dict[UUID, str]]


def load_content_digests(session: Session, candidacy_id: UUID) -> dict[UUID, str]:
    """Answer the digest of each competency of one candidacy that has a claim or a narrative."""
    return load_content_digests_by_candidacy(session, [candidacy_id]).get(candidacy_id, {})


def load_content_digests_by_candidacy(
    session: Session, candidacy_ids: Collection[UUID], among: Collection[UUID] | None = None
) -> ContentDigests:
    """Answer, by candidacy and competency (`among` these when given), the digest of all an advisor sees of
    it, in one query.

    It changes when a claim is added, edited or removed, when a claimed piece is described anew, replaced or
    removed, and when the narrative is edited; for nothing else. A competency with neither is absent.
    """
    parts: defaultdict[UUID, defaultdict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    asked = {"candidacies": list(candidacy_ids), "among": list(among or ())}
    for candidacy_id, competency_id, part in chain(*fetch_together(session, _digest_parts(whole=among is None), asked)):
        parts[candidacy_id][competency_id].append(part)
    return {
        candidacy_id: {key: digest_of(texts) for key, texts in found.items()} for candidacy_id, found in parts.items()
    }


@cache
def _digest_parts(*, whole: bool) -> Together:
    candidacies: BindParameter[UUID] = bindparam("candidacies", expanding=True)
    among: BindParameter[UUID] = bindparam("among", expanding=True)

    def asked(row: type[Claim | Narrative]) -> ColumnElement[bool]:
        of_candidacies = row.candidacy_id.in_(candidacies)
        return of_candidacies if whole else and_(of_candidacies, row.competency_id.in_(among))

    claim = claim_digest_part(Claim, evidence_digest_part(Evidence, EvidenceFile.number)).label("part")
    narrative = narrative_digest_part(Narrative).label("part")
    return Together(
        select(Claim.candidacy_id, Claim.competency_id, claim)
        .join(Claim.evidence)
        .join(EvidenceFile, _CURRENT_FILE)
        .where(asked(Claim), Evidence.removed_at.is_(None)),
        select(Narrative.candidacy_id, Narrative.competency_id, narrative).where(asked(Narrative)),
    )


_CURRENT_FILE = and_(EvidenceFile.evidence_id == Evidence.id, is_current_file())


def claim_digest_part(claim: Any, piece: ColumnElement[str]) -> ColumnElement[str]:
    """Return what a claim brings to the digest, told by the store: its id in digits, its own revision, and its
    `evidence_digest_part`.
    """
    return func.concat(uuid_hex(claim.id), " ", claim.revision, " ", piece, type_=Text)


def evidence_digest_part(piece: Any, version: Any) -> ColumnElement[str]:
    """Return what the piece of a claim brings to the digest: its number, its own revision, the version of its file."""
    return func.concat(piece.number, ".", piece.revision, ".", version, type_=Text)


def narrative_digest_part(narrative: Any) -> ColumnElement[str]:
    """Return what a narrative brings to the digest: its id in digits, its revision."""
    return func.concat(uuid_hex(narrative.id), " ", narrative.revision, type_=Text)


def digest_of(parts: Iterable[str]) -> str:
    """Return the digest of what stands behind one competency, in whatever order it was read."""
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


# A candidacy and one of its competencies.
Key = tuple[UUID, UUID]


@dataclass(frozen=True)
class CompetencyContents:
    """Contents of a competency: what it says, and the revisions that explain a change."""

    told: CompetencySnapshot = field(default_factory=CompetencySnapshot)
    seen: Seen = field(default_factory=Seen)


@read_once
def load_contents(session: Session, keys: Collection[Key]) -> Mapping[Key, CompetencyContents]:
    """Answer what these competencies hold at this moment, in one query; in none when there are none."""
    if not keys:
        return {}
    asked = {"candidacies": [path for path, _ in keys], "among": [competency_id for _, competency_id in keys]}
    stories: dict[Key, Narrative] = {}
    pieces: defaultdict[Key, dict[int, tuple[EvidenceSnapshot, PieceSeen]]] = defaultdict(dict)
    for narrative, claim, piece, file in session.execute(_contents(), asked):
        if narrative is not None:
            stories[narrative.candidacy_id, narrative.competency_id] = narrative
        if piece is not None:
            anchors = [anchor.id for anchor in anchors_from_json(claim.anchors)]
            evidence = evidence_snapshot(
                claim.passage, claim.comment, file.sha256, piece.to_value(file.pages), piece.experience_id, anchors
            )
            seen = PieceSeen(claim.revision, piece.revision, file.number)
            pieces[claim.candidacy_id, claim.competency_id][piece.number] = evidence, seen
    return {key: _contents_of(stories.get(key), pieces.get(key, {})) for key in keys}


def _contents_of(
    narrative: Narrative | None, pieces: Mapping[int, tuple[EvidenceSnapshot, PieceSeen]]
) -> CompetencyContents:
    story = {name: getattr(narrative, name) for name in PROMPTS} if narrative else {}
    return CompetencyContents(
        CompetencySnapshot(story, {number: evidence for number, (evidence, _) in pieces.items()}),
        Seen(narrative.revision if narrative else 0, {number: seen for number, (_, seen) in pieces.items()}),
    )


@cache
def _contents() -> Select[*tuple[Any, ...]]:
    of_candidacies = Candidacy.id.in_(bindparam("candidacies", expanding=True))
    among: BindParameter[UUID] = bindparam("among", expanding=True)
    narratives, claims = (
        and_(table.candidacy_id == Candidacy.id, table.competency_id.in_(among)) for table in (Narrative, Claim)
    )
    return (
        side_by_side(Candidacy, (Narrative, narratives), (Claim, claims))
        .add_columns(Evidence, EvidenceFile)
        .outerjoin(Evidence, and_(Evidence.id == Claim.evidence_id, Evidence.removed_at.is_(None)))
        .outerjoin(EvidenceFile, _CURRENT_FILE)
        .where(of_candidacies)
    )


def refresh_reviews(session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]) -> None:
    """Let the marks of these competencies stand on what has just been saved, where it means what it meant for them.

    A text saved again as it was, or only dressed otherwise, keeps a review as it is; asked while saving, so that no
    page has to read the texts again. Saving locks the dossier, and so does marking: neither crosses the other.
    """
    marks = write_content_digests(session, candidacy_id, competency_ids)
    contents = load_contents(
        session, [(candidacy_id, mark.competency_id) for mark in marks if mark.content_snapshot is not None]
    )
    for mark in marks:
        if mark.content_snapshot is not None and not differences(
            snapshot_from_json(mark.content_snapshot), contents[candidacy_id, mark.competency_id].told
        ):
            mark.reviewed_digest = mark.content_digest


def write_content_digests(
    session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]
) -> Sequence[CoverageReview]:
    """Write on the last mark of each of these competencies the digest of their content of now, and return these marks.

    Pages compare it with `CoverageReview.reviewed_digest`. Every use case that changes a claim, a narrative or a
    claimed piece calls this function, under the lock of the dossier.
    """
    if not competency_ids:
        return ()
    session.flush()
    last = select(func.max(CoverageReview.seq)).where(
        CoverageReview.candidacy_id == candidacy_id, CoverageReview.competency_id.in_(competency_ids)
    )
    marks = session.scalars(
        select(CoverageReview).where(CoverageReview.seq.in_(last.group_by(CoverageReview.competency_id)))
    ).all()
    if marks:
        digests = load_content_digests_by_candidacy(
            session, [candidacy_id], [mark.competency_id for mark in marks]
        ).get(candidacy_id, {})
        for mark in marks:
            mark.content_digest = digests.get(mark.competency_id, "")
    return marks


def refresh_reviews_for_evidence(session: Session, evidence_id: UUID) -> None:
    """Do the same for every competency that a piece is claimed for."""
    claimed = session.execute(
        select(Claim.candidacy_id, Claim.competency_id).where(Claim.evidence_id == evidence_id)
    ).all()
    if claimed:
        refresh_reviews(session, claimed[0].candidacy_id, [row.competency_id for row in claimed])


def redact_snapshots(session: Session, candidacy_id: UUID, number: int) -> None:
    """Erase what the marks of a candidacy keep of a piece that is erased: that it was there stays, not what it said."""
    for mark in session.scalars(
        select(CoverageReview).where(
            CoverageReview.candidacy_id == candidacy_id, CoverageReview.content_snapshot.is_not(None)
        )
    ):
        snapshot = snapshot_from_json(mark.content_snapshot or {})
        if number in snapshot.pieces:
            mark.content_snapshot = CompetencySnapshot(
                snapshot.story, {**snapshot.pieces, number: EvidenceSnapshot()}
            ).as_json()
