"""Worth of a block of one version beside those of others: ruled by the certifier, replaced, never edited."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import VersionAccess
from portfolio.access.decorators import version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.holdings.use_cases import equivalence, proposals
from portfolio.screens.account.reauthentication import password_confirmed
from portfolio.screens.certifier.certificates.blueprint import bp
from portfolio.screens.certifier.certificates.forms import EquivalenceForm, IdenticalBlocksForm
from portfolio.web.clock import now
from portfolio.web.forms import run_or_refuse
from portfolio.wording.holdings import grants
from portfolio.wording.holdings.proposals import IDENTICAL_CONFIRMED, identical_reason


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
        equivalence.declare_equivalence(db, form.value(), by=current_user.id, at=now())
        return url_for(".equivalences", version_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _page(case, page, form, sentence),
        "La décision est enregistrée. Elle vaut dès aujourd’hui.",
    )


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
    names = {"identical": len(lines), "say": grants, "stopped": stopped}
    return render_template("certifier/certificates/equivalences.html", case=case, page=page, form=form, **names)
