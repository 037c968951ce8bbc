"""A person protects their account: a stolen password opens nothing, and nobody is locked out for good."""

import re
import time
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, update

from portfolio.db.engine import Database
from portfolio.domain.account.models import LoginSession, Person, SecondFactor
from portfolio.domain.email.models import OutgoingEmail
from portfolio.web.clock import now
from tests import factories
from tests.page import CheckedClient

PASSWORD = factories.PASSWORD


@pytest.fixture
def email(store: Database) -> str:
    with store.transaction() as session:
        body = factories.body(session)
        return factories.certifier(session, body.id, "Hélène Roche").email


def _shown_secret(page: str) -> str:
    secret = re.search(r"<code class=\"secret\" data-copied>([A-Z2-7 ]+)</code>", page)
    assert secret
    return secret[1].replace(" ", "")


def _wait_for_room_in_the_step(totp: pyotp.TOTP) -> None:
    """Wait, when a step ends within five seconds: the code of the step before would be too old on arrival."""
    left = totp.interval - time.time() % totp.interval
    if left < 5:
        time.sleep(left)


def _add_factor(client: CheckedClient) -> tuple[pyotp.TOTP, list[str]]:
    client.send("/compte/double-authentification/ajouter", {}, form="/compte/double-authentification")
    page = client.get("/compte/double-authentification").get_data(as_text=True)
    return _add_factor_of(client, _shown_secret(page))


def _add_factor_of(client: CheckedClient, secret: str) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(secret)
    _wait_for_room_in_the_step(totp)
    answer = client.send("/compte/double-authentification", {"code": totp.at(now() - timedelta(seconds=30))})
    codes = re.findall(r"<code class=\"nowrap\">([a-z2-7-]{19})</code>", answer.get_data(as_text=True))
    assert len(codes) == 10
    return totp, codes


def _password_only(client: CheckedClient, email: str):
    client.send("/deconnexion", form="/compte")
    return client.send("/connexion", {"email": email, "password": PASSWORD})


def test_a_stolen_password_opens_nothing_and_a_code_opens(client: CheckedClient, email: str):
    client.log_in(email, PASSWORD)
    totp, codes = _add_factor(client)
    answer = _password_only(client, email)
    assert "Votre code" in answer.get_data(as_text=True)
    for path in ("/organisme", "/candidatures", "/compte"):
        assert client.get(path).status_code == 303, path
    assert client.send("/connexion/code", {"code": "000000"}).status_code == 422
    assert client.get("/compte").status_code == 303
    assert client.send("/connexion/code", {"code": totp.at(now())}).status_code == 303
    assert client.get("/compte").status_code == 200
    _password_only(client, email)
    assert client.send("/connexion/code", {"code": codes[0]}).status_code == 303
    assert "9 codes de secours" in client.page("/compte").text.replace("\u00a0", " ")


def test_a_phone_alone_is_enough_to_add_an_application_and_to_type_a_recovery_code(client: CheckedClient, email: str):
    client.log_in(email, PASSWORD)
    path = "/compte/double-authentification"
    client.send(f"{path}/ajouter", {}, form=path)
    page = client.page(path)
    [link] = [a["href"] for a in page.all("a") if a.get("href", "").startswith("otpauth://")]
    assert _shown_secret(client.get(path).text) in link
    assert page.all("div", **{"data-module": "copy"})
    _add_factor_of(client, _shown_secret(client.get(path).text))
    [field] = client.page(path).all("input", name="code")
    assert field.get("inputmode", "text") == "text", "recovery codes have letters"
    _password_only(client, email)
    [field] = client.page("/connexion/code").all("input", name="code")
    assert field.get("inputmode", "text") == "text"


def test_a_page_read_prepares_nothing_and_a_secret_never_confirmed_is_replaced(
    client: CheckedClient, store: Database, email: str
):
    client.log_in(email, PASSWORD)
    path = "/compte/double-authentification"
    assert "qr-box" not in client.get(path).text
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(SecondFactor)) == 0
    client.send(f"{path}/ajouter", {}, form=path)
    shown = client.get(path).text
    assert "qr-box" in shown
    client.send(f"{path}/ajouter", {}, form=path)
    assert _shown_secret(client.get(path).text) == _shown_secret(shown), "a second click changes nothing"
    with store.transaction() as session:
        session.execute(update(SecondFactor).values(created_at=now() - timedelta(hours=2)))
    assert "qr-box" not in client.get(path).text
    client.send(f"{path}/ajouter", {}, form=path)
    assert _shown_secret(client.get(path).text) != _shown_secret(shown)


def test_a_link_to_a_new_password_does_not_go_round_the_second_factor(
    client: CheckedClient, store: Database, email: str
):
    client.log_in(email, PASSWORD)
    _add_factor(client)
    client.send("/deconnexion", form="/compte")
    client.send("/mot-de-passe", {"email": email})
    with store.reader() as session:
        texts = session.scalars(select(OutgoingEmail.text).where(OutgoingEmail.kind == "reset")).all()
    path = re.search(r"/invitation/[\w-]+", texts[-1])
    assert path
    new = "cinq vagues et un phare"
    answer = client.send(path[0], {"password": new, "password_again": new})
    assert answer.headers["Location"].endswith("/connexion/code")
    assert client.get("/compte").status_code == 303


@pytest.mark.records("second_factor_throttled")
def test_ten_codes_are_all_and_a_right_one_then_waits(client: CheckedClient, email: str):
    client.log_in(email, PASSWORD)
    totp, _ = _add_factor(client)
    _password_only(client, email)
    statuses = [client.send("/connexion/code", {"code": "000000"}).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert client.send("/connexion/code", {"code": totp.at(now())}).status_code == 429


def test_people_named_by_the_setting_add_a_second_factor_before_anything_else(client: CheckedClient, email: str):
    client.log_in(email, PASSWORD)
    settings = client.application.config["SETTINGS"]
    object.__setattr__(settings, "second_factor_for", frozenset({"certifier"}))
    try:
        assert client.get("/organisme").headers["Location"].endswith("/compte/double-authentification")
        _add_factor(client)
        assert client.get("/organisme").status_code == 200
    finally:
        object.__setattr__(settings, "second_factor_for", frozenset())


@pytest.mark.records("session_ended")
def test_a_person_sees_their_sessions_and_ends_another_one(client: CheckedClient, store: Database, email: str):
    client.log_in(email, PASSWORD)
    other = client.application.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', other.get("/connexion").get_data(as_text=True))
    assert token
    origin = {"Origin": "http://localhost", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/130"}
    other.post("/connexion", data={"email": email, "password": PASSWORD, "csrf_token": token[1]}, headers=origin)
    page = client.page("/compte")
    assert "Firefox, Linux" in page.text
    with store.reader() as session:
        letters = session.scalars(select(OutgoingEmail.kind).where(OutgoingEmail.kind == "new_device")).all()
    assert len(letters) == 1, "an unknown browser is told by mail"
    client.send("/compte/sessions", {}, form="/compte")
    assert other.get("/compte").status_code == 303
    assert client.get("/compte").status_code == 200


@pytest.mark.records("other_sessions_ended")
def test_every_other_session_ends_at_once(client: CheckedClient, store: Database, email: str):
    client.log_in(email, PASSWORD)
    others = [client.application.test_client() for _ in range(2)]
    for other in others:
        other.log_in(email, PASSWORD)
    typed = {"csrf_token": client.page("/compte").hidden("csrf_token")}
    assert client.post("/compte/sessions", data=typed).status_code == 303
    assert [other.get("/compte").status_code for other in others] == [303, 303]
    assert "Vos autres sessions sont fermées." in client.page("/compte").text


@pytest.mark.records("account_renamed")
def test_a_person_changes_the_name_of_their_account(client: CheckedClient, store: Database, email: str):
    client.log_in(email, PASSWORD)
    assert client.send("/compte/nom", {"name": " "}, form="/compte").status_code == 422
    assert client.send("/compte/nom", {"name": "Hélène Roche-Le Goff"}, form="/compte").status_code == 303
    with store.reader() as session:
        assert session.scalars(select(Person.name).where(Person.email == email)).one() == "Hélène Roche-Le Goff"


def test_a_session_left_unused_ends(client: CheckedClient, store: Database, email: str):
    client.log_in(email, PASSWORD)
    assert client.get("/compte").status_code == 200
    with store.transaction() as session:
        session.execute(update(LoginSession).values(last_seen_at=now() - timedelta(hours=4)))
    assert client.get("/compte").status_code == 303


@pytest.mark.records("email_change_asked", "email_changed")
def test_an_address_changes_once_its_link_is_opened_by_its_owner(client: CheckedClient, store: Database, email: str):
    client.log_in(email, PASSWORD)
    client.send("/compte/adresse", {"email": "Helene.Nouvelle@exemple.fr", "current_password": "faux mot de passe"})
    with store.reader() as session:
        assert session.scalar(select(func.count()).where(OutgoingEmail.kind == "email_change")) == 0
    client.send("/compte/adresse", {"email": "Helene.Nouvelle@exemple.fr", "current_password": PASSWORD})
    with store.reader() as session:
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "email_change")).one()
        assert (mail.email, mail.person_id) == ("helene.nouvelle@exemple.fr", None)
    path = re.search(r"/compte/adresse/[\w-]+", mail.text)
    assert path
    client.send(path[0], {})
    with store.reader() as session:
        assert session.scalar(select(Person.id).where(Person.email == "helene.nouvelle@exemple.fr"))
        assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "email_changed")).one().email == email
    assert client.get(path[0]).status_code == 200
    assert client.send(path[0], {}).status_code == 404


@pytest.mark.records("password_changed")
def test_a_password_changed_ends_the_other_sessions(client: CheckedClient, email: str):
    client.log_in(email, PASSWORD)
    new = "cinq vagues et un phare"
    asked = {"password": new, "password_again": new, "current_password": PASSWORD}
    assert client.send("/compte/mot-de-passe", asked).status_code == 303
    client.send("/deconnexion", form="/compte")
    client.log_in(email, new)
    assert client.get("/compte").status_code == 200
