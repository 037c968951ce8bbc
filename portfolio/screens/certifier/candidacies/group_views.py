"""One act for many candidacies: chosen on the list, read again on a page that says how many and who, then
carried out.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.opening import choose_partner, partner_of_candidacy
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.certification.use_cases.partners import find_partners
from portfolio.domain.group_acts.rules import MAX_CANDIDACIES, GroupActKind
from portfolio.domain.group_acts.use_cases import orders
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.candidacies import queries
from portfolio.screens.certifier.candidacies.forms import FORMS, CandidacyPartnerForm, GroupActForm, join_ids
from portfolio.screens.certifier.candidacies.list_views import (
    SORTS,
    conditions_of,
    load_filters,
    read_id,
    search_candidacies,
)
from portfolio.screens.certifier.certifications.forms.settings import PartnerSearchForm
from portfolio.web.clock import now, today
from portfolio.web.form_recovery import unsaved_text
from portfolio.web.forms import run_once
from portfolio.web.listing import PAGE, ListState, read_state
from portfolio.wording import group_acts as words
from portfolio.wording.certification.register import habilitation_sentence

bp = blueprint_of(__name__)

ACT, SCOPE, WHOLE_LIST, TICKED = "acte", "portee", "liste", "c"
# A request carries out what it can in so long; the worker goes on.
_AT_ONCE_SECONDS = 2.0


@bp.get("/candidatures/ensemble")
@certifier_page(Permission.MANAGE_CANDIDACY)
def order_form(body: BodyAccess) -> ResponseReturnValue:
    """Show how many candidacies were chosen and who, and what the act needs."""
    kind = words.SLUGS.get(request.args.get(ACT, ""), GroupActKind.WRITE)
    state = read_state(load_filters(read_session(), body.id, request.args, today()), SORTS)
    asked: dict[str, Any] = {**state.parameters(SORTS), **_page_of(state)}
    back = url_for("certifier.candidacies.candidacies", **asked)
    ids = _chosen_ids(body, state)
    stopped = words.NOTHING_CHOSEN if not ids else words.TOO_MANY if len(ids) > MAX_CANDIDACIES else ""
    if stopped:
        return _page(body, kind, None, back, stopped)
    form = FORMS[kind](formdata=None, data={ACT: kind.value, "ids": join_ids(ids)})
    return _page(body, kind, form, back)


def _page_of(state: ListState) -> dict[str, str]:
    return {**state.cursor, PAGE: str(state.position.page)} if state.position.page > 1 else {}


def _chosen_ids(body: BodyAccess, state: ListState) -> Sequence[UUID]:
    """Return the candidacies that were ticked, or all those of the list, and one more than is allowed."""
    if request.args.get(SCOPE) != WHOLE_LIST:
        return [key for text in request.args.getlist(TICKED)[: MAX_CANDIDACIES + 1] if (key := read_id(text))]
    order = state.sort.order
    searched = search_candidacies(read_session(), body.id, state.words)
    query = select(CandidacyListing.candidacy_id).where(*conditions_of(state, searched, today()))
    sorted_by = (column.desc() if order.descending else column for column in order.columns)
    return read_session().scalars(query.order_by(*sorted_by).limit(MAX_CANDIDACIES + 1)).all()


def _page(body: BodyAccess, kind: GroupActKind, form: GroupActForm | None, back: str, stopped: str = "") -> str:
    chosen = orders.load_chosen(read_session(), body.id, kind, form.chosen) if form else ()
    if form and not chosen:
        form, stopped = None, words.CHOICE_LOST
    return render_template(
        "certifier/candidacies/group_order.html",
        kind=kind,
        form=form,
        back=back,
        stopped=stopped,
        typed=unsaved_text() if stopped else [],
        wanted=[row for row in chosen if row.reason is None],
        others=words.by_reason([row for row in chosen if row.reason is not None]),
        say=words,
    )


@bp.post("/candidatures/ensemble")
@certifier_page(Permission.MANAGE_CANDIDACY)
def order(body: BodyAccess) -> ResponseReturnValue:
    """Order the act once for the candidacies that the page showed, and begin; what was typed stays on a refusal."""
    kind = next((each for each in GroupActKind if each.value == request.form.get(ACT)), GroupActKind.INVITE)
    form = FORMS[kind]()
    if not form.validate() or not form.chosen:
        return _page(body, kind, form, url_for("certifier.candidacies.candidacies")), 422
    ordered: list[UUID] = []

    def act(db: Session) -> str:
        act_id = orders.order(db, body.id, form.value(), form.chosen, by=current_user.id, at=now())
        ordered.append(act_id)
        return url_for(".result", act_id=act_id)

    response = run_once(form.nonce.data, act)
    for act_id in ordered:
        orders.carry_out(current_app.extensions["database"], act_id, now, seconds=_AT_ONCE_SECONDS)
    return response


@bp.get("/candidatures/ensemble/<uuid:act_id>")
@certifier_page(Permission.MANAGE_CANDIDACY)
def result(body: BodyAccess, act_id: UUID) -> ResponseReturnValue:
    """Show what was done, what waits, and what was not done and why."""
    found = orders.find_result(read_session(), body.id, act_id)
    if found is None:
        abort(404)
    return render_template(
        "certifier/candidacies/group_result.html",
        act=found,
        others=words.by_reason(found.not_done),
        letters=delivery_notice(several=len(found.done) != 1),
        say=words,
    )


@bp.get("/candidatures/<uuid:candidacy_id>/partenaire")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def choosing(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the partner of a candidacy, and those that a search finds."""
    chosen = partner_of_candidacy(read_session(), case.id)
    form = _form(case, formdata=None)
    form.partner_id.data = chosen.id if chosen else None
    return _partner_page(case, form)


@bp.post("/candidatures/<uuid:candidacy_id>/partenaire")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def choose(case: CandidacyAccess) -> ResponseReturnValue:
    """Record the partner of a candidacy, or none."""
    form = _form(case)
    if not form.validate():
        return _partner_page(case, form), 422

    def act(db: Session) -> str:
        choose_partner(db, case.id, form.partner_id.data, by=current_user.id, at=now())
        session["notice"] = "Le partenaire de la candidature est enregistré."
        return url_for("certifier.candidacies.candidacy", candidacy_id=case.id)

    return run_once(form.nonce.data, act)


def _form(case: CandidacyAccess, **more: Any) -> CandidacyPartnerForm:
    """Offer the partners found by the search, and the present one."""
    page = queries.load_candidacy_page(read_session(), case.id)
    found = find_partners(read_session(), page.candidacy.version.certification_id, request.args.get("partenaire", ""))
    offered = {
        partner.id: f"{partner.name}, SIRET {partner.siret}" if partner.siret else partner.name for partner in found
    }
    chosen = partner_of_candidacy(read_session(), case.id)
    if chosen:
        offered.setdefault(chosen.id, chosen.name)
    return CandidacyPartnerForm(offered.items(), **more)


def _partner_page(case: CandidacyAccess, form: CandidacyPartnerForm) -> str:
    page, chosen = (queries.load_candidacy_page(read_session(), case.id), partner_of_candidacy(read_session(), case.id))
    says = habilitation_sentence(chosen.answer) if chosen else ""
    search = PartnerSearchForm(request.args)
    return render_template(
        "certifier/candidacies/partner.html", page=page, form=form, search=search, chosen=chosen, says=says
    )
