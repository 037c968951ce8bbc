"""Reads of a sealed dossier, and of the draft about to be sealed.

What a jury wrote before the draft of a second try.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows, kept_while
from portfolio.db.sql_functions import uuid_hex
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, path_step
from portfolio.domain.certification.rules.book_frame import Frame
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_current_file, is_joined
from portfolio.domain.dossier.rules.completeness import MissingItem, missing_for_submission
from portfolio.domain.dossier.rules.draft import CompetencyFact
from portfolio.domain.dossier.use_cases import next_dossier
from portfolio.domain.dossier.use_cases.draft_changes import draft_changes
from portfolio.domain.dossier.use_cases.matrix import Matrix, load_matrix
from portfolio.domain.dossier.use_cases.next_dossier import load_frame, load_lengths
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, load_suspensions, was_absent
from portfolio.domain.jury.models.deliberation import next_day_of_hearing as next_day
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_away, is_current_hearing
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.dossier import SealedDossier, exhibit_labels
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.screens.candidate.results.queries import BlockResult, ToldBlocks, load_told_blocks
from portfolio.wording.jury import FINDINGS


@dataclass(frozen=True, slots=True)
class PresentedBlock:
    """A block about to be sealed, and what a jury will have of it."""

    number: int
    title: str
    competencies: int
    exhibits: int


@dataclass(frozen=True, slots=True)
class Exhibits:
    """The pieces of a draft that would be sealed."""

    # The label of each one by its number in the draft, in the order of the labels; the numbers of the others.
    labels: Mapping[int, str]
    left_out: frozenset[int]
    # The place of each one in that order; the numbers of those of each competency, and of the annexes (None).
    ranks: Mapping[int, int]
    of_competency: Mapping[UUID | None, Sequence[int]]
    # The id of each one, by its label.
    ids: Mapping[str, UUID]
    # How many each block has.
    of_block: Mapping[int, int]
    # The size of their files, and how many pages these have.
    weight: int
    pages: int

    @property
    def annexes(self) -> int:
        """Return how many pieces are joined for no competency."""
        return len(self.of_competency[None])


@dataclass(frozen=True, slots=True)
class ChecklistPageData:
    """Everything the page before a submission shows, but what its texts say."""

    matrix: Matrix
    missing: tuple[MissingItem, ...]
    blocks: tuple[PresentedBlock, ...]
    exhibits: Exhibits
    frame: Frame

    @property
    def path(self) -> Progress:
        """Return where the candidacy stands."""
        return self.matrix.path

    @property
    def presented(self) -> frozenset[int]:
        """Return the numbers of the blocks about to be sealed."""
        return frozenset(block.number for block in self.blocks)

    @property
    def blocking(self) -> Sequence[MissingItem]:
        """Return what prevents the submission."""
        return [item for item in self.missing if item.blocks]

    @property
    def advice(self) -> Sequence[MissingItem]:
        """Return what a jury would miss, without preventing anything."""
        return [item for item in self.missing if not item.blocks]


def load_checklist_page(session: Session, candidacy_id: UUID) -> ChecklistPageData:
    """Gather the page before a submission from the matrix and the sizes of the files, without its texts, in a
    constant number of queries; raises NoResultFound.
    """
    matrix = load_matrix(session, candidacy_id, with_passages=True)
    frame = load_frame(session, candidacy_id)
    facts = tuple(line.fact for line in matrix.lines())
    state = (draft_changes(session, candidacy_id), tuple(fact.id for fact in facts))
    read = partial(_load_exhibits, session, matrix, facts)
    exhibits = kept_while(session, ("exhibits", candidacy_id), state, read)
    return ChecklistPageData(
        matrix=matrix,
        missing=missing_for_submission(matrix.draft, load_lengths(session, candidacy_id, frame)),
        blocks=tuple(
            PresentedBlock(block.number, block.title, len(block.lines), exhibits.of_block.get(block.number, 0))
            for block in matrix.blocks
            if block.lines
        ),
        exhibits=exhibits,
        frame=frame,
    )


def _load_exhibits(session: Session, matrix: Matrix, facts: Sequence[CompetencyFact]) -> Exhibits:
    """Give its label to each piece that would be sealed; those that claims name for other blocks are left out."""
    files = {row.number: row for row in fetch_rows(session, _FILES, {"candidacy": matrix.path.candidacy_id})}
    serving: dict[int, list[tuple[int, int]]] = {number: [] for number in files}
    shown = {fact.id: matrix.pieces_of(fact.id) for fact in facts}
    for fact in facts:
        for number in shown[fact.id]:
            serving[number].append((fact.block, fact.number))
    claimed = {int(number) for numbers in matrix.claims.values() for number in numbers.split()}
    left_out = frozenset(number for number in claimed if not serving[number])
    labels = exhibit_labels({number: of for number, of in serving.items() if number not in left_out})
    ranks = {number: place for place, number in enumerate(labels)}
    ordered: dict[UUID | None, Sequence[int]] = {
        key: sorted(numbers, key=ranks.__getitem__) for key, numbers in shown.items()
    }
    return Exhibits(
        labels=labels,
        left_out=left_out,
        ranks=ranks,
        of_competency=ordered | {None: [number for number in labels if not serving[number]]},
        ids={label: UUID(files[number].key) for number, label in labels.items()},
        of_block=Counter(min(serving[number])[0] for number in labels if serving[number]),
        weight=sum(files[number].size for number in labels),
        pages=sum(files[number].pages or 0 for number in labels),
    )


_FILES = (
    select(Evidence.number, uuid_hex(Evidence.id).label("key"), EvidenceFile.size, EvidenceFile.pages)
    .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
    .where(Evidence.candidacy_id == bindparam("candidacy"), is_joined(Evidence), is_current_file())
)


@dataclass(frozen=True, slots=True)
class ReceiptPageData:
    """Everything the receipt, or the reading, of a sealed dossier shows."""

    id: UUID
    candidacy_id: UUID
    number: int
    submitted_at: datetime
    root: str
    dossier: SealedDossier
    heard_on: date | None
    place: str | None
    closed_at: datetime | None
    # Whether the decision waits for its notification: the result is not to be read yet.
    unnotified: bool
    others: tuple[tuple[int, UUID], ...]
    # The last day to complete this version, while the certifier waits for another one.
    complete_by: date | None = None
    suspension: Suspension | None = None
    # Whether a jury met for it without the candidate; whether that of the day noted so.
    is_absent: bool = False
    is_away: bool = False

    @property
    def replaced_by(self) -> tuple[int, UUID] | None:
        """Return the version deposited after this one, by its number."""
        return self.others[-1] if self.others[-1][0] > self.number else None

    @property
    def step(self) -> PathStep:
        """Return the next step of this deposit."""
        return path_step(
            PathFacts(
                is_sealed=True,
                has_session=self.heard_on is not None,
                is_closed=self.closed_at is not None,
                is_unnotified=self.unnotified,
                is_suspended=self.suspension is not None,
                is_away=self.is_away,
                was_absent=self.is_absent,
                is_replaced=self.replaced_by is not None,
                is_returned=self.complete_by is not None,
            )
        )


def _unnotified() -> ColumnElement[bool]:
    """Return the SQL condition: the decision of the hearing of the row waits for its notification."""
    return exists().where(Minutes.hearing_id == Hearing.id, awaits_notification(Minutes.id)).correlate(Hearing)


def load_receipt_page(session: Session, submission_id: UUID) -> ReceiptPageData:
    """Gather what a sealed dossier shows, in three queries at most; raises NoResultFound."""
    row = session.execute(
        select(
            Submission,
            next_day(),
            JurySession.place,
            Hearing.closed_at,
            _unnotified(),
            Hearing.id,
            DossierReturn.due_on,
            was_absent(Submission.id),
            is_away(),
        )
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(Hearing.session)
        .outerjoin(DossierReturn, and_(DossierReturn.submission_id == Submission.id, DossierReturn.is_open.is_(True)))
        .where(Submission.id == submission_id)
    ).one()
    submission = row[0]
    same = select(Submission.number, Submission.id).where(Submission.candidacy_id == submission.candidacy_id)
    return ReceiptPageData(
        id=submission.id,
        candidacy_id=submission.candidacy_id,
        number=submission.number,
        submitted_at=submission.submitted_at,
        root=submission.root,
        dossier=read_manifest(submission.manifest),
        heard_on=row[1],
        place=row[2],
        closed_at=row[3],
        unnotified=row[4],
        others=tuple((number, found) for number, found in session.execute(same.order_by(Submission.number))),
        suspension=load_suspensions(session, [row[5]]).get(row[5]) if row[5] and row[3] is None else None,
        complete_by=row[6],
        is_absent=row[7],
        is_away=row[8],
    )


@dataclass(frozen=True, slots=True)
class RecommendedTask:
    """One thing that a jury recommends: for a block (« 2 »), or for a competency that it did not find
    acquired (« 2.1 »).
    """

    label: str
    minutes: str
    title: str
    text: str
    done: bool
    competency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BlockToPresent:
    """A block that may be presented next, and what its jury recommends."""

    id: UUID
    number: int
    title: str
    reason: str
    postponed: bool
    tasks: tuple[RecommendedTask, ...]


@dataclass(frozen=True, slots=True)
class NextDossierPage:
    """Everything the page shows; `decided_on` is the day of the last decision."""

    results: ToldBlocks
    decided_on: date
    held: tuple[BlockResult, ...]
    blocks: tuple[BlockToPresent, ...]
    met_on: date | None

    @property
    def unticked(self) -> list[RecommendedTask]:
        """Return the recommendations of the blocks that are presented next, without those that are ticked."""
        chosen = (block for block in self.blocks if not block.postponed)
        return [task for block in chosen for task in block.tasks if not task.done]

    def block_result(self, number: int) -> BlockResult | None:
        """Return what the jury wrote of a block to present, by its number."""
        open_numbers = {block.number for block in self.blocks}
        found = (block for block in self.results.blocks if block.answer.block.number == number)
        return next(found, None) if number in open_numbers else None


def load_next_dossier(reader: Session, candidacy_id: UUID, today: date) -> NextDossierPage | None:
    """Gather the page; None while no jury decided, its result is not notified, or nothing is left to present."""
    kept = next_dossier.load_kept(reader, candidacy_id)
    if kept is None:
        return None
    results = load_told_blocks(reader, candidacy_id, on=today, notified=True)
    open_ids = {answer.block.id for answer in results.explanation.blocks_to_submit}
    if results.letter is not None or not open_ids:
        return None
    return NextDossierPage(
        results,
        kept.decided_on,
        tuple(block for block in results.blocks if block.held),
        tuple(
            BlockToPresent(
                UUID(str(block.answer.block.id)),
                block.answer.block.number,
                block.answer.block.title,
                block.reason,
                block.answer.block.id in kept.postponed,
                _tasks(block, kept.done),
            )
            for block in results.blocks
            if block.answer.block.id in open_ids
        ),
        kept.met_on,
    )


def _tasks(block: BlockResult, done: frozenset[tuple[str, str]]) -> tuple[RecommendedTask, ...]:
    """List the recommendation of the block, then each competency that was not found acquired, with what was missing."""
    minutes = block.answer.reference
    own = block.answer.block
    told: list[tuple[str, str, str, UUID | None]] = (
        [(str(own.number), "Préconisation du jury", block.recommendation, None)] if block.recommendation else []
    )
    told += [
        (
            found.number,
            f"{found.number} {found.text} : {FINDINGS[found.value].lower()}",
            found.reason,
            found.competency_id,
        )
        for found in block.findings
        if found.value is not FindingValue.ACQUIRED
    ]
    return tuple(
        RecommendedTask(label, minutes, title, text, (minutes, label) in done, competency_id)
        for label, title, text, competency_id in told
    )
