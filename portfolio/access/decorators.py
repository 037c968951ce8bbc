"""The guard of each kind of page: the id in the URL, the object behind it, the policy, then the view.

Record accesses: a guard let a person read another person's dossier, and the response is a page or a file.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from flask import Response, abort, after_this_request, current_app, g, request
from flask import session as remembered
from flask_login import current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from portfolio.access.body import find_body_access, find_version_access, reads_within
from portfolio.access.candidacy import CandidacyAccess, find_candidacy_access
from portfolio.access.certificate import find_certificate_access
from portfolio.access.jury import find_hearing_access, find_session_access, find_submission_access
from portfolio.access.policy import EVERY_MEMBER_ROLE, Permission, Relation, Role, allows, may_know_it_exists, may_write
from portfolio.db.engine import narrow_request, read_session, transaction
from portfolio.domain.access_monitoring.rules import AccessVolume
from portfolio.domain.access_monitoring.use_cases import Access, hour_of, record_access
from portfolio.web.clock import now, today
from portfolio.web.form_recovery import login_required_response

log = structlog.get_logger("acquis")
# The parts of an address that name one file; the pages of a document are that document.
FILES = ("evidence_id", "label", "document_id", "acquisition_id")
# What this process kept already within the hour is not written again.
MAX_RECENT_ACCESSES = 10_000


class RecentAccessCache:
    """The openings that this process kept lately, the oldest forgotten first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[Access, int], None] = OrderedDict()
        self._lock = Lock()

    def is_new(self, opened: Access, hour: int) -> bool:
        """Say whether it was not kept in this hour, and remember it."""
        with self._lock:
            if (opened, hour) in self._entries:
                return False
            self._entries[opened, hour] = None
            if len(self._entries) > MAX_RECENT_ACCESSES:
                self._entries.popitem(last=False)
            return True


def record_object_access(case: Any, inner: dict[str, Any]) -> None:
    """Keep that a guard opened the dossier of somebody else, once it is answered; `inner`: the rest of the address."""
    file = next((f"{name} {inner[name]}" for name in FILES if name in inner), "")
    candidacy = case.id if isinstance(case, CandidacyAccess) else None
    opened = Access(current_user.id, case.body_id, case.candidate_id, file, candidacy)

    @after_this_request
    def _keep(response: Response) -> Response:
        if response.status_code == 200:
            _record(opened)
        return response


def _record(access: Access) -> None:
    """One short write, whose failure never takes a page away from its reader."""
    at, settings = now(), current_app.config["SETTINGS"]
    recent: RecentAccessCache = current_app.extensions.setdefault("openings", RecentAccessCache())
    if not recent.is_new(access, hour_of(at)):
        return
    bounds = AccessVolume(settings.reading_people, settings.reading_files)
    try:
        with transaction() as session:
            alerted = record_access(session, access, bounds, day=today(), at=at, contact=settings.contact)
    except (DBAPIError, NoConnection) as error:
        log.warning("access_not_recorded", kind=type(getattr(error, "orig", error)).__name__)
        return
    if alerted:
        log.warning("bulk_reading", actor=str(access.reader_id), body=str(access.body_id))


# Of a person who acts for several certifying bodies: where a browser remembers for which one, and the field
# that says it.
ACTING_FOR = "acting_for"

View = Callable[..., Any]
Wrap = Callable[[View], View]


class ObjectAccess(Protocol):
    """An object of a URL, and the relation of the person to it."""

    @property
    def standing(self) -> Relation: ...


Finder = Callable[[Session, Any, UUID], ObjectAccess | None]


def _guard(permission: Permission, parameter: str, find: Finder) -> Wrap:
    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            if not current_user.is_authenticated:
                return login_required_response()
            case = find(read_session(), values.pop(parameter), current_user.id)
            if case is None:
                abort(404)
            check_permission(case.standing, permission)
            if getattr(case, "is_erased", False):
                abort(410 if Role.CERTIFIER in case.standing.roles else 404)
            _check_member_writes(case, permission)
            if _reads_another_candidate(case):
                record_object_access(case, values)
            return view(case, **values)

        def sends(values: Mapping[str, Any]) -> bool:
            case = find(read_session(), values.get(parameter), current_user.id)
            return case is not None and may_write(case.standing, permission)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test of the routes
        guarded.may_send = sends  # type: ignore[attr-defined]
        return guarded

    return wrap


def _reads_another_candidate(case: ObjectAccess) -> bool:
    """Say whether this request reads what belongs to another candidate than the person connected."""
    candidate_id: UUID | None = getattr(case, "candidate_id", None)
    return request.method == "GET" and candidate_id not in (None, current_user.id)


def check_permission(relation: Relation, permission: Permission) -> None:
    """Let through, or answer 403 to who may know of the object, 404 to everyone else."""
    if not allows(relation, permission):
        abort(403 if may_know_it_exists(relation, permission) else 404)


def _check_member_writes(case: ObjectAccess, permission: Permission) -> None:
    """Answer 403 to a member who writes without the task; on the pages of one who lacks some task, keep that
    each form is to be asked about (`may_send`).
    """
    if request.method not in ("GET", "HEAD") and not may_write(case.standing, permission):
        abort(403)
    g.lacks_tasks = Role.CERTIFIER in case.standing.roles and not case.standing.roles >= EVERY_MEMBER_ROLE


def may_send(address: str | None = None) -> bool:
    """Return whether the guard of a form lets the person connected send it; a page offers no other one.

    Without an address, the form sends to its own page. A guard answers by its own query, asked for members
    who lack some task only.
    """
    if not g.get("lacks_tasks"):
        return True
    try:
        path = urlsplit(address or request.path).path
        endpoint, values = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return True
    asks = getattr(current_app.view_functions[endpoint], "may_send", None)
    return asks is None or bool(asks(values))


def candidacy_page(permission: Permission) -> Wrap:
    """Guard a page of one candidacy (`candidacy_id` in the URL); the view gets a `CandidacyAccess`."""
    return _guard(permission, "candidacy_id", find_candidacy_access)


def submission_page(permission: Permission) -> Wrap:
    """Guard a page of one sealed dossier (`submission_id`); the view gets a `SubmissionAccess`."""
    return _guard(permission, "submission_id", _until_reading_ends(find_submission_access))


def session_page(permission: Permission) -> Wrap:
    """Guard a page of one jury session (`session_id`); the view gets a `SessionAccess`."""
    return _guard(permission, "session_id", find_session_access)


def hearing_page(permission: Permission) -> Wrap:
    """Guard a page of one hearing (`hearing_id`); the view gets a `HearingAccess`."""
    return _guard(permission, "hearing_id", _until_reading_ends(find_hearing_access))


def _until_reading_ends(find: Callable[..., ObjectAccess | None]) -> Finder:
    """Let jurors read for some days after the minutes are closed; then the object no longer exists for them."""

    def finder(session: Session, id: UUID, person_id: UUID) -> ObjectAccess | None:
        return find(session, id, person_id, readable_since())

    return finder


def readable_since() -> datetime:
    """Return the moment since which closed minutes are still read by those who sat."""
    return now() - timedelta(days=current_app.config["SETTINGS"].juror_days)


def version_page(permission: Permission) -> Wrap:
    """Guard a page of one version of a certification (`version_id`); the view gets a `VersionAccess`."""
    return _guard(permission, "version_id", find_version_access)


def certificate_page(permission: Permission) -> Wrap:
    """Guard a paper of one certificate (`certificate_number`); the view gets a `CertificateAccess`."""
    return _guard(permission, "certificate_number", find_certificate_access)


def certifier_page(permission: Permission, *, keeps_limits: bool = False) -> Wrap:
    """Guard a page of the certifying body that the person acts for; the view gets a `BodyAccess`.

    Of several bodies, a form acts for the one its page was shown for, whatever another window has chosen
    since. A task that is limited to certifications writes here only where the view `keeps_limits`.
    """

    def find(session: Session, _none: UUID, person_id: UUID) -> ObjectAccess | None:
        said = request.form.get(ACTING_FOR) if request.method == "POST" else None
        body = find_body_access(session, person_id, said or remembered.get(ACTING_FOR), only=said is not None)
        g.acting_for = body if body and body.others else None
        if body is not None and body.readable is not None:
            narrow_request(reads_within(body.readable, person_id))
        return body.with_limited_tasks() if body and keeps_limits else body

    def wrap(view: View) -> View:
        guarded = _guard(permission, "_none", find)(view)

        @wraps(guarded)
        def without_id(**values: Any) -> Any:
            return guarded(_none=None, **values)

        return without_id

    return wrap


def own_page(view: View) -> View:
    """Guard a page that shows only what belongs to the person connected, no matter who they are."""

    @wraps(view)
    def guarded(**values: Any) -> Any:
        return view(**values) if current_user.is_authenticated else login_required_response()

    guarded.permission = "own"  # type: ignore[attr-defined]
    return guarded


def public_page(view: View) -> View:
    """Say that a page is for everyone; nothing else is, by default."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view
