"""The look of the documents of the body: its logo, its accent colour, a letter as it would be.

What a manager chooses of the look of the documents: a logo, an accent colour.
"""

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
from portfolio.domain.certifying_body.look import is_readable, nearest_readable, read_colour
from portfolio.domain.certifying_body.rules import Logo
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.files.file_types.types import FileRejected
from portfolio.files.renditions.logo_client import LogoRejected, written_logo
from portfolio.files.storage.store import StoreFull
from portfolio.screens.certifier.body.blueprint import bp
from portfolio.screens.evidence_files.uploads import add_file_error, error_status
from portfolio.web.clock import now
from portfolio.web.forms import ConfirmField, Form, RadioChoiceField
from portfolio.web.request_limits import accepts_file
from portfolio.wording import certifying_body as words
from portfolio.wording.documents.names import sample_letter_picture

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
    return _page(body, LogoForm(formdata=None), _accent_form(body))


def _accent_form(body: BodyAccess) -> AccentForm:
    accent = looks.load_look(read_session(), body.id).accent
    choice = ColourChoice.OWN if accent else ColourChoice.USUAL
    form = AccentForm(formdata=None, data={"choice": choice.value})
    if accent:
        form.colour.data = accent
    return form


def _page(body: BodyAccess, logo_form: LogoForm, accent_form: AccentForm) -> str:
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
        return _page(body, form, _accent_form(body)), 422
    written = _written(form)
    if written is None:
        return _page(body, form, _accent_form(body)), error_status(form.logo)
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
        return _page(body, LogoForm(formdata=None), form), 422
    with transaction() as db:
        looks.set_accent(db, body.id, form.accent, by=current_user.id, at=now())
    session["notice"] = words.ACCENT_SAVED
    return redirect(url_for(".page"), 303)
