"""France VAE: the key of the body, the candidacies read there, what is taken here and sent there."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from config import Config
from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.calendar import day_of
from portfolio.db.engine import read_session, transaction
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.domain.france_vae import use_cases
from portfolio.domain.france_vae.models import FranceVaeCandidacy, FranceVaePush
from portfolio.domain.france_vae.rules import Act, Decision, FranceVaeRefusal, PushState
from portfolio.errors import Refusal
from portfolio.screens.account.login.forms import EmailField
from portfolio.screens.account.reauthentication import PasswordConfirmForm, password_confirmed
from portfolio.web.clock import now
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SingleLineField,
    pairs,
    refusal_message,
    run_once,
)
from portfolio.wording import france_vae as words

bp = Blueprint("france_vae", __name__)
_MAX_KEY_CHARS = 2000


class KeyForm(PasswordConfirmForm):
    """The key that France VAE gave the body."""

    secret = SingleLineField("Clé de France VAE", missing="Collez la clé.", limit=_MAX_KEY_CHARS)


class TakeForm(IdempotentForm):
    """The opening here of a candidacy that France VAE gave."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de la personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse\u00a0: l’invitation y est envoyée.")
    block_ids = MultiChoiceField("Blocs demandés", int)
    admissible_on = FrenchDateField("Date de la recevabilité", missing="Donnez la date de la décision de recevabilité.")

    # Asked once the opening was refused for it.
    expiry_override = MultiLineField("Motif pour ouvrir malgré l’expiration", limit=2000)

    def validate_admissible_on(self, field: FrenchDateField) -> None:
        """A decision to come is not a decision."""
        if field.data and field.data > day_of(now()):
            raise ValidationError("Cette date ne peut pas être à venir.")


class RefuseForm(IdempotentForm):
    """A feasibility file that is not taken, and why."""

    decision = RadioChoiceField(
        "Décision",
        Decision,
        missing="Choisissez la décision.",
        choices={each: words.DECISIONS[each] for each in (Decision.INCOMPLETE, Decision.INADMISSIBLE)},
    )
    comment = MultiLineField("Motif", missing="Écrivez le motif\u00a0: la personne le reçoit.", limit=2000)


class FileForm(IdempotentForm):
    """Answer to a validation file: complete, or to be sent again and why."""

    decision = RadioChoiceField(
        "Décision",
        Decision,
        missing="Choisissez la décision.",
        choices={each: words.DECISIONS[each] for each in (Decision.VERIFIED, Decision.FLAGGED)},
    )
    comment = MultiLineField("Motif, si le dossier est à reprendre", limit=2000)


def _settings() -> Config:
    settings: Config = current_app.config["SETTINGS"]
    return settings


@bp.get("/organisme/france-vae")
@certifier_page(Permission.MANAGE_CANDIDACY)
def overview(body: BodyAccess) -> ResponseReturnValue:
    """Show what was read at France VAE, and the key."""
    return _overview(body, KeyForm(formdata=None))


def _overview(body: BodyAccess, form: KeyForm, stopped: str = "") -> str:
    return render_template(
        "certifier/france_vae/overview.html",
        body=body,
        access=use_cases.find_access(read_session(), body.id),
        links=use_cases.list_links(read_session(), body.id),
        form=form,
        stopped=stopped,
        address=_settings().france_vae_url,
        say=words,
    )


@bp.post("/organisme/france-vae")
@certifier_page(Permission.MANAGE_TEAM)
def set_key(body: BodyAccess) -> ResponseReturnValue:
    """Keep a key in place of the former one."""
    form = KeyForm()
    if not form.validate():
        return _overview(body, form), 422
    if not current_user.has_second_factor:
        return _overview(body, form, words.REFUSALS[FranceVaeRefusal.NO_SECOND_FACTOR]({})), 409
    if not password_confirmed(form):
        return _overview(body, form), 422

    def act(db: Session) -> str:
        key, at = form.secret.data, now()
        use_cases.set_key(db, body.id, key, by=current_user.id, installation=_settings().secret_key, at=at)
        session["notice"] = "La clé est enregistrée. La première lecture commence dans les secondes qui suivent."
        return url_for(".overview")

    return run_once(form.nonce.data, act)


@bp.post("/organisme/france-vae/retirer")
@certifier_page(Permission.MANAGE_TEAM)
def remove_key(body: BodyAccess) -> ResponseReturnValue:
    """Forget the key."""
    with transaction() as db:
        use_cases.remove_key(db, body.id, by=current_user.id, at=now())
    session["notice"] = "La clé est retirée. Rien n’est plus lu ni envoyé à France VAE."
    return redirect(url_for(".overview"), 303)


@bp.get("/organisme/france-vae/<uuid:link_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def candidacy(body: BodyAccess, link_id: UUID) -> ResponseReturnValue:
    """Show one candidacy of France VAE: to take here, or what is sent about it."""
    link = _found(read_session(), body, link_id)
    known = {"name": link.name, "email": link.email, "admissible_on": day_of(now())}
    return _one(link, TakeForm(formdata=None, data=known), RefuseForm(formdata=None))


def _found(db: Session, body: BodyAccess, link_id: UUID) -> FranceVaeCandidacy:
    return use_cases.find_link(db, body.id, link_id) or abort(404)


def _one(
    link: FranceVaeCandidacy,
    take_form: TakeForm,
    refuse_form: RefuseForm,
    stopped: str = "",
    file_form: FileForm | None = None,
    *,
    is_expired: bool = False,
) -> str:
    version = use_cases.find_version(read_session(), link.body_id, link.code)
    take_form.block_ids.choices = pairs((each.number, each.title) for each in version.blocks) if version else []
    return render_template(
        "certifier/france_vae/candidacy.html",
        link=link,
        version=version,
        pushes=list(reversed(link.pushes)),
        ready=_ready(link) if link.candidacy_id else {},
        acts=Act,
        states=PushState,
        take_form=take_form,
        refuse_form=refuse_form,
        file_form=file_form or FileForm(formdata=None),
        stopped=stopped,
        is_expired=is_expired,
        say=words,
    )


def _ready(link: FranceVaeCandidacy) -> Mapping[Act, tuple[Mapping[str, str], str]]:
    """Return what each act would send now, or why it cannot."""
    found = {}
    for act in (Act.SESSION, Act.RESULT):
        asked = FranceVaePush(act=act)
        try:
            wanted = use_cases.wanted_of(read_session(), asked, link, _settings().address, today=day_of(now()))
            found[act] = (wanted.fields, "")
        except Refusal as refusal:
            found[act] = ({}, refusal_message(refusal))
    return found


@bp.post("/organisme/france-vae/<uuid:link_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def take(body: BodyAccess, link_id: UUID) -> ResponseReturnValue:
    """Open the candidacy here, and tell France VAE that it is admissible."""
    form, link = TakeForm(), _found(read_session(), body, link_id)
    version = use_cases.find_version(read_session(), body.id, link.code)
    form.block_ids.choices = pairs((each.number, each.title) for each in version.blocks) if version else []
    if not form.validate():
        return _one(link, form, RefuseForm(formdata=None)), 422

    def act(db: Session) -> str:
        row, person = _found(db, body, link_id), (form.name.data, form.email.data)
        blocks = form.block_ids.data or ()
        why = form.expiry_override.data or ""
        use_cases.take(db, row, *person, blocks, form.admissible_on.data, why, by=current_user.id, at=now())
        session["notice"] = "La candidature est ouverte ici. Sa recevabilité part vers France VAE."
        return url_for(".candidacy", link_id=link_id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        link = _found(read_session(), body, link_id)  # what failed let it go
        is_expired = refusal.code is CandidacyRefusal.ENTRY_EXPIRED
        return _one(link, form, RefuseForm(formdata=None), refusal_message(refusal), is_expired=is_expired), 409


@bp.post("/organisme/france-vae/<uuid:link_id>/decision")
@certifier_page(Permission.MANAGE_CANDIDACY)
def refuse(body: BodyAccess, link_id: UUID) -> ResponseReturnValue:
    """Tell France VAE that the file is incomplete or not admissible."""
    form, link = RefuseForm(), _found(read_session(), body, link_id)
    if not form.validate():
        return _one(link, TakeForm(formdata=None), form), 422
    said = {"decision": form.decision.data, "comment": form.comment.data}
    return _order(body, link_id, form, Act.FEASIBILITY, said)


@bp.post("/organisme/france-vae/<uuid:link_id>/dossier-de-validation")
@certifier_page(Permission.MANAGE_CANDIDACY)
def check_file(body: BodyAccess, link_id: UUID) -> ResponseReturnValue:
    """Tell France VAE that the validation file is complete, or what must be sent again."""
    form, link = FileForm(), _found(read_session(), body, link_id)
    if not form.validate():
        return _one(link, TakeForm(formdata=None), RefuseForm(formdata=None), file_form=form), 422
    said = {"decision": form.decision.data, "comment": form.comment.data}
    return _order(body, link_id, form, Act.FEASIBILITY, said)


@bp.post("/organisme/france-vae/<uuid:link_id>/envoyer/<act>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def send(body: BodyAccess, link_id: UUID, act: str) -> ResponseReturnValue:
    """Send the session, or the result, as it stands here."""
    if act not in (Act.SESSION, Act.RESULT):
        abort(404)
    return _order(body, link_id, RefuseForm(), Act(act), {})


def _order(
    body: BodyAccess, link_id: UUID, form: RefuseForm | FileForm, act: Act, said: Mapping[str, str]
) -> ResponseReturnValue:
    def order(db: Session) -> str:
        use_cases.order_push(db, _found(db, body, link_id), act, by=current_user.id, at=now(), **said)
        name = words.VALIDATION if isinstance(form, FileForm) else words.ACTS[act]
        session["notice"] = f"{name}\u00a0: l’envoi part vers France VAE."
        return url_for(".candidacy", link_id=link_id)

    try:
        return run_once(form.nonce.data, order)
    except Refusal as refusal:
        link = _found(read_session(), body, link_id)
        shown = form if said and isinstance(form, RefuseForm) else RefuseForm(formdata=None)
        file_form = form if isinstance(form, FileForm) else None
        return _one(link, TakeForm(formdata=None), shown, refusal_message(refusal), file_form), 409


@bp.post("/organisme/france-vae/<uuid:link_id>/envois/<uuid:push_id>/fait")
@certifier_page(Permission.MANAGE_CANDIDACY)
def done_there(body: BodyAccess, link_id: UUID, push_id: UUID) -> ResponseReturnValue:
    """Note that it was done on the site of France VAE."""
    with transaction() as db:
        push = next((each for each in _found(db, body, link_id).pushes if each.id == push_id), None) or abort(404)
        use_cases.close_push(db, push, by=current_user.id, at=now())
    return redirect(url_for(".candidacy", link_id=link_id), 303)
