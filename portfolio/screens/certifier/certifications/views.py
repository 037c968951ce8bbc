"""The certifier's certifications: their list, a published version and what is taken out of it, what follows it."""

import json
import re
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.body import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.rules.case_package import Framework, item_of, package_of
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.versioning import search_entry
from portfolio.domain.certification.use_cases import importing, publishing, watching
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.screens.certifier.certifications import listing, queries
from portfolio.screens.certifier.certifications.blueprint import bp
from portfolio.screens.certifier.certifications.forms.settings import SuccessorForm
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message
from portfolio.web.urls import base_url
from portfolio.wording import certification
from portfolio.wording.certification import jury_rules, versions
from portfolio.wording.certification import watching as watch_words

MOST_NOTICES = 20


@bp.get("/certifications")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def index(body: BodyAccess) -> ResponseReturnValue:
    """List the certifications of the body, drafts to finish first."""
    search = request.args.get("cherche", "")[:200]
    page = listing.load_certifications_page(read_session(), body.id, search, request.args.get("page", 1, int))
    names = {
        "notices": watching.open_notices(read_session(), body.id, MOST_NOTICES),
        "notice_count": watching.count_open_notices(read_session(), body.id),
        "watch": watch_words,
        "read_on": watching.last_readings(read_session(), [row.id for row in page.rows]),
        "purpose": request.args.get("pour", "") if request.args.get("pour") in ("candidature", "session") else "",
    }
    return render_template("certifier/certifications/index.html", page=page, search=search, today=today(), **names)


@bp.get("/certifications/versions/<uuid:version_id>/blocs.csv")
@version_page(Permission.MANAGE_CERTIFICATION)
def spreadsheet(case: VersionAccess) -> ResponseReturnValue:
    """Give the blocks and competencies of a version, draft or published, as a spreadsheet."""
    code, blocks = queries.blocks_of(read_session(), case.id)
    return Response(
        certification.sheet_text(blocks),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=blocs-{re.sub(r'[^A-Za-z0-9._-]', '-', code)}.csv"},
    )


@bp.get("/certifications/versions/<uuid:version_id>")
@version_page(Permission.MANAGE_CERTIFICATION)
def version(case: VersionAccess) -> ResponseReturnValue:
    """Show a published version; a draft is shown where it is corrected."""
    if case.published_at is None:
        return redirect(url_for(".draft", version_id=case.id), 303)
    return _version_page(case, SuccessorForm(formdata=None))


def _version_page(case: VersionAccess, form: SuccessorForm) -> str:
    page = queries.find_version_page(read_session(), case.id, today())
    if page is not None and not form.is_submitted():
        form.successor.data = page.successor_code or page.proposed_successor or ""
    search = request.args.get("cherche", "")[:200]
    found = search_entry(entry_as_json(page.entry), search.split()[:8]) if page is not None else []
    return render_template(
        "certifier/certifications/version.html",
        page=page,
        form=form,
        words=certification,
        say=jury_rules,
        search=search,
        found=found,
        frame_words=versions,
    )


@bp.get("/certifications/versions/<uuid:version_id>/case.json")
@version_page(Permission.MANAGE_CERTIFICATION)
def case_package(case: VersionAccess) -> Response:
    """Send a published version as a package of CASE 1.1."""
    framework = _framework(case)
    return _json_file(package_of(framework), f"{framework.code}-version-{framework.number}-case.json")


@bp.get("/certifications/versions/<uuid:version_id>/case/<uuid:identifier>.json")
@version_page(Permission.MANAGE_CERTIFICATION)
def case_item(case: VersionAccess, identifier: UUID) -> Response:
    """Send one block or competency of a published version as an item of CASE 1.1."""
    item = item_of(_framework(case), str(identifier))
    if item is None:
        abort(404)
    return _json_file(item, f"{identifier}.json")


def _framework(case: VersionAccess) -> Framework:
    framework = importing.framework_of(read_session(), case.id, base_url())
    if framework is None:
        abort(404)
    return framework


def _json_file(value: object, filename: str) -> Response:
    response = Response(json.dumps(value, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers.update(attachment_headers(filename, "application/json"))
    return response


@bp.post("/certifications/versions/<uuid:version_id>/suite")
@version_page(Permission.MANAGE_CERTIFICATION)
def name_successor(case: VersionAccess) -> ResponseReturnValue:
    """Name the entry that follows this one."""
    form = SuccessorForm()
    if not form.validate():
        return _version_page(case, form), 422
    try:
        with transaction() as db:
            publishing.name_successor(db, case.certification_id, form.code, by=current_user.id, at=now())
    except Refusal as refusal:
        form.successor.errors = [refusal_message(refusal)]
        return _version_page(case, form), 422
    session["notice"] = certification.NOTICES["successor"]
    return redirect(url_for(".version", version_id=case.id), 303)
