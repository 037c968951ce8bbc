"""A body about itself: its texts and its look on documents, its own words on the information pages."""

from enum import StrEnum
from typing import Any

from flask import Response, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import StringField
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certifying_body import look as looks
from portfolio.domain.certifying_body import settings as certifying_body_settings
from portfolio.domain.certifying_body.look import is_readable, nearest_readable, read_colour
from portfolio.domain.certifying_body.rules import InformationKind, Logo
from portfolio.domain.certifying_body.settings import load_body_settings, load_information_pages, save_information_page
from portfolio.errors import Conflict
from portfolio.files.file_types.types import FileRejected
from portfolio.files.renditions.logo_client import LogoRejected, written_logo
from portfolio.files.storage.store import StoreFull
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.notifications.forms import BodyForm
from portfolio.screens.evidence_files.uploads import add_file_error, error_status
from portfolio.web.clock import now
from portfolio.web.forms import ConfirmField, Form, MultiLineField, RadioChoiceField, VersionedForm, remember_result
from portfolio.web.request_limits import accepts_file
from portfolio.wording import certifying_body as words
from portfolio.wording.certifying_body import (
    ADDRESSES,
    BRACKETS_LEFT,
    HINTS,
    REMEDIES_LABELS,
    TITLES,
    has_brackets,
    model_text,
    remedies_models,
)
from portfolio.wording.documents.names import sample_letter_picture

bp = blueprint_of(__name__)


@bp.get("/organisme/reglages")
@certifier_page(Permission.SIGN)
def settings_form(body: BodyAccess) -> ResponseReturnValue:
    """Show what the documents say of the body."""
    page = certifying_body_settings.load_body_page(read_session(), body.id)
    form = BodyForm(page.members, formdata=None, obj=page.words)
    form.revision.data = str(page.revision)
    return _page(body, form)


@bp.post("/organisme/reglages")
@certifier_page(Permission.SIGN)
def save_settings(body: BodyAccess) -> ResponseReturnValue:
    """Change what the documents to come say; those signed or sent do not change."""
    form = BodyForm(certifying_body_settings.load_body_page(read_session(), body.id).members)
    if not form.validate():
        return _page(body, form), 422
    try:
        with transaction() as db:
            certifying_body_settings.save_body_settings(
                db, body.id, form.value(), revision=form.seen_revision, by=current_user.id, at=now()
            )
            remember_result(db, url_for("certifier.home.certifier"))
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _page(body, form, theirs=conflict.theirs), 409
    session["notice"] = "Les réglages sont enregistrés. Les prochains documents les reprennent."
    return redirect(url_for("certifier.home.certifier"), 303)


def _page(body: BodyAccess, form: BodyForm, theirs: dict[str, str] | None = None) -> str:
    words = certifying_body_settings.load_body_settings(read_session(), body.id)
    return render_template(
        "certifier/body/body_settings.html",
        body=body,
        form=form,
        theirs=theirs,
        models=remedies_models(words),
        kinds=REMEDIES_LABELS,
    )


class InformationForm(VersionedForm):
    """The body's own text of one page."""

    text = MultiLineField("Votre texte", limit=20_000)

    def validate_text(self, field: MultiLineField) -> None:
        """A passage of the model that is left between brackets is not published."""
        if has_brackets(field.data or ""):
            raise ValidationError(BRACKETS_LEFT)


@bp.get("/organisme/pages")
@certifier_page(Permission.SIGN)
def pages(body: BodyAccess) -> ResponseReturnValue:
    """List the information pages, and which ones the body has written."""
    written = load_information_pages(read_session(), body.id)
    return render_template("certifier/body/pages.html", written=written, titles=TITLES, addresses=ADDRESSES)


@bp.get("/organisme/pages/<kind>")
@certifier_page(Permission.SIGN)
def page_form(body: BodyAccess, kind: str) -> ResponseReturnValue:
    """Show the form of one page."""
    found = load_information_pages(read_session(), body.id).get(_kind(kind))
    words = load_body_settings(read_session(), body.id)
    text = found.text if found else model_text(_kind(kind), words)
    form = InformationForm(formdata=None, data={"text": text})
    form.revision.data = str(found.revision if found else 0)
    return _information_page(kind, form, is_model=found is None)


@bp.post("/organisme/pages/<kind>")
@certifier_page(Permission.SIGN)
def save_page(body: BodyAccess, kind: str) -> ResponseReturnValue:
    """Save the text of one page."""
    form = InformationForm()
    if not form.validate():
        return _information_page(kind, form), 422
    try:
        with transaction() as db:
            save_information_page(
                db,
                body.id,
                _kind(kind),
                form.text.data or "",
                revision=form.seen_revision,
                by=current_user.id,
                at=now(),
            )
            remember_result(db, url_for(".pages"))
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _information_page(kind, form, theirs=conflict.theirs["text"]), 409
    session["notice"] = f"La page «\u00a0{TITLES[_kind(kind)]}\u00a0» est enregistrée."
    return redirect(url_for(".pages"), 303)


def _kind(kind: str) -> InformationKind:
    try:
        return InformationKind(kind)
    except ValueError:
        abort(404)


def _information_page(kind: str, form: InformationForm, theirs: str | None = None, *, is_model: bool = False) -> str:
    chosen = _kind(kind)
    return render_template(
        "certifier/body/write.html",
        kind=chosen,
        title=TITLES[chosen],
        hint=HINTS[chosen],
        form=form,
        theirs=theirs,
        is_model=is_model,
    )


# What the picker shows before anything is chosen: the colour of the product.
USUAL_COLOUR = "#14564f"


class ColourChoice(StrEnum):
    """Choice of the colour: whether the documents take the usual colour."""

    USUAL = "usual"
    OWN = "own"


class LogoForm(Form):
    """A logo, and the attestation that it shows no emblem of the State."""

    logo = FileField(
        "Le fichier du logo", render_kw={"accept": ".png,.jpg,.jpeg,.svg,image/png,image/jpeg,image/svg+xml"}
    )
    attested = ConfirmField(words.ATTESTATION, missing=words.ATTESTATION_MISSING)

    def validate_logo(self, field: FileField) -> None:
        """Without a file there is no logo; a browser sends a nameless file when none was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez un fichier : PNG, JPEG ou SVG.")


class AccentForm(Form):
    """The usual colour, or one that can be read on white; `proposed` is set when a darker one is offered instead."""

    choice = RadioChoiceField(
        "Couleur des titres et des filets", ColourChoice, missing="Choisissez.", choices=words.COLOUR_CHOICES
    )
    colour = StringField("La couleur de l’organisme", render_kw={"type": "color"}, default=USUAL_COLOUR)

    def __init__(self, *args: Any, **more: Any) -> None:
        """Read the form; nothing is proposed yet."""
        super().__init__(*args, **more)
        self.proposed = ""

    def validate_colour(self, field: StringField) -> None:
        """Refuse what is no colour, and a colour that is too pale on white."""
        if self.choice.data != ColourChoice.OWN:
            return
        colour = read_colour(field.data or "")
        if colour is None:
            raise ValidationError(words.NOT_A_COLOUR)
        field.data = colour
        if not is_readable(colour):
            self.proposed = nearest_readable(colour)
            raise ValidationError(words.too_pale_message(colour, self.proposed))

    @property
    def accent(self) -> str:
        """Return the colour that was chosen; empty for the usual one."""
        return str(self.colour.data) if self.choice.data == ColourChoice.OWN else ""


@bp.get("/organisme/apparence")
@certifier_page(Permission.MANAGE_TEAM)
def page(body: BodyAccess) -> ResponseReturnValue:
    """Show the look of the documents to come, and what a manager may change of it."""
    return _look_page(body, LogoForm(formdata=None), _accent_form(body))


def _accent_form(body: BodyAccess) -> AccentForm:
    accent = looks.load_look(read_session(), body.id).accent
    choice = ColourChoice.OWN if accent else ColourChoice.USUAL
    form = AccentForm(formdata=None, data={"choice": choice.value})
    if accent:
        form.colour.data = accent
    return form


def _look_page(body: BodyAccess, logo_form: LogoForm, accent_form: AccentForm) -> str:
    row = looks.find_look_row(read_session(), body.id)
    return render_template(
        "certifier/body/look.html",
        body=body,
        row=row,
        logo_form=logo_form,
        accent_form=accent_form,
        own=ColourChoice.OWN,
    )


@bp.get("/organisme/apparence/logo")
@certifier_page(Permission.MANAGE_TEAM)
def logo(body: BodyAccess) -> ResponseReturnValue:
    """Send the logo of the documents to come."""
    row = looks.find_look_row(read_session(), body.id)
    if row is None or row.logo is None:
        abort(404)
    return Response(row.logo, mimetype=row.logo_mime)


@bp.get("/organisme/apparence/apercu.png")
@certifier_page(Permission.MANAGE_TEAM)
def preview(body: BodyAccess) -> ResponseReturnValue:
    """Send the picture of a letter as it would be, about nobody."""
    look, settings = looks.load_look(read_session(), body.id), load_body_settings(read_session(), body.id)
    close_read_session()
    return Response(sample_letter_picture(settings, look), mimetype="image/png")


@bp.post("/organisme/apparence/logo")
@accepts_file()
@certifier_page(Permission.MANAGE_TEAM)
def save_logo(body: BodyAccess) -> ResponseReturnValue:
    """Take a logo, or say why not."""
    form = LogoForm()
    if not form.validate():
        return _look_page(body, form, _accent_form(body)), 422
    written = _written(form)
    if written is None:
        return _look_page(body, form, _accent_form(body)), error_status(form.logo)
    with transaction() as db:
        looks.set_logo(db, body.id, written, by=current_user.id, at=now())
    session["notice"] = words.LOGO_SAVED
    return redirect(url_for(".page"), 303)


def _written(form: LogoForm) -> Logo | None:
    """Return the logo that is made of the file of a form; None when it is refused: its field says why."""
    file: FileStorage = form.logo.data
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    try:
        return written_logo(file.stream, size)  # type: ignore[arg-type]
    except LogoRejected as rejected:
        form.logo.errors = [words.logo_rejected_message(rejected)]
    except (FileRejected, StoreFull) as error:
        add_file_error(form.logo, error)
    return None


@bp.post("/organisme/apparence/logo/retirer")
@certifier_page(Permission.MANAGE_TEAM)
def remove_logo(body: BodyAccess) -> ResponseReturnValue:
    """Remove the logo from the documents to come."""
    with transaction() as db:
        looks.remove_logo(db, body.id, by=current_user.id, at=now())
    session["notice"] = words.LOGO_REMOVED
    return redirect(url_for(".page"), 303)


@bp.post("/organisme/apparence/couleur")
@certifier_page(Permission.MANAGE_TEAM)
def save_accent(body: BodyAccess) -> ResponseReturnValue:
    """Choose the accent colour, or say why it cannot be read."""
    form = AccentForm()
    if not form.validate():
        return _look_page(body, LogoForm(formdata=None), form), 422
    with transaction() as db:
        looks.set_accent(db, body.id, form.accent, by=current_user.id, at=now())
    session["notice"] = words.ACCENT_SAVED
    return redirect(url_for(".page"), 303)
