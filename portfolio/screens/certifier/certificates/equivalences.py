"""Worth of blocks beside those of other versions, one or several together: ruled by the certifier, replaced, never
edited; what the register proposes is confirmed or dismissed by a person."""

from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.use_cases import equivalence, proposals, second_member, taking_back
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.screens.account.reauthentication import password_confirmed
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certificates.forms import (
    AGAIN,
    EquivalenceForm,
    GroupEquivalenceForm,
    IdenticalBlocksForm,
    ProofForm,
    ProposalForm,
    SecondMemberForm,
)
from portfolio.screens.evidence_files.uploads import store_upload
from portfolio.web.clock import now
from portfolio.web.forms import remember_result, run_or_refuse
from portfolio.wording.holdings import contests as proposal_words
from portfolio.wording.holdings import contests as proposals_words
from portfolio.wording.holdings import grants
from portfolio.wording.holdings.contests import IDENTICAL_CONFIRMED, identical_reason
from portfolio.wording.holdings.endings import RULED, TAKING_BACK_CONFIRMED, TAKING_BACK_DROPPED, TAKING_BACK_PROPOSED

bp = blueprint_of(__name__)


@bp.get("/certifications/versions/<uuid:version_id>/equivalences")
@version_page(Permission.SIGN)
def equivalences(case: VersionAccess) -> ResponseReturnValue:
    """Show the rulings about a published version, and the form that makes one."""
    page = load_published_page(case)
    return _page(case, page, EquivalenceForm(page, formdata=None))


@bp.post("/certifications/versions/<uuid:version_id>/equivalences")
@version_page(Permission.SIGN)
def save_equivalence(case: VersionAccess) -> ResponseReturnValue:
    """Record a ruling, or say why not; what was typed stays."""
    page = load_published_page(case)
    form = EquivalenceForm(page)
    if not form.validate() or not password_confirmed(form):
        return _page(case, page, form), 422

    def act(db: Session) -> str:
        return _ruled(case, db, form.value(), url_for(".equivalences", version_id=case.id))

    return run_or_refuse(form.nonce.data, act, lambda sentence: _page(case, page, form, sentence))


def _ruled(case: VersionAccess, db: Session, declared: taking_back.Declared, here: str) -> str:
    """Record a ruling, say what became of it, and return where that is read: an equivalence is taken back by two."""
    done = taking_back.rule(db, declared, by=current_user.id, at=now())
    waits = isinstance(done, EndingProposal)
    session["notice"] = TAKING_BACK_PROPOSED if waits else RULED
    return url_for(".taking_back_page", version_id=case.id, proposal_id=done.id) if waits else here


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/identiques")
@version_page(Permission.MANAGE_CERTIFICATION)
def identical(case: VersionAccess) -> ResponseReturnValue:
    """Show the blocks of other versions in the same words, to confirm as one list."""
    return _identical_page(case, IdenticalBlocksForm(formdata=None))


@bp.post("/certifications/versions/<uuid:version_id>/equivalences/identiques")
@version_page(Permission.MANAGE_CERTIFICATION)
def confirm_identical(case: VersionAccess) -> ResponseReturnValue:
    """Confirm the whole list of identical blocks, or say why not."""
    form = IdenticalBlocksForm()
    if not form.validate() or not password_confirmed(form):
        return _identical_page(case, form), 422
    page = load_published_page(case)
    reason, seen = identical_reason(page.code, page.version), form.seen.data or ""

    def act(db: Session) -> str:
        proposals.confirm_identical_blocks(db, case.id, seen, reason, by=current_user.id, at=now())
        return url_for(".equivalences", version_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _identical_page(case, form, sentence), IDENTICAL_CONFIRMED
    )


def _identical_page(case: VersionAccess, form: IdenticalBlocksForm, stopped: str = "") -> str:
    page, lines = load_published_page(case), proposals.list_identical_blocks(read_session(), case.id)
    form.seen.data = proposals.digest_of_list(lines)
    return render_template(
        "certifier/certificates/identical.html", case=case, page=page, lines=lines, form=form, stopped=stopped
    )


def load_published_page(case: VersionAccess) -> equivalence.EquivalencesPageData:
    """Return the page of a published version, or answer 404: nobody can hold a block of a draft."""
    if case.published_at is None:
        abort(404)
    return equivalence.load_equivalences_page(read_session(), case.id)


def _page(case: VersionAccess, page: equivalence.EquivalencesPageData, form: EquivalenceForm, stopped: str = "") -> str:
    lines = proposals.list_identical_blocks(read_session(), case.id)
    waiting = taking_back.list_taking_back(read_session(), case.id, dict((*page.here, *page.elsewhere)))
    names = {"identical": len(lines), "waiting": waiting, "say": grants, "stopped": stopped}
    return render_template("certifier/certificates/equivalences.html", case=case, page=page, form=form, **names)


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/ensemble")
@version_page(Permission.SIGN)
def groups(case: VersionAccess) -> ResponseReturnValue:
    """Show the rulings on several blocks together, and the form that makes one, filled from a proposal where
    one is named.
    """
    page = load_published_page(case)
    return _group_page(case, page, GroupEquivalenceForm(page, formdata=None, **_proposed(case)))


@bp.post("/certifications/versions/<uuid:version_id>/equivalences/ensemble")
@version_page(Permission.SIGN)
def save_group(case: VersionAccess) -> ResponseReturnValue:
    """Record a ruling on several blocks, or say why not; what was typed stays."""
    page = load_published_page(case)
    form = GroupEquivalenceForm(page)
    if not form.validate() or not password_confirmed(form):
        return _group_page(case, page, form), 422

    def act(db: Session) -> str:
        return _ruled(case, db, form.value(), url_for(".groups", version_id=case.id))

    return run_or_refuse(form.nonce.data, act, lambda sentence: _group_page(case, page, form, sentence))


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/reprises/<uuid:proposal_id>")
@version_page(Permission.SIGN)
def taking_back_page(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Show an equivalence that one member proposes to take back, to the one who confirms it."""
    return _taking_back_page(case, _taking_back(case, proposal_id), SecondMemberForm(formdata=None))


def _taking_back(case: VersionAccess, proposal_id: UUID) -> taking_back.TakingBack:
    page = load_published_page(case)
    named = dict((*page.here, *page.elsewhere))
    return taking_back.find_taking_back(read_session(), case.id, proposal_id, named) or abort(404)


def _taking_back_page(
    case: VersionAccess, line: taking_back.TakingBack, form: SecondMemberForm, stopped: str = ""
) -> str:
    shown = {"stopped": stopped, "may_confirm": line.proposal.proposed_by != current_user.id, "say": grants}
    return render_template("certifier/certificates/taking_back.html", case=case, line=line, form=form, **shown)


@bp.post("/certifications/versions/<uuid:version_id>/equivalences/reprises/<uuid:proposal_id>/confirmer")
@version_page(Permission.SIGN)
def confirm_taking_back(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Confirm that an equivalence is taken back; it takes effect."""
    line, form = _taking_back(case, proposal_id), SecondMemberForm()
    if not form.validate() or not password_confirmed(form):
        return _taking_back_page(case, line, form), 422

    def act(db: Session) -> str:
        second_member.confirm(db, line.way, proposal_id, by=current_user.id, at=now())
        return url_for(".equivalences", version_id=case.id)

    def stopped(sentence: str) -> str:
        return _taking_back_page(case, line, SecondMemberForm(formdata=None), sentence)

    return run_or_refuse(form.nonce.data, act, stopped, TAKING_BACK_CONFIRMED)


@bp.post("/certifications/versions/<uuid:version_id>/equivalences/reprises/<uuid:proposal_id>/abandonner")
@version_page(Permission.SIGN)
def drop_taking_back(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Drop a ruling that waits for a second member: the equivalence stays."""
    line = _taking_back(case, proposal_id)

    def act(db: Session) -> str:
        second_member.drop(db, line.way, proposal_id, by=current_user.id, at=now())
        return url_for(".equivalences", version_id=case.id)

    def stopped(sentence: str) -> str:
        return _taking_back_page(case, line, SecondMemberForm(formdata=None), sentence)

    return run_or_refuse(None, act, stopped, TAKING_BACK_DROPPED)


def _proposed(case: VersionAccess) -> dict[str, Any]:
    """Return what the form starts from: the blocks that a proposal of the register compares together; nothing without
    one.

    The blocks of this version are taken as the ones held; the person turns them round when it is the other way.
    """
    try:
        asked = UUID(request.args.get("proposition", ""))
    except ValueError:
        return {}
    page = proposals.proposals_page(read_session(), case.id)
    line = next((proposal_line for proposal_line in page.lines if proposal_line.id == asked), None)
    group = proposals.proposed_group(page, line) if line else None
    if line is None or group is None:
        return {}
    return {
        "held": sorted(group.blocks),
        "counts_for": sorted(group.others),
        "reason": proposal_words.proposal_reason(line.origin, line.other_code, line.other_block),
    }


def _group_page(
    case: VersionAccess, page: equivalence.EquivalencesPageData, form: GroupEquivalenceForm, stopped: str = ""
) -> str:
    named = dict((*page.here, *page.elsewhere))
    rulings = equivalence.list_groups(read_session(), case.id, named)
    return render_template(
        "certifier/certificates/groups.html",
        case=case,
        page=page,
        form=form,
        rulings=rulings,
        say=grants,
        stopped=stopped,
    )


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/proposees")
@version_page(Permission.SIGN)
def proposed(case: VersionAccess) -> ResponseReturnValue:
    """List what the register proposes about a published version."""
    if case.published_at is None:
        abort(404)
    page = proposals.proposals_page(read_session(), case.id)
    return render_template(
        "certifier/certificates/proposals.html", case=case, page=page, say=grants, words=proposals_words
    )


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/proposees/<uuid:proposal_id>")
@version_page(Permission.SIGN)
def confirming(case: VersionAccess, proposal_id: UUID) -> ResponseReturnValue:
    """Show the form that confirms a proposal."""
    line = _found(case, proposal_id)
    reason = proposals_words.proposal_reason(line.origin, line.other_code, line.other_block)
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
        proposals.confirm_proposal(db, case.id, proposal_id, ruling, by=current_user.id, at=now())
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
        proposals.dismiss_proposal(db, case.id, proposal_id, by=current_user.id, at=now())
        remember_result(db, url_for(".proposed", version_id=case.id))
    session["notice"] = "La proposition est écartée. Aucune équivalence n’est enregistrée."
    return redirect(url_for(".proposed", version_id=case.id), 303)


def _found(case: VersionAccess, proposal_id: UUID) -> proposals.ProposalLine:
    line = proposals.find_proposal(read_session(), case.id, proposal_id)
    if line is None:
        abort(404)
    return line


def _form(line: proposals.ProposalLine, **more: Any) -> ProposalForm:
    return ProposalForm(f"Cette version, {line.block}", line.other, **more)


def _confirming(case: VersionAccess, line: proposals.ProposalLine, form: ProposalForm, stopped: str = "") -> str:
    blocks = proposals.compared_blocks(read_session(), line)
    names = {"say": grants, "words": proposals_words, "stopped": stopped, "blocks": blocks}
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
