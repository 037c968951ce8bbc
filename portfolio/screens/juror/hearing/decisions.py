"""The president records findings and decisions, and looks at what they would grant."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.jury_session.use_cases import closing as closing_use_cases
from portfolio.domain.jury_session.use_cases import deliberation
from portfolio.domain.jury_session.use_cases import hearing_page as hearing_hearing_page
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.juror.forms.decisions import (
    DecisionForm,
    FindingForm,
    FindingsGrid,
    GiveOpinionsForm,
    OpinionForm,
)
from portfolio.screens.juror.hearing.reading import block_page, competency_page, render_reader, table_of_contents
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_once, run_or_refuse
from portfolio.wording import assessment as assessing
from portfolio.wording import jury
from portfolio.wording.holdings import grants as grants
from portfolio.wording.jury import opinions as opinion_words

bp = blueprint_of(__name__)


@bp.post("/jurys/<uuid:hearing_id>/competences/<uuid:competency_id>")
@hearing_page(Permission.DECIDE)
def record_finding(case: HearingAccess, competency_id: UUID) -> ResponseReturnValue:
    """Keep a finding; go on to the next thing to assess, or stay."""
    form = FindingForm()
    if not form.validate():
        return competency_page(case, competency_id, form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            deliberation.record_finding(
                db, case.id, competency_id, form.record(), revision=revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return competency_page(case, competency_id, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        return competency_page(case, competency_id, form, stopped=refusal_message(refusal)), 409
    return redirect(_next_url(case, competency_id), 303)


def _next_url(case: HearingAccess, competency_id: UUID) -> str:
    """Return the next competency, or the decision on the block; the same page while the finding lacks something."""
    page = hearing_hearing_page.load_hearing_page(read_session(), case.id)
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
def record_decision(case: HearingAccess, block_id: UUID) -> ResponseReturnValue:
    """Keep a decision on a block."""
    form = DecisionForm()
    if not form.validate():
        return block_page(case, block_id, form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            deliberation.record_decision(
                db, case.id, block_id, form.record(), revision=revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return block_page(case, block_id, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        return block_page(case, block_id, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "La décision est enregistrée. Elle reste modifiable jusqu’à la clôture."
    return redirect(url_for(".block", hearing_id=case.id, block_id=block_id), 303)


@bp.get("/jurys/<uuid:hearing_id>/constats")
@hearing_page(Permission.DECIDE)
def findings_grid(case: HearingAccess) -> ResponseReturnValue:
    """Show every finding and decision of a hearing in one table."""
    page = hearing_hearing_page.load_hearing_page(read_session(), case.id)
    return _grid_page(case, page, FindingsGrid(page))


def _grid_page(case: HearingAccess, page: HearingPageData, grid: FindingsGrid, stopped: str = "") -> str:
    own = page.member(current_user.id)
    writes = case.is_president and page.closed_at is None and own is not None and own.has_read
    names = {"say": jury, "writes": writes, "stopped": stopped, "form": grid.form}
    return render_template("juror/hearing/findings.html", page=page, grid=grid, **names)


@bp.post("/jurys/<uuid:hearing_id>/constats")
@hearing_page(Permission.DECIDE)
def record_findings(case: HearingAccess) -> ResponseReturnValue:
    """Keep the findings and decisions that the table changes, all or none; what was typed stays."""
    page = hearing_hearing_page.load_hearing_page(read_session(), case.id)
    grid = FindingsGrid(page, request.form)
    if not grid.validate():
        return _grid_page(case, page, grid), 422
    told = ""

    def act(db: Session) -> str:
        nonlocal told
        for line, finding in grid.findings():
            told = f"le constat {line.label}"
            revision = finding.seen_revision
            deliberation.record_finding(
                db, case.id, line.id, finding.record(), revision=revision, by=current_user.id, at=now()
            )
        for block, decision in grid.decisions():
            told = f"le bloc {block.number}"
            revision = decision.seen_revision
            deliberation.record_decision(
                db, case.id, block.id, decision.record(), revision=revision, by=current_user.id, at=now()
            )
        return url_for(".findings_grid", hearing_id=case.id)

    try:
        response = run_once(grid.form.nonce.data, act)
    except Conflict:
        close_read_session()
        page = hearing_hearing_page.load_hearing_page(read_session(), case.id)
        grid.rebase(page)
        return _grid_page(case, page, grid, jury.grid_conflict_message(told)), 409
    except Refusal as refusal:
        return _grid_page(case, page, grid, refusal_message(refusal)), 409
    session["notice"] = "Les constats et les décisions sont enregistrés. Ils restent modifiables jusqu’à la clôture."
    return response


@bp.get("/jurys/<uuid:hearing_id>/apercu")
@hearing_page(Permission.READ_HEARING)
def preview(case: HearingAccess) -> ResponseReturnValue:
    """Show what would be granted, and why, if the minutes were closed now; to a member who may see drafts."""
    if not case.sees_drafts:
        session["notice"] = jury.DRAFTS_HIDDEN
        return redirect(url_for(".hearing", hearing_id=case.id), 303)
    return render_preview(case, "juror/hearing/preview.html")


def render_preview(case: HearingAccess, template: str, deliberated_on: date | None = None, **more: Any) -> str:
    """Lay out what closing would do, on the day of the deliberation where the presidency states it."""
    page = closing_use_cases.preview_closing(read_session(), case.id, today(), deliberated_on)
    groups = table_of_contents(page.reading, here="preview")
    own = page.reading.member(current_user.id)
    writes = case.is_president and page.reading.closed_at is None and own is not None and own.has_read
    more |= {"assessing": assessing, "today": today()}
    more |= {"writes": writes, "own": own, "presides": case.is_president and page.reading.closed_at is None}
    return render_template(template, page=page, toc_groups=groups, say=jury, grants=grants, **more)


@bp.get("/jurys/<uuid:hearing_id>/avis")
@hearing_page(Permission.READ_HEARING)
def own_opinions(case: HearingAccess) -> ResponseReturnValue:
    """Show one's own opinions, and give them when each competency has one."""
    return _opinions_page(case)


@bp.post("/jurys/<uuid:hearing_id>/competences/<uuid:competency_id>/avis")
@hearing_page(Permission.READ_HEARING)
def record_opinion(case: HearingAccess, competency_id: UUID) -> ResponseReturnValue:
    """Record one's own opinion on a competency."""
    form = OpinionForm()
    if not form.validate():
        return competency_page(case, competency_id, opinion_form=form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            deliberation.record_opinion(
                db, case.id, competency_id, form.to_value(), revision=revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return competency_page(case, competency_id, opinion_form=form, own_conflict=conflict.theirs), 409
    except Refusal as refusal:
        stopped = refusal_message(refusal)
        return competency_page(case, competency_id, opinion_form=form, opinion_stopped=stopped), 409
    session["notice"] = "Votre avis est enregistré. Les autres membres ne le voient pas encore."
    return redirect(url_for(".competency", hearing_id=case.id, competency_id=competency_id, _anchor="mon-avis"), 303)


@bp.post("/jurys/<uuid:hearing_id>/avis")
@hearing_page(Permission.READ_HEARING)
def give_opinions(case: HearingAccess) -> ResponseReturnValue:
    """Give one's opinions; the last member present who does opens them."""
    form = GiveOpinionsForm()
    if not form.validate():
        return _opinions_page(case, form), 422

    def act(db: Session) -> str:
        deliberation.give_opinions(db, case.id, by=current_user.id, at=now())
        return url_for(".deliberation", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data, act, lambda sentence: _opinions_page(case, form, stopped=sentence), "Vos avis sont remis."
    )


@bp.post("/jurys/<uuid:hearing_id>/avis/ouvrir")
@hearing_page(Permission.DECIDE)
def open_opinions(case: HearingAccess) -> ResponseReturnValue:
    """Open the opinions before all are given."""
    with transaction() as db:
        deliberation.open_opinions(db, case.id, by=current_user.id, at=now())
    session["notice"] = "Les avis remis sont ouverts : le jury les lit."
    return redirect(url_for(".deliberation", hearing_id=case.id), 303)


def _opinions_page(case: HearingAccess, form: GiveOpinionsForm | None = None, **more: Any) -> str:
    own = deliberation.own_opinions(read_session(), case.id, current_user.id)
    more |= {
        "given": deliberation.has_given(read_session(), case.id, current_user.id),
        "own_opinions": own,
        "today": today(),
    }
    shown = form or GiveOpinionsForm(formdata=None)
    return render_reader(
        "juror/hearing/opinions.html", case, here="own_opinions", form=shown, opinion_words=opinion_words, **more
    )
