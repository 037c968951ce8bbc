"""List who has signed their presence at a session; hand a device round, print a sheet, keep the scanned one."""

from typing import Any
from uuid import UUID

import segno
from flask import Response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import FileField
from wtforms.validators import ValidationError

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission, may_write
from portfolio.db.engine import read_session, transaction
from portfolio.documents.presence_sheet import PresenceRow, PresenceSheet, presence_sheet_pdf
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certifying_body.look import load_look
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.presence import use_cases
from portfolio.domain.presence.rules import Convened
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.french_text import date_fr
from portfolio.screens.certifier.sessions.blueprint import bp
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
    store_upload,
)
from portfolio.screens.juror.forms.declarations import ACCEPT
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, IdempotentForm, MultiChoiceField, pairs, refusal_message
from portfolio.web.request_limits import accepts_file
from portfolio.wording.jury import presence as say
from portfolio.wording.jury.schedule import hours_message, passage_message


class PresenceScanForm(IdempotentForm):
    """A signed sheet, scanned: who signed on it."""

    people = MultiChoiceField("Qui a signé cette feuille", UUID, missing="Cochez les personnes qui ont signé.")
    scan = FileField("La feuille signée", render_kw=ACCEPT)

    def __init__(self, people: tuple[Convened, ...], **more: Any) -> None:
        super().__init__(**more)
        self.people.choices = pairs([(person.person_id, say.person_label(person)) for person in people])

    def validate_scan(self, field: FileField) -> None:
        """Ask for the scan, which is the proof."""
        if not field.data or not field.data.filename:
            raise ValidationError("Joignez la feuille signée.")


@bp.get("/sessions/<uuid:session_id>/presences")
@session_page(Permission.MANAGE_SESSION)
def presences(case: SessionAccess) -> ResponseReturnValue:
    """Show who has signed, and the two ways to sign."""
    return _page(case)


@bp.post("/sessions/<uuid:session_id>/presences/ouverture")
@session_page(Permission.MANAGE_SESSION)
def open_signing(case: SessionAccess) -> ResponseReturnValue:
    """Open the page that is handed round; its address is shown once."""
    try:
        with transaction() as db:
            code = use_cases.open_signing(db, case.id, by=current_user.id, at=now())
    except Refusal as refusal:
        return _page(case, stopped=refusal_message(refusal)), 409
    return _page(case, link=url_for("respondent.presence.sign_form", code=code, _external=True))


@bp.post("/sessions/<uuid:session_id>/presences/fermeture")
@session_page(Permission.MANAGE_SESSION)
def close_signing(case: SessionAccess) -> ResponseReturnValue:
    """Close the page that is handed round."""
    with transaction() as db:
        use_cases.close_signing(db, case.id, by=current_user.id, at=now())
    session["notice"] = "La page de signature est fermée."
    return redirect(url_for(".presences", session_id=case.id), 303)


@bp.post("/sessions/<uuid:session_id>/presences/feuille")
@accepts_file()
@session_page(Permission.MANAGE_SESSION)
def record_sheet(case: SessionAccess) -> ResponseReturnValue:
    """Keep a scanned sheet with the session, and who signed on it."""
    form = PresenceScanForm(use_cases.load_convened(read_session(), case.id))
    if not form.validate():
        return _page(case, form), 422
    with open_upload_batch() as opened:
        scan = store_upload(opened, form.scan, form.scan.data)
        if scan is None:
            return _page(case, form), error_status(form.scan)

        def act(db: Session) -> str:
            use_cases.record_sheet(db, case.id, form.people.data or [], scan, by=current_user.id, at=now())
            return url_for(".presences", session_id=case.id)

        try:
            response = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _page(case, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "La feuille est gardée avec la session."
    return response


@bp.get("/sessions/<uuid:session_id>/presences/feuille.pdf")
@session_page(Permission.MANAGE_SESSION)
def blank_sheet(case: SessionAccess) -> ResponseReturnValue:
    """Send the sheet to print and to sign by hand."""
    db = read_session()
    jury = db.get_one(JurySession, case.id)
    rows = tuple(
        PresenceRow(person.name, say.ROLES[person.role], passage_message(person.start_minute, person.end_minute))
        for person in use_cases.load_convened(db, case.id)
    )
    value = PresenceSheet(
        db.get_one(CertifyingBody, case.body_id).name,
        jury.version.title,
        date_fr(jury.held_on),
        hours_message(jury.start_minute, jury.end_minute),
        jury.place,
        rows,
        now(),
    )
    name = f"feuille-de-presence-{jury.held_on.isoformat()}.pdf"
    pdf = presence_sheet_pdf(value, load_look(db, case.body_id))
    return Response(pdf, headers=attachment_headers(name, "application/pdf"))


def _page(case: SessionAccess, form: PresenceScanForm | None = None, link: str = "", stopped: str = "") -> str:
    db = read_session()
    jury, people = db.get_one(JurySession, case.id), use_cases.load_convened(db, case.id)
    drawn = segno.make(link, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff") if link else ""
    awaited = tuple(person for person in people if person.refusal is None)
    return render_template(
        "certifier/sessions/presences.html", case=case, jury=jury, people=people, awaited=awaited, link=link,
        drawn=drawn, stopped=stopped, say=say, form=form or PresenceScanForm(awaited, formdata=None),
        opening=use_cases.find_open_signing(db, case.id, now()), sheets=use_cases.list_sheets(db, case.id),
        limit=max_file_bytes(), today=today(), may_keep=may_write(case.standing, Permission.MANAGE_SESSION),
        again=Form(formdata=None),
    )  # fmt: skip
