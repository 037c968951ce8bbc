"""The letters of a body: those that wait for a person, those that left, those handed over.

What a view says of the letters that a use case has just written.
"""

from uuid import UUID

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.email.rules import PAGE_SIZE, Box
from portfolio.domain.email.use_cases import mark_handed_over, undo_handed_over, with_base_url
from portfolio.french_text import count
from portfolio.screens.certifier.certifications.views import as_uuid
from portfolio.screens.certifier.letters.queries import (
    OutboxQuery,
    find_attachment,
    find_email,
    list_waiting_texts,
    load_outbox,
    load_postal_addresses,
)
from portfolio.web.clock import now
from portfolio.web.forms import clean_line
from portfolio.wording import email

bp = Blueprint("letters", __name__)


@bp.get("/courriers")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def outbox(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the letters of the body."""
    settings = current_app.config["SETTINGS"]
    asked = _asked()
    page = load_outbox(read_session(), body.id, asked, has_server=settings.smtp is not None, at=now())
    texts = {
        letter.mail.id: with_base_url(letter.mail.text, settings.address)
        for letter in page.letters
        if not letter.withheld
    }
    return render_template(
        "certifier/letters/outbox.html",
        page=page,
        asked=asked,
        texts=texts,
        say=email,
        has_server=settings.smtp is not None,
    )


@bp.post("/courriers/<uuid:mail_id>/remis")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def hand_over(body: BodyAccess, mail_id: UUID) -> ResponseReturnValue:
    """Mark a letter as handed over to its reader."""
    with transaction() as db:
        mail = find_email(db, body.id, mail_id)
        if mail is None:
            abort(404)
        mark_handed_over(db, mail, by=current_user.id, at=now())
        name, stuck = mail.name, mail.sent_at is not None
    session["notice"] = (
        f"Ce courrier est déjà parti pour {name}." if stuck else f"Le courrier pour {name} est marqué comme remis."
    )
    return _back()


@bp.post("/courriers/remis")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def hand_over_many(body: BodyAccess) -> ResponseReturnValue:
    """Mark the letters that are ticked as handed over, in one act."""
    with transaction() as db:
        marked = 0
        for mail_id in request.form.getlist("mail")[:PAGE_SIZE]:
            mail = find_email(db, body.id, as_uuid(mail_id) or abort(404))
            if mail is not None and mail.sent_at is None and mail.handed_over_at is None:
                mark_handed_over(db, mail, by=current_user.id, at=now())
                marked += 1
    session["notice"] = (
        f"{count(marked, 'courrier est marqué', 'courriers sont marqués')} comme remis{'s' * (marked > 1)}."
        if marked
        else "Aucun courrier n’est coché. Cochez ceux que vous avez remis."
    )
    return _back()


@bp.get("/courriers/imprimer")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def print_letters(body: BodyAccess) -> ResponseReturnValue:
    """Show the letters of a page one after the other, each on its sheet."""
    settings = current_app.config["SETTINGS"]
    has_server = settings.smtp is not None
    letters = list_waiting_texts(read_session(), body.id, _asked(), has_server=has_server, at=now())
    texts = {each.mail.id: with_base_url(each.mail.text, settings.address) for each in letters}
    words = load_body_settings(read_session(), body.id)
    addresses = load_postal_addresses(read_session(), body.id, letters)
    return render_template(
        "certifier/letters/print.html", letters=letters, texts=texts, words=words, addresses=addresses
    )


@bp.post("/courriers/<uuid:mail_id>/pas-remis")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def undo_hand_over(body: BodyAccess, mail_id: UUID) -> ResponseReturnValue:
    """Take back the mark of a letter that was not handed over."""
    with transaction() as db:
        mail = find_email(db, body.id, mail_id)
        if mail is None:
            abort(404)
        undo_handed_over(db, mail, by=current_user.id, at=now())
        name = mail.name
    session["notice"] = f"Le courrier pour {name} est de nouveau à remettre."
    return _back()


@bp.get("/courriers/fichiers/<uuid:attachment_id>")
@certifier_page(Permission.MANAGE_CANDIDACY, keeps_limits=True)
def attachment(body: BodyAccess, attachment_id: UUID) -> ResponseReturnValue:
    """Give a small file that goes with a letter."""
    found = find_attachment(read_session(), body.id, attachment_id)
    if found is None:
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return Response(found.text, content_type=f"{found.media_type or 'text/plain'}; charset=utf-8", headers=headers)


def _asked() -> OutboxQuery:
    number = request.values.get("page", "1")
    box = email.SLUGS.get(request.values.get("liste", ""), Box.WAITING)
    return OutboxQuery(
        box, clean_line(request.values.get("nom", ""))[:200], int(number[:6]) if number.isdecimal() else 1
    )


def _back() -> ResponseReturnValue:
    """Lead back to the list that the form was on."""
    asked = _asked()
    slug = {box: name for name, box in email.SLUGS.items()}[asked.box]
    return redirect(
        url_for(".outbox", liste=slug, nom=asked.words or None, page=asked.page if asked.page > 1 else None), 303
    )
