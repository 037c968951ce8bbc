"""A person writes a request of admissibility (livret 1), answers a question, contests a refusal, asks again."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField, MultipleFileField
from sqlalchemy.orm import Session
from wtforms import FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from portfolio.access.decorators import own_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.admissibility.models import AdmissibilityRequest
from portfolio.domain.admissibility.rules import MAX_ACTIVITIES, SAID_NO, WRITABLE, ProofKind, RequestState
from portfolio.domain.admissibility.use_cases import requests
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.errors import Refusal
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    FILE_ERRORS,
    add_file_error,
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    SelectChoiceField,
    SingleLineField,
    pairs,
    refusal_message,
    run_or_refuse,
)
from portfolio.web.request_limits import accepts_file
from portfolio.wording import admissibility as say
from portfolio.wording.files import ACCEPTED

bp = Blueprint("admissibility", __name__)
MAX_HOURS = 100_000
_IDENTITY = ("postal_address", "phone", "birth_place", "birth_name", "aim")


class ActivityForm(PlainForm):
    """One activity, paid or not."""

    what = SingleLineField("Fonction ou activité", limit=200)
    where = SingleLineField("Entreprise, association, ou à votre compte", limit=200)
    since = FrenchDateField("Du")
    until = FrenchDateField("Au")
    hours = SingleLineField("Nombre d’heures en tout", limit=6)
    tasks = MultiLineField("Ce que vous y faites, en rapport avec la certification", limit=4000)

    def validate_hours(self, field: SingleLineField) -> None:
        """Hours are a whole number."""
        text = "".join((field.data or "").split())
        if text and not (text.isascii() and text.isdecimal() and int(text) <= MAX_HOURS):
            raise ValidationError("Écrivez un nombre d’heures, sans virgule : par exemple 1600.")

    def validate_until(self, field: FrenchDateField) -> None:
        """An activity ends after it began."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("Cette date est avant le début.")

    def value(self) -> dict[str, Any]:
        """Return the activity as it is kept."""
        hours = "".join((self.hours.data or "").split())
        return {
            "what": self.what.data or "", "where": self.where.data or "", "tasks": self.tasks.data or "",
            "since": self.since.data.isoformat() if self.since.data else "",
            "until": self.until.data.isoformat() if self.until.data else "",
            "hours": int(hours) if hours else 0,
        }  # fmt: skip


class RequestForm(IdempotentForm):
    """Everything that a request says."""

    activities = FieldList(FormField(ActivityForm), min_entries=1, max_entries=MAX_ACTIVITIES)
    aim = MultiLineField("Pourquoi cette certification", limit=4000)
    blocks = MultiChoiceField("Seulement certains blocs", str)
    postal_address = MultiLineField("Adresse postale", limit=500)
    phone = SingleLineField("Téléphone", limit=40)
    born_on = FrenchDateField("Date de naissance")
    birth_place = SingleLineField("Lieu de naissance", limit=200)
    birth_name = SingleLineField("Nom de naissance, s’il est autre", limit=200)
    answer = MultiLineField("Votre réponse", limit=4000)
    feasibility = FileField("Dossier de faisabilité", render_kw={"accept": ACCEPTED})
    proofs = MultipleFileField("Justificatifs", render_kw={"accept": ACCEPTED})

    def __init__(self, row: AdmissibilityRequest, **more: Any) -> None:
        told = row.told
        activities = [
            {**each, "hours": str(each["hours"] or ""), **{name: _day(each[name]) for name in ("since", "until")}}
            for each in told.get("activities", ())
        ]
        super().__init__(
            data={**told, "born_on": _day(told.get("born_on", "")), "activities": activities, "answer": row.answer},
            **more,
        )
        self.blocks.choices = pairs((str(each.id), f"Bloc {each.number} : {each.title}") for each in row.version.blocks)

    def value(self) -> dict[str, Any]:
        """Return what is kept; an activity of which nothing was said is none."""
        typed = [each.form.value() for each in self.activities]
        told: dict[str, Any] = {name: self[name].data or "" for name in _IDENTITY}
        told["born_on"] = self.born_on.data.isoformat() if self.born_on.data else ""
        return told | {"activities": [each for each in typed if any(each.values())], "blocks": self.blocks.data or []}


class AppealForm(IdempotentForm):
    """The appeal of a refusal."""

    text = MultiLineField("Pourquoi vous contestez ce refus", missing="Dites pourquoi vous contestez.", limit=8000)


class AgainForm(IdempotentForm):
    """Another request."""

    version_id = SelectChoiceField("Certification", UUID, missing="Choisissez la certification.")

    def __init__(self, row: AdmissibilityRequest, **more: Any) -> None:
        super().__init__(**more)
        offered = requests.list_offered(read_session(), row.body_id)
        self.version_id.choices = pairs((each.id, f"{each.code} · {each.title}") for each in offered)
        if not self.is_submitted():
            self.version_id.data = row.version_id


def _day(text: str) -> Any:
    return date.fromisoformat(text) if text else None


@bp.get("/recevabilite")
@own_page
def overview() -> ResponseReturnValue:
    """Show the requests of a person, or the only one at once."""
    own = requests.list_own_requests(read_session(), current_user.id)
    if len(own) == 1:
        return redirect(url_for(".dossier", request_id=own[0].id), 303)
    return render_template("account/admissibility/list.html", own=own, say=say, today=today())


@bp.get("/recevabilite/<uuid:request_id>")
@own_page
def dossier(request_id: UUID) -> ResponseReturnValue:
    """Show a request: its form while it is written, then what became of it."""
    return _page(_find(request_id))


@bp.post("/recevabilite/<uuid:request_id>")
@accepts_file()
@own_page
def save(request_id: UUID) -> ResponseReturnValue:
    """Keep what was typed and joined; then show one more activity, or send, as the button says."""
    row = _find(request_id)
    form = RequestForm(row)
    if not form.validate():
        return _page(row, form), 422
    with open_upload_batch() as opened:
        files = _store(opened, form)
        if form.errors:
            return _page(row, form), max(error_status(form.proofs), error_status(form.feasibility))

        def act(db: Session) -> str:
            requests.write_request(db, row.id, form.value(), files, form.answer.data or "", at=now())
            anchor = "ajouter" if "more" in request.form else None
            return url_for(".dossier", request_id=row.id, plus=anchor, _anchor=anchor)

        try:
            response: ResponseReturnValue = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _page(row, form, stopped=refusal_message(refusal)), 409
    if "send" not in request.form:
        session["notice"] = "Votre demande est enregistrée. Elle n’est pas encore envoyée."
        return response
    try:
        with transaction() as db:
            requests.send_request(db, row.id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _page(_find(request_id), stopped=refusal_message(refusal)), 409
    session["notice"] = "Votre demande est envoyée."
    return response


def _store(opened: UploadBatch, form: RequestForm) -> list[tuple[ProofKind, ReceivedFile]]:
    """Receive the files; those refused say why on their field."""
    chosen = [(ProofKind.PROOF, form.proofs, file) for file in form.proofs.data or []]
    chosen.append((ProofKind.FEASIBILITY, form.feasibility, form.feasibility.data))
    stored = []
    for kind, field, file in chosen:
        if file and file.filename:
            try:
                stored.append((kind, opened.store_file(file.filename, file.stream)))
            except FILE_ERRORS as error:
                add_file_error(field, error, file.filename)
    return stored


@bp.post("/recevabilite/<uuid:request_id>/fichiers/<uuid:proof_id>/retirer")
@own_page
def remove(request_id: UUID, proof_id: UUID) -> ResponseReturnValue:
    """Take a file out."""
    row = _find(request_id)
    with transaction() as db:
        requests.remove_proof(db, row.id, proof_id, at=now())
    return redirect(url_for(".dossier", request_id=request_id, _anchor="fichiers"), 303)


@bp.get("/recevabilite/<uuid:request_id>/fichiers/<uuid:proof_id>")
@own_page
def file(request_id: UUID, proof_id: UUID) -> ResponseReturnValue:
    """Send a file."""
    return send_proof(_find(request_id), proof_id)


def send_proof(row: AdmissibilityRequest, proof_id: UUID) -> ResponseReturnValue:
    """Send a file of a request; 404 when it has none of this id."""
    found = next((proof for proof in row.proofs if proof.id == proof_id), None) or abort(404)
    return send_copy(found.file_key, found.file_name, found.file_mime, found.file_size)


@bp.post("/recevabilite/<uuid:request_id>/recours")
@own_page
def appeal(request_id: UUID) -> ResponseReturnValue:
    """Contest a refusal."""
    row, form = _find(request_id), AppealForm()
    if not form.validate():
        return _page(row, appealing=form), 422

    def act(db: Session) -> str:
        requests.appeal(db, row.id, form.text.data or "", by=current_user.id, at=now())
        return url_for(".dossier", request_id=row.id)

    def stopped(sentence: str) -> str:
        return _page(_find(request_id), appealing=form, stopped=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, "Votre recours est envoyé.")


@bp.post("/recevabilite/<uuid:request_id>/nouvelle")
@own_page
def again(request_id: UUID) -> ResponseReturnValue:
    """Start another request from a refused one."""
    row = _find(request_id)
    form = AgainForm(row)
    if not form.validate():
        return _page(row, asking=form), 422

    def act(db: Session) -> str:
        made = requests.request_again(db, row, form.version_id.data, by=current_user.id, at=now())
        return url_for(".dossier", request_id=made.id)

    def stopped(sentence: str) -> str:
        return _page(_find(request_id), asking=form, stopped=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, "Ce que vous aviez écrit est repris. Complétez-le.")


def _find(request_id: UUID) -> AdmissibilityRequest:
    return requests.find_request(read_session(), request_id, person_id=current_user.id) or abort(404)


def _page(
    row: AdmissibilityRequest,
    form: RequestForm | None = None,
    *,
    appealing: AppealForm | None = None,
    asking: AgainForm | None = None,
    stopped: str = "",
) -> str:
    form = form or RequestForm(row, formdata=None)
    if request.args.get("plus") and len(form.activities) < MAX_ACTIVITIES:
        form.activities.append_entry()
    return render_template(
        "account/admissibility/request.html",
        row=row, form=form, say=say, stopped=stopped, today=today(), limit=max_file_bytes(),
        may_write=row.state in WRITABLE, is_france_vae=row.regime is Regime.FRANCE_VAE,
        appealing=(appealing or AppealForm(formdata=None)) if row.state is RequestState.REFUSED else None,
        asking=(asking or AgainForm(row, formdata=None)) if row.state in SAID_NO else None,
        may_add=len(form.activities) < MAX_ACTIVITIES, delivery=delivery_notice(),
    )  # fmt: skip
