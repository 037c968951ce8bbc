"""The page of results of a candidacy, gathered at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.models import Award, Certificate, unrectified
from portfolio.certificate.rules import Explanation, GrantAnswer
from portfolio.certificate.services.explaining import candidacy_of, explanation_of
from portfolio.certificate.services.facts import Catalogue, catalogue_of, history_of
from portfolio.certificate.services.held import HeldBlock, held_blocks, recorded_grants
from portfolio.certificate.services.notified import AwaitedLetter, awaited_letter, award_is_notified
from portfolio.certificate.services.standing import Standing, standing_of_certificate
from portfolio.certification.models import Block, Competency
from portfolio.dossier.models import Dossier
from portfolio.dossier.rules import DossierState
from portfolio.jury.minutes import BlockDecision, CompetencyFinding, Minutes
from portfolio.jury.models import Hearing, hears
from portfolio.jury.rules import FindingValue, day_of
from portfolio.submission.models import Submission


@dataclass(frozen=True, slots=True)
class Found:
    """What a jury found on one competency, and why."""

    number: str
    text: str
    value: FindingValue
    reason: str


@dataclass(frozen=True, slots=True)
class BlockResult:
    """One block: the answer, the certificate if it is held, else what the jury that refused it wrote."""

    answer: GrantAnswer
    held: HeldBlock | None
    reason: str = ""
    recommendation: str = ""
    no_recommendation: str = ""
    findings: tuple[Found, ...] = ()
    # The certificate that was given and is not held today (suspended, withdrawn, annulled): the certifier acts from it.
    given: str | None = None
    # What its certificate may say of the register (R9), whether held or not.
    register: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class HeldWhole:
    """The whole certification, once obtained, and where its certificate stands today."""

    number: str
    obtained_on: date
    standing: Standing
    register: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LastSubmission:
    """Where the last sealed dossier stands."""

    id: UUID
    number: int
    submitted_on: date
    heard_on: date | None
    is_decided: bool
    draft_is_sealed: bool


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Everything the page of results shows."""

    candidate: str
    code: str
    title: str
    explanation: Explanation
    blocks: tuple[BlockResult, ...]
    whole: HeldWhole | None
    last: LastSubmission | None
    # The decision that its notification has not given yet; always None for the certifier.
    letter: AwaitedLetter | None = None

    @property
    def may_prepare(self) -> bool:
        """Whether the next submission can be prepared: this one is judged, and a block asked for may be presented."""
        wanted = self.explanation.to_present
        ready = self.last is not None and self.last.is_decided and self.last.draft_is_sealed and self.letter is None
        return ready and bool(wanted)


def results_page(session: Session, candidacy_id: UUID, *, notified: bool = False) -> ResultsPage:
    """Gather the page of results of a candidacy, in a constant number of queries; raises NoResultFound.

    `notified` leaves out the decisions that no notification gave: what the candidate and the advisor read.
    """
    candidacy = candidacy_of(session, candidacy_id)
    catalogue = catalogue_of(session, candidacy.version_id)
    history = history_of(session, candidacy.candidate_id, notified=notified)
    explanation = explanation_of(session, candidacy, catalogue, history, notified=notified)
    held = held_blocks(session, candidacy.candidate_id, candidacy.version_id, notified=notified)
    recorded = recorded_grants(session, candidacy.candidate_id, notified=notified)
    given = {one.grant.block_id: one.number for one in recorded}
    registers = _registers(session, {*given.values(), *(one.number for one in held.values())})
    return ResultsPage(
        candidate=candidacy.candidate_name,
        code=candidacy.version.certification.code,
        title=candidacy.version.title,
        explanation=explanation,
        blocks=tuple(
            replace(one, given=given.get(row.id), register=registers.get(one.held.number if one.held else given.get(row.id, "")))
            for row, one in zip(catalogue.rows, _block_results(session, explanation, held, catalogue), strict=True)
        ),
        whole=_held_whole(session, candidacy, notified=notified),
        last=_last_submission(session, candidacy.id),
        letter=awaited_letter(session, candidacy.id) if notified else None,
    )


def _registers(session: Session, numbers: set[str]) -> dict[str, Mapping[str, Any]]:
    query = select(Certificate.number, Certificate.labels).where(Certificate.number.in_(numbers))
    return {number: labels["standing"] for number, labels in session.execute(query)}


def _last_submission(session: Session, candidacy_id: UUID) -> LastSubmission | None:
    row = session.execute(
        select(Submission, Hearing, Dossier.state)
        .join(Dossier, Dossier.candidacy_id == Submission.candidacy_id)
        .outerjoin(Hearing, hears())
        .where(Submission.candidacy_id == candidacy_id)
        .options(joinedload(Hearing.session))
        .order_by(Submission.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    submission, hearing, state = row
    return LastSubmission(
        id=submission.id,
        number=submission.number,
        submitted_on=day_of(submission.submitted_at),
        heard_on=hearing.session.held_on if hearing else None,
        is_decided=hearing is not None and hearing.closed_at is not None,
        draft_is_sealed=state is DossierState.SUBMITTED,
    )


def _held_whole(session: Session, candidacy: Candidacy, *, notified: bool) -> HeldWhole | None:
    rows = session.execute(
        select(Certificate, Award)
        .join(Award, Award.id == Certificate.award_id)
        .where(Award.person_id == candidacy.candidate_id, Award.version_id == candidacy.version_id, unrectified())
        .order_by(Award.serial.desc())
    ).all()
    row = next((row for row in rows if not notified or award_is_notified(session, row[1])), None)
    if row is None:
        return None
    certificate, award = row
    standing = standing_of_certificate(session, certificate)
    return HeldWhole(certificate.number, award.obtained_on, standing, certificate.labels["standing"])


def _block_results(
    session: Session, explanation: Explanation, held: Mapping[UUID, HeldBlock], catalogue: Catalogue
) -> tuple[BlockResult, ...]:
    references = {one.reference for one in explanation.answers if one.reference}
    decisions = _decisions_in(session, references)
    findings = _findings_in(session, references)
    return tuple(
        _block_result(row, answer, held.get(row.id), decisions.get((answer.reference, row.id)), findings)
        for row, answer in zip(catalogue.rows, explanation.answers, strict=True)
    )


Findings = Mapping[tuple[str, UUID], CompetencyFinding]


def _block_result(
    row: Block, answer: GrantAnswer, held: HeldBlock | None, decision: BlockDecision | None, findings: Findings
) -> BlockResult:
    found = tuple(
        Found(f"{row.number}.{one.number}", one.text, finding.value, finding.reason)
        for one in row.competencies
        if (finding := findings.get((answer.reference, one.id))) is not None
    )
    if decision is None:
        return BlockResult(answer, held, findings=found)
    return BlockResult(answer, held, decision.reason, decision.recommendation, decision.no_recommendation or "", found)


def _decisions_in(session: Session, references: set[str]) -> dict[tuple[str, UUID], BlockDecision]:
    query = select(Minutes.number, BlockDecision).join(Minutes, Minutes.id == BlockDecision.minutes_id)
    rows = session.execute(query.where(Minutes.number.in_(references)))
    return {(number, row.block_id): row for number, row in rows}


def _findings_in(session: Session, references: set[str]) -> dict[tuple[str, UUID], CompetencyFinding]:
    query = (
        select(Minutes.number, CompetencyFinding)
        .join(Minutes, Minutes.id == CompetencyFinding.minutes_id)
        .join(Competency, Competency.id == CompetencyFinding.competency_id)
        .where(Minutes.number.in_(references))
    )
    return {(number, row.competency_id): row for number, row in session.execute(query)}
