"""Sealing the assessment record of a route without a livret 2: what its jury reads, and what its minutes name
by its root.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.assessment.models import AssessmentResult
from portfolio.domain.assessment.rules import AssessmentRefusal, CohortValue, RetryRule, retry_refusal
from portfolio.domain.assessment.use_cases.cohorts import cohort_of
from portfolio.domain.assessment.use_cases.plans import retry_rule
from portfolio.domain.assessment.use_cases.results import check_without_dossier, current_rows, results_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, SealedFile, Submission, SubmittedBlock
from portfolio.domain.candidacy.rules.stage import SubmissionKind
from portfolio.domain.certification.models import Block
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.holdings.models.events import is_annulled
from portfolio.domain.holdings.use_cases.holdings import BlockStatuses, block_statuses
from portfolio.domain.holdings.use_cases.notified_results import find_awaited_notification
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.enums import Attendance, StatementKind
from portfolio.domain.submission.rules.dossier import (
    RECORD_FORMAT,
    Header,
    SealedAssessment,
    SealedBlock,
    SealedCohort,
    SealedCompetency,
    SealedDossier,
    SealedTexts,
)
from portfolio.domain.submission.rules.manifest import read_manifest, seal
from portfolio.domain.submission.use_cases.build_manifest import (
    SILENT,
    certification_of,
    exhibit_of,
    held_of,
    read_candidacy,
)
from portfolio.domain.submission.use_cases.submit import check_free, check_scanned, lock_candidate
from portfolio.errors import Refusal


@dataclass(frozen=True)
class RecordRows:
    """The rows that an assessment record looks at: the blocks to present, and the results that stand for them."""

    candidacy: Candidacy
    blocks: BlockStatuses
    presented: tuple[Block, ...]
    results: tuple[AssessmentResult, ...]
    cohort: CohortValue | None

    def labels(self) -> dict[UUID, str]:
        """Return the label of the document of each result that has one, by the id of the result."""
        with_file = [result for result in self.results if result.file_id is not None]
        return {result.id: f"E-{rank:02d}" for rank, result in enumerate(with_file, start=1)}


def record_rows(session: Session, candidacy_id: UUID, on: date | None = None) -> RecordRows:
    """Read what a record would seal now; raises NoResultFound for an unknown candidacy."""
    candidacy = read_candidacy(session, candidacy_id)
    blocks = block_statuses(session, candidacy.candidate_id, candidacy.version_id, on=on)
    presented = tuple(
        block for block in candidacy.blocks if block.id not in blocks.held.keys() | blocks.suspended.keys()
    )
    wanted = {None, *(block.id for block in presented)}
    results = [row for row in current_rows(results_of(session, candidacy_id)) if row.planned.block_id in wanted]
    return RecordRows(candidacy, blocks, presented, tuple(results), cohort_of(session, candidacy))


def seal_record(session: Session, candidacy_id: UUID, *, by: UUID, at: datetime) -> Submission:
    """Seal the results of a candidacy as they stand, for a jury; an open hearing that nobody has read takes the new
    record.

    Raises Refusal: the candidacy writes a livret 2, no result stands, every block is held, a member of the jury has
    read the record already, the last result is not notified, or the retry rule asks for the next cohort.
    """
    candidacy = lock_candidate(session, candidacy_id)
    session.get_one(Candidacy, candidacy_id, with_for_update=True)
    dossier = check_without_dossier(session, candidacy_id)
    rows = record_rows(session, candidacy_id, day_of(at))
    if not rows.presented:
        raise Refusal(AssessmentRefusal.NOTHING_LEFT)
    if not rows.results:
        raise Refusal(AssessmentRefusal.RECORD_EMPTY)
    hearing = _open_hearing(session, candidacy_id)
    if hearing is not None and _is_read(session, hearing):
        raise Refusal(AssessmentRefusal.RECORD_READ)
    if find_awaited_notification(session, candidacy_id):
        raise Refusal(AssessmentRefusal.NOT_NOTIFIED)
    _check_retry(session, candidacy, rows.cohort)
    check_free(session, candidacy, {block.id for block in rows.presented}, beside=candidacy_id)
    files = [result.file for result in rows.results if result.file is not None]
    check_scanned(session, {file.key: file.evidence.number for file in files})
    submission = _write(session, rows, at)
    if hearing is not None:
        hearing.submission_id = submission.id
    dossier.state, dossier.changed_at = DossierState.SUBMITTED, at
    facts = {
        "candidacy": candidacy_id,
        "number": submission.number,
        "root": submission.root,
        "hearing": hearing and hearing.id,
    }
    record_event(session, "record_sealed", ("submission", submission.id), by=by, at=at, **facts)
    return submission


def failed_with(session: Session, candidacy_id: UUID) -> tuple[bool, CohortValue | None]:
    """Return whether a jury decided already for a candidacy, and the cohort of the record that it read last."""
    query = (
        select(Submission.manifest)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(
            Submission.candidacy_id == candidacy_id,
            Minutes.void_reason.is_(None),
            ~is_annulled(Minutes.id),
            func.coalesce(Minutes.attendance, Attendance.HEARD) == Attendance.HEARD,
        )
        .order_by(Submission.number.desc())
        .limit(1)
    )
    manifest = session.scalar(query)
    if manifest is None:
        return False, None
    cohort = read_manifest(manifest).cohort
    return True, CohortValue(UUID(cohort.key), cohort.name, cohort.starts_on, cohort.ends_on) if cohort else None


def check_session_day(session: Session, submission: Submission, held_on: date) -> None:
    """Refuse a session before the next cohort begins, for a candidate who failed, where the version sets that rule."""
    if submission.kind is None:
        return
    dossier = read_manifest(submission.manifest)
    version_id = submission.candidacy.version_id
    if dossier.cohort is None or retry_rule(session, version_id) is not RetryRule.NEXT_COHORT:
        return
    decided, _earlier = failed_with(session, submission.candidacy_id)
    if decided and held_on < dossier.cohort.starts_on:
        raise Refusal(
            AssessmentRefusal.SESSION_TOO_SOON, cohort=dossier.cohort.name, day=dossier.cohort.starts_on.isoformat()
        )


def _check_retry(session: Session, candidacy: Candidacy, cohort: CohortValue | None) -> None:
    decided, failed_in = failed_with(session, candidacy.id)
    if not decided:
        return
    fault = retry_refusal(retry_rule(session, candidacy.version_id), failed_in, cohort)
    if fault is not None:
        raise Refusal(fault, cohort=failed_in.name if failed_in else "")


def _open_hearing(session: Session, candidacy_id: UUID) -> Hearing | None:
    query = (
        select(Hearing)
        .join(Submission, is_current_hearing())
        .where(Submission.candidacy_id == candidacy_id, Hearing.closed_at.is_(None))
    )
    return session.scalar(query.with_for_update(of=Hearing))


def _is_read(session: Session, hearing: Hearing) -> bool:
    read = select(Statement.id).where(Statement.hearing_id == hearing.id, Statement.kind == StatementKind.READ)
    return session.scalar(read.limit(1)) is not None


def _write(session: Session, rows: RecordRows, at: datetime) -> Submission:
    last = session.scalar(select(func.max(Submission.number)).where(Submission.candidacy_id == rows.candidacy.id))
    header = Header((last or 0) + 1, at, format=RECORD_FORMAT)
    sealed = seal(record_of(rows, header))
    submission = Submission(
        candidacy_id=rows.candidacy.id,
        number=header.number,
        submitted_at=at,
        kind=SubmissionKind.ASSESSMENT_RECORD,
        manifest=sealed.manifest,
        root=sealed.root,
    )
    session.add(submission)
    session.flush()
    session.add_all(SubmittedBlock(submission_id=submission.id, block_id=block.id) for block in rows.presented)
    session.add_all(_files(submission.id, rows))
    session.flush()
    return submission


def record_of(rows: RecordRows, header: Header) -> SealedDossier:
    """Turn the results that stand into the record that is sealed: no statement, no text, no claim."""
    labels, candidacy, cohort = rows.labels(), rows.candidacy, rows.cohort
    with_file = [(labels[result.id], result.file) for result in rows.results if result.file is not None]
    dossier = SealedDossier(
        header=header,
        candidate=candidacy.candidate_name,
        certification=certification_of(candidacy),
        route=candidacy.route,
        scope=candidacy.scope,
        requested=tuple(block.number for block in candidacy.blocks),
        statement=None,
        texts=SealedTexts("", "", ""),
        blocks=tuple(_block(block) for block in rows.presented),
        held_blocks=held_of(rows.blocks.held),
        exhibits=tuple(exhibit_of(label, file.evidence, file, {}) for label, file in with_file),
        assessments=_assessments(rows, labels),
        cohort=SealedCohort(cohort.id.hex, cohort.name, cohort.starts_on, cohort.ends_on) if cohort else None,
    )
    return replace(dossier, header=replace(header, version=dossier.format_version))


def _block(block: Block) -> SealedBlock:
    competencies = (
        SealedCompetency(f"{block.number}.{competency.number}", competency.text, SILENT)
        for competency in block.competencies
    )
    return SealedBlock(block.number, block.title, tuple(competencies))


def _assessments(rows: RecordRows, labels: dict[UUID, str]) -> tuple[SealedAssessment, ...]:
    numbers = {block.id: block.number for block in rows.presented}
    return tuple(
        SealedAssessment(
            number=number,
            kind=row.planned.kind,
            title=row.planned.title,
            block=numbers[row.planned.block_id] if row.planned.block_id else None,
            assessed_on=row.assessed_on,
            examiner=row.examiner,
            outcome=row.outcome,
            detail=row.detail,
            exhibit=labels.get(row.id),
            recorded_at=row.recorded_at,
            recorded_by=row.author.name,
            proof=row.proof or None,
        )
        for number, row in enumerate(rows.results, start=1)
    )


def _files(submission_id: UUID, rows: RecordRows) -> Sequence[SealedFile]:
    labels = rows.labels()
    return [
        SealedFile(
            submission_id=submission_id,
            exhibit=labels[row.id],
            key=row.file.key,
            name=row.file.name,
            mime=row.file.mime,
            size=row.file.size,
            sha256=row.file.sha256,
        )
        for row in rows.results
        if row.file is not None
    ]
