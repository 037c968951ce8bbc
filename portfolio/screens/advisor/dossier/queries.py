"""Material by which the advisor marks one competency: its text, the narrative, each claim beside its piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, select
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import fetch_together
from portfolio.db.together import Together, side_by_side
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.anchors import Anchor, anchors_from_json
from portfolio.domain.dossier.rules.assessment import ReviewRefusal, SelfAssessment
from portfolio.domain.dossier.rules.citation import CitationUnit, Sheet, ShownExtent, citation_unit, last_of
from portfolio.domain.dossier.rules.draft import CoverageState, DossierState
from portfolio.domain.dossier.rules.rendition import QuarantineState
from portfolio.domain.dossier.use_cases.conversions import file_facts, shown_of
from portfolio.domain.dossier.use_cases.matrix import Matrix, load_matrix
from portfolio.domain.review.models import OwnAssessment, PrivateNote
from portfolio.domain.review.rules.messages import Unread
from portfolio.domain.review.rules.priority import Priority, priority_of
from portfolio.domain.review.use_cases.assessments import ReviewDetails, basis_of, load_review_context, review_details
from portfolio.domain.review.use_cases.display_names import load_display_names
from portfolio.domain.review.use_cases.email_notifications import load_unread
from portfolio.domain.review.use_cases.thread import ThreadEntry, load_thread
from portfolio.screens.advisor.board.board_queries import (
    AssignedDossier,
    BoardData,
    load_assigned_dossier,
    load_board_data,
)
from portfolio.screens.advisor.board.queries import facts_of

NOTHING: Mapping[UUID, Unread] = {}


@dataclass(frozen=True)
class TocCompetency:
    """A competency in the list beside the page."""

    id: UUID
    label: str
    text: str
    state: CoverageState
    waits: bool
    is_open: bool
    unread: int = 0

    @property
    def expects(self) -> bool:
        """Tell whether something is expected from the advisor: words, or an opinion that can still be given."""
        return self.waits or (self.is_open and self.state in {CoverageState.CLAIMED, CoverageState.OUTDATED})


@dataclass(frozen=True)
class TocBlock:
    """A block in the list beside the page."""

    number: int
    title: str
    held: bool
    lines: tuple[TocCompetency, ...]


@dataclass(frozen=True)
class ReadClaim:
    """A claim with its piece, the version of its file that stands, and the experience it comes from."""

    claim: Claim
    piece: Evidence
    file: EvidenceFile
    experience: Experience | None
    also: tuple[str, ...]
    # The candidate masks parts of the file: nobody else reads it meanwhile.
    is_private: bool = False
    shown: ShownExtent | None = None
    # The antivirus has not passed the file: nobody reads it.
    apart: QuarantineState | None = None

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Return the regions and quoted passages that the claim names."""
        return anchors_from_json(self.claim.anchors)

    @property
    def measure(self) -> CitationUnit:
        """Return how passages of the piece are told: pages, minutes, or free words."""
        return citation_unit(self.file.family, self.file.pages)

    @property
    def countable(self) -> tuple[CitationUnit, int | None, tuple[Sheet, ...]]:
        """Return how passages of the piece are told, and how many pages or seconds it has, when it is known."""
        last = last_of(self.file.family, self.file.pages, self.file.seconds, self.shown)
        return self.measure, last, self.shown.sheets if self.shown else ()


@dataclass(frozen=True)
class CompetencyPageData:
    """Everything the advisor's page of one competency shows."""

    candidacy_id: UUID
    candidate: str
    title: str
    toc: tuple[TocBlock, ...]
    competency: Competency
    narrative: Narrative | None
    claims: tuple[ReadClaim, ...]
    mark: ReviewDetails | None
    thread: Sequence[ThreadEntry]
    note: PrivateNote | None
    # How far the candidate thinks they master it.
    mastery: SelfAssessment | None
    basis: str
    closed: ReviewRefusal | None
    previous: TocCompetency | None
    next: TocCompetency | None
    then: TocCompetency | None


def find_competency_page(
    session: Session, candidacy_id: UUID, competency_id: UUID, reader: UUID
) -> CompetencyPageData | None:
    """Gather the advisor's page of one competency, in a constant number of queries; None when it is out of scope.

    `reader`: the advisor, whose own notes and unread messages it shows.
    """
    # Read before what the page shows: a change in between makes the basis too old, never too young.
    before = load_review_context(session, candidacy_id, competency_id)
    given = load_assigned_dossier(session, candidacy_id)
    known = load_board_data(session, [given])
    toc = toc_of(given, known, load_unread(session, [candidacy_id], reader).get(candidacy_id, {}))
    lines = [line for block in toc for line in block.lines]
    here = next((place for place, line in enumerate(lines) if line.id == competency_id), None)
    if here is None:
        return None
    competency = next(
        item for block in given.blocks.values() for item in block.competencies if item.id == competency_id
    )
    mark = known.marks[candidacy_id].get(competency_id)
    asked = {"candidacy": candidacy_id, "competency": competency_id, "reader": reader}
    written = session.execute(_written(), asked).all()
    return CompetencyPageData(
        candidacy_id=candidacy_id,
        candidate=given.candidate,
        title=given.title,
        toc=toc,
        competency=competency,
        narrative=next((row.Narrative for row in written if row.Narrative), None),
        claims=_claims(session, candidacy_id, competency_id),
        mark=review_details(mark, load_display_names(session, candidacy_id), before) if mark else None,
        thread=load_thread(session, candidacy_id, competency_id, reader),
        note=next((row.PrivateNote for row in written if row.PrivateNote), None),
        mastery=next((row.OwnAssessment.value for row in written if row.OwnAssessment), None),
        basis=basis_of(before),
        closed=_closed(given, known, competency),
        previous=lines[here - 1] if here else None,
        next=lines[here + 1] if here + 1 < len(lines) else None,
        then=next((line for line in lines[here + 1 :] + lines[:here] if line.expects), None),
    )


@cache
def _written() -> Select[*tuple[Any, ...]]:
    """Return the narrative of a competency, how far its candidate thinks they master it, and the note that the reader
    keeps for themselves.
    """

    def here(table: type[Narrative | OwnAssessment | PrivateNote]) -> ColumnElement[bool]:
        return and_(table.candidacy_id == Candidacy.id, table.competency_id == bindparam("competency"))

    own = and_(here(PrivateNote), PrivateNote.author_id == bindparam("reader"))
    texts = side_by_side(
        Candidacy, (Narrative, here(Narrative)), (OwnAssessment, here(OwnAssessment)), (PrivateNote, own)
    )
    return texts.where(Candidacy.id == bindparam("candidacy"))


@dataclass(frozen=True)
class DossierPageData:
    """The advisor's page of one dossier: why it needs them, the matrix, what was written beside the competencies."""

    candidacy_id: UUID
    need: Priority
    last_activity: datetime | None
    matrix: Matrix
    waiting: frozenset[UUID]
    unread: Mapping[UUID, Unread]
    dossier: Dossier
    experiences: Sequence[Experience]


def load_dossier_page(session: Session, candidacy_id: UUID, reader: UUID, at: datetime) -> DossierPageData:
    """Gather the advisor's page of one dossier, in a constant number of queries."""
    given = load_assigned_dossier(session, candidacy_id)
    known = load_board_data(session, [given])
    lines = [line for block in toc_of(given, known) for line in block.lines]
    experiences = select(Experience).where(Experience.candidacy_id == candidacy_id)
    return DossierPageData(
        candidacy_id,
        priority_of(facts_of(given, known), at),
        known.activity.get(candidacy_id),
        load_matrix(session, candidacy_id),
        frozenset(line.id for line in lines if line.waits),
        load_unread(session, [candidacy_id], reader).get(candidacy_id, {}),
        session.get_one(Dossier, candidacy_id),
        session.scalars(experiences.order_by(Experience.began_on.desc(), Experience.id)).all(),
    )


def toc_of(given: AssignedDossier, known: BoardData, unread: Mapping[UUID, Unread] = NOTHING) -> tuple[TocBlock, ...]:
    """List the blocks asked for and their competencies: the state of each, whether its candidate waits, what
    is not read.
    """
    return tuple(_toc_block(given, known, number, unread) for number in given.blocks)


def _toc_block(given: AssignedDossier, known: BoardData, number: int, unread: Mapping[UUID, Unread]) -> TocBlock:
    block = given.blocks[number]
    held = block.id in known.held.get(given.id, ())
    is_open = given.state is DossierState.DRAFT and not held
    lines = tuple(
        TocCompetency(
            competency.id,
            competency.label,
            competency.text,
            known.state(given.id, competency.id),
            known.waiting_since(given, competency.id) is not None,
            is_open,
            unread[competency.id].count if competency.id in unread else 0,
        )
        for competency in block.competencies
    )
    return TocBlock(number, block.title, held, lines)


def _closed(given: AssignedDossier, known: BoardData, competency: Competency) -> ReviewRefusal | None:
    """Return why no mark can be given now, if so."""
    if competency.block_id in known.held.get(given.id, ()):
        return ReviewRefusal.BLOCK_HELD
    return None if given.state is DossierState.DRAFT else ReviewRefusal.DOSSIER_SUBMITTED


def _claims(session: Session, candidacy_id: UUID, competency_id: UUID) -> tuple[ReadClaim, ...]:
    rows = (
        session.execute(
            select(Claim, Experience)
            .join(Claim.evidence)
            .outerjoin(Experience, Experience.id == Evidence.experience_id)
            .where(
                Claim.candidacy_id == candidacy_id, Claim.competency_id == competency_id, Evidence.removed_at.is_(None)
            )
            .order_by(Evidence.number)
            .options(joinedload(Claim.evidence).joinedload(Evidence.files))
        )
        .unique()
        .all()
    )
    asked = {"pieces": [claim.evidence_id for claim, _ in rows], "competency": competency_id}
    labels, told = fetch_together(session, _beside(), asked)
    also: dict[UUID, list[tuple[int, int]]] = {}
    for label in labels:
        also.setdefault(label.evidence_id, []).append((label.block, label.number))
    of_file = {fact.id: fact for fact in told}
    return tuple(
        ReadClaim(
            claim,
            claim.evidence,
            claim.evidence.file,
            experience,
            tuple(f"{block}.{number}" for block, number in sorted(also.get(claim.evidence_id, ()))),
            of_file[claim.evidence.file.id].is_private,
            shown_of(of_file[claim.evidence.file.id]),
            of_file[claim.evidence.file.id].apart,
        )
        for claim, experience in rows
    )


@cache
def _beside() -> Together:
    """Return the other competencies that pieces are claimed for (« la même preuve pour tout » must be seen), and
    what is known of each version of their files.
    """
    pieces: BindParameter[UUID] = bindparam("pieces", expanding=True)
    return Together(
        select(Claim.evidence_id, Block.number.label("block"), Competency.number)
        .join(Claim.competency)
        .join(Competency.block)
        .where(Claim.evidence_id.in_(pieces), Claim.competency_id != bindparam("competency")),
        file_facts().where(EvidenceFile.evidence_id.in_(pieces)),
    )
