"""Requests of admissibility of a body: invite somebody, read, question, decide."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import or_
from sqlalchemy.orm import Session
from wtforms import BooleanField

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.db.paging import Order, count_rows, load_page
from portfolio.domain.admissibility.models import AdmissibilityRequest
from portfolio.domain.admissibility.rules import WAITING, RequestState
from portfolio.domain.admissibility.use_cases import requests
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.errors import Refusal
from portfolio.screens.account.admissibility import send_proof
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.account.reauthentication import PasswordConfirmForm, password_confirmed
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    IdempotentForm,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    pairs,
    refusal_message,
    run_or_refuse,
)
from portfolio.web.listing import Filter, Listing, Option, Sort, read_state
from portfolio.wording import admissibility as say
from portfolio.wording.candidacy import REGIMES

bp = Blueprint("admissibility", __name__)
STATE = "etat"
REFUSED = "refused"
_KEY = (AdmissibilityRequest.changed_at, AdmissibilityRequest.id)
SORTS = (
    Sort("recente", "La plus récente d’abord", Order(_KEY, descending=True)),
    Sort("ancienne", "La plus ancienne d’abord", Order(_KEY)),
)
_STATES: dict[str, tuple[str, frozenset[RequestState]]] = {
    "a-decider": ("À décider", WAITING),
    "chez-le-candidat": ("Chez le candidat", frozenset({RequestState.DRAFT, RequestState.QUESTION})),
    "recevables": ("Recevables", frozenset({RequestState.ADMISSIBLE})),
    "refusees": ("Refusées", frozenset({RequestState.REFUSED, RequestState.UPHELD})),
}
FILTERS = (
    Filter(STATE, "État", tuple(Option(value, label) for value, (label, _) in _STATES.items()), is_shortcut=True),
)


class InviteForm(IdempotentForm):
    """Somebody who is to write a request."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de la personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    version_id = SelectChoiceField("Certification", UUID, missing="Choisissez la certification.")
    regime = RadioChoiceField(
        "Procédure", Regime, missing="Choisissez la procédure.", choices=REGIMES, default=Regime.FRANCE_VAE
    )

    def __init__(self, body_id: UUID, **more: Any) -> None:
        super().__init__(**more)
        offered = requests.list_offered(read_session(), body_id)
        self.version_id.choices = pairs((each.id, f"{each.code} · {each.title}") for each in offered)


class QuestionForm(IdempotentForm):
    """A question about an incomplete request."""

    question = MultiLineField("Ce qui manque", missing="Dites ce qui manque : la personne le lira.", limit=4000)


class DecisionForm(IdempotentForm):
    """The decision."""

    outcome = RadioChoiceField(
        "Décision",
        str,
        missing="Choisissez la décision.",
        choices=[("admissible", "Recevable"), (REFUSED, "Non recevable")],
    )
    reason = MultiLineField("Motif", limit=4000)
    expiry_override = MultiLineField("Motif pour ouvrir malgré l’expiration de la fiche", limit=2000)
    route_confirmed = BooleanField("La fiche ne dit rien de la VAE : je confirme que cette voie est ouverte")


@bp.get("/organisme/recevabilite")
@certifier_page(Permission.MANAGE_CANDIDACY)
def overview(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the requests, and the form that invites."""
    return _list(body, InviteForm(body.id, formdata=None))


def _list(body: BodyAccess, form: InviteForm, stopped: str = "") -> str:
    db, state = read_session(), read_state(FILTERS, SORTS)
    query = requests.select_requests(body.id)
    if kept := state.choices.get(STATE):
        query = query.where(AdmissibilityRequest.state.in_(_STATES[kept][1]))
    if state.words:
        columns = (AdmissibilityRequest.name, AdmissibilityRequest.content)
        query = query.where(or_(*(each.icontains(state.words, autoescape=True) for each in columns)))
    page = load_page(db, query, state.sort.order, state.position)
    total = count_rows(db, query.with_only_columns(AdmissibilityRequest.id))
    listing = Listing("certifier.admissibility.overview", {}, state, FILTERS, SORTS, page, total, "Nom")
    return render_template(
        "certifier/admissibility/list.html", listing=listing, form=form, say=say, today=today(), stopped=stopped
    )


@bp.post("/organisme/recevabilite")
@certifier_page(Permission.MANAGE_CANDIDACY)
def invite(body: BodyAccess) -> ResponseReturnValue:
    """Invite somebody to write a request."""
    form = InviteForm(body.id)
    if not form.validate():
        return _list(body, form), 422
    person = PersonInput(form.email.data or "", form.name.data or "")

    def act(db: Session) -> str:
        asked = (form.version_id.data, person, form.regime.data)
        row = requests.invite_request(db, body.id, *asked, by=current_user.id, at=now())
        return url_for(".dossier", request_id=row.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _list(body, form, sentence),
        f"La demande est ouverte. {delivery_notice()}",
    )


@bp.get("/organisme/recevabilite/<uuid:request_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def dossier(body: BodyAccess, request_id: UUID) -> ResponseReturnValue:
    """Show a request, and what the body may do of it now."""
    return _page(_find(body, request_id))


@bp.post("/organisme/recevabilite/<uuid:request_id>/complete")
@certifier_page(Permission.MANAGE_CANDIDACY)
def complete(body: BodyAccess, request_id: UUID) -> ResponseReturnValue:
    """Say that a request is complete."""
    _find(body, request_id)
    with transaction() as db:
        requests.find_complete(db, request_id, by=current_user.id, at=now())
    session["notice"] = f"La demande est complète. {delivery_notice()}"
    return redirect(url_for(".dossier", request_id=request_id), 303)


@bp.post("/organisme/recevabilite/<uuid:request_id>/question")
@certifier_page(Permission.MANAGE_CANDIDACY)
def question(body: BodyAccess, request_id: UUID) -> ResponseReturnValue:
    """Ask what an incomplete request lacks."""
    row, form = _find(body, request_id), QuestionForm()
    if not form.validate():
        return _page(row, asking=form), 422

    def act(db: Session) -> str:
        requests.ask_candidate(db, request_id, form.question.data or "", by=current_user.id, at=now())
        return url_for(".dossier", request_id=request_id)

    def stopped(sentence: str) -> str:
        return _page(_find(body, request_id), asking=form, stopped=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, f"La question est posée. {delivery_notice()}")


@bp.post("/organisme/recevabilite/<uuid:request_id>/decision")
@certifier_page(Permission.MANAGE_CANDIDACY)
def decide(body: BodyAccess, request_id: UUID) -> ResponseReturnValue:
    """Find a request admissible, which opens its candidacy, or refuse it."""
    row, form = _find(body, request_id), DecisionForm()
    if not form.validate():
        return _page(row, deciding=form), 422
    if form.outcome.data == REFUSED:
        return _refuse(body, row, form)
    by: dict[str, Any] = {"by": current_user.id, "at": now()}

    def act(db: Session) -> str:
        reason = form.reason.data or ""
        more: dict[str, Any] = {
            "expiry_override": form.expiry_override.data or "",
            "route_confirmed": bool(form.route_confirmed.data),
        }
        opened = requests.admit(db, request_id, reason=reason, **more, **by)
        return url_for("certifier.candidacies.candidacy", candidacy_id=opened.id)

    def stopped(sentence: str) -> str:
        return _page(_find(body, request_id), deciding=form, stopped=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, f"La décision est enregistrée. {delivery_notice()}")


def _refuse(body: BodyAccess, row: AdmissibilityRequest, form: DecisionForm) -> ResponseReturnValue:
    """Show the letter that refuses a request as it will leave, go back to its reason, or sign and send it."""
    step, reason = request.form.get("step", ""), form.reason.data or ""
    if step == "edit":
        return _page(row, deciding=form)
    try:
        letter = requests.refusal_letter(read_session(), row, reason, today())
    except Refusal as refusal:
        return _page(row, deciding=form, stopped=refusal_message(refusal)), 409
    if step != "send":
        return _letter(row, form, letter, PasswordConfirmForm(formdata=None))
    signing = PasswordConfirmForm()
    if not (signing.validate() and password_confirmed(signing)):
        return _letter(row, form, letter, signing), 422

    def act(db: Session) -> str:
        requests.refuse(db, row.id, reason, by=current_user.id, at=now())
        return url_for(".dossier", request_id=row.id)

    def stopped(sentence: str) -> str:
        return _page(_find(body, row.id), deciding=form, stopped=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, f"Le refus est signé. {delivery_notice()}")


def _letter(
    row: AdmissibilityRequest, form: DecisionForm, letter: tuple[str, str], signing: PasswordConfirmForm
) -> str:
    return render_template(
        "certifier/admissibility/refusal.html", row=row, form=form, letter=letter, signing=signing, refused=REFUSED
    )


@bp.get("/organisme/recevabilite/<uuid:request_id>/fichiers/<uuid:proof_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def file(body: BodyAccess, request_id: UUID, proof_id: UUID) -> ResponseReturnValue:
    """Send a file of a request."""
    return send_proof(_find(body, request_id), proof_id)


def _find(body: BodyAccess, request_id: UUID) -> AdmissibilityRequest:
    return requests.find_request(read_session(), request_id, body_id=body.id) or abort(404)


def _page(
    row: AdmissibilityRequest,
    *,
    asking: QuestionForm | None = None,
    deciding: DecisionForm | None = None,
    stopped: str = "",
) -> str:
    return render_template(
        "certifier/admissibility/request.html",
        row=row, say=say, today=today(), stopped=stopped, regimes=REGIMES,
        asking=(asking or QuestionForm(formdata=None)) if row.state is RequestState.SENT else None,
        deciding=(deciding or DecisionForm(formdata=None)) if row.state in WAITING else None,
        candidacy=requests.find_candidacy(read_session(), row),
    )  # fmt: skip
