"""Reads of a sealed dossier, and of the draft about to be sealed.

What a jury wrote before the draft of a second try.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.models import Block
from portfolio.domain.dossier.models.dossier import PostJuryMeeting
from portfolio.domain.dossier.rules.completeness import MissingItem
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases import next_dossier
from portfolio.domain.dossier.use_cases.matrix import load_missing_items
from portfolio.domain.holdings.use_cases.holdings import HeldBlock
from portfolio.domain.holdings.use_cases.notified_results import awaits_notification
from portfolio.domain.jury.models.deliberation import Minutes, load_suspensions
from portfolio.domain.jury.models.deliberation import next_day_of_hearing as next_day
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.dossier import Header, SealedDossier
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.domain.submission.use_cases.build_manifest import DraftRows, dossier_of, load_draft_rows
from portfolio.screens.candidate.results.queries import BlockResult, ResultsPageData, load_results_page, was_absent
from portfolio.wording.jury import FINDINGS


@dataclass(frozen=True, slots=True)
class PresentedBlock:
    """A block about to be sealed, and what a jury will have of it."""

    number: int
    title: str
    competencies: int
    exhibits: int


@dataclass(frozen=True, slots=True)
class ChecklistPageData:
    """Everything the page before a submission shows."""

    candidate: str
    code: str
    title: str
    state: DossierState
    missing: tuple[MissingItem, ...]
    blocks: tuple[PresentedBlock, ...]
    held: tuple[HeldBlock, ...]
    suspended: tuple[HeldBlock, ...]
    postponed: tuple[Block, ...]
    exhibits: int
    annexes: int
    left_out: int
    weight: int

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


@dataclass(frozen=True, slots=True)
class DraftPageData:
    """The page before a submission, with the draft as it would be sealed now.

    `places` are the pieces, with the version of their file, by the label that the jury would know them by.
    """

    page: ChecklistPageData
    dossier: SealedDossier
    places: Mapping[str, tuple[UUID, int]]
    competencies: Mapping[str, UUID]


def load_draft_page(session: Session, candidacy_id: UUID, *, at: datetime) -> DraftPageData:
    """Read a draft once, and say what it lacks and how it reads; raises NoResultFound."""
    rows = load_draft_rows(session, candidacy_id)
    return DraftPageData(
        page=_checklist_page(session, rows),
        dossier=dossier_of(rows, Header(0, at), ""),
        places={rows.labels[piece.number]: (piece.id, file.number) for piece, file in rows.pieces},
        competencies={
            f"{block.number}.{each.number}": each.id for block in rows.presented for each in block.competencies
        },
    )


def load_checklist_page(session: Session, candidacy_id: UUID) -> ChecklistPageData:
    """Gather the page before a submission, in a constant number of queries; raises NoResultFound."""
    return _checklist_page(session, load_draft_rows(session, candidacy_id))


def _checklist_page(session: Session, rows: DraftRows) -> ChecklistPageData:
    labels = rows.labels.values()
    return ChecklistPageData(
        candidate=rows.candidacy.candidate_name,
        code=rows.candidacy.version.certification.code,
        title=rows.candidacy.version.title,
        state=rows.dossier.state,
        missing=load_missing_items(session, rows.candidacy.id),
        blocks=tuple(
            PresentedBlock(
                block.number,
                block.title,
                len(block.competencies),
                sum(label.startswith(f"B{block.number}-") for label in labels),
            )
            for block in rows.presented
        ),
        held=tuple(rows.held.values()),
        suspended=tuple(rows.suspended.values()),
        postponed=rows.postponed,
        exhibits=len(labels),
        annexes=sum(label.startswith("A-") for label in labels),
        left_out=rows.left_out,
        weight=sum(file.size for _, file in rows.pieces),
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
    # Whether a jury met for it without the candidate.
    is_absent: bool = False

    @property
    def replaced_by(self) -> tuple[int, UUID] | None:
        """Return the version deposited after this one, by its number."""
        return self.others[-1] if self.others[-1][0] > self.number else None


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

    results: ResultsPageData
    decided_on: date
    held: tuple[BlockResult, ...]
    blocks: tuple[BlockToPresent, ...]
    meeting: PostJuryMeeting | None

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
    decision = next_dossier.find_last_decision(reader, candidacy_id)
    if decision is None:
        return None
    results = load_results_page(reader, candidacy_id, on=today, notified=True)
    open_ids = {answer.block.id for answer in results.explanation.blocks_to_submit}
    if results.letter is not None or not open_ids:
        return None
    postponed, done = (
        next_dossier.postponed_blocks(reader, candidacy_id),
        next_dossier.list_done(reader, candidacy_id),
    )
    return NextDossierPage(
        results,
        decision[1],
        tuple(block for block in results.blocks if block.held),
        tuple(
            BlockToPresent(
                UUID(str(block.answer.block.id)),
                block.answer.block.number,
                block.answer.block.title,
                block.reason,
                block.answer.block.id in postponed,
                _tasks(block, done),
            )
            for block in results.blocks
            if block.answer.block.id in open_ids
        ),
        next_dossier.find_meeting(reader, candidacy_id),
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
