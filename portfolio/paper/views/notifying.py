"""Telling the result: the certifier composes, looks, signs and sends; the candidate and the advisor read."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.candidacy.wording import clock_sentence
from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.guards import candidacy_page
from portfolio.mail.notices import coming
from portfolio.paper import services, wording
from portfolio.paper.forms import LetterForm, letter_form
from portfolio.paper.rules import PaperRefusal, completed
from portfolio.paper.services import Composing
from portfolio.paper.views.again import confirmed
from portfolio.paper.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.addresses import own_address
from portfolio.web.clock import now, today
from portfolio.web.once import once


@bp.get("/candidatures/<uuid:candidacy_id>/notification/<int:number>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def compose(case: CandidacyCase, number: int) -> Any:
    """Show the letter to complete; once it has left, lead to it as it left."""
    if services.find_notification(reading(), case.id, number) is not None:
        return redirect(url_for(".notification", candidacy_id=case.id, number=number), 303)
    page = _found(case, number)
    return _composing(case, number, page, letter_form(page.letter, formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/notification/<int:number>")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def notify(case: CandidacyCase, number: int) -> Any:
    """Show how the letter reads, go back to it, or sign and send it; what was written is never lost."""
    page = _found(case, number)
    form = letter_form(page.letter)
    step = form.step.data
    if step == "edit":
        return _composing(case, number, page, form)
    if not form.is_written():
        form.password.errors = []
        return _composing(case, number, page, form), 422
    if step != "send":
        form.password.errors = []
        return _preview(case, number, page, form)
    if form.password.errors:
        return _preview(case, number, page, form), 422
    if not confirmed(form):
        return _preview(case, number, page, form), 422
    return _send(case, number, page, form)


def _send(case: CandidacyCase, number: int, page: Composing, form: LetterForm) -> Any:
    said = form.said(one.number for one in page.letter.lacking)

    def act(db: Session) -> str:
        services.notify(db, case.id, number, said, by=current_user.id, at=now())
        session["notice"] = f"La notification est signée. La personne la lit dans son espace. {coming(several=True)}"
        return url_for("candidacy.candidacy", candidacy_id=case.id)

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        sentence = wording.REFUSALS[PaperRefusal(refusal.code)](refusal.facts)
        return _preview(case, number, page, form, stopped=sentence), 409


@bp.get("/dossiers/<uuid:candidacy_id>/notification/<int:number>")
@candidacy_page(Permission.READ_RESULTS)
def notification(case: CandidacyCase, number: int) -> Any:
    """Show the letter as it left: why not, and what next."""
    found = services.find_notification(reading(), case.id, number)
    if found is None:
        abort(404)
    return render_template(
        "paper/notification.html", case=case, found=found, letter=found.letter, say=wording, site=own_address()
    )


def _found(case: CandidacyCase, number: int) -> Composing:
    page = services.compose(reading(), case.id, number, today())
    if page is None:
        abort(404)
    return page


def _composing(case: CandidacyCase, number: int, page: Composing, form: LetterForm) -> str:
    form.step.data = "preview"
    return render_template("paper/compose.html", form=form, **_shared(case, number, page), letter=page.letter)


def _preview(case: CandidacyCase, number: int, page: Composing, form: LetterForm, stopped: str = "") -> str:
    letter = completed(page.letter, form.said(one.number for one in page.letter.lacking))
    return render_template("paper/preview.html", form=form, letter=letter, stopped=stopped, **_shared(case, number, page))


def _shared(case: CandidacyCase, number: int, page: Composing) -> dict[str, Any]:
    clock = (clock_sentence(page.clock), page.clock.is_over(today())) if page.clock else None
    mine = page.words.may_sign and page.words.signatory_id == current_user.id
    return {"case": case, "number": number, "page": page, "clock": clock, "mine": mine, "say": wording, "site": own_address()}
