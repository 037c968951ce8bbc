"""A person whom a body proposes for its juries fills in their own card, by a link without account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.decorators import public_page
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.rules.juror_card import PoolRefusal
from portfolio.domain.jury_session.use_cases import pool
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.jurors.forms import OwnCardForm, own_card_form
from portfolio.web.clock import now
from portfolio.web.request_limits import mark_link_opened

bp = Blueprint("juror_card", __name__, url_prefix="/fiche-jure")


@bp.get("/<token>")
@public_page
def card(token: str) -> ResponseReturnValue:
    """Show the person's card, while the link works."""
    juror = pool.find_card(read_session(), token, at=now())
    if juror is None:
        return _ended()
    mark_link_opened()
    return _page(juror, token, own_card_form(juror.to_value(), juror.revision))


@bp.post("/<token>")
@public_page
def save_card(token: str) -> ResponseReturnValue:
    """Save what the person says of themselves, or show the form again with everything that was typed."""
    juror = pool.find_card(read_session(), token, at=now())
    if juror is None:
        return _ended()
    mark_link_opened()
    form = OwnCardForm()
    if not form.validate():
        return _page(juror, token, form), 422
    try:
        with transaction() as db:
            pool.fill_card(db, token, form.value(juror.email), revision=form.seen_revision, at=now())
    except (Conflict, Refusal) as stopped:
        close_read_session()
        current = pool.find_card(read_session(), token, at=now())
        if current is None or (isinstance(stopped, Refusal) and stopped.code is PoolRefusal.LINK_ENDED):
            return _ended()
        if isinstance(stopped, Refusal):
            raise
        form.revision.data = str(stopped.revision)
        return _page(current, token, form, changed=True), 409
    session["notice"] = "Vos réponses sont enregistrées. Vous pouvez encore les changer avec le même lien."
    return redirect(url_for(".card", token=token), 303)


def _page(juror: Juror, token: str, form: OwnCardForm, **more: Any) -> str:
    body = read_session().get_one(CertifyingBody, juror.body_id)
    return render_template("jurors/own_card.html", juror=juror, token=token, form=form, body=body, **more)


def _ended() -> tuple[str, int]:
    return render_template("jurors/link_ended.html"), 404
