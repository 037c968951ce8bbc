"""Signing in by an OpenID provider: a real one, on loopback. What it gets wrong lets nobody in."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
import requests
from flask import Flask
from sqlalchemy import func, select, update

from config import Config, OpenIdPreset, OpenIdProvider
from portfolio import create_app
from portfolio.db.engine import Database
from portfolio.domain.account import second_factor
from portfolio.domain.account.models import LinkedIdentity, LoginSession, Person, ProviderLogin, ProviderSession
from portfolio.domain.account.use_cases import find_account, invite
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.integrity_checks.rules import State
from portfolio.run.doctor import examine
from portfolio.web.clock import now
from portfolio.wording.doctor import finding_message
from tests import factories
from tests.account.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, User, running
from tests.applications import close_app, config_for
from tests.page import CheckedClient

NAME, BACK = "essai", "http://localhost/connexion/retour/essai"
PASSWORD = factories.PASSWORD


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running(BACK) as provider:
        yield provider


@pytest.fixture
def provider(server: Provider) -> Provider:
    """Return the provider, well again after each test."""
    fresh = Provider(issuer=server.issuer, key=server.key, curve_key=server.curve_key, stranger=server.stranger)
    fresh.codes, fresh.tokens = server.codes, server.tokens
    vars(server).update(vars(fresh))
    return server


def settings_of(provider: Provider, **changes: object) -> OpenIdProvider:
    said = {"issuer": provider.issuer, "label": "Essai", "scopes": "openid profile email", **changes}
    return OpenIdProvider(name=NAME, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, **said)  # type: ignore[arg-type]


@pytest.fixture
def openid(request: pytest.FixtureRequest, provider: Provider) -> OpenIdProvider:
    """Return the settings of the provider; a test changes them by its parameter."""
    return settings_of(provider, **getattr(request, "param", {}))


@pytest.fixture
def config(sqlite_url: str, tmp_path: Path, openid: OpenIdProvider) -> Config:
    return config_for(sqlite_url, tmp_path).with_changes(openid_providers=(openid,))


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    application = create_app(config)
    application.test_client_class = CheckedClient
    yield application
    close_app(application)


@pytest.fixture
def email(store: Database) -> str:
    with store.transaction() as session:
        body = factories.body(session)
        return factories.certifier(session, body.id, "Hélène Roche").email


def answer_of(client: CheckedClient, start: str = f"/connexion/avec/{NAME}", form: str = "/connexion") -> str:
    """Go to the provider as a browser would, and return the address by which it sends the browser back."""
    sent = client.send(start, {}, form=form)
    assert sent.headers["Location"].endswith("/connexion/vers")
    page = client.page("/connexion/vers")
    address = page.all("meta", http_equiv="refresh")[0]["content"].removeprefix("0;url=")
    back = requests.get(address, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    return f"{parts.path}?{parts.query}"


def link(client: CheckedClient, email: str) -> None:
    """Sign in by the provider for the first time, prove the account by its password, and link."""
    assert client.get(answer_of(client)).headers["Location"].endswith("/connexion/relier")
    sent = client.send("/connexion", {"email": email, "password": PASSWORD}, form="/connexion/relier")
    assert sent.headers["Location"].endswith("/compte/identites/relier")
    client.send("/compte/identites/relier", {})


def is_connected(client: CheckedClient) -> bool:
    return client.get("/compte").status_code == 200


def count(store: Database, table: type) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_identity_opens_the_account_that_its_owner_proved(client, store, provider, email):
    link(client, email)
    with store.reader() as session:
        row = session.scalars(select(LinkedIdentity)).one()
        assert (row.issuer, row.subject) == (provider.issuer, "sujet-1")
        assert session.scalars(select(OutgoingEmail.kind).where(OutgoingEmail.kind == "access_changed")).one()
    client.send("/deconnexion", form="/compte")
    assert not is_connected(client)
    assert client.get(answer_of(client)).status_code == 303
    assert is_connected(client)
    assert "Hélène Roche (helene@exemple.fr)" in client.page("/compte").text


def test_pkce_state_and_nonce_are_sent_and_are_new_each_time(client, provider, email):
    for _ in range(2):
        client.get(answer_of(client))
    first, second = provider.asked
    assert first["code_challenge_method"] == "S256"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


def test_the_address_that_a_provider_gives_opens_nothing_verified_or_not(client, store, provider, email):
    provider.user = User("un-voleur", {"name": "Un voleur", "email": email, "email_verified": True})
    provider.token_claims = {"email": email, "email_verified": True}
    client.get(answer_of(client))
    assert not is_connected(client)
    assert count(store, LinkedIdentity) == 0


def test_an_identity_that_another_browser_proved_is_not_offered(client, app, store, email):
    client.get(answer_of(client))
    other = app.test_client()
    other.log_in(email, PASSWORD)
    assert other.get("/compte/identites/relier").status_code == 303
    other.send("/compte/identites/ne-pas-relier", {}, form="/compte")
    assert count(store, LinkedIdentity) == 0


def test_no_account_is_made_from_an_identity(client, store, email):
    before = count(store, Person)
    client.get(answer_of(client))
    assert "n’est encore reliée à aucun compte" in client.page("/connexion/relier").text
    assert count(store, Person) == before


def _invite(store: Database) -> str:
    with store.transaction() as session:
        body = factories.body(session)
        person = invite(session, "invitee@exemple.fr", "Inès Invitée", body.id, by=None, at=now())
        session.flush()
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == person.id)).one()
        return "/invitation/" + mail.text.partition("/invitation/")[2].split()[0]


@pytest.mark.records("invitation_accepted")
def test_an_invited_person_enters_by_the_provider_without_a_password(client, store, provider):
    path = _invite(store)
    client.get(answer_of(client, f"{path}/avec/{NAME}", path))
    assert is_connected(client)
    assert client.get(path).status_code == 404, "the invitation has served"
    with store.reader() as session:
        assert find_account(session, "invitee@exemple.fr").password_hash
        assert session.scalars(select(LinkedIdentity)).one().subject == "sujet-1"


def test_an_identity_of_somebody_accepts_no_invitation_of_another(client, store, provider, email):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    path = _invite(store)
    answer = client.get(answer_of(client, f"{path}/avec/{NAME}", path))
    assert answer.status_code == 409
    assert not is_connected(client)
    assert client.get(path).status_code == 200, "the invitation still serves"


WRONG = {
    "issuer": {"token_claims": {"iss": "https://ailleurs.exemple"}},
    "audience": {"token_claims": {"aud": ["un-autre-client"]}},
    "audience beside ours, without azp": {"token_claims": {"aud": [CLIENT_ID, "un-autre"]}},
    "azp": {"token_claims": {"azp": "un-autre-client"}},
    "nonce": {"token_claims": {"nonce": "un-autre-nonce"}},
    "expired": {"token_claims": {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}},
    "from the future": {"token_claims": {"iat": int(time.time()) + 7200, "exp": int(time.time()) + 9000}},
    "access token": {"token_claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "no subject": {"token_claims": {"sub": ""}},
    "alg none": {"algorithm": "none"},
    "public key as a secret": {"algorithm": "HS256"},
    "key of a stranger": {"signs_with_known_key": False},
    "user information of another": {"userinfo": {"sub": "quelqu-un-d-autre"}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_answer_lets_nobody_in(client, store, provider, email, wrong):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    vars(provider).update(wrong)
    answer = client.get(answer_of(client))
    assert answer.status_code == 400
    assert "n’a pas pu être vérifiée" in answer.text
    assert not is_connected(client)
    vars(provider).update(Provider(issuer=provider.issuer, key=provider.key, curve_key=provider.curve_key).__dict__)
    client.get(answer_of(client))
    assert is_connected(client), "the right answer enters"


def test_an_elliptic_signature_is_read(client, provider, email):
    provider.algorithm = "ES256"
    link(client, email)
    assert is_connected(client)


def test_an_answer_serves_once_and_in_the_browser_that_asked(client, app, store, provider, email):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    path = answer_of(client)
    stranger = app.test_client()
    assert stranger.get(path).status_code == 400, "another browser"
    assert not is_connected(stranger)
    assert client.get(path).status_code == 303
    client.send("/deconnexion", form="/compte")
    assert client.get(path).status_code == 400, "the same answer again"
    assert not is_connected(client)


def test_a_code_taken_by_another_request_is_refused(client, provider, email):
    """The state is right and new, the code has served: the provider refuses it, and we say so."""
    first = answer_of(client)
    code = first.partition("code=")[2].partition("&")[0]
    client.get(first)
    second = answer_of(client)
    used = second.replace(second.partition("code=")[2].partition("&")[0], code)
    assert client.get(used).status_code == 400


def test_an_answer_that_is_too_late_is_refused(client, store, email):
    path = answer_of(client)
    with store.transaction() as session:
        session.execute(update(ProviderLogin).values(expires_at=now()))
    assert client.get(path).status_code == 400


def test_an_answer_that_names_another_issuer_is_refused(client, provider, email):
    assert client.get(answer_of(client) + "&iss=https%3A%2F%2Failleurs.exemple").status_code == 400


def test_a_provider_that_promises_its_name_and_leaves_it_out_is_refused(client, app, provider, email):
    provider.discovery = {"authorization_response_iss_parameter_supported": True}
    assert client.get(answer_of(client)).status_code == 400


def test_a_person_who_gives_up_is_told_what_to_do(client, provider, email):
    provider.refuses = "access_denied"
    answer = client.get(answer_of(client))
    assert answer.status_code == 400
    assert "a été abandonnée. Recommencez quand vous voulez." in answer.text


def test_a_discovery_of_another_issuer_is_refused(client, provider, email):
    provider.discovery = {"issuer": "https://ailleurs.exemple"}
    client.send(f"/connexion/avec/{NAME}", {}, form="/connexion")
    assert client.get("/connexion/vers").status_code == 503


def test_pages_of_a_provider_in_clear_are_refused(client, provider, email):
    provider.discovery = {"token_endpoint": "http://ailleurs.exemple/token"}
    client.send(f"/connexion/avec/{NAME}", {}, form="/connexion")
    assert client.get("/connexion/vers").status_code == 503


@pytest.mark.parametrize("openid", [{"second_factor": frozenset({"mfa"})}], indirect=True)
@pytest.mark.parametrize(("methods", "is_in"), [(["mfa", "pwd"], True), (["pwd"], False), ([], False)])
def test_the_second_factor_holds_unless_the_settings_accept_that_of_the_provider(
    client, store, provider, email, methods, is_in
):
    link(client, email)
    _add_factor(store, email)
    client.send("/deconnexion", form="/compte")
    provider.token_claims = {"amr": methods}
    answer = client.get(answer_of(client))
    assert is_connected(client) is is_in
    if not is_in:
        assert answer.headers["Location"].endswith("/connexion/code")
        assert "Essai a confirmé votre identité" in client.page("/connexion/code").text
        assert client.send("/connexion/code", {"code": _add_factor.totp.at(now())}).status_code == 303
        assert is_connected(client)


def test_by_default_no_answer_replaces_the_second_factor(client, store, provider, email):
    link(client, email)
    _add_factor(store, email)
    client.send("/deconnexion", form="/compte")
    provider.token_claims = {"amr": ["mfa"], "acr": "eidas3"}
    client.get(answer_of(client))
    assert not is_connected(client)


def _add_factor(store: Database, email: str) -> None:
    with store.transaction() as session:
        person = session.scalars(select(Person).where(Person.email == email)).one()
        at = now()
        secret = second_factor.prepare(session, person.id, "test", at=at)
        _add_factor.totp = totp = pyotp.TOTP(secret)
        assert second_factor.confirm(session, person.id, totp.at(at - timedelta(seconds=30)), "test", at=at)


@pytest.mark.parametrize("openid", [{"preset": OpenIdPreset.FRANCECONNECT, "acr_values": ("eidas2",)}], indirect=True)
@pytest.mark.parametrize(("level", "status"), [("eidas1", 400), ("", 400), ("eidas2", 303), ("eidas3", 303)])
def test_a_level_below_the_one_asked_for_is_refused(client, provider, email, level, status):
    provider.signs_userinfo = True
    provider.token_claims = {"acr": level} if level else {}
    assert client.get(answer_of(client)).status_code == status
    assert provider.asked[-1]["acr_values"] == "eidas2"


@pytest.mark.parametrize("openid", [{"preset": OpenIdPreset.PROCONNECT}], indirect=True)
def test_proconnect_signs_its_user_information(client, provider, email):
    provider.user = User("sujet-1", {"given_name": "Hélène", "usual_name": "Roche", "email": "h.roche@exemple.fr"})
    assert client.get(answer_of(client)).status_code == 400, "in clear"
    provider.signs_userinfo = True
    client.get(answer_of(client))
    assert "Hélène Roche (h.roche@exemple.fr)" in client.page("/connexion/relier").text
    provider.userinfo = {"aud": "un-autre-client"}
    assert client.get(answer_of(client)).status_code == 400


def test_logging_out_ends_the_session_of_the_provider_too(client, store, provider, email):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    client.get(answer_of(client))
    assert count(store, ProviderSession) == 1
    assert client.send("/deconnexion", form="/compte").headers["Location"].endswith("/deconnexion/suite")
    page = client.page("/deconnexion/suite")
    back = requests.get(page.all("meta", http_equiv="refresh")[0]["content"][6:], allow_redirects=False, timeout=10)
    assert back.headers["Location"] == "http://localhost/connexion"
    assert provider.ended[-1]["id_token_hint"].count(".") == 2
    assert count(store, ProviderSession) == 0
    assert not is_connected(client)


def test_logging_out_when_the_provider_is_away_ends_the_session_here(client, app, provider, email):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    client.get(answer_of(client))
    app.extensions["openid"][NAME]._metadata = None
    provider.discovery = {"issuer": "https://ailleurs.exemple"}
    assert client.send("/deconnexion", form="/compte").headers["Location"].endswith("/connexion")
    assert not is_connected(client)


def test_a_suspended_person_does_not_enter_by_a_provider(client, store, provider, email):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    with store.transaction() as session:
        session.execute(update(Person).where(Person.email == email).values(suspended_at=now()))
    client.get(answer_of(client))
    assert not is_connected(client)


def test_linking_asks_for_the_password_when_it_was_not_just_given(client, store, provider, email):
    client.log_in(email, PASSWORD)
    with client.session_transaction() as kept:
        kept["proved_at"] = 0
    assert client.get(answer_of(client, f"/compte/identites/{NAME}", "/compte")).status_code == 303
    assert client.send("/compte/identites/relier", {}).status_code == 422
    assert count(store, LinkedIdentity) == 0
    assert client.send("/compte/identites/relier", {"current_password": PASSWORD}).status_code == 303
    assert count(store, LinkedIdentity) == 1


@pytest.mark.records("identity_linked", "identity_unlinked", "logged_out", "signature_failed")
def test_an_identity_is_removed_with_the_password_and_opens_nothing_then(client, store, provider, email):
    link(client, email)
    path = next(a["href"] for a in client.page("/compte").all("a") if a["href"].endswith("/retirer"))
    assert client.send(path, {"current_password": "faux mot de passe"}).status_code == 422
    assert client.send(path, {"current_password": PASSWORD}).status_code == 303
    assert count(store, LinkedIdentity) == 0
    client.send("/deconnexion", form="/compte")
    client.get(answer_of(client))
    assert not is_connected(client)


def test_a_new_password_says_that_identities_open_the_account_too(client, store, provider, email):
    link(client, email)
    client.send("/deconnexion", form="/compte")
    client.send("/mot-de-passe", {"email": email})
    with store.reader() as session:
        text = session.scalars(select(OutgoingEmail.text).where(OutgoingEmail.kind == "reset")).one()
    path = "/invitation/" + text.partition("/invitation/")[2].split()[0]
    assert "Continuer avec" not in client.page(path).text, "a provider answers invitations only"
    client.send(path, {"password": "cinq vagues et un phare", "password_again": "cinq vagues et un phare"})
    assert "D’autres identités ouvrent aussi votre compte" in client.page("/compte").text


def test_an_identity_opens_one_account_only(client, app, store, provider, email):
    link(client, email)
    with store.transaction() as session:
        other = factories.person(session, "Luc Autre", "luc.autre@exemple.fr").email
    second = app.test_client()
    second.log_in(other, PASSWORD)
    assert second.get(answer_of(second, f"/compte/identites/{NAME}", "/compte")).status_code == 409
    assert count(store, LinkedIdentity) == 1
    assert count(store, LoginSession) >= 2


def _found(app: Flask) -> tuple[State, str, str]:
    finding = next(each for each in examine(app, now()) if each.check == "openid")
    return finding.state, finding.reason, finding_message(finding)


def test_the_doctor_examines_each_provider(app, provider):
    assert _found(app)[0] is State.OK
    client = app.extensions["openid"][NAME]
    for discovery, state, reason in (
        ({"end_session_endpoint": ""}, State.WARNING, "no_logout"),
        ({"issuer": "https://ailleurs.exemple"}, State.WRONG, "settings"),
    ):
        provider.discovery, client._metadata = discovery, None
        assert _found(app)[:2] == (state, reason)
        assert NAME in _found(app)[2]


@pytest.mark.parametrize("openid", [{"issuer": "http://sso.exemple.fr"}], indirect=True)
def test_the_doctor_refuses_a_provider_in_clear(app):
    assert _found(app)[:2] == (State.WRONG, "clear")


def test_settings_are_read_from_the_environment(tmp_path):
    env = {"DATA": str(tmp_path), "OPENID_PROVIDERS": "franceconnect, mon-reseau"}
    for name in ("FRANCECONNECT", "MON_RESEAU"):
        env |= {f"OPENID_{name}_{key}": f"{name} {key}" for key in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
    env["OPENID_MON_RESEAU_SECOND_FACTOR"] = "mfa, hwk"
    first, second = Config.from_env(env).openid_providers
    assert (first.preset, first.label, first.acr_values) == (OpenIdPreset.FRANCECONNECT, "FranceConnect", ("eidas1",))
    assert (second.preset, second.label, second.second_factor) == (OpenIdPreset.PLAIN, "mon-reseau", {"mfa", "hwk"})
    assert "CLIENT_SECRET" not in repr(first)
    del env["OPENID_MON_RESEAU_ISSUER"]
    with pytest.raises(ValueError, match="OPENID_MON_RESEAU_ISSUER"):
        Config.from_env(env)
