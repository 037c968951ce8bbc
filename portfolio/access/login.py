"""Flask-Login over server-side sessions: the cookie carries a random token, the row decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows, is_database_down, read_session, transaction
from portfolio.db.sql_functions import appears_in
from portfolio.domain.account.models import CertifyingBodyMember, LoginSession, Passkey, Person, SecondFactor
from portfolio.domain.account.rules import is_live, token_hash
from portfolio.domain.account.use_cases import touch_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.jury.models.sessions import JuryMember, sits_somewhere
from portfolio.domain.review.use_cases.email_notifications import unread_as_advisor, unread_as_candidate
from portfolio.web.clock import now

# When a person was last seen is kept to the nearest few minutes: a page does not write.
SEEN_EVERY = timedelta(minutes=5)
# Where a person who must add a second factor may still go.
_ALWAYS_OPEN = ("account.security.", "account.login.")


@dataclass(frozen=True)
class RolesOverview:
    """Homes that a person has; it only draws the navigation, it never grants anything."""

    certifies: bool
    advises: bool
    sits: bool
    candidacies: tuple[UUID, ...]
    # What was not read in the conversations of each home.
    unread_as_advisor: int = 0
    unread_as_candidate: int = 0
    # Those of the candidacies that have no livret 2.
    without_dossier: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class CurrentUser(UserMixin):
    """The person of this request, their homes, and the token of their session."""

    id: UUID
    name: str
    email: str
    roles: RolesOverview
    token: str
    has_application: bool = False
    has_passkeys: bool = False
    presides: bool = False
    last_seen_at: datetime | None = None

    def get_id(self) -> str:
        """Return the token that Flask-Login keeps in the cookie, never the id of the person."""
        return self.token

    @property
    def has_second_factor(self) -> bool:
        """Tell whether the person has an authenticator application or a passkey."""
        return self.has_application or self.has_passkeys

    @property
    def must_add_second_factor(self) -> bool:
        """Tell whether the installation asks people who do what they do for a second factor that they do not have."""
        asked = current_app.config["SETTINGS"].second_factor_for
        kinds = {"certifier": self.roles.certifies, "advisor": self.roles.advises, "president": self.presides}
        return not self.has_second_factor and any(kinds.get(kind) for kind in asked)


_own = aliased(Candidacy)


# Asked at every request, so built once.
_VISIT = (
    select(
        *(
            Person.id,
            Person.name,
            Person.email,
            LoginSession.expires_at,
            LoginSession.ended_at,
            _own.id.label("candidacy_id"),
        ),
        func.coalesce(LoginSession.last_seen_at, LoginSession.started_at).label("last_seen_at"),
        exists()
        .where(SecondFactor.person_id == Person.id, SecondFactor.confirmed_at.is_not(None))
        .label("has_application"),
        exists().where(Passkey.person_id == Person.id).label("has_passkeys"),
        and_(
            appears_in(JuryMember.person_id, Person.id),
            exists().where(JuryMember.person_id == Person.id, JuryMember.seat == Seat.PRESIDENT),
        ).label("presides"),
        Dossier.is_required.label("has_dossier"),
        exists().where(CertifyingBodyMember.person_id == Person.id).label("certifies"),
        appears_in(Candidacy.advisor_id, Person.id).label("advises"),
        sits_somewhere(Person.id).label("sits"),
        unread_as_advisor(Person.id).label("unread_as_advisor"),
        unread_as_candidate(Person.id).label("unread_as_candidate"),
    )
    .select_from(LoginSession)
    .join(LoginSession.person)
    .outerjoin(_own, _own.candidate_id == Person.id)
    .outerjoin(Dossier, Dossier.candidacy_id == _own.id)
    .where(LoginSession.token_digest == bindparam("token"), Person.suspended_at.is_(None))
    .order_by(_own.opened_at)
)


def load_user_by_token(
    session: Session, token: str, *, at: datetime, idle: timedelta | None = None
) -> CurrentUser | None:
    """Answer who holds this token and their homes, in one query.

    None when its session has ended, was left unused for longer than `idle`, or when the person is suspended.
    """
    rows = fetch_rows(session, _VISIT, {"token": token_hash(token)})
    if not rows or not is_live(rows[0].expires_at, rows[0].ended_at, at):
        return None
    if idle is not None and rows[0].last_seen_at < at - idle:
        return None
    person = rows[0]
    candidacies = tuple(row.candidacy_id for row in rows if row.candidacy_id is not None)
    without = frozenset(row.candidacy_id for row in rows if row.candidacy_id is not None and not row.has_dossier)
    unread = (person.unread_as_advisor, person.unread_as_candidate)
    roles = RolesOverview(person.certifies, person.advises, person.sits, candidacies, *unread, without)
    facts = (person.has_application, person.has_passkeys, person.presides, person.last_seen_at)
    return CurrentUser(person.id, person.name, person.email, roles, token, *facts)


def load_user(token: str) -> CurrentUser | None:
    """Load the person who holds this session token; at every request, so that a right withdrawn stops at once.

    Nobody, on the page that says that the store does not answer.
    """
    if is_database_down():
        return None
    minutes = current_app.config["SETTINGS"].session_idle_minutes
    idle = timedelta(minutes=minutes) if minutes else None
    user = load_user_by_token(read_session(), token, at=now(), idle=idle)
    if user is not None:
        g.has_application, g.has_passkeys = user.has_application, user.has_passkeys
    return user


def require_second_factor() -> ResponseReturnValue | None:
    """Lead a person who must add a second factor to the page that adds one, from any page but those of
    their account.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "permission", "public") == "public":
        return None
    if str(request.endpoint).startswith(_ALWAYS_OPEN) or not current_user.is_authenticated:
        return None
    return redirect(url_for("account.security.second_factor"), 303) if current_user.must_add_second_factor else None


def note_presence(response: Response) -> Response:
    """Keep when the person of this request was last seen, once in a few minutes; a store that is busy loses
    nothing by it.
    """
    user = g.get("_login_user")
    seen = getattr(user, "last_seen_at", None)
    if user is not None and seen is not None and now() - seen > SEEN_EVERY and not is_database_down():
        try:
            with transaction() as db:
                touch_session(db, user.token, at=now())
        except DBAPIError:
            current_app.logger.info("the moment of a visit was not kept")
    return response


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to know people, and keep a session that a clock ahead has signed."""
    app.session_interface = SkewTolerantSessions()
    manager = LoginManager()
    manager.session_protection = None  # the token is random and ends on the server; nothing else identifies
    manager.user_loader(load_user)
    manager.init_app(app)
    app.before_request(require_second_factor)
    app.after_request(note_presence)


class SkewTolerantSigner(TimestampSigner):
    """Accept a signature dated after now: it is ours, so the clock is wrong, not the cookie.

    The clock of this machine stepped back, or another process a little ahead of it signed. The row of a
    session says when it ends.
    """

    def unsign(self, *args: Any, **kwargs: Any) -> Any:
        """Return what was signed; raise SignatureExpired when it is older than `max_age` seconds."""
        try:
            return super().unsign(*args, **kwargs)
        except SignatureExpired as error:
            if error.date_signed is None or error.date_signed <= self.timestamp_to_datetime(self.get_timestamp()):
                raise
        return super().unsign(*args, **{**kwargs, "max_age": None})


class SkewTolerantSessions(SecureCookieSessionInterface):
    """Keep the session of Flask in a cookie that the clock of another process may have signed."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the serializer of Flask, with the signer above."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = SkewTolerantSigner
        return serializer
