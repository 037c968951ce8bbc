"""Sealing a dossier, and opening the draft of the next one.

The return that a candidate has to answer, and the new sealed version that answers it.
"""

from collections.abc import Collection, Mapping, Set
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.deadline_rulings import is_lapsed
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, SealedFile, Submission, SubmittedBlock, is_superseded
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.dossier.models.dossier import Dossier, PostponedBlock
from portfolio.domain.dossier.models.evidence import PrivateFile
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.dossier.use_cases.matrix import load_missing_items
from portfolio.domain.dossier.use_cases.quarantine import load_quarantined
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.use_cases.holdings import block_statuses
from portfolio.domain.holdings.use_cases.notified_results import find_awaited_notification, grants_unnotified
from portfolio.domain.jury.models.deliberation import JurorOpinion
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, is_current_hearing
from portfolio.domain.jury.models.statements import MemberAttendance
from portfolio.domain.jury_session.use_cases.new_version import read_new_version
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.dossier import Header
from portfolio.domain.submission.rules.manifest import seal
from portfolio.domain.submission.rules.returns import ReturnEnding, SubmissionRefusal
from portfolio.domain.submission.use_cases.build_manifest import DraftRows, dossier_of, load_draft_rows
from portfolio.errors import Refusal


def find_open_return(session: Session, candidacy_id: UUID) -> DossierReturn | None:
    """Find the return that the candidate has to answer, with what it asks."""
    query = select(DossierReturn).where(DossierReturn.candidacy_id == candidacy_id, DossierReturn.is_open.is_(True))
    return session.scalar(query.options(selectinload(DossierReturn.requests)))


def has_begun(hearing_id: Any) -> ColumnElement[bool]:
    """Return the SQL condition: a jury checked who is present, or wrote an opinion, a finding or a decision."""
    models = (MemberAttendance, JurorOpinion, FindingDraft, DecisionDraft)
    return or_(*(exists().where(model.hearing_id == hearing_id) for model in models))


def lock_current_hearing(session: Session, candidacy_id: UUID) -> Hearing | None:
    """Lock the hearing of the last sealed version, if a jury is named: its closing and a return happen one
    after the other.

    It is taken before the candidate and the draft, as closing takes them.
    """
    last = select(func.max(Submission.number)).where(Submission.candidacy_id == candidacy_id).scalar_subquery()
    query = (
        select(Hearing)
        .join(Hearing.submission)
        .where(Submission.candidacy_id == candidacy_id, Submission.number == last, Hearing.is_current.is_(True))
    )
    return session.scalar(query.with_for_update(of=Hearing))


def require_not_begun(session: Session, hearing: Hearing | None) -> None:
    """Raise Refusal once the jury that is to read an answer has begun: it decides on the version that it read."""
    if hearing is not None and (hearing.closed_at is not None or session.scalar(select(has_begun(hearing.id)))):
        raise Refusal(SubmissionRefusal.JURY_HAS_BEGUN)


def end_by_submission(
    session: Session, row: DossierReturn, hearing: Hearing | None, submission: Submission, *, by: UUID, at: datetime
) -> None:
    """End a return with the sealed version that answers it, and let the jury that is named read it."""
    end(row, ReturnEnding.SUBMITTED, at)
    row.answer_id = submission.id
    if hearing is not None:
        read_new_version(session, hearing, submission, by=by, at=at)


def end(row: DossierReturn, ending: ReturnEnding, at: datetime) -> None:
    """Say how a return ended."""
    row.is_open, row.ending, row.ended_at = None, ending, at


def submit(
    session: Session, candidacy_id: UUID, statement: str, seen: Set[int] | None = None, *, by: UUID, at: datetime
) -> Submission:
    """Seal the draft as it stands now, and close it to writing.

    `statement` is the sworn text that was on the screen. `seen` are the numbers of the blocks that the screen
    said would be presented: what it said is what is sealed.

    Everything is read again under the candidate's lock and the draft's. Raises Refusal: already submitted,
    the admissibility was ruled to have lapsed, the statement is not signed, something that prevents a
    submission is missing, a block is held (R6), suspended (R10) or before a jury through another candidacy,
    or other blocks than those seen are to present. A dossier that was returned for completion is also refused
    once the jury that is named has begun.
    """
    hearing = lock_current_hearing(session, candidacy_id)
    candidacy = lock_candidate(session, candidacy_id)
    dossier = lock_draft(session, candidacy_id)
    if is_lapsed(session, candidacy_id):
        raise Refusal(SubmissionRefusal.LAPSED)
    if not statement.strip():
        raise Refusal(SubmissionRefusal.STATEMENT_NOT_SIGNED)
    returned = find_open_return(session, candidacy_id)
    if returned:
        require_not_begun(session, hearing)
    rows = load_draft_rows(session, candidacy_id, day_of(at))
    _check_presentable(rows, seen or frozenset())
    missing = [item for item in load_missing_items(session, candidacy_id) if item.blocks]
    if missing:
        raise Refusal(SubmissionRefusal.NOT_READY, missing=len(missing))
    _check_scope(rows, seen)
    _check_masking(session, rows)
    check_scanned(session, {file.key: piece.number for piece, file in rows.pieces})
    check_free(session, candidacy, {block.id for block in rows.presented}, beside=candidacy_id if returned else None)
    submission = _write(session, rows, statement, at)
    dossier.state = DossierState.SUBMITTED
    dossier.changed_at = at
    if returned:
        end_by_submission(session, returned, hearing, submission, by=by, at=at)
    numbers = " ".join(str(block.number) for block in rows.presented)
    facts = {"candidacy": candidacy_id, "number": submission.number, "blocks": numbers, "root": submission.root}
    record_event(session, "dossier_submitted", ("submission", submission.id), by=by, at=at, **facts)
    heard_on = hearing.session.held_on if returned and hearing else None
    receipt = {"number": submission.number, "submission_id": submission.id, "submitted_at": at, "heard_on": heard_on}
    email_candidate(session, candidacy, EmailTemplate.DOSSIER_SEALED, at=at, **receipt)
    return submission


def _check_masking(session: Session, rows: DraftRows) -> None:
    """Refuse a file of which parts are to be masked while the jury would read it whole."""
    current = {file.id: piece.number for piece, file in rows.pieces}
    private = session.scalars(select(PrivateFile.file_id).where(PrivateFile.file_id.in_(current)))
    if numbers := sorted(current[file_id] for file_id in private):
        raise Refusal(SubmissionRefusal.MASKING, piece=numbers[0])


def check_scanned(session: Session, pieces: Mapping[str, int]) -> None:
    """Refuse to seal a file that was not found clean; `pieces` are the numbers of the pieces, by key."""
    if apart := load_quarantined(session, pieces.keys()):
        raise Refusal(SubmissionRefusal.NOT_SCANNED, piece=min(pieces[key] for key in apart))


def lock_candidate(session: Session, candidacy_id: UUID) -> Candidacy:
    """Hold the person still: grants and submissions of one candidate happen one after the other."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    session.get_one(Person, candidacy.candidate_id, with_for_update={"key_share": True})
    return candidacy


def _check_presentable(rows: DraftRows, seen: Set[int]) -> None:
    """Refuse a block presented again, and say by which act it is held; or one that waits for the certifier's word."""
    for held_block in rows.held.values():
        if held_block.block_number in seen:
            raise Refusal(SubmissionRefusal.BLOCK_HELD, block=held_block.block_number, act=held_block.act)
    for held_block in rows.suspended.values():
        if held_block.block_number in seen:
            raise Refusal(SubmissionRefusal.BLOCK_SUSPENDED, block=held_block.block_number)


def _check_scope(rows: DraftRows, seen: Set[int] | None) -> None:
    """Refuse to seal other blocks than those the screen showed: none is added or removed in silence."""
    if seen is not None and seen != {block.number for block in rows.presented}:
        raise Refusal(SubmissionRefusal.SCOPE_CHANGED)


def check_free(
    session: Session, candidacy: Candidacy, presented: Collection[UUID], *, beside: UUID | None = None
) -> None:
    """Refuse a block that another candidacy of the same person has before a jury: one act at a time grants it (R13).

    `beside` omits a candidacy whose own record is sealed anew, or whose dossier was returned for completion.
    """
    pending = exists().where(
        SubmittedBlock.submission_id == Submission.id,
        SubmittedBlock.block_id.in_(presented),
        Submission.candidacy_id == Candidacy.id,
        Candidacy.candidate_id == candidacy.candidate_id,
        *((Candidacy.id != beside,) if beside else ()),
        ~exists().where(is_current_hearing(), Hearing.closed_at.is_not(None)),
        ~is_superseded(),
    )
    if session.scalar(select(pending)):
        raise Refusal(SubmissionRefusal.BEFORE_A_JURY)


def _write(session: Session, rows: DraftRows, statement: str, at: datetime) -> Submission:
    earlier = select(func.count()).select_from(Submission).where(Submission.candidacy_id == rows.candidacy.id)
    number = 1 + (session.scalar(earlier) or 0)
    sealed = seal(dossier_of(rows, Header(number, at), statement))
    submission = Submission(
        candidacy_id=rows.candidacy.id, number=number, submitted_at=at, manifest=sealed.manifest, root=sealed.root
    )
    session.add(submission)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=submission.id, block_id=block.id) for block in rows.presented)
    session.add_all(_files(submission.id, rows))
    session.flush()
    return submission


def _files(submission_id: UUID, rows: DraftRows) -> list[SealedFile]:
    labels = rows.labels
    return [
        SealedFile(
            submission_id=submission_id,
            exhibit=labels[piece.number],
            key=file.key,
            name=file.name,
            mime=file.mime,
            size=file.size,
            sha256=file.sha256,
        )
        for piece, file in rows.pieces
    ]


def open_next_draft(session: Session, candidacy_id: UUID, *, by: UUID, at: datetime) -> None:
    """Open the draft again for the blocks that are missing; opened already, it stays so.

    What was sealed stays sealed, and held blocks stay locked. Raises Refusal: nothing was submitted, the jury has not
    decided, the result is not notified, every block asked for is held, or those that are not are suspended.
    """
    candidacy = lock_candidate(session, candidacy_id)
    dossier = session.get_one(Dossier, candidacy_id, with_for_update=True)
    if dossier.state is DossierState.DRAFT:
        return
    query = (
        select(Submission.number, Hearing.closed_at)
        .outerjoin(Hearing, is_current_hearing())
        .where(Submission.candidacy_id == candidacy_id)
        .order_by(Submission.number.desc())
    )
    last = session.execute(query.limit(1)).first()
    if last is None:
        raise Refusal(SubmissionRefusal.NEVER_SUBMITTED)
    if last.closed_at is None:
        raise Refusal(SubmissionRefusal.NOT_DECIDED)
    if grants_unnotified(session, candidacy.candidate_id) or find_awaited_notification(session, candidacy_id):
        raise Refusal(SubmissionRefusal.NOT_NOTIFIED)
    _check_left(session, candidacy, day_of(at))
    session.execute(delete(PostponedBlock).where(PostponedBlock.candidacy_id == candidacy_id))
    dossier.state = DossierState.DRAFT
    dossier.changed_at = at
    record_event(session, "draft_reopened", ("candidacy", candidacy_id), by=by, at=at, after=last.number)


def _check_left(session: Session, candidacy: Candidacy, on: date) -> None:
    statuses = block_statuses(session, candidacy.candidate_id, candidacy.version_id, on=on)
    left = [block.id for block in candidacy.blocks if block.id not in statuses.held]
    if not left:
        raise Refusal(SubmissionRefusal.NOTHING_LEFT)
    if all(block_id in statuses.suspended for block_id in left):
        raise Refusal(SubmissionRefusal.ONLY_SUSPENDED_LEFT)
