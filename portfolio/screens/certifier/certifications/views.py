"""The certifier's certifications: their list, a published version and what is taken out of it, what follows it."""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from portfolio.access.body import BodyAccess, VersionAccess
from portfolio.access.decorators import certifier_page, version_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.case_package import Framework, item_of, package_of
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.certification.rules.versioning import search_entry
from portfolio.domain.certification.use_cases import importing, publishing, watching
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certifications import queries
from portfolio.screens.certifier.certifications.forms.settings import SuccessorForm
from portfolio.screens.certifier.certifications.queries import CertificationSummary, VersionSummary, summaries_of
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message
from portfolio.web.urls import base_url
from portfolio.wording import certification
from portfolio.wording.certification import jury_rules, versions
from portfolio.wording.certification import register as watch_words

bp = blueprint_of(__name__)

PAGE_SIZE = 50
# How many versions a list of choices holds before the certification is chosen on a page of its own.
MAX_CHOICES = 50


@dataclass(frozen=True, slots=True)
class CertificationsPage:
    """One page of certifications, and the draft to finish first."""

    rows: tuple[CertificationSummary, ...]
    # How many the search found, and how many the body has.
    count: int
    total: int
    page: int
    first_draft: tuple[CertificationSummary, VersionSummary] | None
    drafts: int

    @property
    def last_page(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.count // PAGE_SIZE))


def load_certifications_page(session: Session, body_id: UUID, search: str = "", page: int = 1) -> CertificationsPage:
    """Return one page of the certifications of a body, by code."""
    of_body = Certification.body_id == body_id
    total = session.scalar(select(func.count()).select_from(Certification).where(of_body)) or 0
    found = _matching(session, body_id, search) if search.strip() else None
    count = total if found is None else len(found)
    shown = min(max(page, 1), max(1, -(-count // PAGE_SIZE)))
    start = (shown - 1) * PAGE_SIZE
    if found is None:
        rows = _rows(session, of_body, start)
    else:
        rows = _rows(session, Certification.id.in_(found[start : start + PAGE_SIZE]), 0)
    drafts, first = _drafts(session, body_id)
    return CertificationsPage(rows, count, total, shown, first, drafts)


def _rows(session: Session, wanted: ColumnElement[bool], start: int) -> tuple[CertificationSummary, ...]:
    query = (
        select(Certification)
        .where(wanted)
        .options(selectinload(Certification.versions).selectinload(CertificationVersion.blocks))
        .order_by(Certification.code)
    )
    return tuple(summaries_of(session.scalars(query.limit(PAGE_SIZE).offset(start))))


def _matching(session: Session, body_id: UUID, search: str) -> list[UUID]:
    """Return the certifications whose code or titles hold every word, by code; accents and capitals make
    no difference.
    """
    words = _plain(search).split()[:8]
    query = (
        select(Certification.id, Certification.code, CertificationVersion.title)
        .join(CertificationVersion)
        .where(Certification.body_id == body_id)
        .order_by(Certification.code)
    )
    texts: dict[UUID, str] = {}
    for certification_id, code, title in session.execute(query):
        texts[certification_id] = f"{texts.get(certification_id, '')} {code} {title}"
    return [key for key, text in texts.items() if all(word in _plain(text) for word in words)]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _drafts(session: Session, body_id: UUID) -> tuple[int, tuple[CertificationSummary, VersionSummary] | None]:
    """Return how many drafts a body has, and the one to finish first: that of the first code."""
    of_body = (Certification.body_id == body_id, CertificationVersion.published_at.is_(None))
    draft = select(CertificationVersion.id, Certification.id, func.count().over()).join(Certification).where(*of_body)
    row = session.execute(draft.order_by(Certification.code, CertificationVersion.number.desc()).limit(1)).first()
    if row is None:
        return 0, None
    version_id, certification_id, count = row
    (summary,) = _rows(session, Certification.id == certification_id, 0)
    return count, (summary, next(version for version in summary.versions if version.id == version_id))


@dataclass(frozen=True, slots=True)
class BaseChoice:
    """A version that a new certification may be copied from."""

    id: UUID
    code: str
    number: int
    title: str
    published_at: datetime | None


def as_uuid(text: str) -> UUID | None:
    """Return the identifier that an address gives; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def list_bases(session: Session, body_id: UUID, wanted: UUID | None = None) -> list[BaseChoice]:
    """Return the versions to copy from, by code, `MAX_CHOICES` at most; the one asked for is always among them."""
    query = (
        select(
            CertificationVersion.id,
            Certification.code,
            CertificationVersion.number,
            CertificationVersion.title,
            CertificationVersion.published_at,
        )
        .join(Certification)
        .where(Certification.body_id == body_id)
        .order_by(Certification.code, CertificationVersion.number.desc())
    )
    asked = session.execute(query.where(CertificationVersion.id == wanted)).all() if wanted else []
    others = session.execute(query.limit(MAX_CHOICES)).all()
    rows = dict.fromkeys((*asked, *others))
    return [BaseChoice(id_, code, number, title, published_at) for id_, code, number, title, published_at in rows]


def has_many_versions(session: Session, body_id: UUID) -> bool:
    """Return whether a body has published more versions than a list of choices holds."""
    query = select(CertificationVersion.id).join(Certification).where(Certification.body_id == body_id)
    published = query.where(CertificationVersion.published_at.is_not(None)).limit(MAX_CHOICES + 1)
    return len(session.scalars(published).all()) > MAX_CHOICES


MOST_NOTICES = 20


@bp.get("/certifications")
@certifier_page(Permission.MANAGE_CERTIFICATION)
def index(body: BodyAccess) -> ResponseReturnValue:
    """List the certifications of the body, drafts to finish first."""
    search = request.args.get("cherche", "")[:200]
    page = load_certifications_page(read_session(), body.id, search, request.args.get("page", 1, int))
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
