"""Texts of the certifying body about itself on its documents."""

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certifying_body import settings as certifying_body_settings
from portfolio.errors import Conflict
from portfolio.screens.certifier.body.blueprint import bp
from portfolio.screens.certifier.notifications.forms import BodyForm
from portfolio.web.clock import now
from portfolio.web.forms import remember_result
from portfolio.wording.certifying_body import model_text


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
        model=model_text(None, words) if not words.remedies else "",
    )
