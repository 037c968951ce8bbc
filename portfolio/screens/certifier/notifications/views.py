"""Telling the result: the certifier composes, looks, signs and sends; the candidate and the advisor read.

The certificates that wait for the signature of the person responsible.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import MemberTask
from portfolio.domain.candidacy.models import Candidacy, Submission, candidate_display_name
from portfolio.domain.candidacy.rules.deadlines import deadlines_for
from portfolio.domain.candidacy.rules.opening import regime_for
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.use_cases import signatures
from portfolio.domain.holdings.use_cases.signatures import SigningPageData, signed_numbers
from portfolio.domain.holdings.use_cases.status_history import load_decided_since
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.notification.rules.letter import completed
from portfolio.domain.notification.use_cases import notifying
from portfolio.domain.notification.use_cases.letter_data import DECIDED
from portfolio.domain.notification.use_cases.notifying import NotificationDraft
from portfolio.errors import Refusal
from portfolio.french_text import count
from portfolio.screens.account.downloads import record_opening
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.account.reauthentication import password_confirmed
from portfolio.screens.certifier.notifications.forms import LetterForm, ReceiptForm, SigningForm, letter_form
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_or_refuse
from portfolio.web.urls import base_url
from portfolio.wording import documents
from portfolio.wording.candidacy import deadline_detail_message
from portfolio.wording.holdings import grants

bp = Blueprint("notifications", __name__)


@bp.get("/candidatures/<uuid:candidacy_id>/notification/<int:number>")
@candidacy_page(Permission.SIGN)
def notification_form(case: CandidacyAccess, number: int) -> ResponseReturnValue:
    """Show the letter to complete; once it has left, lead to it as it left."""
    if notifying.find_notification(read_session(), case.id, number) is not None:
        return redirect(url_for(".notification", candidacy_id=case.id, number=number), 303)
    page = _found(case, number)
    return _composing(case, number, page, letter_form(page.letter, formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/notification/<int:number>")
@candidacy_page(Permission.SIGN)
def send_notification(case: CandidacyAccess, number: int) -> ResponseReturnValue:
    """Show how the letter reads, go back to it, or sign and send it; what was written is never lost."""
    page = _found(case, number)
    form = letter_form(page.letter)
    step = form.step.data
    if step == "edit":
        return _composing(case, number, page, form)
    if not form.is_written():
        form.password.errors = []
        return _composing(case, number, page, form), 422
    if step != "send":
        form.password.errors = []
        return _preview(case, number, page, form)
    if form.password.errors:
        return _preview(case, number, page, form), 422
    if not password_confirmed(form):
        return _preview(case, number, page, form), 422
    return _send(case, number, page, form)


def _send(case: CandidacyAccess, number: int, page: NotificationDraft, form: LetterForm) -> ResponseReturnValue:
    texts = form.said(letter_competency.number for letter_competency in page.letter.lacking)

    def act(db: Session) -> str:
        notifying.notify(db, case.id, number, texts, by=current_user.id, at=now())
        session["notice"] = (
            f"La notification est signée. La personne la lit dans son espace. {delivery_notice(several=True)}"
        )
        return url_for("certifier.candidacies.candidacy", candidacy_id=case.id)

    return run_or_refuse(form.nonce.data, act, lambda sentence: _preview(case, number, page, form, stopped=sentence))


@bp.get("/dossiers/<uuid:candidacy_id>/notification/<int:number>")
@candidacy_page(Permission.READ_RESULTS)
def notification(case: CandidacyAccess, number: int) -> ResponseReturnValue:
    """Show the letter as it left: why not, and what next."""
    record_opening(case, number)
    return _letter_page(case, number, ReceiptForm(formdata=None))


def _letter_page(case: CandidacyAccess, number: int, form: ReceiptForm) -> str:
    found = notifying.find_notification(read_session(), case.id, number) or abort(404)
    return render_template(
        "certifier/notifications/notification.html",
        case=case,
        found=found,
        since=load_decided_since(read_session(), found.hearing_id, notified=not case.is_certifier),
        today=today(),
        grants=grants,
        letter=found.letter,
        receipts=notifying.list_receipts(read_session(), found.id),
        form=form,
        say=documents,
        site=base_url(),
    )


@bp.post("/candidatures/<uuid:candidacy_id>/notification/<int:number>/reception")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def record_receipt(case: CandidacyAccess, number: int) -> ResponseReturnValue:
    """Keep the registered number of the letter on paper, and the day when it was received."""
    notifying.find_notification(read_session(), case.id, number) or abort(404)
    form = ReceiptForm()
    if not form.validate():
        return _letter_page(case, number, form), 422
    proof = form.registered_number.data or ""
    try:
        with transaction() as db:
            notifying.record_receipt(
                db,
                case.id,
                number,
                registered_number=proof,
                received_on=form.received_on.data,
                by=current_user.id,
                at=now(),
            )
    except Refusal as refusal:
        form.received_on.errors = [refusal_message(refusal)]
        return _letter_page(case, number, form), 409
    session["notice"] = "La preuve de réception est enregistrée."
    return redirect(url_for(".notification", candidacy_id=case.id, number=number), 303)


def _found(case: CandidacyAccess, number: int) -> NotificationDraft:
    page = notifying.prepare_notification(read_session(), case.id, number, today())
    if page is None:
        abort(404)
    return page


def _composing(case: CandidacyAccess, number: int, page: NotificationDraft, form: LetterForm) -> str:
    form.step.data = "preview"
    return render_template(
        "certifier/notifications/compose.html", form=form, **_shared(case, number, page), letter=page.letter
    )


def _preview(case: CandidacyAccess, number: int, page: NotificationDraft, form: LetterForm, stopped: str = "") -> str:
    letter = completed(page.letter, form.said(letter_competency.number for letter_competency in page.letter.lacking))
    return render_template(
        "certifier/notifications/preview.html", form=form, letter=letter, stopped=stopped, **_shared(case, number, page)
    )


def _shared(case: CandidacyAccess, number: int, page: NotificationDraft) -> dict[str, Any]:
    clock = (deadline_detail_message(page.clock), page.clock.is_over(today())) if page.clock else None
    numbers = {granted.certificate for granted in page.letter.granted} | {page.letter.whole or ""} - {""}
    unsigned = sorted(numbers - signed_numbers(read_session(), numbers))
    mine = page.words.may_sign and page.words.signatory_id == current_user.id
    return {
        "case": case,
        "number": number,
        "page": page,
        "clock": clock,
        "unsigned": documents.unsigned_message(unsigned),
        "mine": mine,
        "say": documents,
        "site": base_url(),
    }


@bp.get("/organisme/certificats-a-signer")
@certifier_page(Permission.SIGN, keeps_limits=True)
def unsigned_certificates(body: BodyAccess) -> ResponseReturnValue:
    """Show the certificates that wait, and who signs them."""
    page = signatures.load_signing_page(read_session(), body.id, body.limits(MemberTask.SIGNATURE))
    return _page(page, SigningForm(_choices(page), formdata=None))


@bp.post("/organisme/certificats-a-signer")
@certifier_page(Permission.SIGN, keeps_limits=True)
def sign_certificates(body: BodyAccess) -> ResponseReturnValue:
    """Put the name of who clicks under the certificates chosen, their password asked again."""
    page = signatures.load_signing_page(read_session(), body.id, body.limits(MemberTask.SIGNATURE))
    form = SigningForm(_choices(page))
    if not form.validate():
        return _page(page, form), 422
    if not password_confirmed(form):
        return _page(page, form), 422

    def act(db: Session) -> str:
        done = signatures.sign(db, body.id, form.certificates.data, by=current_user.id, at=now())
        session["notice"] = f"{count(done, 'certificat est signé', 'certificats sont signés')} de votre nom."
        return url_for(".unsigned_certificates")

    return run_or_refuse(form.nonce.data, act, lambda sentence: _page(page, form, stopped=sentence))


def _choices(page: SigningPageData) -> list[tuple[Any, str]]:
    return [
        (certificate.id, f"{certificate.labels['holder']} · {documents.subject_message(certificate.labels)}")
        for certificate in page.waiting
    ]


def _page(page: SigningPageData, form: SigningForm, stopped: str = "") -> str:
    mine = page.words.signatory_id == current_user.id and page.words.may_sign
    return render_template(
        "certifier/notifications/signatures.html",
        page=page,
        form=form,
        mine=mine,
        stopped=stopped,
        say=documents,
        has_seal=current_app.config["SETTINGS"].seal_file is not None,
    )


@dataclass(frozen=True)
class ResultToNotify:
    """A result to notify, and the last day of its letter if the law sets one."""

    candidacy_id: UUID
    number: int
    candidate: str
    decided_on: date
    until: date | None


def load_pending_results(session: Session, body_id: UUID, limit: int) -> tuple[ResultToNotify, ...]:
    """Return the first results of a body to notify, the oldest first: found by the rows of the list of candidacies."""
    first = (
        select(CandidacyListing.candidacy_id)
        .where(CandidacyListing.body_id == body_id, CandidacyListing.to_notify_since.is_not(None))
        .order_by(CandidacyListing.to_notify_since, CandidacyListing.candidacy_id)
        .limit(limit)
    )
    ids = session.scalars(first).all()
    if not ids:
        return ()
    columns = (Candidacy.route, Candidacy.regime, Candidacy.admissible_on)
    rows = session.execute(_not_notified().add_columns(*columns).where(Candidacy.id.in_(ids)))
    return tuple(_result_to_notify(row) for row in rows)[:limit]


def _result_to_notify(row: Any) -> ResultToNotify:
    key, number, candidate, decided_on, route, regime, admissible_on = row
    clocks = deadlines_for(regime_for(route, regime), admissible_on, decided_on=decided_on)
    return ResultToNotify(key, number, candidate, decided_on, next((clock.until for clock in clocks), None))


def _not_notified() -> Select[*tuple[Any, ...]]:
    return (
        select(Candidacy.id, Submission.number, candidate_display_name(Person), Minutes.decided_on)
        .join(Submission, Submission.candidacy_id == Candidacy.id)
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .join(Candidacy.candidate)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(DECIDED, ~exists().where(ResultNotification.minutes_id == Minutes.id))
        .order_by(Minutes.decided_on, Minutes.closed_at, Minutes.id)
    )
