"""The equivalences that the register proposes: a person confirms or dismisses each.

The password and the proof that come with an act: checked before the transaction that records the act.
"""

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.domain.holdings.use_cases import proposals as proposals_use_cases
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.screens.account.reauthentication import password_confirmed
from portfolio.screens.certifier.certificates.blueprint import bp
from portfolio.screens.certifier.certificates.forms import AGAIN, ProofForm, ProposalForm
from portfolio.screens.evidence_files.uploads import store_upload
from portfolio.web.clock import now
from portfolio.web.forms import remember_result, run_or_refuse
from portfolio.wording.holdings import grants, proposals


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/proposees")
@version_page(Permission.SIGN)
def proposed(case: VersionAccess) -> ResponseReturnValue:
    """List what the register proposes about a published version."""
    if case.published_at is None:
        abort(404)
    page = proposals_use_cases.proposals_page(read_session(), case.id)
    return render_template("certifier/certificates/proposals.html", case=case, page=page, say=grants, words=proposals)


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/proposees/<uuid:proposal_id>")
@version_page(Permission.SIGN)
def confirming(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Show the form that confirms a proposal."""
    line = _found(case, proposal_id)
    reason = proposals.proposal_reason(line.origin, line.other_code, line.other_block)
    return _confirming(case, line, _form(line, formdata=None, reason=reason))


@bp.post(
    "/certifications/versions/<uuid:version_id>/equivalences/proposees/<uuid:proposal_id>", endpoint="confirm_proposal"
)
@version_page(Permission.SIGN)
def confirm(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Confirm a proposal, or say why not; what was typed stays."""
    line = _found(case, proposal_id)
    form = _form(line)
    if not line.may_be_confirmed or not form.validate() or not password_confirmed(form):
        return _confirming(case, line, form), 422
    assert line.other_id is not None  # it may be confirmed
    ruling = form.value(line.block_id, line.other_id)

    def act(db: Session) -> str:
        proposals_use_cases.confirm_proposal(db, case.id, proposal_id, ruling, by=current_user.id, at=now())
        return url_for(".proposed", version_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _confirming(case, line, form, sentence),
        "L’équivalence est enregistrée. Elle vaut dès aujourd’hui.",
    )


@bp.post("/certifications/versions/<uuid:version_id>/equivalences/proposees/<uuid:proposal_id>/ecarter")
@version_page(Permission.SIGN)
def dismiss(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Dismiss a proposal."""
    with transaction() as db:
        proposals_use_cases.dismiss_proposal(db, case.id, proposal_id, by=current_user.id, at=now())
        remember_result(db, url_for(".proposed", version_id=case.id))
    session["notice"] = "La proposition est écartée. Aucune équivalence n’est enregistrée."
    return redirect(url_for(".proposed", version_id=case.id), 303)


def _found(case: VersionAccess, proposal_id: UUID) -> proposals_use_cases.ProposalLine:
    line = proposals_use_cases.find_proposal(read_session(), case.id, proposal_id)
    if line is None:
        abort(404)
    return line


def _form(line: proposals_use_cases.ProposalLine, **more: Any) -> ProposalForm:
    return ProposalForm(f"Cette version, {line.block}", line.other, **more)


def _confirming(
    case: VersionAccess, line: proposals_use_cases.ProposalLine, form: ProposalForm, stopped: str = ""
) -> str:
    blocks = proposals_use_cases.compared_blocks(read_session(), line)
    names = {"say": grants, "words": proposals, "stopped": stopped, "blocks": blocks}
    return render_template("certifier/certificates/proposal.html", case=case, line=line, form=form, **names)


_NOT_A_DOCUMENT = (
    "Ce fichier ne s’ouvre pas comme un document. Joignez la preuve en PDF, ou en image\u00a0: un scan, une photo."
)


def is_confirmed(form: ProofForm) -> bool:
    """Return whether the password is right and a proof came; else the fields say what to do.

    A browser does not send a file twice by itself: when the password is wrong, the proof is asked again.
    """
    asked = not form.password.errors
    here = form.check_proof()
    if asked and here and password_confirmed(form):
        return True
    if here:
        form.proof.errors = [AGAIN]
    return False


def store_proof(opened: UploadBatch, form: ProofForm) -> ReceivedFile | None:
    """Receive the proof of a form; None when it is refused, or is neither a PDF nor an image: its field says why."""
    file = store_upload(opened, form.proof, form.proof.data)
    if file is None:
        return None
    if file.mime != FileType.PDF.mime and file.family != FileCategory.IMAGE.value:
        form.proof.errors = [_NOT_A_DOCUMENT]
        return None
    return file
