"""The transmission to the Caisse des Dépôts: what is ready and what is missing, files, receipts, identities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import BooleanField
from wtforms.validators import Length, ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, database, read_session, transaction
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfPassage, SiCpfSettings
from portfolio.domain.si_cpf.rules import (
    CLIENT_ID_CHARS,
    CONTRACT_ID_CHARS,
    FILE_FIRST_NAME_CHARS,
    FILE_NAME_CHARS,
    FILE_NUMBER_CHARS,
    NAME_CHARS,
    FlowAction,
    HolderIdentity,
    NirError,
    SchemaVersion,
    Sex,
    SiCpfRefusal,
    is_commune_code,
    read_nir,
    urgency_of,
)
from portfolio.domain.si_cpf.use_cases import awards, transmission
from portfolio.domain.si_cpf.use_cases.awards import Place
from portfolio.errors import Conflict, Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.web.clock import now, today
from portfolio.web.exports import csv_response
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    RadioChoiceField,
    SingleLineField,
    VersionedForm,
    refusal_message,
    remember_result,
    run_once,
)
from portfolio.web.request_limits import accepts_file
from portfolio.web.urls import base_url
from portfolio.wording import si_cpf as words
from portfolio.wording.candidacy import ROUTES

bp = Blueprint("si_cpf", __name__)
_ACTIONS = {"declarer": FlowAction.CREATION, "supprimer": FlowAction.SUPPRESSION}


class SettingsForm(VersionedForm):
    """The identifiers that the Caisse des Dépôts gave, the version of the file, and whether blocks are sent."""

    client_id = SingleLineField(
        "Identifiant client",
        missing="Donnez l’identifiant client.",
        limit=CLIENT_ID_CHARS,
        validators=[Length(min=CLIENT_ID_CHARS, message=f"Cet identifiant a {CLIENT_ID_CHARS} caractères.")],
    )
    contract_id = SingleLineField(
        "Identifiant de contrat", missing="Donnez l’identifiant du contrat.", limit=CONTRACT_ID_CHARS
    )
    schema_version = RadioChoiceField(
        "Schéma du fichier", SchemaVersion, missing="Choisissez le schéma.", choices=words.SCHEMAS
    )
    send_blocks = BooleanField("Envoyer aussi les blocs obtenus seuls")


class ReceiptForm(IdempotentForm):
    """A receipt taken from the portal."""

    receipt = FileField("L’accusé de traitement, en XML", render_kw={"accept": ".xml,text/xml,application/xml"})

    def validate_receipt(self, field: FileField) -> None:
        """Without a file nothing is read."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez le fichier de l’accusé.")


class IdentityForm(IdempotentForm):
    """The identity of a holder, for the Caisse des Dépôts alone."""

    birth_name = SingleLineField("Nom de naissance", missing="Donnez le nom de naissance.", limit=NAME_CHARS)
    usual_name = SingleLineField("Nom d’usage", limit=NAME_CHARS)
    first_name = SingleLineField("Premier prénom", missing="Donnez le premier prénom.", limit=NAME_CHARS)
    second_name = SingleLineField("Deuxième prénom", limit=NAME_CHARS)
    third_name = SingleLineField("Troisième prénom", limit=NAME_CHARS)
    sex = RadioChoiceField("Sexe à l’état civil", Sex, missing="Choisissez une réponse.", choices=words.SEXES)
    born_on = FrenchDateField("Date de naissance", missing="Donnez la date de naissance.")
    commune_code = SingleLineField("Code INSEE de la commune de naissance", limit=5)
    file_number = SingleLineField("Numéro du dossier de formation", limit=FILE_NUMBER_CHARS)
    nir = SingleLineField("Numéro de sécurité sociale", limit=30)
    remove_nir = BooleanField("Retirer le numéro reçu")

    def validate_born_on(self, field: FrenchDateField) -> None:
        """Nobody is born tomorrow."""
        if field.data > today():
            raise ValidationError("Cette date est à venir. Vérifiez l’année.")

    def validate_commune_code(self, field: SingleLineField) -> None:
        """A code has the form of the INSEE."""
        if field.data and not is_commune_code(field.data.upper()):
            raise ValidationError("Un code INSEE a cinq caractères, par exemple 33063 ou 2A004. Sinon, laissez vide.")

    def validate_file_number(self, field: SingleLineField) -> None:
        """Refuse a name that the file number cannot go with."""
        long = len(self.birth_name.data or "") > FILE_NAME_CHARS
        if field.data and (long or len(self.first_name.data or "") > FILE_FIRST_NAME_CHARS):
            raise ValidationError(
                f"Avec ce numéro, le nom a {FILE_NAME_CHARS} caractères au plus et le prénom {FILE_FIRST_NAME_CHARS}. "
                "Laissez ce champ vide."
            )

    def validate_nir(self, field: SingleLineField) -> None:
        """A wrong number is refused with its reason."""
        if field.data and isinstance(found := read_nir(field.data), NirError):
            raise ValidationError(words.NIR_ERRORS[found])

    def value(self) -> HolderIdentity:
        """Return the identity."""
        nir = read_nir(self.nir.data) if self.nir.data else ""
        return HolderIdentity(
            *(self.birth_name.data or "", self.first_name.data or "", self.sex.data, self.born_on.data),
            *(self.usual_name.data or "", self.second_name.data or "", self.third_name.data or ""),
            *((self.commune_code.data or "").upper(), self.file_number.data or "", str(nir)),
        )


@bp.get("/organisme/si-cpf")
@certifier_page(Permission.SIGN)
def overview(body: BodyAccess) -> ResponseReturnValue:
    """Show the awards by what is to do, the file whose receipt is awaited, and the settings."""
    return _page(body)


def _page(
    body: BodyAccess,
    form: SettingsForm | None = None,
    receipt: ReceiptForm | None = None,
    stopped: str = "",
    theirs: dict[str, str] | None = None,
) -> str:
    db = read_session()
    settings, counts = db.get(SiCpfSettings, body.id), awards.count_places(db, body.id)
    place = words.SLUGS.get(request.args.get("etat", ""), next(iter(counts), Place.READY))
    pages = max(1, -(-counts.get(place, 0) // awards.PAGE_SIZE))
    number = request.args.get("page", "1")
    page = min(max(int(number[:6]) if number.isascii() and number.isdecimal() else 1, 1), pages)
    kept: dict[str, Any] = {"schema_version": SchemaVersion.V1_1_5, "revision": "0"}
    if settings is not None:
        kept = {name: getattr(settings, name) for name in ("client_id", "contract_id", "schema_version", "send_blocks")}
        kept["revision"] = str(settings.revision)
    return render_template(
        "certifier/si_cpf/overview.html",
        body=body,
        settings=settings,
        counts=counts,
        place=place,
        rows=awards.list_awards(db, body.id, place, page),
        page=page,
        pages=pages,
        live=transmission.find_live_flow(db, body.id),
        form=form or SettingsForm(formdata=None, data=kept),
        receipt=receipt or ReceiptForm(formdata=None),
        act=IdempotentForm(formdata=None),
        stopped=stopped,
        theirs=theirs,
        places=Place,
        say=words,
        slugs={place: slug for slug, place in words.SLUGS.items()},
        urgency_of=urgency_of,
        today=today(),
    )


@bp.post("/organisme/si-cpf/reglages")
@certifier_page(Permission.SIGN)
def save_settings(body: BodyAccess) -> ResponseReturnValue:
    """Keep the identifiers, or show that they were changed meanwhile."""
    form = SettingsForm()
    if not form.validate():
        return _page(body, form), 422
    told: tuple[Any, ...] = (form.client_id.data, form.contract_id.data, form.schema_version.data)
    try:
        with transaction() as db:
            transmission.save_settings(
                *(db, body.id, *told),
                send_blocks=bool(form.send_blocks.data),
                revision=form.seen_revision,
                by=current_user.id,
                at=now(),
            )
            remember_result(db, url_for(".overview"))
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        return _page(body, form, theirs=conflict.theirs), 409
    session["notice"] = "Les réglages sont enregistrés."
    return redirect(url_for(".overview"), 303)


@bp.post("/organisme/si-cpf/envois/<any(declarer,supprimer):action>")
@certifier_page(Permission.SIGN)
def prepare(body: BodyAccess, action: str) -> ResponseReturnValue:
    """Prepare a file with every award that is ready, or to be suppressed."""
    form = IdempotentForm()
    form.validate()
    asked = _ACTIONS[action]

    def act(db: Session) -> str:
        transmission.prepare_flow(db, body.id, asked, base_url(), by=current_user.id, at=now())
        return url_for(".overview", etat="envoyes")

    return _run(body, form, act)


def _run(body: BodyAccess, form: IdempotentForm, act: Any, notice: str = "") -> ResponseReturnValue:
    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        close_read_session()
        return _page(body, stopped=refusal_message(refusal)), 409
    if notice:
        session["notice"] = notice
    return response


def _flow(db: Session, body: BodyAccess, flow_id: UUID, *, lock: bool = False) -> SiCpfFlow:
    flow = db.get(SiCpfFlow, flow_id, with_for_update=lock or None)
    return flow if flow is not None and flow.body_id == body.id else abort(404)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


@bp.post("/organisme/si-cpf/envois/<uuid:flow_id>/fichier")
@certifier_page(Permission.SIGN)
def download(body: BodyAccess, flow_id: UUID) -> ResponseReturnValue:
    """Send the file as it is made, to who signs alone: nothing of it is kept but its digest."""
    flow = _flow(read_session(), body, flow_id)
    try:
        if not flow.is_live:
            raise Refusal(SiCpfRefusal.NOT_LIVE)
        digest = transmission.digest_of(transmission.write_flow(read_session(), flow, _key()))
        with transaction() as db:
            transmission.keep_digest(db, flow_id, digest)
    except Refusal as refusal:
        close_read_session()
        return _page(body, stopped=refusal_message(refusal)), 409
    key, store = _key(), database()

    def chunks() -> Iterator[bytes]:
        with store.reader() as db:
            yield from transmission.write_flow(db, db.get_one(SiCpfFlow, flow_id), key)

    response = Response(chunks(), direct_passthrough=True)
    response.headers.update(attachment_headers(f"{flow.flow_id}.xml", "application/xml"))
    return response


@bp.post("/organisme/si-cpf/envois/<uuid:flow_id>/depot")
@certifier_page(Permission.SIGN)
def deposit(body: BodyAccess, flow_id: UUID) -> ResponseReturnValue:
    """Record that the file was deposited on the portal."""
    _flow(read_session(), body, flow_id)
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        transmission.mark_deposited(db, _flow(db, body, flow_id, lock=True), by=current_user.id, at=now())
        return url_for(".overview", etat="envoyes")

    return _run(body, form, act, "Le dépôt est noté. La Caisse des Dépôts répond par un accusé, sur son portail.")


@bp.post("/organisme/si-cpf/envois/<uuid:flow_id>/abandon")
@certifier_page(Permission.SIGN)
def drop(body: BodyAccess, flow_id: UUID) -> ResponseReturnValue:
    """Drop a file without a receipt: its awards stand as before."""
    _flow(read_session(), body, flow_id)
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        transmission.drop_flow(db, _flow(db, body, flow_id, lock=True), by=current_user.id, at=now())
        return url_for(".overview")

    return _run(body, form, act, "L’envoi est abandonné : ses titulaires sont comme avant lui.")


@bp.post("/organisme/si-cpf/accuse")
@accepts_file()
@certifier_page(Permission.SIGN)
def read_receipt(body: BodyAccess) -> ResponseReturnValue:
    """Read a receipt: all its answers, or none."""
    form = ReceiptForm()
    if not form.validate():
        return _page(body, receipt=form), 422
    try:
        with transaction() as db:
            file = form.receipt.data.stream
            flow = transmission.apply_receipt(db, file, body.id, by=current_user.id, at=now())
            accepted, rejected = flow.accepted, flow.rejected
    except Refusal as refusal:
        close_read_session()
        return _page(body, stopped=refusal_message(refusal)), 409
    session["notice"] = f"L’accusé est lu : {words.receipt_message(accepted, rejected)}"
    return redirect(url_for(".overview", etat="rejetes" if rejected else "acceptes"), 303)


@bp.post("/organisme/si-cpf/demandes")
@certifier_page(Permission.SIGN)
def ask(body: BodyAccess) -> ResponseReturnValue:
    """Write to every holder whose identity is missing."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        transmission.ask_identities(db, body.id, by=current_user.id, at=now())
        return url_for(".overview", etat="a-completer")

    return _run(body, form, act, "Un courrier est écrit à chaque personne dont l’identité manque.")


@bp.post("/organisme/si-cpf/passages/<uuid:passage_id>/supprimer")
@certifier_page(Permission.SIGN)
def remove(body: BodyAccess, passage_id: UUID) -> ResponseReturnValue:
    """Ask that an accepted award be suppressed."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        passage = db.get(SiCpfPassage, passage_id, with_for_update=True)
        if passage is None or passage.body_id != body.id:
            abort(404)
        transmission.ask_removal(db, passage, by=current_user.id, at=now())
        return url_for(".overview", etat="a-supprimer")

    return _run(body, form, act, "Ce passage sera supprimé par le prochain envoi de suppression.")


@bp.get("/organisme/si-cpf/inscrits.csv")
@certifier_page(Permission.SIGN)
def facts(body: BodyAccess) -> ResponseReturnValue:
    """Send who is enrolled, who was present and who was awarded, with their days."""
    db = read_session()
    rows = ([*row[:3], ROUTES[row[3]], *row[4:]] for row in awards.list_facts(db, body.id))
    return csv_response("inscrits-presents-titulaires", words.FACTS, rows)


@bp.get("/candidatures/<uuid:candidacy_id>/identite-compte-formation")
@candidacy_page(Permission.WRITE_BIRTH)
def identity(case: CandidacyAccess) -> ResponseReturnValue:
    """Show why the identity is asked, and its form; the number itself is never shown."""
    return _identity_page(case)


def _identity_page(case: CandidacyAccess, form: IdentityForm | None = None) -> str:
    db = read_session()
    row, candidacy = transmission.find_identity(db, case.id), db.get_one(Candidacy, case.id)
    if form is None:
        kept: dict[str, Any] = {"born_on": candidacy.born_on, "birth_name": candidacy.birth_name or ""}
        if row is not None:
            kept = {name: getattr(row, name) for name in HolderIdentity.__slots__ if name != "nir"}
        form = IdentityForm(formdata=None, data=kept)
    body = candidacy.version.certification.body.name
    return render_template(
        "certifier/si_cpf/identity.html", case=case, form=form, row=row, body=body, candidate=candidacy.candidate_name
    )


@bp.post("/candidatures/<uuid:candidacy_id>/identite-compte-formation")
@candidacy_page(Permission.WRITE_BIRTH)
def record_identity(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the identity of a holder."""
    form = IdentityForm()
    if not form.validate():
        return _identity_page(case, form), 422

    def act(db: Session) -> str:
        removes = bool(form.remove_nir.data)
        told = form.value()
        transmission.record_identity(db, case.id, told, _key(), remove_nir=removes, by=current_user.id, at=now())
        return url_for(".identity", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "L’identité est enregistrée."
    return response
