"""The president records findings and decisions, and looks at what they would grant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, session, url_for
from flask_login import current_user

from portfolio.assessment import wording as assessing
from portfolio.cases import HearingCase
from portfolio.certificate import wording as grants
from portfolio.db import reading, transaction
from portfolio.guards import hearing_page
from portfolio.jury import services, wording
from portfolio.jury.forms import DecisionForm, FindingForm
from portfolio.jury.rules import JuryRefusal
from portfolio.jury.views.blueprint import bp
from portfolio.jury.views.contents import contents_of
from portfolio.jury.views.reading import block_page, competency_page
from portfolio.policy import Permission
from portfolio.refusal import Conflict, Refusal
from portfolio.web.clock import now, today


@bp.post("/jurys/<uuid:hearing_id>/competences/<uuid:competency_id>")
@hearing_page(Permission.DECIDE)
def record_finding(case: HearingCase, competency_id: UUID) -> Any:
    """Keep a finding; go on to the next thing to assess, or stay."""
    form = FindingForm()
    if not form.validate():
        return competency_page(case, competency_id, form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            services.record_finding(db, case.id, competency_id, form.record(), revision=revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return competency_page(case, competency_id, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        return competency_page(case, competency_id, form, stopped=sentence(refusal)), 409
    return redirect(_next_url(case, competency_id), 303)


def _next_url(case: HearingCase, competency_id: UUID) -> str:
    """The next competency, or the decision on the block; the same page while the finding lacks something."""
    page = services.read_hearing(reading(), case.id)
    found = page.competency(competency_id)
    assert found is not None
    block, line = found
    session["notice"] = f"Le constat sur {line.label} est enregistré."
    if any(fault.competency == line.id for fault in block.faults):
        return url_for(".competency", hearing_id=case.id, competency_id=competency_id, _anchor="constat")
    after = page.after(line)
    if after is None:
        return url_for(".block", hearing_id=case.id, block_id=block.id)
    return url_for(".competency", hearing_id=case.id, competency_id=after.id)


@bp.post("/jurys/<uuid:hearing_id>/blocs/<uuid:block_id>")
@hearing_page(Permission.DECIDE)
def record_decision(case: HearingCase, block_id: UUID) -> Any:
    """Keep a decision on a block."""
    form = DecisionForm()
    if not form.validate():
        return block_page(case, block_id, form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            services.record_decision(db, case.id, block_id, form.record(), revision=revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return block_page(case, block_id, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        return block_page(case, block_id, form, stopped=sentence(refusal)), 409
    session["notice"] = "La décision est enregistrée. Elle reste modifiable jusqu’à la clôture."
    return redirect(url_for(".block", hearing_id=case.id, block_id=block_id), 303)


@bp.get("/jurys/<uuid:hearing_id>/apercu")
@hearing_page(Permission.READ_HEARING)
def preview(case: HearingCase) -> Any:
    """Show what would be granted, and why, if the minutes were closed now."""
    return preview_of(case, "jury/preview.html")


def preview_of(case: HearingCase, template: str, **more: Any) -> str:
    """Lay out what closing would do."""
    page = services.preview(reading(), case.id, today())
    groups = contents_of(page.reading, here="preview")
    own = page.reading.member(current_user.id)
    writes = case.is_president and page.reading.closed_at is None and own is not None and own.has_read
    more["assessing"] = assessing
    more |= {"writes": writes, "own": own, "presides": case.is_president and page.reading.closed_at is None}
    return render_template(template, page=page, toc_groups=groups, say=wording, grants=grants, **more)


def sentence(refusal: Refusal) -> str:
    """Say a refusal of this noun in French."""
    return wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)
