"""A body writes its own words for the information pages."""

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certifying_body.rules import InformationKind
from portfolio.domain.certifying_body.settings import load_body_settings, load_information_pages, save_information_page
from portfolio.errors import Conflict
from portfolio.screens.certifier.body.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.forms import MultiLineField, VersionedForm, remember_result
from portfolio.wording.certifying_body import ADDRESSES, BRACKETS_LEFT, HINTS, TITLES, has_brackets, model_text


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
    return _page(kind, form, is_model=found is None)


@bp.post("/organisme/pages/<kind>")
@certifier_page(Permission.SIGN)
def save_page(body: BodyAccess, kind: str) -> ResponseReturnValue:
    """Save the text of one page."""
    form = InformationForm()
    if not form.validate():
        return _page(kind, form), 422
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
        return _page(kind, form, theirs=conflict.theirs["text"]), 409
    session["notice"] = f"La page «\u00a0{TITLES[_kind(kind)]}\u00a0» est enregistrée."
    return redirect(url_for(".pages"), 303)


def _kind(kind: str) -> InformationKind:
    try:
        return InformationKind(kind)
    except ValueError:
        abort(404)


def _page(kind: str, form: InformationForm, theirs: str | None = None, *, is_model: bool = False) -> str:
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
