"""Worth of several blocks held together: ruled by the certifier, often from what the register proposes."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
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
from portfolio.screens.certifier.certificates.equivalences import load_published_page
from portfolio.screens.certifier.certificates.forms import GroupEquivalenceForm
from portfolio.web.clock import now
from portfolio.web.forms import run_or_refuse
from portfolio.wording.holdings import grants
from portfolio.wording.holdings import proposals as proposal_words


@bp.get("/certifications/versions/<uuid:version_id>/equivalences/ensemble")
@version_page(Permission.SIGN)
def groups(case: VersionAccess) -> ResponseReturnValue:
    """Show the rulings on several blocks together, and the form that makes one, filled from a proposal where
    one is named.
    """
    page = load_published_page(case)
    return _page(case, page, GroupEquivalenceForm(page, formdata=None, **_proposed(case)))


@bp.post("/certifications/versions/<uuid:version_id>/equivalences/ensemble")
@version_page(Permission.SIGN)
def save_group(case: VersionAccess) -> ResponseReturnValue:
    """Record a ruling on several blocks, or say why not; what was typed stays."""
    page = load_published_page(case)
    form = GroupEquivalenceForm(page)
    if not form.validate() or not password_confirmed(form):
        return _page(case, page, form), 422

    def act(db: Session) -> str:
        equivalence.declare_group(db, form.value(), by=current_user.id, at=now())
        return url_for(".groups", version_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _page(case, page, form, sentence),
        "La décision est enregistrée. Elle vaut dès aujourd’hui.",
    )


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


def _page(
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
