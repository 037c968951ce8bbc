"""The page of results of a candidacy, gathered at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, joinedload

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.calendar import day_of
from portfolio.db.engine import fetch_together, read_session
from portfolio.db.together import Together
from portfolio.domain.assessment.use_cases.pages import PathPage, path_page
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, path_step
from portfolio.domain.certification.models import Block
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.holdings.models.grants import Award, Certificate, is_latest
from portfolio.domain.holdings.rules.granting import Explanation, GrantAnswer, GrantGround
from portfolio.domain.holdings.use_cases.endings import load_endings
from portfolio.domain.holdings.use_cases.facts import Catalogue, load_catalogue, load_history
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, block_statuses_among, recorded_grants
from portfolio.domain.holdings.use_cases.notified_results import (
    AwaitedNotification,
    award_is_notified,
    find_awaited_notification,
)
from portfolio.domain.holdings.use_cases.recompute import load_awaited_notification, load_candidacy, load_explanation
from portfolio.domain.holdings.use_cases.status import CertificateStatus, load_award_status
from portfolio.domain.jury.models.deliberation import (
    Minutes,
    RecordedDecision,
    RecordedFinding,
    load_suspensions,
    was_absent,
)
from portfolio.domain.jury.models.sessions import Hearing, is_current_hearing
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.enums import Attendance, FindingValue
from portfolio.domain.submission.models import DossierReturn
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.respondent.summons import own_summons
from portfolio.web.clock import today
from portfolio.wording import assessment
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.holdings import endings
from portfolio.wording.jury import suspension_message


@dataclass(frozen=True, slots=True)
class FindingResult:
    """Finding of the jury on one competency, and why."""

    number: str
    text: str
    value: FindingValue
    reason: str
    competency_id: UUID


@dataclass(frozen=True, slots=True)
class BlockResult:
    """One block: the answer, the certificate if it is held, else what the jury that refused it wrote."""

    answer: GrantAnswer
    held: HeldBlock | None
    reason: str = ""
    recommendation: str = ""
    no_recommendation: str = ""
    findings: tuple[FindingResult, ...] = ()
    # The certificate that was given and is not held today (suspended, withdrawn, annulled): the certifier
    # acts from it.
    given: str | None = None
    # What its certificate may say of the register (R9), whether held or not.
    register: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CompleteCertification:
    """The whole certification, once obtained, and where its certificate stands today."""

    number: str
    obtained_on: date
    standing: CertificateStatus
    labels: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LastSubmission:
    """State of the last sealed dossier."""

    id: UUID
    number: int
    submitted_on: date
    heard_on: date | None
    is_decided: bool
    draft_is_sealed: bool
    suspension: Suspension | None = None
    # Whether a jury met without the candidate, and no other one is planned yet; whether that of the day noted so.
    is_absent: bool = False
    is_away: bool = False
    place: str | None = None
    # The last day to complete it, while the certifier waits for another version.
    complete_by: date | None = None


@dataclass(frozen=True, slots=True)
class ToldBlocks:
    """Answers of the juries about each block of a candidacy, and the blocks that are held."""

    code: str
    title: str
    explanation: Explanation
    blocks: tuple[BlockResult, ...]
    # The decision that its notification has not given yet; always None for the certifier.
    letter: AwaitedNotification | None


@dataclass(frozen=True, slots=True)
class ResultsPageData(ToldBlocks):
    """Everything the page of results shows."""

    candidate: str
    whole: CompleteCertification | None
    last: LastSubmission | None

    def step(self, *, has_dossier: bool) -> PathStep:
        """Return what comes next for the person: the decision that its letter gives, the blocks that are left."""
        told, last = self.explanation, self.last
        decided = last is not None and last.is_decided
        return path_step(
            PathFacts(
                is_sealed=last is not None and (last.draft_is_sealed or not decided),
                has_session=last is not None and last.heard_on is not None,
                is_closed=decided,
                is_unnotified=self.letter is not None,
                is_suspended=last is not None and last.suspension is not None,
                is_away=last is not None and last.is_away,
                was_absent=last is not None and last.is_absent,
                is_returned=last is not None and last.complete_by is not None,
                is_obtained=not told.missing_requested,
                is_held_up=bool(told.missing_requested) and not told.blocks_to_submit,
                presents=bool(told.missing_requested and told.blocks_to_submit),
                has_dossier=has_dossier,
            )
        )

    @property
    def may_prepare(self) -> bool:
        """Return whether the next submission can be prepared."""
        return self.step(has_dossier=True) is PathStep.PREPARE


def load_told_blocks(session: Session, candidacy_id: UUID, *, on: date, notified: bool = False) -> ToldBlocks:
    """Read what the juries said of each block of a candidacy; raises NoResultFound.

    A block whose validity has ended by the day `on` is not held. `notified` omits the decisions that no
    notification gave: what the candidate and the advisor read.
    """
    candidacy = load_candidacy(session, candidacy_id)
    # A history reads the catalogue of each version that a jury decided on, this one's among them.
    history = load_history(session, candidacy.candidate_id, notified=notified)
    catalogue = load_catalogue(session, candidacy.version_id)
    explanation = load_explanation(session, candidacy, catalogue, history, on=on, notified=notified)
    held = block_statuses_among(session, candidacy.candidate_id, catalogue.names, on=on, notified=notified).held
    return ToldBlocks(
        code=candidacy.version.certification.code,
        title=candidacy.version.title,
        explanation=explanation,
        blocks=_block_results(session, explanation, held, catalogue),
        letter=load_awaited_notification(session, candidacy) if notified else None,
    )


def load_results_page(session: Session, candidacy_id: UUID, *, on: date, notified: bool = False) -> ResultsPageData:
    """Gather the page of results of a candidacy, in a constant number of queries; raises NoResultFound."""
    told = load_told_blocks(session, candidacy_id, on=on, notified=notified)
    candidacy = load_candidacy(session, candidacy_id)
    recorded = recorded_grants(session, candidacy.candidate_id, notified=notified)
    given = {recorded_grant.grant.block_id: recorded_grant.number for recorded_grant in recorded}
    registers = _registers(session, {*given.values(), *(block.held.number for block in told.blocks if block.held)})
    return ResultsPageData(
        candidate=candidacy.candidate_name,
        code=told.code,
        title=told.title,
        explanation=told.explanation,
        blocks=tuple(
            replace(
                block,
                given=given.get(block.answer.block.id),
                register=registers.get(block.held.number if block.held else given.get(block.answer.block.id, "")),
            )
            for block in told.blocks
        ),
        whole=_held_whole(session, candidacy, notified=notified),
        last=_last_submission(session, candidacy.id),
        letter=told.letter,
    )


def _registers(session: Session, numbers: set[str]) -> dict[str, Mapping[str, Any]]:
    query = select(Certificate.number, Certificate.printed_text).where(Certificate.number.in_(numbers))
    return {number: labels["standing"] for number, labels in session.execute(query)}


def _last_submission(session: Session, candidacy_id: UUID) -> LastSubmission | None:
    row = session.execute(
        select(Submission, Hearing, Dossier.state, DossierReturn.due_on)
        .join(Dossier, Dossier.candidacy_id == Submission.candidacy_id)
        .outerjoin(Hearing, is_current_hearing())
        .outerjoin(DossierReturn, and_(DossierReturn.submission_id == Submission.id, DossierReturn.is_open.is_(True)))
        .where(Submission.candidacy_id == candidacy_id)
        .options(joinedload(Hearing.session))
        .order_by(Submission.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    submission, hearing, state, complete_by = row
    suspension = load_suspensions(session, [hearing.id]).get(hearing.id) if hearing and not hearing.closed_at else None
    return LastSubmission(
        id=submission.id,
        number=submission.number,
        submitted_on=day_of(submission.submitted_at),
        heard_on=_next_day(hearing, suspension) if hearing else None,
        is_decided=hearing is not None and hearing.closed_at is not None,
        draft_is_sealed=state is DossierState.SUBMITTED,
        suspension=suspension,
        is_absent=False if hearing else bool(session.scalar(select(was_absent(submission.id)))),
        is_away=hearing is not None and hearing.attendance is not Attendance.HEARD,
        place=hearing.session.place if hearing else None,
        complete_by=complete_by,
    )


def _next_day(hearing: Hearing, suspension: Suspension | None) -> date | None:
    return suspension.resumes_on if suspension and suspension.resumes_on else hearing.announced_day


def _held_whole(session: Session, candidacy: Candidacy, *, notified: bool) -> CompleteCertification | None:
    own = (Award.person_id == candidacy.candidate_id, Award.version_id == candidacy.version_id)
    query = select(Certificate, Award).join(Certificate.award).where(*own, is_latest())
    if notified:
        query = query.where(award_is_notified())
    row = session.execute(query.order_by(Award.serial.desc()).limit(1)).first()
    if row is None:
        return None
    certificate, award = row
    # No certificate rectifies the latest: its award alone says where it stands.
    status = load_award_status(session, award)
    return CompleteCertification(certificate.number, award.obtained_on, status, certificate.printed_text)


_IN_MINUTES = Minutes.number.in_(bindparam("references", expanding=True))
_RECORDED = Together(
    select(
        Minutes.number.label("minutes"),
        RecordedDecision.block_id,
        RecordedDecision.reason,
        RecordedDecision.recommendation,
        RecordedDecision.no_recommendation,
    )
    .join(Minutes, Minutes.id == RecordedDecision.minutes_id)
    .where(_IN_MINUTES),
    select(
        Minutes.number.label("minutes"), RecordedFinding.competency_id, RecordedFinding.value, RecordedFinding.reason
    )
    .join(Minutes, Minutes.id == RecordedFinding.minutes_id)
    .where(_IN_MINUTES),
)


def _block_results(
    session: Session, explanation: Explanation, held: Mapping[UUID, HeldBlock], catalogue: Catalogue
) -> tuple[BlockResult, ...]:
    references = {grant_answer.reference for grant_answer in explanation.answers if grant_answer.reference}
    decided, found = fetch_together(session, _RECORDED, {"references": references})
    decisions = {(row.minutes, row.block_id): row for row in decided}
    findings = {(row.minutes, row.competency_id): row for row in found}
    return tuple(
        _block_result(row, answer, held.get(row.id), decisions.get((answer.reference, row.id)), findings)
        for row, answer in zip(catalogue.rows, explanation.answers, strict=True)
    )


Findings = Mapping[tuple[str, UUID], Any]


def _block_result(
    row: Block, answer: GrantAnswer, held: HeldBlock | None, decision: Any, findings: Findings
) -> BlockResult:
    found = tuple(
        FindingResult(
            f"{row.number}.{competency.number}", competency.text, finding.value, finding.reason, competency.id
        )
        for competency in row.competencies
        if (finding := findings.get((answer.reference, competency.id))) is not None
    )
    if answer.ground is GrantGround.ANNULLED:
        return BlockResult(answer, held)  # what an annulled decision said stands no more
    if decision is None:
        return BlockResult(answer, held, findings=found)
    return BlockResult(answer, held, decision.reason, decision.recommendation, decision.no_recommendation or "", found)


bp = Blueprint("results", __name__)


@bp.get("/dossiers/<uuid:candidacy_id>/parcours")
@candidacy_page(Permission.READ_PATH)
def path(case: CandidacyAccess) -> ResponseReturnValue:
    """Show a path without a livret 2: what is planned, what was assessed, before which jury."""
    if case.has_dossier:
        return redirect(url_for("candidate.dossier.home", candidacy_id=case.id), 303)
    page = path_page(read_session(), case.id)
    waits = find_awaited_notification(read_session(), case.id) is not None
    return render_template(
        "candidate/results/path.html",
        step=_next_step(page, page.step(waits=waits), own=case.is_candidate),
        case=case,
        page=page,
        waits=waits,
        today=today(),
        summons=own_summons(case.id) if case.is_candidate and page.sealed else None,
        say=assessment,
        routes=ROUTES,
        ended=load_endings(read_session(), case.candidate_id, today()).get(case.id, ()),
        ending_words=endings,
    )


def _next_step(page: PathPage, step: PathStep, *, own: bool) -> dict[str, Any]:
    """Return the next step of a path in words, and where it is done."""
    title, text = assessment.PATH_STEPS[step]
    over, href, sealed = None, None, page.sealed
    asks = assessment.defence_words(page.defence) if page.defence else ""
    if step is PathStep.HEAR and sealed and sealed.held_on:
        title = assessment.jury_day_title(sealed.held_on, today())
        over = "Aujourd’hui" if sealed.held_on == today() else None
        if sealed.held_on >= today():
            text = f"{sealed.place}. Prévoyez une {asks}." if asks else f"{sealed.place}."
    elif step is PathStep.SUSPENDED and sealed and sealed.suspension:
        text = f"{suspension_message(sealed.suspension)} {text}"
    elif step is PathStep.RECORD:
        title = title.format(whose="Vos" if own else "Les")
        text = text.format(defence=f" et une {asks}" if asks else "")
    elif step is PathStep.DECIDED:
        href = url_for("public.certificate.results", candidacy_id=page.candidacy_id)
    return {"title": title, "text": text, "href": href, "over": over, "label": "Voir les résultats", "step": step}


@bp.get("/dossiers/<uuid:candidacy_id>/parcours/<uuid:result_id>/document")
@candidacy_page(Permission.READ_PATH)
def path_file(case: CandidacyAccess, result_id: UUID) -> ResponseReturnValue:
    """Send the document of a result that stands."""
    page = path_page(read_session(), case.id)
    if all(result_line.id != result_id for result_line in page.current):
        abort(404)
    return send_document(page, result_id)


def send_document(page: PathPage, result_id: UUID) -> ResponseReturnValue:
    """Send the document of a result of a candidacy that the caller may read; 404 without one."""
    line = page.result(result_id) or abort(404)
    if not line.file_key:
        abort(404)
    return send_copy(line.file_key, line.file_name, line.file_mime, line.file_size)
