"""The rules of the juries of a draft: read in words, route by route, and corrected one at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.readers.cncp_text.jury import sourced
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.juries import normalised, origin_of, route_juries, with_own_rule
from portfolio.domain.certification.rules.jury_rule import JuryRule
from portfolio.domain.certification.rules.publication import SAMPLES, JurySample
from portfolio.domain.certification.rules.versioning import CertificationRefusal, Correction, settled_by_rules
from portfolio.domain.certification.use_cases import drafting, partners
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certifications import queries
from portfolio.screens.certifier.certifications.forms.jury import BlocksRuleForm, JuryRuleForm
from portfolio.screens.certifier.certifications.forms.settings import NewSiteForm, SiteForm
from portfolio.web.clock import now
from portfolio.web.forms import VersionedForm, remember_result, run_once
from portfolio.wording import certification
from portfolio.wording.certification import jury_rules as words

bp = blueprint_of(__name__)

ROUTES = {key: route for route, key in words.ROUTE_KEYS.items()}
EVERY_EMPTY = "toutes"
Page = Callable[[queries.Draft, Any], str]


@bp.get("/certifications/versions/<uuid:version_id>/jury")
@version_page(Permission.MANAGE_CERTIFICATION)
def rules(case: VersionAccess) -> ResponseReturnValue:
    """Show the rule of each route in words, and how each block is decided."""
    if case.published_at is not None:
        return redirect(url_for("certifier.certifications.version", version_id=case.id, _anchor="jury"), 303)
    return _fresh_rules_page(_draft(case))


@bp.post("/certifications/versions/<uuid:version_id>/jury")
@version_page(Permission.MANAGE_CERTIFICATION)
def save_blocks(case: VersionAccess) -> ResponseReturnValue:
    """Save how each block is decided, and how long it stays acquired."""
    draft = _draft(case)
    form = BlocksRuleForm(draft.entry, draft.revision)
    if not form.validate():
        return _rules_page(draft, form), 422
    return _saved(case, draft, form, form.applied, _rules_page)


@bp.get("/certifications/versions/<uuid:version_id>/jury/<key>")
@version_page(Permission.MANAGE_CERTIFICATION)
def rule(case: VersionAccess, key: str) -> ResponseReturnValue:
    """Show the form of one rule: the common one, or that of a route."""
    route = _route_of(key)
    if case.published_at is not None:
        return redirect(url_for("certifier.certifications.version", version_id=case.id, _anchor="jury"), 303)
    draft = _draft(case)
    sample = request.args.get("modele", "")
    is_sample = sample in set(JurySample)
    shown = SAMPLES[JurySample(sample)] if is_sample else _rule_of(draft.entry, route)
    return _rule_page(draft, JuryRuleForm(shown, draft.revision, formdata=None), key, is_sample=is_sample)


@bp.post("/certifications/versions/<uuid:version_id>/jury/<key>")
@version_page(Permission.MANAGE_CERTIFICATION)
def save_rule(case: VersionAccess, key: str) -> ResponseReturnValue:
    """Save one rule; a button of a line adds or removes it without saving."""
    route = _route_of(key)
    draft = _draft(case)
    form = JuryRuleForm(_rule_of(draft.entry, route), draft.revision)
    if form.change(request.form.get("do", "")):
        return _rule_page(draft, form, key)
    if not form.validate():
        return _rule_page(draft, form, key), 422
    typed = normalised(form.value())
    return _saved(
        case,
        draft,
        form,
        lambda entry: with_own_rule(entry, route, typed),
        lambda current, form: _rule_page(current, form, key),
    )


@bp.post("/certifications/versions/<uuid:version_id>/jury/<key>/reprendre")
@version_page(Permission.MANAGE_CERTIFICATION)
def share_rule(case: VersionAccess, key: str) -> ResponseReturnValue:
    """Give a route the common rule again; « toutes » is for every route whose own rule is still empty."""
    draft = _draft(case)
    if key == EVERY_EMPTY:
        routes = {route.route for route in draft.entry.routes if route.rule is not None and route.rule.is_empty}
    else:
        routes = {ROUTES[key]} if key in ROUTES else abort(404)

    def shared(entry: Entry) -> Entry:
        return replace(
            entry,
            routes=tuple(
                replace(route_entry, rule=None) if route_entry.route in routes else route_entry
                for route_entry in entry.routes
            ),
        )

    return _saved(case, draft, VersionedForm(), shared, lambda current, _form: _fresh_rules_page(current))


def _route_of(key: str) -> Route | None:
    """Return the route that an address names; None for the common rule."""
    if key != words.COMMON and key not in ROUTES:
        abort(404)
    return ROUTES.get(key)


def _draft(case: VersionAccess) -> queries.Draft:
    found = queries.find_draft(read_session(), case.id)
    if found is None:
        raise Refusal(CertificationRefusal.ALREADY_PUBLISHED)
    return found


def _rule_of(entry: Entry, route: Route | None) -> JuryRule:
    """Return the rule that a form opens on: a route without one of its own begins from the common rule."""
    own = next((route_entry.rule for route_entry in entry.routes if route_entry.route is route), None)
    return own if own is not None else sourced(entry) or JuryRule(None)


def _saved(
    case: VersionAccess, draft: queries.Draft, form: VersionedForm, change: Callable[[Entry], Entry], page: Page
) -> ResponseReturnValue:
    """Save a change to the entry of a draft; where somebody saved it meanwhile, show the page again with what
    was typed.
    """
    changed = change(draft.entry)
    correction = Correction(
        entry_as_json(changed),
        form.seen_revision,
        tuple(sorted({*draft.state.settled, *settled_by_rules(changed)})),
        draft.decision_rule,
        draft.decision_threshold,
    )
    try:
        with transaction() as db:
            drafting.correct_draft(db, case.id, correction, by=current_user.id, at=now())
    except Conflict:
        current = _draft(case)
        form.revision.data = str(current.revision)
        return page(current, form), 409
    session["notice"] = words.SAVED
    return redirect(url_for(".rules", version_id=case.id), 303)


def _fresh_rules_page(draft: queries.Draft) -> str:
    return _rules_page(draft, BlocksRuleForm(draft.entry, draft.revision, formdata=None))


def _rules_page(draft: queries.Draft, form: BlocksRuleForm) -> str:
    return render_template(
        "certifier/certifications/jury_rules.html",
        draft=draft,
        form=form,
        common=sourced(draft.entry),
        routes=[_route_line(draft.entry, route) for route in Route],
        faults=[fault for fault in draft.faults if fault.where.split(".")[0] in ("jury", "juries")],
        words=certification,
        say=words,
        samples=list(JurySample),
        is_stale=request.method == "POST" and not form.errors,
    )


def _route_line(entry: Entry, route: Route) -> dict[str, Any]:
    row = next((route_entry for route_entry in entry.routes if route_entry.route is route), None)
    own = row.rule if row else None
    state = "common" if own is None else "empty" if own.is_empty else "own"
    taken_from = next((jury.taken_from for jury in route_juries(entry, None) if jury.route is route), None)
    return {
        "route": route,
        "key": words.ROUTE_KEYS[route],
        "state": state,
        "rule": own,
        "row": row,
        "taken_from": taken_from,
    }


def _rule_page(draft: queries.Draft, form: JuryRuleForm, key: str, *, is_sample: bool = False) -> str:
    route = ROUTES.get(key)
    origin = route or origin_of(draft.entry)
    return render_template(
        "certifier/certifications/jury_rule.html",
        draft=draft,
        form=form,
        key=key,
        route=route,
        text=next((route_entry.jury for route_entry in draft.entry.routes if route_entry.route is origin), None),
        words=certification,
        say=words,
        samples=list(JurySample),
        is_sample=is_sample,
        is_stale=request.method == "POST" and not form.errors and request.form.get("do", "save") == "save",
    )


@bp.get("/organisme/lieux", endpoint="sites")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def list_sites(body: BodyAccess) -> ResponseReturnValue:
    """List the sites, and show the form that adds one."""
    form = NewSiteForm(formdata=None)
    form.partner_id.data = request.args.get("partenaire", "")
    return _page(body, form)


@bp.post("/organisme/lieux", endpoint="add_site")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def add(body: BodyAccess) -> ResponseReturnValue:
    """Add a site."""
    form = NewSiteForm()
    if not form.validate():
        return _page(body, form), 422

    def act(db: Session) -> str:
        texts = (form.name.data or "", form.address.data or "")
        partners.add_site(db, body.id, *texts, form.partner, by=current_user.id, at=now())
        session["notice"] = "Le lieu est ajouté. Vous pouvez le choisir en planifiant une session."
        return url_for(".sites")

    return run_once(form.nonce.data, act)


def _page(body: BodyAccess, form: NewSiteForm) -> str:
    rows = partners.list_sites(read_session(), body.id, with_retired=True)
    partner = partners.find_body_partner(read_session(), body.id, form.partner)
    return render_template("certifier/certifications/sites.html", sites=rows, form=form, partner=partner)


@bp.get("/organisme/lieux/<uuid:site_id>")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def site(body: BodyAccess, site_id: UUID) -> ResponseReturnValue:
    """Show a site, and the form that corrects it."""
    row = partners.find_site(read_session(), body.id, site_id)
    if row is None:
        abort(404)
    return render_template(
        "certifier/certifications/site.html", site=row, form=SiteForm(formdata=None, obj=row), changed=False
    )


@bp.post("/organisme/lieux/<uuid:site_id>", endpoint="correct_site")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def correct(body: BodyAccess, site_id: UUID) -> ResponseReturnValue:
    """Correct a site, or show that it was saved meanwhile."""
    form = SiteForm()
    shown = partners.find_site(read_session(), body.id, site_id)
    if shown is None:
        abort(404)
    if not form.validate():
        return render_template("certifier/certifications/site.html", site=shown, form=form, changed=False), 422
    try:
        with transaction() as db:
            row = partners.find_site(db, body.id, site_id)
            if row is None:
                abort(404)
            texts = (form.name.data or "", form.address.data or "")
            retired, seen = bool(form.is_retired.data), form.seen_revision
            partners.correct_site(db, row, *texts, is_retired=retired, revision=seen, by=current_user.id, at=now())
            remember_result(db, url_for(".sites"))
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        row = partners.find_site(read_session(), body.id, site_id)
        return render_template("certifier/certifications/site.html", site=row, form=form, changed=True), 409
    session["notice"] = "Le lieu est enregistré."
    return redirect(url_for(".sites"), 303)
