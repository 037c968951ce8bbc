"""Sign in by an OpenID provider: go there, come back, link an identity to an account, log out.

The answer of a provider arrives by a GET: the one reading of the product that has an effect, because the
protocol wants it. It has one only for the browser that began, once, and within minutes.

The OpenID providers of this installation, and what the browser keeps of a sign-in by one of them.
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Flask, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from config import Config
from portfolio.access.decorators import own_page, public_page
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account import identities, second_factor, use_cases
from portfolio.domain.account.identities import Answered, ProvenIdentity
from portfolio.domain.account.models import Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.account.second_factor import decrypt, encrypt
from portfolio.domain.account.throttle import Attempt
from portfolio.screens.account.login import session_start
from portfolio.screens.account.login.forms import LoginForm
from portfolio.screens.account.login.session_start import IDENTITY_TO_LINK, has_just_proved
from portfolio.screens.account.reauthentication import password_is_right
from portfolio.screens.account.security.forms import ConfirmForm
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.form_recovery import own_page as own_path
from portfolio.web.form_recovery import safe_path
from portfolio.web.openid import OpenIdClient, OpenIdError, OpenIdFault, SignedIn
from portfolio.wording.account import ANOTHER_ACCOUNT, INVITATION_OVER, openid_message

bp = blueprint_of(__name__)

# What the signed cookie keeps: the state of a sign-in under way and where the person was going; where a
# logout goes on.
STATE, NEXT, LEAVING = "provider_state", "provider_next", "leaving"
_PURPOSE = "id token"


def init_app(app: Flask, config: Config) -> None:
    """Give the application a client for each provider of the settings, and templates their buttons."""
    clients = {each.name: OpenIdClient(each, config.address) for each in config.openid_providers}
    app.extensions["openid"] = clients
    app.jinja_env.globals["openid_providers"] = config.openid_providers


def client_of(name: str) -> OpenIdClient:
    """Return the client of a provider; the page does not exist for a name that the settings do not have."""
    clients: Mapping[str, OpenIdClient] = current_app.extensions["openid"]
    return clients[name] if name in clients else abort(404)


def label_of(name: str) -> str:
    """Return what a provider is called; the name itself for one that the settings no longer have."""
    clients: Mapping[str, OpenIdClient] = current_app.extensions["openid"]
    return clients[name].provider.label if name in clients else name


def waiting_identity() -> ProvenIdentity | None:
    """Return the identity that this browser proved and that waits for its account."""
    state = session.get(IDENTITY_TO_LINK)
    return identities.find_answer(read_session(), state, at=now()) if isinstance(state, str) else None


def sealed_id_token(id_token: str) -> bytes:
    """Return an ID token encrypted under the key of the installation."""
    return encrypt(id_token, str(current_app.config["SECRET_KEY"]), _PURPOSE)


def provider_logout_url(name: str, sealed: bytes) -> str | None:
    """Return where the browser ends the session of a provider; None when it has no such page, or is no longer
    in the settings.
    """
    id_token = decrypt(sealed, str(current_app.config["SECRET_KEY"]), _PURPOSE)
    client: OpenIdClient | None = current_app.extensions["openid"].get(name)
    return client.logout_url(id_token, secrets.token_urlsafe(16)) if client and id_token else None


@bp.post("/connexion/avec/<name>")
@public_page
def start(name: str) -> ResponseReturnValue:
    """Begin a sign-in by a provider."""
    return begin_sign_in(name)


@bp.post("/invitation/<token>/avec/<name>")
@public_page
def start_invited(token: str, name: str) -> ResponseReturnValue:
    """Begin a sign-in that answers an invitation."""
    if use_cases.find_token(read_session(), token, at=now()) is None:
        return render_template("shared/link_used.html"), 404
    return begin_sign_in(name, invitation=token)


@bp.post("/compte/identites/<name>")
@own_page
def start_linking(name: str) -> ResponseReturnValue:
    """Begin a sign-in whose identity the person connected wants to link to their account."""
    return begin_sign_in(name, person_id=current_user.id)


def begin_sign_in(name: str, **purpose: Any) -> ResponseReturnValue:
    """Keep what the answer will be compared with, and lead to the page that goes to the provider."""
    client_of(name)
    with transaction() as db:
        started = identities.start(db, name, at=now(), **purpose)
    session[STATE], session[NEXT] = started.state, own_path(request.form.get("suite", ""))
    return redirect(url_for(".go"), 303)


@bp.get("/connexion/vers")
@public_page
def go() -> ResponseReturnValue:
    """Lead to the provider: by a page, since our content policy lets no form lead to another site."""
    found = identities.find_started(read_session(), str(session.get(STATE, "")), at=now())
    if found is None:
        return _refused("", OpenIdFault.STATE)
    client, started = client_of(found[0]), found[1]
    try:
        url = client.authorization_url(started.state, started.nonce, started.code_verifier)
    except OpenIdError as error:
        return _failed(client.provider.name, error)
    return render_template("account/login/provider_go.html", url=url, label=client.provider.label, is_leaving=False)


@bp.get("/connexion/retour/<name>")
@public_page
def answer(name: str) -> ResponseReturnValue:
    """Take the answer of a provider, once, and check all of it before anybody is let in."""
    client, state = client_of(name), request.args.get("state", "")
    if not hmac.compare_digest(str(session.get(STATE, "")).encode(), state.encode()) or not state:
        return _refused(name, OpenIdFault.STATE)
    with transaction() as db:
        answered = identities.take_answer(db, state, name, at=now())
    session.pop(STATE, None)
    if answered is None:
        return _refused(name, OpenIdFault.STATE)
    try:
        code = client.check_answer(request.args)
        signed_in = client.exchange(code, answered.code_verifier, answered.nonce, at=now())
    except OpenIdError as error:
        return _failed(name, error)
    identity = ProvenIdentity(name, signed_in.issuer, signed_in.subject, signed_in.label)
    with transaction() as db:
        identities.keep_answer(db, state, identity, sealed_id_token(signed_in.id_token), at=now())
    if answered.person_id is not None:
        return _link_own(answered, identity, state)
    if answered.invitation_digest is not None:
        return _accept_invitation(answered.invitation_digest, identity, signed_in, state)
    return _enter(identity, signed_in, state)


def _link_own(answered: Answered, identity: ProvenIdentity, state: str) -> ResponseReturnValue:
    """Lead who asked to link the identity to the page that does, if they are still the one connected."""
    if not current_user.is_authenticated or current_user.id != answered.person_id:
        return _refused(identity.provider, OpenIdFault.STATE)
    owner = identities.find_owner(read_session(), identity.issuer, identity.subject)
    if owner is not None and owner.id != current_user.id:
        return _page(identity.provider, ANOTHER_ACCOUNT, 409)
    session[IDENTITY_TO_LINK] = state
    return redirect(url_for(".link_form"), 303)


def _accept_invitation(digest: bytes, identity: ProvenIdentity, signed_in: SignedIn, state: str) -> ResponseReturnValue:
    unknown = hash_password(secrets.token_urlsafe(48))
    with transaction() as db:
        person_id = identities.accept_invitation(db, digest, identity, unknown, at=now())
        person = db.get(Person, person_id) if person_id else None
    return _let_in(person, signed_in, identity, state) if person else _page(identity.provider, INVITATION_OVER, 409)


def _enter(identity: ProvenIdentity, signed_in: SignedIn, state: str) -> ResponseReturnValue:
    """Open the account of the identity; when it has none yet, ask the person to prove which one is theirs."""
    person = identities.find_owner(read_session(), identity.issuer, identity.subject)
    if person is None:
        session[IDENTITY_TO_LINK] = state
        return redirect(url_for(".link_form" if current_user.is_authenticated else ".unknown"), 303)
    if person.suspended_at is not None:
        return _refused(identity.provider, OpenIdFault.STATE)
    return _let_in(person, signed_in, identity, state)


def _let_in(person: Person, signed_in: SignedIn, identity: ProvenIdentity, state: str) -> ResponseReturnValue:
    """Start a session, after the code of the second factor unless the provider's own counts."""
    next_page = str(session.get(NEXT, ""))
    with transaction() as db:
        identities.record_use(db, identity.issuer, identity.subject, at=now())
    if not signed_in.is_strong and second_factor.has_second_factor(read_session(), person.id):
        session_start.remember(person.id, person.password_hash, provider=label_of(identity.provider), state=state)
        return redirect(url_for("account.login.code_form"), 303)
    session_start.begin(person.id, Attempt(), provider_state=state)
    return redirect(safe_path(next_page), 303)


@bp.get("/connexion/relier")
@public_page
def unknown() -> ResponseReturnValue:
    """Say that an identity opens no account yet, and let the person log in once to link it."""
    identity = waiting_identity()
    if identity is None:
        return redirect(url_for("account.login.login"), 303)
    return render_template(
        "account/login/provider_unknown.html",
        identity=identity,
        label=label_of(identity.provider),
        form=LoginForm(formdata=None),
    )


@bp.get("/compte/identites/relier")
@own_page
def link_form() -> ResponseReturnValue:
    """Ask the person connected whether the identity that this browser proved is to open their account."""
    identity = waiting_identity()
    if identity is None:
        return redirect(url_for("account.security.account"), 303)
    return _link_page(identity, ConfirmForm(formdata=None))


def _link_page(identity: ProvenIdentity, form: ConfirmForm) -> str:
    asks = not has_just_proved()
    return render_template(
        "account/login/provider_link.html",
        identity=identity,
        label=label_of(identity.provider),
        form=form,
        asks_password=asks,
    )


@bp.post("/compte/identites/relier")
@own_page
def link() -> ResponseReturnValue:
    """Link the identity that waits to the account of the person connected; the password again, unless just given."""
    identity, form = waiting_identity(), ConfirmForm()
    if identity is None:
        return redirect(url_for("account.security.account"), 303)
    if not has_just_proved() and not (form.validate() and password_is_right(form)):
        return _link_page(identity, form), 422
    with transaction() as db:
        is_theirs = identities.link(db, current_user.id, identity, at=now())
    label = label_of(identity.provider)
    _forget()
    if not is_theirs:
        return _page(identity.provider, ANOTHER_ACCOUNT, 409)
    session["notice"] = f"{label} est relié à votre compte. La prochaine fois, vous pouvez entrer par {label}."
    return redirect(url_for("account.security.account"), 303)


@bp.post("/compte/identites/ne-pas-relier")
@own_page
def drop() -> ResponseReturnValue:
    """Forget the identity that waits: it opens nothing."""
    _forget()
    session["notice"] = "Rien n’est relié. Votre compte s’ouvre comme avant."
    return redirect("/", 303)


def _forget() -> None:
    state = session.pop(IDENTITY_TO_LINK, None)
    if isinstance(state, str):
        with transaction() as db:
            identities.forget_answer(db, state)


@bp.get("/compte/identites/<uuid:identity_id>/retirer")
@own_page
def unlink_form(identity_id: UUID) -> ResponseReturnValue:
    """Ask for the password before an identity stops opening the account."""
    return _unlink_page(identity_id, ConfirmForm(formdata=None))


def _unlink_page(identity_id: UUID, form: ConfirmForm) -> str:
    own = identities.list_identities(read_session(), current_user.id)
    label = next((each.label for each in own if each.id == identity_id), None) or abort(404)
    lead = f"« {label} » ne permettra plus d’entrer. Votre mot de passe le permettra toujours."
    words = {"title": "Retirer une identité", "lead": lead, "label": "Retirer"}
    return render_template("shared/change.html", form=form, fields=(), **words)


@bp.post("/compte/identites/<uuid:identity_id>/retirer")
@own_page
def unlink(identity_id: UUID) -> ResponseReturnValue:
    """Stop an identity from opening the account, the password given again."""
    form = ConfirmForm()
    if not form.validate() or not password_is_right(form):
        return _unlink_page(identity_id, form), 422
    with transaction() as db:
        if not identities.unlink(db, current_user.id, identity_id, at=now()):
            abort(404)
    session["notice"] = "L’identité est retirée de votre compte."
    return redirect(url_for("account.security.account"), 303)


@bp.get("/deconnexion/suite")
@public_page
def finish_logout() -> ResponseReturnValue:
    """Say that the session here has ended, and lead to the page that ends that of the provider."""
    url = session.get(LEAVING)
    if not isinstance(url, str):
        return redirect(url_for("account.login.login"), 303)
    return render_template("account/login/provider_go.html", url=url, label="", is_leaving=True)


def _failed(name: str, error: OpenIdError) -> ResponseReturnValue:
    current_app.logger.warning("sign-in by a provider refused: %s %s %s", name, error.fault.value, error.detail)
    return _refused(name, error.fault)


_STATUS = {OpenIdFault.AWAY: 503, OpenIdFault.SETTINGS: 503}


def _refused(name: str, fault: OpenIdFault) -> ResponseReturnValue:
    return _page(name, openid_message(fault, label_of(name) if name else ""), _STATUS.get(fault, 400))


def _page(name: str, message: tuple[str, str], status: int) -> ResponseReturnValue:
    title, text = message
    return render_template("account/login/provider_refused.html", title=title, text=text, name=name), status
