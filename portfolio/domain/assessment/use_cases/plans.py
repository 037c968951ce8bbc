"""The plan of a version: its practical cases and deliverables, the minutes of the defence, the retry rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.assessment.models import AssessmentPlan, AssessmentResult, PlannedAssessment
from portfolio.domain.assessment.rules import (
    AssessmentRefusal,
    DefenceMinutes,
    PlannedValue,
    RetryRule,
    defence_in,
    planned_by_entry,
    retry_in,
)
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.errors import Conflict, Refusal


@dataclass(frozen=True)
class PlannedLine:
    """A planned assessment in a list; `in_use` when a result names it: it is reworded, not removed."""

    id: UUID
    number: int
    value: PlannedValue
    in_use: bool


@dataclass(frozen=True)
class PlanPage:
    """Everything the page of a plan shows; `proposed` is what the entry names, offered while nothing is planned."""

    version_id: UUID
    title: str
    code: str
    number: int
    blocks: Sequence[Block]
    lines: tuple[PlannedLine, ...]
    defence: DefenceMinutes | None
    retry: RetryRule
    revision: int
    proposed: tuple[PlannedValue, ...]
    defence_text: str
    defence_proposed: DefenceMinutes | None


def plan_page(session: Session, version_id: UUID) -> PlanPage:
    """Read the plan of a published version; raises Refusal while it is not published."""
    version = _published(session, version_id)
    entry, plan, lines = version.to_entry(), _plan(session, version_id), planned_lines(session, version_id)
    return PlanPage(
        version_id=version.id,
        title=version.title,
        code=version.certification.code,
        number=version.number,
        blocks=version.blocks,
        lines=lines,
        defence=_defence(plan),
        retry=plan.retry if plan else retry_in(entry),
        revision=plan.revision if plan else 0,
        proposed=() if lines else planned_by_entry(entry),
        defence_text=entry.defence or "",
        defence_proposed=defence_in(entry.defence),
    )


def planned_lines(session: Session, version_id: UUID) -> tuple[PlannedLine, ...]:
    """List what a version plans, in order, in one query."""
    used = exists().where(AssessmentResult.planned_id == PlannedAssessment.id)
    query = select(PlannedAssessment, Block.number, used).outerjoin(PlannedAssessment.block)
    rows = session.execute(query.where(PlannedAssessment.version_id == version_id).order_by(PlannedAssessment.number))
    return tuple(
        PlannedLine(row.id, row.number, PlannedValue(row.kind, row.title, block), in_use) for row, block, in_use in rows
    )


def defence_planned(session: Session, version_id: UUID) -> DefenceMinutes | None:
    """Return how long a defence lasts, as the plan of a version sets it; None where it sets none."""
    return _defence(_plan(session, version_id))


def retry_rule(session: Session, version_id: UUID) -> RetryRule:
    """Return before which jury a candidate who failed goes again, as the plan of a version sets it."""
    found = session.scalar(select(AssessmentPlan.retry).where(AssessmentPlan.version_id == version_id))
    return found or RetryRule.ANY_JURY


def settings_planned(session: Session, version_id: UUID) -> tuple[DefenceMinutes | None, RetryRule]:
    """Return how long a defence lasts and the retry rule, as the plan of a version sets them, in one query."""
    plan = _plan(session, version_id)
    return _defence(plan), plan.retry if plan else RetryRule.ANY_JURY


def plan_from_entry(session: Session, version_id: UUID, *, by: UUID, at: datetime) -> int:
    """Plan what the entry names, and the defence that it describes; planned already, nothing changes.

    Return how many.
    """
    version = _locked(session, version_id)
    if planned_lines(session, version_id):
        return 0
    entry = version.to_entry()
    blocks = {block.number: block.id for block in version.blocks}
    values = planned_by_entry(entry)
    session.add_all(
        PlannedAssessment(
            version_id=version_id,
            number=number,
            kind=assessment.kind,
            title=assessment.title,
            block_id=blocks[assessment.block] if assessment.block else None,
            changed_at=at,
        )
        for number, assessment in enumerate(values, start=1)
    )
    defence = defence_in(entry.defence)
    retry = retry_in(entry)
    says = defence is not None or retry is not RetryRule.ANY_JURY
    if says and _plan(session, version_id) is None:
        _write_plan(session, version_id, defence, retry, at)
    record_event(
        session,
        "assessments_planned",
        ("certification_version", version_id),
        by=by,
        at=at,
        count=len(values),
        from_entry=True,
    )
    return len(values)


def add_planned(
    session: Session, version_id: UUID, value: PlannedValue, *, by: UUID, at: datetime
) -> PlannedAssessment:
    """Plan one more assessment, after the others.

    Raises Refusal: not published, a block of another version.
    """
    version = _locked(session, version_id)
    last = session.scalar(select(func.max(PlannedAssessment.number)).where(PlannedAssessment.version_id == version_id))
    row = PlannedAssessment(version_id=version_id, number=(last or 0) + 1)
    _fill(row, version, value, at)
    session.add(row)
    session.flush()
    record_event(
        session, "assessments_planned", ("certification_version", version_id), by=by, at=at, count=1, from_entry=False
    )
    return row


def change_planned(
    session: Session, version_id: UUID, planned_id: UUID, value: PlannedValue, *, by: UUID, at: datetime
) -> None:
    """Reword a planned assessment; sealed records keep the words that the jury read. Raises Refusal."""
    version = _locked(session, version_id)
    _fill(own_planned(session, version_id, planned_id), version, value, at)
    record_event(session, "planned_assessment_changed", ("planned_assessment", planned_id), by=by, at=at)


def remove_planned(session: Session, version_id: UUID, planned_id: UUID, *, by: UUID, at: datetime) -> None:
    """Remove a planned assessment; removed already, nothing changes.

    Raises Refusal once a result names it.
    """
    _locked(session, version_id)
    row = session.get(PlannedAssessment, planned_id)
    if row is None or row.version_id != version_id:
        return
    if session.scalar(select(exists().where(AssessmentResult.planned_id == planned_id))):
        raise Refusal(AssessmentRefusal.PLANNED_IN_USE)
    session.delete(row)
    record_event(session, "planned_assessment_removed", ("planned_assessment", planned_id), by=by, at=at)


def set_plan(
    session: Session,
    version_id: UUID,
    defence: DefenceMinutes | None,
    retry: RetryRule,
    revision: int,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Set the minutes of the defence and the retry rule of a version.

    Raises Conflict when they changed meanwhile.
    """
    _locked(session, version_id)
    plan = _plan(session, version_id)
    if plan is not None and plan.revision != revision:
        raise Conflict(_as_typed(plan), plan.revision)
    _write_plan(session, version_id, defence, retry, at)
    facts = {"presentation": defence.presentation, "questions": defence.questions} if defence else {}
    record_event(
        session, "assessment_plan_set", ("certification_version", version_id), by=by, at=at, retry=retry, **facts
    )


def own_planned(session: Session, version_id: UUID, planned_id: UUID) -> PlannedAssessment:
    """Return a planned assessment of a version; raises Refusal for one of another version."""
    row = session.get(PlannedAssessment, planned_id)
    if row is None or row.version_id != version_id:
        raise Refusal(AssessmentRefusal.FOREIGN_PLANNED)
    return row


def _fill(row: PlannedAssessment, version: CertificationVersion, value: PlannedValue, at: datetime) -> None:
    blocks = {block.number: block.id for block in version.blocks}
    if value.block is not None and value.block not in blocks:
        raise Refusal(AssessmentRefusal.FOREIGN_BLOCK)
    row.kind, row.title, row.changed_at = value.kind, value.title, at
    row.block_id = blocks[value.block] if value.block is not None else None


def _write_plan(
    session: Session, version_id: UUID, defence: DefenceMinutes | None, retry: RetryRule, at: datetime
) -> None:
    plan = _plan(session, version_id)
    if plan is None:
        plan = AssessmentPlan(version_id=version_id, revision=0)
        session.add(plan)
    plan.presentation_minutes = defence.presentation if defence else None
    plan.questions_minutes = defence.questions if defence else None
    plan.retry, plan.revision, plan.changed_at = retry, plan.revision + 1, at
    session.flush()


def _plan(session: Session, version_id: UUID) -> AssessmentPlan | None:
    return session.scalar(select(AssessmentPlan).where(AssessmentPlan.version_id == version_id))


def _as_typed(plan: AssessmentPlan) -> dict[str, str]:
    minutes = {"presentation": plan.presentation_minutes, "questions": plan.questions_minutes}
    return {name: "" if duration is None else str(duration) for name, duration in minutes.items()} | {
        "retry": plan.retry
    }


def _defence(plan: AssessmentPlan | None) -> DefenceMinutes | None:
    if plan is None or plan.presentation_minutes is None or plan.questions_minutes is None:
        return None
    return DefenceMinutes(plan.presentation_minutes, plan.questions_minutes)


def _published(session: Session, version_id: UUID) -> CertificationVersion:
    query = select(CertificationVersion).where(CertificationVersion.id == version_id)
    version = session.scalars(
        query.options(selectinload(CertificationVersion.blocks), joinedload(CertificationVersion.certification))
    ).one()
    if not version.is_offered:
        raise Refusal(AssessmentRefusal.PLAN_NOT_PUBLISHED)
    return version


def _locked(session: Session, version_id: UUID) -> CertificationVersion:
    session.get_one(CertificationVersion, version_id, with_for_update={"key_share": True})
    return _published(session, version_id)
