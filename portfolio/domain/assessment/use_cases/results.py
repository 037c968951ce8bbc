"""The results of a candidacy, recorded one by one: append-only, each corrected by a later row.

The people who may have examined a candidate of a route without a livret 2: those of the body, and who follows them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.calendar import day_of
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.assessment.models import AssessmentResult, PlannedAssessment
from portfolio.domain.assessment.rules import AssessmentOutcome, AssessmentRefusal, current_results, result_refusal
from portfolio.domain.assessment.use_cases.plans import own_planned
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.use_cases.renditions import request_renditions
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class NewResult:
    """Result of one assessment, as a certifier records it."""

    planned_id: UUID
    assessed_on: date
    examiner: str
    outcome: AssessmentOutcome
    detail: str = ""
    # The examiner, when they are a person known here.
    examiner_id: UUID | None = None
    # Where the paper that proves it is kept.
    proof: str = ""


def record_result(
    session: Session,
    candidacy_id: UUID,
    new: NewResult,
    file: ReceivedFile | None = None,
    *,
    replaces: UUID | None = None,
    by: UUID,
    at: datetime,
) -> AssessmentResult:
    """Record the result of one assessment, with its document if there is one; `replaces` names the row that it
    corrects.

    A correction without a new document or proof keeps the earlier one. Raises Refusal: the candidacy writes a livret
    2, the assessment is of another version, the day cannot be, or the row is of another candidacy or corrected already.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    check_without_dossier(session, candidacy_id)
    planned = own_planned(session, candidacy.version_id, new.planned_id)
    fault = result_refusal(new.assessed_on, today=day_of(at), started_on=candidacy.admissible_on)
    if fault is not None:
        raise Refusal(fault)
    earlier = _corrected(session, candidacy_id, replaces) if replaces else None
    kept = _keep(session, candidacy_id, planned.title, file, at) if file else None
    row = AssessmentResult(
        candidacy_id=candidacy_id,
        planned_id=new.planned_id,
        assessed_on=new.assessed_on,
        examiner=new.examiner,
        examiner_id=new.examiner_id,
        outcome=new.outcome,
        detail=new.detail,
        proof=new.proof or (earlier.proof if earlier else None),
        file_id=kept.id if kept else earlier.file_id if earlier else None,
        recorded_at=at,
        recorded_by=by,
        replaces_id=replaces,
    )
    session.add(row)
    session.flush()
    facts = {"outcome": new.outcome, "replaces": replaces} if replaces else {"outcome": new.outcome}
    record_event(session, "assessment_recorded", ("candidacy", candidacy_id), by=by, at=at, **facts)
    append(session, [row], at=at)  # last: it takes the ledger's lock
    return row


def check_without_dossier(session: Session, candidacy_id: UUID) -> Dossier:
    """Return the unwritten dossier of a candidacy; raises Refusal for one that writes a livret 2."""
    dossier = session.get_one(Dossier, candidacy_id, with_for_update=True)
    if dossier.is_required:
        raise Refusal(AssessmentRefusal.HAS_DOSSIER)
    return dossier


def results_of(session: Session, candidacy_id: UUID) -> Sequence[AssessmentResult]:
    """List every recorded row of a candidacy, corrected ones included, the oldest first, in one query."""
    query = select(AssessmentResult).where(AssessmentResult.candidacy_id == candidacy_id)
    whole = (
        joinedload(AssessmentResult.planned).joinedload(PlannedAssessment.block),
        joinedload(AssessmentResult.file).joinedload(EvidenceFile.evidence),
        joinedload(AssessmentResult.author),
    )
    return session.scalars(query.options(*whole).order_by(AssessmentResult.recorded_at, AssessmentResult.id)).all()


def current_rows(rows: Sequence[AssessmentResult]) -> list[AssessmentResult]:
    """Return the rows that stand, in the order of the plan, then of their days."""
    standing = {result.id for result in current_results(row.to_value() for row in rows)}
    return sorted(
        (row for row in rows if row.id in standing), key=lambda row: (row.planned.number, row.assessed_on, row.id)
    )


def _corrected(session: Session, candidacy_id: UUID, result_id: UUID) -> AssessmentResult:
    row = session.get(AssessmentResult, result_id)
    if row is None or row.candidacy_id != candidacy_id:
        raise Refusal(AssessmentRefusal.FOREIGN_RESULT)
    if session.scalar(select(AssessmentResult.id).where(AssessmentResult.replaces_id == result_id)) is not None:
        raise Refusal(AssessmentRefusal.ALREADY_CORRECTED)
    return row


def _keep(session: Session, candidacy_id: UUID, title: str, file: ReceivedFile, at: datetime) -> EvidenceFile:
    """Keep the document as a numbered piece of the candidacy: its pages are drawn, and the seal checks its version."""
    last = session.scalar(select(func.max(Evidence.number)).where(Evidence.candidacy_id == candidacy_id)) or 0
    version = EvidenceFile(
        number=1,
        key=file.key,
        name=file.name,
        mime=file.mime,
        family=file.family,
        pages=file.pages,
        seconds=file.seconds,
        size=file.size,
        sha256=file.sha256,
        received_at=at,
    )
    piece = Evidence(
        candidacy_id=candidacy_id, number=last + 1, title=title[:300], added_at=at, changed_at=at, files=[version]
    )
    session.add(piece)
    session.flush()
    request_renditions(session, version, at=at)
    return version


MAX_EXAMINERS = 100


@dataclass(frozen=True, slots=True)
class Examiner:
    """A person who may have examined a candidate."""

    id: UUID
    name: str


def list_examiners(session: Session, candidacy_id: UUID) -> list[Examiner]:
    """Return the members of the body, who follows the candidate, and who examined them before, by name."""
    body = (
        select(Certification.body_id)
        .join(Certification.versions)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where(Candidacy.id == candidacy_id)
    )
    members = select(CertifyingBodyMember.person_id).where(CertifyingBodyMember.body_id.in_(body))
    follower = select(Candidacy.advisor_id).where(Candidacy.id == candidacy_id, Candidacy.advisor_id.is_not(None))
    before = select(AssessmentResult.examiner_id).where(
        AssessmentResult.candidacy_id == candidacy_id, AssessmentResult.examiner_id.is_not(None)
    )
    query = select(Person.id, Person.name).where(
        or_(Person.id.in_(members), Person.id.in_(follower), Person.id.in_(before))
    )
    rows = session.execute(query.order_by(Person.name, Person.id).limit(MAX_EXAMINERS))
    return [Examiner(id_, name) for id_, name in sorted(rows, key=lambda row: name_order(row.name))]
