"""What the certifying body says of itself on its documents."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for
from flask_login import current_user

from portfolio.cases import BodyCase
from portfolio.db import reading, transaction
from portfolio.guards import certifier_page
from portfolio.paper import services
from portfolio.paper.forms import BodyForm
from portfolio.paper.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.refusal import Conflict
from portfolio.web.clock import now


@bp.get("/organisme/reglages")
@certifier_page(Permission.MANAGE_CANDIDACY)
def settings(body: BodyCase) -> Any:
    """Show what the documents say of the body."""
    page = services.body_page(reading(), body.id)
    form = BodyForm(page.members, formdata=None, obj=page.words)
    form.revision.data = str(page.revision)
    return _page(body, form)


@bp.post("/organisme/reglages")
@certifier_page(Permission.MANAGE_CANDIDACY)
def save_settings(body: BodyCase) -> Any:
    """Change what the documents to come say; those signed or sent do not change."""
    form = BodyForm(services.body_page(reading(), body.id).members)
    if not form.validate():
        return _page(body, form), 422
    try:
        with transaction() as db:
            services.save_words(db, body.id, form.value(), revision=form.seen_revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _page(body, form, theirs=conflict.theirs), 409
    session["notice"] = "Les réglages sont enregistrés. Les prochains documents les reprennent."
    return redirect(url_for("home.certifier"), 303)


def _page(body: BodyCase, form: BodyForm, theirs: dict[str, str] | None = None) -> str:
    return render_template("paper/settings.html", body=body, form=form, theirs=theirs)
