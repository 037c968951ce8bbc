"""The certifier's pages: a certificate and what is decided of it later; blocks acquired by other routes.

A certificate of one block as its certifier sees it, before deciding anything of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import Certificate, CertificateSignature, Grant
from portfolio.domain.holdings.rules.status_changes import CONFIRMED_BY_TWO
from portfolio.domain.holdings.use_cases import granting as acquisitions_use_cases
from portfolio.domain.holdings.use_cases import proposals, recompute
from portfolio.domain.holdings.use_cases import status_changes as status_changes_use_cases
from portfolio.domain.holdings.use_cases.notified_results import certificate_is_notified
from portfolio.domain.holdings.use_cases.status import (
    CertificateStatus,
    StatusChangeSummary,
    list_status_changes,
    load_certificate_status,
)
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.errors import Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certificates.equivalences import is_confirmed, store_proof
from portfolio.screens.certifier.certificates.forms import AcquisitionForm, StatusChangeForm
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message
from portfolio.web.request_limits import accepts_file
from portfolio.wording.holdings import grants

bp = blueprint_of(__name__)

_PROPOSED = "La décision est proposée. Elle prend effet quand une autre personne de l’organisme la confirme."


@bp.get("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>")
@candidacy_page(Permission.SIGN)
def certificate(case: CandidacyAccess, certificate_number: str) -> ResponseReturnValue:
    """Show a certificate to its certifier, where it stands and what was decided of it."""
    return _certificate(case, certificate_number, StatusChangeForm(formdata=None))


def _certificate(case: CandidacyAccess, number: str, form: StatusChangeForm, stopped: str = "") -> str:
    page = find_certificate_page(read_session(), case.id, number) or abort(404)
    told = {"is_signed": page.is_signed, "is_notified": page.is_notified}
    verdict = grants.public_verdict(page.standing, page.labels, today(), **told)
    shown = {"say": grants, "stopped": stopped, "verdict": verdict}
    return render_template("certifier/certificates/status_change.html", case=case, page=page, form=form, **shown)


@bp.post("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>")
@accepts_file()
@candidacy_page(Permission.SIGN)
def save_status_change(case: CandidacyAccess, certificate_number: str) -> ResponseReturnValue:
    """Show what a later act would change, then record it once confirmed; or say what forbids it.

    What was typed stays.
    """
    page = find_certificate_page(read_session(), case.id, certificate_number) or abort(404)
    form = StatusChangeForm()
    step, form.step.data = form.step.data, "look"
    if step == "edit":
        return _certificate(case, certificate_number, form)
    form.validate()
    asked = list(form.password.errors)
    if not form.ask_later():
        return _certificate(case, certificate_number, form), 422
    try:
        if step != "confirm":
            return _preview_page(case, page, form)
        form.password.errors = asked
        return _save_change(case, page, form) if is_confirmed(form) else (_preview_page(case, page, form), 422)
    except Refusal as refusal:
        sentence = refusal_message(refusal)
        return _certificate(case, certificate_number, form, sentence), 409


def _preview_page(case: CandidacyAccess, page: CertificatePageData, form: StatusChangeForm) -> str:
    with transaction() as db:
        changes = status_changes_use_cases.preview_change(db, page.grant_id, form.value(), by=current_user.id, at=now())
    waits = form.kind.data in CONFIRMED_BY_TWO
    shown = {"changes": changes, "say": grants, "limit": max_file_bytes(), "waits": waits}
    return render_template("certifier/certificates/confirming.html", case=case, page=page, form=form, **shown)


def _save_change(case: CandidacyAccess, page: CertificatePageData, form: StatusChangeForm) -> ResponseReturnValue:
    with open_upload_batch() as opened:
        proof = store_proof(opened, form)
        if proof is None:
            return _preview_page(case, page, form), error_status(form.proof)

        change, by = form.value(), current_user.id
        waits = change.kind in CONFIRMED_BY_TWO

        def act(db: Session) -> str:
            if waits:
                proposals.propose(db, page.grant_id, change, proof, by=by, at=now())
                return url_for("certifier.certificates.stage", candidacy_id=case.id, certificate_number=page.number)
            status_changes_use_cases.change_status(db, page.grant_id, change, proof, by=by, at=now())
            return url_for(".certificate", candidacy_id=case.id, certificate_number=page.number)

        response = run_once_with_files(opened, form.nonce.data, act)
    session["notice"] = _PROPOSED if waits else "La décision est enregistrée."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/acquis")
@candidacy_page(Permission.SIGN)
def acquisitions(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the blocks acquired by other routes, and the form that adds one."""
    return _acquisitions(case, AcquisitionForm(_blocks(case), formdata=None))


def _blocks(case: CandidacyAccess) -> list[tuple[UUID, str]]:
    answers = recompute.explain(read_session(), case.id, on=today()).answers
    return [(answer.block.id, f"Bloc {answer.block.number} : {answer.block.title}") for answer in answers]


def _acquisitions(case: CandidacyAccess, form: AcquisitionForm, stopped: str = "") -> str:
    lines = acquisitions_use_cases.list_acquisitions(read_session(), case.id)
    answers = recompute.explain(read_session(), case.id, on=today()).answers
    form.lock({answer.block.id for answer in answers if answer.act is not None and answer.act.until is None})
    shown = {
        "limit": max_file_bytes(),
        "held": [grants.grant_message(grant_answer) for grant_answer in answers if grant_answer.granted],
        "stopped": stopped,
    }
    return render_template("certifier/certificates/acquisitions.html", case=case, lines=lines, form=form, **shown)


@bp.post("/candidatures/<uuid:candidacy_id>/acquis")
@accepts_file()
@candidacy_page(Permission.SIGN)
def save_acquisition(case: CandidacyAccess) -> ResponseReturnValue:
    """Record a block acquired by another route with its proof, or say why not; what was typed stays."""
    form = AcquisitionForm(_blocks(case))
    if not form.validate():
        form.check_proof()
        return _acquisitions(case, form), 422
    if not is_confirmed(form):
        return _acquisitions(case, form), 422
    acquired = form.value()
    with open_upload_batch() as opened:
        proof = store_proof(opened, form)
        if proof is None:
            return _acquisitions(case, form), error_status(form.proof)

        def act(db: Session) -> str:
            acquisitions_use_cases.record_acquisition(db, case.id, acquired, proof, by=current_user.id, at=now())
            return url_for(".acquisitions", candidacy_id=case.id)

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            sentence = refusal_message(refusal)
            return _acquisitions(case, form, sentence), 409
    session["notice"] = "Le bloc est acquis, avec son certificat."
    return response


@bp.get("/candidatures/<uuid:candidacy_id>/acquis/<uuid:acquisition_id>/preuve")
@candidacy_page(Permission.SIGN)
def acquisition_proof(case: CandidacyAccess, acquisition_id: UUID) -> ResponseReturnValue:
    """Send the proof of an acquisition, as an attachment only, without the place that a photograph tells."""
    line = next(
        (
            acquisition
            for acquisition in acquisitions_use_cases.list_acquisitions(read_session(), case.id)
            if acquisition.id == acquisition_id
        ),
        None,
    ) or abort(404)
    return send_copy(line.file_key, line.file_name, line.file_mime, line.file_size)


@bp.get("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/preuves/<uuid:act_id>")
@candidacy_page(Permission.SIGN)
def status_change_proof(case: CandidacyAccess, certificate_number: str, act_id: UUID) -> ResponseReturnValue:
    """Send the proof of a later act, as an attachment only, without the place that a photograph tells."""
    page = find_certificate_page(read_session(), case.id, certificate_number) or abort(404)
    file = next((line.proof for line in page.acts if line.id == act_id and line.proof), None) or abort(404)
    return send_copy(file.key, file.name, file.mime, file.size)


@dataclass(frozen=True, slots=True)
class CertificatePageData:
    """A certificate as its certifier sees it: where it stands, what was decided of it, what it bears on."""

    number: str
    holder: str
    block_number: int
    block_title: str
    grant_id: UUID
    granted_on: date
    standing: CertificateStatus
    minutes: str
    same_jury: tuple[int, ...]
    # What the certificate prints: what the register lets it say, until when it is valid.
    labels: Mapping[str, Any]
    is_signed: bool
    is_notified: bool
    acts: tuple[StatusChangeSummary, ...]


def find_certificate_page(session: Session, candidacy_id: UUID, number: str) -> CertificatePageData | None:
    """Gather a certificate of one block for the certifier of a candidacy; None when it is not one of this
    candidacy's person.
    """
    row = session.execute(
        select(Certificate, Grant, Block, Minutes.number, CertificateSignature.id)
        .join(Certificate.grant)
        .join(Grant.block)
        .outerjoin(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .join(Candidacy, (Candidacy.candidate_id == Grant.person_id) & (Candidacy.version_id == Block.version_id))
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .where(Candidacy.id == candidacy_id, Certificate.number == number)
    ).first()
    if row is None:
        return None
    certificate, grant, block, minutes, signature = row
    return CertificatePageData(
        number=certificate.number,
        holder=certificate.printed_text["holder"],
        block_number=block.number,
        block_title=block.title,
        grant_id=grant.id,
        granted_on=grant.granted_on,
        standing=load_certificate_status(session, certificate),
        minutes=minutes or "",
        same_jury=_same_jury(session, grant),
        labels=certificate.printed_text,
        is_signed=signature is not None,
        is_notified=certificate_is_notified(session, grant.id, None),
        acts=tuple(list_status_changes(session, grant.id)),
    )


def _same_jury(session: Session, grant: Grant) -> tuple[int, ...]:
    query = select(Block.number).join(Grant, Grant.block_id == Block.id).where(Grant.minutes_id == grant.minutes_id)
    return tuple(session.scalars(query.order_by(Block.number))) if grant.minutes_id else (grant.block.number,)
