"""The third party joins a file to their text, or takes it away."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, session, url_for

from portfolio.attestation import services
from portfolio.attestation.forms import AnnexForm
from portfolio.attestation.services import Visit
from portfolio.attestation.views.behind_link import link_page, shown
from portfolio.attestation.views.blueprint import answering as bp
from portfolio.db import end_reading, transaction
from portfolio.evidence.services import forget_file, reception
from portfolio.evidence.views.desk import NOT_KEPT, refuse_file
from portfolio.evidence.views.turns import own_turn
from portfolio.storage.wording import ACCEPTED
from portfolio.web.bodies import receives
from portfolio.web.clock import now


@bp.get("/attester/<token>/document")
@link_page
def annex(visit: Visit, token: str) -> Any:
    """Show the form that receives one file."""
    return _annex(visit, token, AnnexForm(formdata=None))


@bp.post("/attester/<token>/document")
@receives(lambda settings: settings.annex_limit)
@link_page
def attach(visit: Visit, token: str) -> Any:
    """Check and keep the file, in place of the one before."""
    form = AnnexForm()
    if not form.validate():
        return _annex(visit, token, form), 422
    files, file = current_app.extensions["files"], form.file.data
    end_reading()
    try:
        with own_turn(token), reception(files, _limit()) as desk:
            received = desk.receive(file.filename, file.stream)
            with transaction() as db:
                former = services.attach(db, token, received, at=now())
            desk.keep()
    except NOT_KEPT as error:
        status = refuse_file(form.file, error)
        return _annex(visit, token, form), status
    forget_file(files, former)
    session["notice"] = "Le document est joint."
    return redirect(url_for(".review", token=token), 303)


@bp.post("/attester/<token>/document/retirer")
@link_page
def detach(_visit: Visit, token: str) -> Any:
    """Take the joined file away."""
    with transaction() as db:
        key = services.detach(db, token, at=now())
    forget_file(current_app.extensions["files"], key)
    session["notice"] = "Le document est retiré."
    return redirect(url_for(".review", token=token), 303)


def _annex(visit: Visit, token: str, form: AnnexForm) -> str:
    return shown("attestation/annex.html", visit, token, form=form, limit=_limit(), accepted=ACCEPTED)


def _limit() -> int:
    limit: int = current_app.config["SETTINGS"].annex_limit
    return limit
