"""Passkeys in a real Chromium, with its virtual authenticator: added, used to enter and to sign, refused when
anything is wrong.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import func, select, update
from werkzeug.serving import make_server

from portfolio import create_app
from portfolio.domain.account import passkeys
from portfolio.domain.account.models import Passkey, PasskeyChallenge, Person, RecoveryCode
from portfolio.domain.account.passkeys import Site
from portfolio.domain.account.rules import PasskeyPurpose
from portfolio.domain.account.second_factor import remove_all
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.email.models import OutgoingEmail
from portfolio.web.clock import now
from tests import factories
from tests.applications import close_app, config_for
from tests.axe import violations

PASSWORD = factories.PASSWORD


class Running:
    """The application served on `localhost`, where the standard allows passkeys, and one person."""

    def __init__(self, app: Any, address: str) -> None:
        self.app, self.address, self.store = app, address, app.extensions["database"]
        with self.store.transaction() as session:
            body = factories.body(session)
            self.email = factories.certifier(session, body.id, "Hélène Roche").email
        with self.store.reader() as session:
            self.person_id = session.scalar(select(Person.id).where(Person.email == self.email))

    def count(self, table: type, *where: Any) -> int:
        with self.store.reader() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def change(self, table: type, **values: Any) -> None:
        with self.store.transaction() as session:
            session.execute(update(table).values(**values))


@pytest.fixture
def running(sqlite_url: str, tmp_path: Any) -> Iterator[Running]:
    server = make_server("localhost", 0, lambda environ, start: application(environ, start), threaded=True)
    address = f"http://localhost:{server.server_port}"
    application = create_app(config_for(sqlite_url, tmp_path).with_changes(address=address))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Running(application, address)
    server.shutdown()
    thread.join()
    server.server_close()
    close_app(application)


class Device:
    """The virtual authenticator of a page."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(self, is_verified: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_verified})


@contextmanager
def page_of(browser: Browser, running: Running, **more: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=running.address, **more)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def log_in(page: Page, running: Running) -> None:
    page.goto("/connexion")
    page.get_by_label("Adresse électronique").fill(running.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_load_state()


def add_key(page: Page, name: str = "Le téléphone d’Hélène") -> None:
    page.goto("/compte/cles-d-acces")
    page.get_by_label("Nom de la clé").fill(name)
    page.get_by_role("button", name="Créer la clé d’accès").click()


def log_out(page: Page) -> None:
    page.goto("/compte")
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/connexion")


def use_key(page: Page) -> None:
    page.get_by_role("button", name="Utiliser une clé d’accès").click()


@pytest.mark.records("passkey_removed")
def test_a_key_is_added_opens_the_account_signs_and_is_removed(browser: Browser, running: Running):
    with page_of(browser, running) as page:
        Device(page)
        log_in(page, running)
        add_key(page)
        expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()
        assert running.count(RecoveryCode) == 10
        assert running.count(OutgoingEmail, OutgoingEmail.kind == "access_changed") == 1
        log_out(page)
        log_in(page, running)
        expect(page.get_by_role("heading", name="Votre clé d’accès")).to_be_visible()
        assert violations(page) == []
        page.goto("/compte")
        assert page.get_by_role("heading", name="Mon compte").count() == 0, "the password alone opens nothing"
        page.goto("/connexion/code")
        use_key(page)
        page.wait_for_url("**/organisme")
        page.goto("/compte/cles-d-acces")
        expect(page.get_by_text("Le téléphone d’Hélène", exact=True)).to_be_visible()
        assert violations(page) == []
        page.get_by_role("link", name="Retirer").click()
        page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
        page.get_by_role("button", name="Retirer la clé").click()
        assert running.count(Passkey) == 1, "without the key or a code, nothing is removed"
        page.get_by_label("Votre mot de passe actuel").fill(PASSWORD)
        use_key(page)
        expect(page.get_by_text("Clé d’accès vérifiée")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Retirer la clé").click()
        expect(page.get_by_text("La clé d’accès est retirée")).to_be_visible()
        assert (running.count(Passkey), running.count(RecoveryCode)) == (0, 0)


def test_a_counter_that_goes_back_and_a_user_who_is_not_verified_are_refused(browser: Browser, running: Running):
    with page_of(browser, running) as page:
        device = Device(page)
        log_in(page, running)
        add_key(page)
        page.get_by_role("link", name="C’est fait").click()
        log_out(page)
        log_in(page, running)
        running.change(Passkey, sign_count=1000)
        use_key(page)
        expect(page.get_by_text("n’a pas été acceptée").first).to_be_visible()
        running.change(Passkey, sign_count=0)
        device.verifies(False)
        use_key(page)
        page.wait_for_timeout(1500)
        assert "/connexion/code" in page.url, "the device answered without its user"
        running.change(Passkey, verifies_user=False)
        page.goto("/connexion/code")
        device.verifies(True)
        use_key(page)
        page.wait_for_url("**/organisme")
        assert running.count(AuditEvent, AuditEvent.action == "passkey_refused") >= 1


def test_an_answer_serves_once_and_only_for_what_it_was_asked(browser: Browser, running: Running):
    """The answer of the browser is taken on its way, then sent again: by the same person, for another
    purpose, too late.
    """
    with page_of(browser, running) as page:
        Device(page)
        log_in(page, running)
        add_key(page)
        page.get_by_role("link", name="C’est fait").click()
        log_out(page)
        log_in(page, running)
        page.locator("[data-module=passkey]").evaluate("each => each.removeAttribute('data-submit')")
        site, at = Site("localhost", running.address), now()

        def answer() -> str:
            use_key(page)
            expect(page.get_by_text("Clé d’accès vérifiée")).to_be_visible()
            given = page.locator("input[name=passkey]").input_value()
            page.locator("[role=status]").first.evaluate("each => { each.textContent = '' }")
            return given

        def verify(given: str, purpose: PasskeyPurpose = PasskeyPurpose.LOG_IN, **changes: Any) -> bool:
            facts = {"site": site, "at": at, **changes}
            with running.store.transaction() as session:
                person_id = facts.pop("person_id", running.person_id)
                return passkeys.verify(session, person_id, purpose, given, facts["site"], at=facts["at"])

        first = answer()
        assert verify(first)
        assert not verify(first), "the same answer again"
        assert not verify(answer(), PasskeyPurpose.SIGN), "made to enter, used to sign"
        assert not verify(answer(), at=at + timedelta(minutes=6)), "too late"
        assert not verify(answer(), site=Site("localhost", "http://ailleurs.exemple")), "another origin"
        assert not verify(answer(), site=Site("ailleurs.exemple", running.address)), "another site"
        with running.store.transaction() as session:
            other = factories.person(session, "Luc Autre", "luc.autre@exemple.fr").id
        assert not verify(answer(), person_id=other), "another person"
        forged = json.loads(answer())
        forged["response"]["signature"] = forged["response"]["signature"][:-8] + "AAAAAAAA"
        assert not verify(json.dumps(forged)), "a signature that is not of the key"
        for nonsense in ("", "{}", "[]", "null", '{"response": {"clientDataJSON": "!"}}', "x" * 30_000):
            assert not verify(nonsense)
        assert verify(answer()), "the right answer still serves"
        assert running.count(PasskeyChallenge, PasskeyChallenge.purpose == PasskeyPurpose.LOG_IN) <= 8


def test_a_recovery_code_and_the_body_let_in_a_person_who_lost_their_key(browser: Browser, running: Running):
    with page_of(browser, running) as page:
        Device(page)
        log_in(page, running)
        add_key(page)
        code = page.locator(".codes code").first.inner_text()
        page.get_by_role("link", name="C’est fait").click()
        log_out(page)
    with page_of(browser, running, java_script_enabled=False) as page:
        log_in(page, running)
        assert not page.get_by_role("button", name="Utiliser une clé d’accès").is_visible()
        page.get_by_label("Code de secours").fill(code)
        page.get_by_role("button", name="Entrer avec ce code").click()
        page.wait_for_url("**/organisme")
    with running.store.transaction() as session:
        assert remove_all(session, running.person_id, by=None, at=now())
    with page_of(browser, running) as page:
        log_in(page, running)
        page.wait_for_url("**/organisme")


@pytest.mark.records("passkey_added")
def test_a_key_is_added_only_after_the_password_and_never_twice(browser: Browser, running: Running):
    with page_of(browser, running) as page:
        Device(page)
        log_in(page, running)
        add_key(page, "Premier nom")
        page.get_by_role("link", name="C’est fait").click()
        add_key(page, "Second nom")
        expect(page.get_by_text("La clé n’a pas été créée")).to_be_visible()
        assert running.count(Passkey) == 1


def test_a_site_without_a_host_name_proposes_no_key(client, store, app):
    object.__setattr__(app.config["SETTINGS"], "address", "http://127.0.0.1:8000")
    with store.transaction() as session:
        body = factories.body(session)
        email = factories.certifier(session, body.id, "Hélène Roche").email
    client.log_in(email, PASSWORD)
    assert "demandent un site en https" in client.page("/compte/cles-d-acces").text
    assert client.send("/compte/cles-d-acces/defi", {}, form="/compte").status_code == 404


def test_the_password_is_asked_again_when_it_was_not_just_given(client, store):
    with store.transaction() as session:
        body = factories.body(session)
        email = factories.certifier(session, body.id, "Hélène Roche").email
    client.log_in(email, PASSWORD)
    with client.session_transaction() as kept:
        kept["proved_at"] = 0
    assert client.send("/compte/cles-d-acces/defi", {}, form="/compte").status_code == 403
    path = "/compte/cles-d-acces/confirmer"
    assert client.send(path, {"current_password": "faux"}, form="/compte/cles-d-acces").status_code == 422
    assert client.send(path, {"current_password": PASSWORD}, form="/compte/cles-d-acces").status_code == 303
    options = client.send("/compte/cles-d-acces/defi", {}, form="/compte/cles-d-acces").get_json()
    assert options["rp"] == {"id": "localhost", "name": "Acquis"}
