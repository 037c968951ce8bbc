"""The holders of before: the list, a new list with its proofs, its confirmation, a rectification.

Forms of the holders of before: a list with its proofs, its confirmation, a rectification.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField, MultipleFileField
from sqlalchemy.orm import Session
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.grants import HolderImport
from portfolio.domain.holdings.rules.prior_lines import MAX_LINES, Column, address_shown
from portfolio.domain.holdings.use_cases import holder_import, rectification, second_member
from portfolio.domain.holdings.use_cases.holder_sheet import HEADINGS, HolderSheet, read_holder_sheet
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.french_text import count
from portfolio.screens.account.reauthentication import PasswordConfirmForm, password_confirmed
from portfolio.screens.certifier.certificates.equivalences import is_confirmed, store_proof
from portfolio.screens.certifier.certificates.forms import ACCEPTED, ProofForm, SecondMemberForm
from portfolio.screens.certifier.holders import queries
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    FILE_ERRORS,
    add_file_error,
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.exports import csv_response
from portfolio.web.forms import (
    ConfirmField,
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    clean_line,
    refusal_message,
    run_once,
    run_or_refuse,
)
from portfolio.web.request_limits import accepts_file
from portfolio.wording.holdings import holders as words

bp = Blueprint("holders", __name__, url_prefix="/organisme/titulaires")

MAX_PROOFS = 200


class HolderListForm(IdempotentForm):
    """A spreadsheet saved as CSV, and the files that prove its lines."""

    sheet = FileField("La liste, en CSV", render_kw={"accept": ".csv,text/csv,text/plain"})
    proofs = MultipleFileField("Les preuves", render_kw={"accept": ACCEPTED})

    def validate_sheet(self, field: FileField) -> None:
        """Without a list nothing is read."""
        if not field.data or not field.data.filename:
            raise ValidationError("Choisissez la liste : un tableur enregistré au format CSV.")

    def validate_proofs(self, field: MultipleFileField) -> None:
        """Without a proof nothing is recorded; a browser sends a nameless file when none was chosen."""
        field.data = [file for file in field.data or [] if file and file.filename]
        if not field.data:
            raise ValidationError(
                "Joignez au moins une preuve : un PDF ou une image, pour toute la liste ou pour chaque ligne."
            )
        if len(field.data) > MAX_PROOFS:
            raise ValidationError(f"{MAX_PROOFS} preuves au plus à la fois. Coupez la liste en plusieurs envois.")


class ConfirmImportForm(PasswordConfirmForm):
    """The confirmation of the lines that were shown."""

    expected = HiddenField()
    sure = ConfirmField(
        "J’ai vérifié les preuves de ces lignes.",
        missing="Vérifiez les preuves, puis cochez cette case : ce que vous confirmez fait foi.",
    )

    @property
    def holdings(self) -> int:
        """Return how many holdings the page showed; -1 when it cannot be read."""
        typed = self.expected.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else -1


class RectifyHoldingForm(ProofForm):
    """Reason why a holding was written by mistake, since when it is known, and the proof that another member reads."""

    reason = MultiLineField(
        "Motif", missing="Dites ce qui était faux, et sur quelle pièce vous l’avez vérifié.", limit=5000
    )
    decided_on = FrenchDateField("Date de la décision", missing="Donnez la date de la décision.")
    sure = ConfirmField(
        "Ce bloc ne doit plus compter pour cette personne.",
        missing="Relisez, puis cochez cette case : une rectification ne se reprend pas.",
    )


bp.add_app_template_global(address_shown)
_MAX_SHEET_BYTES = 2_000_000
_NOT_A_DOCUMENT = "« {name} » ne s’ouvre pas comme un document. Joignez les preuves en PDF, ou en images."


@bp.get("")
@certifier_page(Permission.SIGN)
def holders(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the holders of before."""
    asked = clean_line(request.args.get("nom", ""))[:200]
    number = request.args.get("page", "1")
    page_number = int(number[:6]) if number.isascii() and number.isdecimal() else 1
    page = queries.load_holders_page(read_session(), body.id, asked, page_number)
    return render_template("certifier/holders/holders.html", page=page, asked=asked)


@bp.get("/modele.csv")
@certifier_page(Permission.SIGN)
def template(body: BodyAccess) -> ResponseReturnValue:  # noqa: ARG001
    """Send the template of the list, with a line to replace."""
    return csv_response("titulaires-modele", list(HEADINGS.values()), [[words.EXAMPLE[column] for column in Column]])


@bp.get("/importer")
@certifier_page(Permission.SIGN)
def import_form(body: BodyAccess) -> ResponseReturnValue:  # noqa: ARG001
    """Show the form that takes a list and its proofs."""
    return _import_page(HolderListForm(formdata=None))


def _import_page(form: HolderListForm) -> str:
    columns = [(HEADINGS[column], words.HELP[column], column in words.IS_REQUIRED) for column in Column]
    return render_template(
        "certifier/holders/import.html", form=form, columns=columns, limit=max_file_bytes(), max_lines=MAX_LINES
    )


@bp.post("/importer")
@accepts_file()
@certifier_page(Permission.SIGN)
def read_list(body: BodyAccess) -> ResponseReturnValue:
    """Keep a list and its proofs until it is confirmed, or say what is wrong with them."""
    form = HolderListForm()
    if not form.validate():
        return _import_page(form), 422
    sheet = _sheet(form)
    if sheet is None:
        return _import_page(form), 422
    with open_upload_batch() as opened:
        proofs = _store_proofs(opened, form)
        if proofs is None:
            return _import_page(form), error_status(form.proofs)

        def act(db: Session) -> str:
            name = clean_line(form.sheet.data.filename)[:200]
            row = holder_import.start_import(db, body.id, name, sheet.rows, proofs, by=current_user.id, at=now())
            return url_for(".preview", import_id=row.id)

        response: ResponseReturnValue = run_once_with_files(opened, form.nonce.data, act)
    return response


def _sheet(form: HolderListForm) -> HolderSheet | None:
    data = form.sheet.data.stream.read(_MAX_SHEET_BYTES + 1)
    if len(data) > _MAX_SHEET_BYTES:
        form.sheet.errors = ["Cette liste dépasse 2 Mo. Coupez-la en plusieurs fichiers."]
        return None
    sheet = read_holder_sheet(data)
    if sheet.error is not None:
        form.sheet.errors = [words.SHEET_ERRORS[sheet.error](sheet.facts)]
        return None
    return sheet


def _store_proofs(opened: UploadBatch, form: HolderListForm) -> list[ReceivedFile] | None:
    """Receive every proof; None when one is refused: the field names it and says why."""
    stored = []
    for file in form.proofs.data:
        try:
            received = opened.store_file(file.filename, file.stream)
        except FILE_ERRORS as error:
            add_file_error(form.proofs, error, file.filename)
            continue
        if received.mime != FileType.PDF.mime and received.family != FileCategory.IMAGE.value:
            form.proofs.errors = [*form.proofs.errors, _NOT_A_DOCUMENT.format(name=received.name)]
        stored.append(received)
    return None if form.proofs.errors else stored


@bp.get("/listes/<uuid:import_id>")
@certifier_page(Permission.SIGN)
def preview(body: BodyAccess, import_id: UUID) -> ResponseReturnValue:
    """Show what each line of a list would write, or what to correct; and what was written once it is confirmed."""
    return _preview_page(_found(body, import_id), ConfirmImportForm(formdata=None))


def _found(body: BodyAccess, import_id: UUID) -> HolderImport:
    return holder_import.find_import(read_session(), body.id, import_id) or abort(404)


def _preview_page(row: HolderImport, form: ConfirmImportForm, stopped: str = "") -> str:
    page = holder_import.load_import_page(read_session(), row, today())
    form.expected.data = str(page.holdings)
    return render_template(
        "certifier/holders/preview.html", page=page, form=form, words=words, columns=Column, stopped=stopped
    )


@bp.post("/listes/<uuid:import_id>/confirmer")
@certifier_page(Permission.SIGN)
def confirm(body: BodyAccess, import_id: UUID) -> ResponseReturnValue:
    """Write the good lines of a list, or say why not."""
    row = _found(body, import_id)
    form = ConfirmImportForm()
    if not form.validate() or not password_confirmed(form):
        return _preview_page(row, form), 422

    def act(db: Session) -> str:
        locked = holder_import.find_import(db, body.id, import_id, lock=True) or abort(404)
        done = holder_import.confirm_import(db, locked, expected=form.holdings, by=current_user.id, at=now())
        session["notice"] = f"{count(done, 'bloc est repris', 'blocs sont repris')}. Personne ne reçoit de courrier."
        return url_for(".preview", import_id=import_id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        close_read_session()
        sentence = refusal_message(refusal)
        return _preview_page(_found(body, import_id), form, sentence), 409


@bp.post("/listes/<uuid:import_id>/abandonner")
@certifier_page(Permission.SIGN)
def drop(body: BodyAccess, import_id: UUID) -> ResponseReturnValue:
    """Drop a list that waits; one that is closed stays as it is."""
    _found(body, import_id)
    with transaction() as db:
        row = holder_import.find_import(db, body.id, import_id, lock=True) or abort(404)
        if row.closed_at is None:
            holder_import.drop_import(db, row, by=current_user.id, at=now())
            session["notice"] = "La liste est abandonnée. Rien n’est repris."
    return redirect(url_for(".holders"), 303)


@bp.get("/listes/<uuid:import_id>/lignes.csv")
@certifier_page(Permission.SIGN)
def lines(body: BodyAccess, import_id: UUID) -> ResponseReturnValue:
    """Send the lines of a list with what was made of each; only those to correct when asked."""
    row = _found(body, import_id)
    page = holder_import.load_import_page(read_session(), row, today())
    shown = page.to_correct if request.args.get("lignes") == "a-corriger" else page.lines
    return csv_response(
        "titulaires", [*HEADINGS.values(), *words.RESULTS], _rows(shown, is_closed=row.closed_at is not None)
    )


def _rows(shown: tuple[holder_import.CheckedLine, ...], *, is_closed: bool) -> Iterator[list[str]]:
    for line in shown:
        yield [
            *(line.cells[column] for column in Column),
            str(line.number),
            *words.result_cells(line, is_closed=is_closed),
        ]


@bp.get("/<uuid:holding_id>")
@certifier_page(Permission.SIGN)
def holding(body: BodyAccess, holding_id: UUID) -> ResponseReturnValue:
    """Show a holding of before, its proof, and the form that proposes to rectify it."""
    return _holding_page(body, holding_id)


def _holding_page(body: BodyAccess, holding_id: UUID, **more: Any) -> str:
    details = queries.find_details(read_session(), body.id, holding_id) or abort(404)
    pending = rectification.OfHolding(holding_id).find_pending(read_session())
    shown: dict[str, Any] = {
        "form": RectifyHoldingForm(formdata=None),
        "confirming": SecondMemberForm(formdata=None),
        "pending": pending,
        "may_confirm": pending is not None and pending.proposed_by != current_user.id,
        "stopped": "",
    }
    return render_template("certifier/holders/holding.html", details=details, limit=max_file_bytes(), **(shown | more))


@bp.post("/<uuid:holding_id>/rectifier")
@accepts_file()
@certifier_page(Permission.SIGN)
def rectify(body: BodyAccess, holding_id: UUID) -> ResponseReturnValue:
    """Propose that a holding was written by mistake, or say why not; what was typed stays."""
    holder_import.find_holding(read_session(), body.id, holding_id) or abort(404)
    form = RectifyHoldingForm()
    if not form.validate():
        form.check_proof()
        return _holding_page(body, holding_id, form=form), 422
    if not is_confirmed(form):
        return _holding_page(body, holding_id, form=form), 422
    with open_upload_batch() as opened:
        proof = store_proof(opened, form)
        if proof is None:
            return _holding_page(body, holding_id, form=form), error_status(form.proof)

        def act(db: Session) -> str:
            told: tuple[Any, ...] = (form.reason.data or "", form.decided_on.data, proof)
            rectification.propose_rectification(db, holding_id, *told, by=current_user.id, at=now())
            session["notice"] = words.PROPOSED
            return url_for(".holding", holding_id=holding_id, _anchor="attente")

        try:
            response: ResponseReturnValue = run_once_with_files(opened, form.nonce.data, act)
        except Refusal as refusal:
            return _holding_page(body, holding_id, form=form, stopped=refusal_message(refusal)), 409
    return response


@bp.post("/<uuid:holding_id>/rectifications/<uuid:proposal_id>/confirmer")
@certifier_page(Permission.SIGN)
def confirm_rectification(body: BodyAccess, holding_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Confirm a rectification that another member proposed; it takes effect."""
    way, form = _way(body, holding_id, proposal_id), SecondMemberForm()
    if not form.validate() or not password_confirmed(form):
        return _holding_page(body, holding_id, confirming=form), 422

    def act(db: Session) -> str:
        second_member.confirm(db, way, proposal_id, by=current_user.id, at=now())
        return url_for(".holding", holding_id=holding_id)

    def stopped(sentence: str) -> str:
        return _holding_page(body, holding_id, stopped=sentence)

    return run_or_refuse(form.nonce.data, act, stopped, words.RECTIFIED)


@bp.post("/<uuid:holding_id>/rectifications/<uuid:proposal_id>/abandonner")
@certifier_page(Permission.SIGN)
def drop_rectification(body: BodyAccess, holding_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Drop a rectification that waits for a second member: nothing changes."""
    way = _way(body, holding_id, proposal_id)

    def act(db: Session) -> str:
        second_member.drop(db, way, proposal_id, by=current_user.id, at=now())
        return url_for(".holding", holding_id=holding_id)

    def stopped(sentence: str) -> str:
        return _holding_page(body, holding_id, stopped=sentence)

    return run_or_refuse(None, act, stopped, words.DROPPED)


def _way(body: BodyAccess, holding_id: UUID, proposal_id: UUID) -> rectification.OfHolding:
    """Return the rectification of a holding; 404 for a proposal that is not about it."""
    holder_import.find_holding(read_session(), body.id, holding_id) or abort(404)
    proposal = read_session().get(EndingProposal, proposal_id)
    if proposal is None or proposal.holding_id != holding_id:
        abort(404)
    return rectification.OfHolding(holding_id)


@bp.get("/<uuid:holding_id>/rectifications/<uuid:proposal_id>/preuve")
@certifier_page(Permission.SIGN)
def rectification_proof(body: BodyAccess, holding_id: UUID, proposal_id: UUID) -> ResponseReturnValue:
    """Send the proof of a rectification that waits for a second member."""
    row = _way(body, holding_id, proposal_id).find_pending(read_session())
    if row is None or row.id != proposal_id:
        abort(404)
    file = second_member.proof_of(row)
    return send_copy(file.key, file.name, file.mime, file.size)


@bp.get("/<uuid:holding_id>/preuve")
@certifier_page(Permission.SIGN)
def proof(body: BodyAccess, holding_id: UUID) -> ResponseReturnValue:
    """Send the proof of a holding, as an attachment only, without the place that a photograph tells."""
    row = holder_import.find_holding(read_session(), body.id, holding_id) or abort(404)
    return send_copy(row.file_key, row.file_name, row.file_mime, row.file_size)
