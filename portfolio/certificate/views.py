"""Pages of results, and the public proof of a certificate."""

from __future__ import annotations

import io
from typing import Any

import segno
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from portfolio.assessment.services.plans import retry_rule
from portfolio.assessment.wording import OWN_RETRIES
from portfolio.candidacy import wording as delays
from portfolio.candidacy.services import rulings_of
from portfolio.cases import CandidacyCase
from portfolio.certificate import services, wording
from portfolio.certificate.forms import NumberForm
from portfolio.certificate.rules import read_number
from portfolio.db import reading
from portfolio.guards import candidacy_page, public_page
from portfolio.paper.services import notifications_of, signed_numbers
from portfolio.policy import Permission
from portfolio.web.addresses import own_address
from portfolio.web.forms import CreationForm

bp = Blueprint("certificate", __name__)


@bp.get("/dossiers/<uuid:candidacy_id>/resultats")
@candidacy_page(Permission.READ_RESULTS)
def results(case: CandidacyCase) -> Any:
    """Show per block what is acquired and under which number, or why not and what can be done."""
    # The candidate and the advisor read a result with its notification, not before.
    notified = not case.body_acts
    page = services.results_page(reading(), case.id, notified=notified)
    again = CreationForm(formdata=None)
    numbers = [one.held.number for one in page.blocks if one.held] + ([page.whole.number] if page.whole else [])
    papers = notifications_of(reading(), case.id)
    signed = signed_numbers(reading(), numbers)
    told = {"papers": papers, "signed": signed, "rulings": rulings_of(reading(), case.id), "delays": delays}
    told["retry_words"] = "" if case.has_dossier else OWN_RETRIES[retry_rule(reading(), case.version_id)]
    told["after"] = services.aftermath_of(reading(), case.id, notified=notified)
    return render_template("certificate/results.html", case=case, page=page, say=wording, again=again, **told)


@bp.get("/certificats/<number>")
@public_page
def public(number: str) -> Any:
    """Show to anyone what a certificate certifies, and nothing more."""
    meant = read_number(number)
    found = services.public_certificate(reading(), meant) if meant else None
    if found is None:
        return render_template("certificate/unknown.html", number=number[:40], form=NumberForm(formdata=None)), 404
    if found.number != number:
        return redirect(url_for(".public", number=found.number), 303)
    return render_template("certificate/public.html", found=found, labels=found.labels, say=wording)


@bp.get("/certificats/<number>/code.svg")
@public_page
def code(number: str) -> Any:
    """Draw the QR code that leads to the public page of a certificate."""
    if services.public_certificate(reading(), number) is None:
        abort(404)
    address = own_address() + url_for(".public", number=number)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, svgclass=None, lineclass=None
    )
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@bp.get("/verifier")
@public_page
def verify() -> Any:
    """Ask for a number, and lead to its page."""
    form = NumberForm(request.args if "numero" in request.args else None)
    if "numero" not in request.args:
        return render_template("certificate/verify.html", form=form)
    if not form.validate():
        return render_template("certificate/verify.html", form=form), 422
    return redirect(url_for(".public", number=form.number), 303)
