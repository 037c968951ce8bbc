"""The candidate asks third parties, and follows what becomes of it; the certifier sees where each request stands.

The signature of a collected piece, to be checked elsewhere: for the candidate, the advisor and the jury.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, hearing_page, submission_page
from portfolio.access.jury import HearingAccess, SubmissionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.dossier.models.attestation import Attestation, AttestationRequest
from portfolio.domain.dossier.rules.attestation import (
    REMINDER_EVERY,
    REMINDERS,
    AskedCompetency,
    AttestationRefusal,
    ClaimedRelationship,
    RequestAction,
    RequestState,
    refusal_for,
    status_of,
)
from portfolio.domain.dossier.rules.description import ATTESTATIONS, EvidenceKind
from portfolio.domain.dossier.use_cases import attestation_requests as requests_use_cases
from portfolio.domain.dossier.use_cases import attestation_signing as signing
from portfolio.domain.dossier.use_cases.attestation_requests import load_competencies
from portfolio.domain.dossier.use_cases.attestation_signing import SignatureProof
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.dossier.use_cases.uploads import delete_file
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.use_cases.verification import find_sealed_file
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.screens.candidate.evidence.queries import experience_choices, find_evidence_page
from portfolio.screens.respondent.attestation.forms import EmptyForm, RequestForm
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, remember_result, run_once
from portfolio.wording import attestation

if TYPE_CHECKING:
    from portfolio.signing_key import Keys


@dataclass(frozen=True, slots=True)
class RequestSummary:
    """A request in a list. `moment` is the one of its state; `evidence_id` the piece that it became."""

    id: UUID
    name: str
    quality: ClaimedRelationship
    organisation: str
    experience: str
    state: RequestState
    moment: datetime
    asked_at: datetime
    expires_at: datetime
    evidence_id: UUID | None


@dataclass(frozen=True, slots=True)
class RequestPageData:
    """A request on its own page: what was asked, what can be done with it now."""

    line: RequestSummary
    email: str
    began_on: date | None
    ended_on: date | None
    wanted: str
    competencies: tuple[AskedCompetency, ...]
    reason: str
    reminders_left: int
    remind_refused: AttestationRefusal | None
    remind_from: datetime

    @property
    def waits(self) -> bool:
        """Return whether an answer may still come."""
        return self.line.state in {RequestState.SENT, RequestState.OPENED}


def list_requests(session: Session, candidacy_id: UUID, at: datetime) -> list[RequestSummary]:
    """Return the requests of a candidacy, the latest first, in one query."""
    rows = session.execute(
        _requests(candidacy_id).order_by(AttestationRequest.requested_at.desc(), AttestationRequest.id)
    )
    return [_summary(request, evidence_id, at) for request, evidence_id in rows]


def find_request(session: Session, candidacy_id: UUID, request_id: UUID, at: datetime) -> RequestPageData | None:
    """Return one request of this candidacy; None for any other."""
    row = session.execute(_requests(candidacy_id).where(AttestationRequest.id == request_id)).first()
    if row is None:
        return None
    request, evidence_id = row
    return RequestPageData(
        line=_summary(request, evidence_id, at),
        email=request.email,
        began_on=request.began_on,
        ended_on=request.ended_on,
        wanted=request.request_text,
        competencies=load_competencies(session, request.id),
        reason=request.reason,
        reminders_left=REMINDERS - request.reminders,
        remind_refused=refusal_for(request.status, RequestAction.REMIND, at),
        remind_from=request.emailed_at + REMINDER_EVERY,
    )


def _requests(candidacy_id: UUID):  # type: ignore[no-untyped-def]
    signed = Attestation.request_id == AttestationRequest.id
    query = select(AttestationRequest, Attestation.evidence_id).outerjoin(Attestation, signed)
    return query.where(AttestationRequest.candidacy_id == candidacy_id)


def _summary(request: AttestationRequest, evidence_id: UUID | None, at: datetime) -> RequestSummary:
    state = status_of(request.status, at)
    moments = {
        RequestState.SIGNED: request.signed_at,
        RequestState.DECLINED: request.declined_at,
        RequestState.WITHDRAWN: request.withdrawn_at,
        RequestState.EXPIRED: request.expires_at,
        RequestState.OPENED: request.opened_at,
    }
    return RequestSummary(
        request.id, request.name, request.relationship_claimed, request.organisation, request.experience,
        state, moments.get(state) or request.emailed_at, request.requested_at, request.expires_at,
        evidence_id,
    )  # fmt: skip


def proofs_for(candidacy_id: UUID, files: Iterable[tuple[EvidenceKind | None, str]]) -> dict[str, SignatureProof]:
    """Return the proofs of files, given the kind of their piece and their digest; without an attestation
    nothing is asked.
    """
    wanted = [sha256 for kind, sha256 in files if kind in ATTESTATIONS]
    return signing.load_proofs(read_session(), installation_keys(), candidacy_id, wanted)


def proofs_in(candidacy_id: UUID, dossier: SealedDossier) -> dict[str, SignatureProof]:
    """Return the proofs of the exhibits of a sealed dossier, by the digest of their file."""
    return proofs_for(candidacy_id, ((exhibit.kind, exhibit.sha256) for exhibit in dossier.exhibits))


def installation_keys() -> Keys:
    """Return the keys whose signatures are ours."""
    keys: Keys = current_app.extensions["keys"]
    return keys


bp = Blueprint("attestations", __name__)

_ABOUT_THE_ADDRESS = {AttestationRefusal.OWN_ADDRESS, AttestationRefusal.ALREADY_ASKED}


@bp.get("/dossiers/<uuid:candidacy_id>/attestations")
@candidacy_page(Permission.READ_DRAFT)
def requests(case: CandidacyAccess) -> ResponseReturnValue:
    """Every request, and where it stands."""
    found = list_requests(read_session(), case.id, now())
    return render_template("candidate/attestations/requests.html", case=case, requests=found, words=attestation)


@bp.get("/dossiers/<uuid:candidacy_id>/attestations/demander")
@candidacy_page(Permission.EDIT_DRAFT)
def request_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form that asks a third party."""
    return _asking(case, _form(case, formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/attestations/demander")
@candidacy_page(Permission.EDIT_DRAFT)
def send_request(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask a third party, and write to them."""
    form = _form(case)
    if not form.validate():
        return _asking(case, form), 422
    life = timedelta(days=current_app.config["SETTINGS"].attestation_days)

    def act(db: Session) -> str:
        made = requests_use_cases.ask(db, case.id, form.value(), life, by=current_user.id, at=now())
        return url_for(".request_page", candidacy_id=case.id, request_id=made)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code not in {*_ABOUT_THE_ADDRESS, AttestationRefusal.TOO_MANY_WAIT}:
            raise
        sentence = refusal_message(refusal)
        if refusal.code in _ABOUT_THE_ADDRESS:
            form.email.errors = [sentence]
            return _asking(case, form), 422
        form.form_errors.append(sentence)
        return _asking(case, form), 409
    session["notice"] = attestation.asked_message(has_server=current_app.config["SETTINGS"].smtp is not None)
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>")
@candidacy_page(Permission.READ_DRAFT)
def request_page(case: CandidacyAccess, request_id: UUID) -> ResponseReturnValue:
    """One request: what was asked, where it stands, what can be done."""
    form = EmptyForm(formdata=None)
    return render_template(
        "candidate/attestations/request.html", case=case, page=_found(case, request_id), form=form, words=attestation
    )


@bp.post("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>/relancer")
@candidacy_page(Permission.FOLLOW_REQUESTS)
def remind(case: CandidacyAccess, request_id: UUID) -> ResponseReturnValue:
    """Write to the third party again."""
    with transaction() as db:
        requests_use_cases.remind(db, case.id, request_id, by=current_user.id, at=now())
        remember_result(db, url_for(".request_page", candidacy_id=case.id, request_id=request_id))
    session["notice"] = "Un rappel est parti."
    return redirect(url_for(".request_page", candidacy_id=case.id, request_id=request_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>/retirer")
@candidacy_page(Permission.FOLLOW_REQUESTS)
def confirm_withdraw(case: CandidacyAccess, request_id: UUID) -> ResponseReturnValue:
    """Ask before a request is taken back."""
    form = EmptyForm(formdata=None)
    return render_template("candidate/attestations/withdraw.html", case=case, page=_found(case, request_id), form=form)


@bp.post("/dossiers/<uuid:candidacy_id>/attestations/<uuid:request_id>/retirer")
@candidacy_page(Permission.FOLLOW_REQUESTS)
def withdraw(case: CandidacyAccess, request_id: UUID) -> ResponseReturnValue:
    """Take a request back: its link no longer works."""
    with transaction() as db:
        key = requests_use_cases.withdraw(db, case.id, request_id, by=current_user.id, at=now())
        remember_result(db, url_for(".requests", candidacy_id=case.id))
    delete_file(current_app.extensions["files"], key)
    session["notice"] = "La demande est retirée. Son lien ne fonctionne plus."
    return redirect(url_for(".requests", candidacy_id=case.id), 303)


@bp.get("/candidatures/<uuid:candidacy_id>/attestations")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def requests_status(case: CandidacyAccess) -> ResponseReturnValue:
    """Show where each request of a candidacy stands, for the certifier: no text, asked or written."""
    found = list_requests(read_session(), case.id, now())
    return render_template("candidate/attestations/requests_status.html", case=case, requests=found, words=attestation)


def _form(case: CandidacyAccess, **more: Any) -> RequestForm:
    choices = experience_choices(read_session(), case.id)
    lines = [line.fact for block in load_matrix(read_session(), case.id).blocks for line in block.lines]
    competencies = [
        (competency_fact.id, f"{competency_fact.label} {competency_fact.text}") for competency_fact in lines
    ]
    return RequestForm(choices, competencies, today(), **more)


def _asking(case: CandidacyAccess, form: RequestForm) -> str:
    close_read_session()
    return render_template(
        "candidate/attestations/ask.html", case=case, form=form, days=current_app.config["SETTINGS"].attestation_days
    )


def _found(case: CandidacyAccess, request_id: UUID) -> RequestPageData:
    return find_request(read_session(), case.id, request_id, now()) or abort(404)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/signature")
@candidacy_page(Permission.READ_DRAFT)
def download_evidence_signature(case: CandidacyAccess, evidence_id: UUID) -> Response:
    """Send the signature of a collected piece of the draft."""
    page = find_evidence_page(read_session(), case.id, evidence_id, today()) or abort(404)
    return _sent(signing.find_proof(read_session(), installation_keys(), case.id, page.view.sha256))


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/signature")
@submission_page(Permission.READ_SUBMISSION)
def download_sealed_signature(case: SubmissionAccess, label: str) -> Response:
    """Send the signature of a collected piece of a sealed dossier."""
    return _of_exhibit(case.id, case.candidacy_id, label)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/signature")
@hearing_page(Permission.READ_HEARING)
def download_exhibit_signature(case: HearingAccess, label: str) -> Response:
    """Send the signature of a collected piece to a juror."""
    return _of_exhibit(case.submission_id, case.candidacy_id, label)


def _of_exhibit(submission_id: UUID, candidacy_id: UUID, label: str) -> Response:
    sealed = find_sealed_file(read_session(), submission_id, label) or abort(404)
    return _sent(signing.find_proof(read_session(), installation_keys(), candidacy_id, sealed.sha256))


def _sent(proof: SignatureProof | None) -> Response:
    if proof is None:
        abort(404)
    response = Response(proof.signature)
    response.headers.update(attachment_headers(f"attestation-{proof.digest[:12]}.jws", "application/jose"))
    return response
