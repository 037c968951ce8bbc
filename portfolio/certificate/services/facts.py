"""From rows to the facts that grants are derived from; nothing here decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.rules import CertifiedBlock, CertifiedCompetency, Decision, History, Sitting
from portfolio.certification.models import Block, Competency
from portfolio.jury.minutes import BlockDecision, CompetencyFinding, Minutes
from portfolio.jury.models import DecisionDraft, Finding, Hearing
from portfolio.jury.rules import FindingValue, day_of
from portfolio.submission.models import Submission

WITH_SUBMISSION = (
    joinedload(Hearing.session),
    joinedload(Hearing.submission).selectinload(Submission.blocks),
    joinedload(Hearing.submission).joinedload(Submission.candidacy),
)


@dataclass(frozen=True)
class Catalogue:
    """The blocks of one version, as rows and as values, in the order of the certification."""

    rows: tuple[Block, ...]

    @property
    def blocks(self) -> tuple[CertifiedBlock, ...]:
        """The values that the rules read."""
        return tuple(
            CertifiedBlock(row.id, row.number, row.title, tuple(_competency(row, one) for one in row.competencies))
            for row in self.rows
        )

    def short_of(self, block_id: UUID, found: Mapping[UUID, FindingValue]) -> tuple[CertifiedCompetency, ...]:
        """Name the competencies of a block that were not found acquired."""
        rows = (row for row in self.rows if row.id == block_id)
        acquired = FindingValue.ACQUIRED
        return tuple(_competency(row, one) for row in rows for one in row.competencies if found.get(one.id) is not acquired)


def _competency(block: Block, one: Competency) -> CertifiedCompetency:
    return CertifiedCompetency(f"{block.number}.{one.number}", one.text)


def catalogue_of(session: Session, version_id: UUID) -> Catalogue:
    """Read the blocks of a version with their competencies."""
    query = select(Block).where(Block.version_id == version_id).order_by(Block.number)
    return Catalogue(tuple(session.scalars(query.options(selectinload(Block.competencies)))))


def drafted_sitting(session: Session, hearing: Hearing, catalogue: Catalogue, faults: Collection[str]) -> Sitting:
    """Say what a hearing would be if its minutes were closed now, as they are drafted."""
    decisions = session.scalars(select(DecisionDraft).where(DecisionDraft.hearing_id == hearing.id)).all()
    findings = session.scalars(select(Finding).where(Finding.hearing_id == hearing.id)).all()
    return _sitting(hearing, "", _decisions(catalogue, decisions, findings), faults)


def closed_sitting(minutes: Minutes, catalogue: Catalogue) -> Sitting:
    """Say what closed minutes record, the answers of the composition's predicates included (R3)."""
    predicates = minutes.composition["predicates"]
    faults = [one["id"] for one in predicates if one["blocking"] and not one["holds"]]
    decisions = _decisions(catalogue, minutes.decisions, minutes.findings)
    return _sitting(minutes.hearing, minutes.number, decisions, faults)


def history_of(session: Session, person_id: UUID, catalogue: Catalogue) -> History:
    """Gather every closed sitting of a person for the blocks of one version, in a constant number of queries."""
    version_id = catalogue.rows[0].version_id if catalogue.rows else None
    query = (
        select(Minutes)
        .join(Hearing, Hearing.id == Minutes.hearing_id)
        .join(Submission, Submission.id == Hearing.submission_id)
        .join(Candidacy, Candidacy.id == Submission.candidacy_id)
        .where(Candidacy.candidate_id == person_id, Candidacy.version_id == version_id)
        .options(
            selectinload(Minutes.decisions),
            selectinload(Minutes.findings),
            joinedload(Minutes.hearing).options(*WITH_SUBMISSION),
        )
    )
    return History(tuple(closed_sitting(minutes, catalogue) for minutes in session.scalars(query)))


def _decisions(
    catalogue: Catalogue,
    decisions: Collection[DecisionDraft | BlockDecision],
    findings: Collection[Finding | CompetencyFinding],
) -> tuple[Decision, ...]:
    found = {one.competency_id: one.value for one in findings}
    return tuple(Decision(one.block_id, one.outcome, catalogue.short_of(one.block_id, found)) for one in decisions)


def _sitting(hearing: Hearing, reference: str, decisions: tuple[Decision, ...], faults: Collection[str]) -> Sitting:
    submission = hearing.submission
    return Sitting(
        reference=reference,
        decided_on=hearing.session.held_on,
        submitted_on=day_of(submission.submitted_at),
        admissible_on=submission.candidacy.admissible_on,
        scope=frozenset(one.block_id for one in submission.blocks),
        decisions=decisions,
        faults=tuple(faults),
    )
