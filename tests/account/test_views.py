"""Logging in and choosing a password, page by page."""

import re
import time

import pytest
from sqlalchemy import select

from portfolio.account.models import LoginSession, Person
from portfolio.account.views import RESET_ANSWERED_AFTER
from portfolio.mail.models import Mail
from portfolio.web.clock import now
from tests import factories
from tests.page import Page

EMAIL = "samia@exemple.fr"


@pytest.fixture
def samia(store):
    with store.transaction() as session:
        return factories.person(session, email=EMAIL)


def test_a_person_logs_in_and_out(client, samia):
    answer = client.log_in(EMAIL, factories.PASSWORD)
    assert answer.status_code == 303
    assert "Bonjour Samia Benali" in client.page("/").text
    cookie = client.get_cookie("acquis", domain="localhost")
    client.send("/deconnexion", form="/")
    assert client.get("/").headers["Location"] == "/connexion"
    client.set_cookie("acquis", cookie.value, domain="localhost")
    assert client.get("/").headers["Location"] == "/connexion"


def test_a_wrong_password_and_an_unknown_account_read_the_same(client, samia):
    wrong = client.log_in(EMAIL, "pas le bon mot de passe")
    unknown = client.log_in("personne@exemple.fr", "pas le bon mot de passe")
    assert wrong.status_code == unknown.status_code == 422
    assert Page(wrong.text).text.replace(EMAIL, "") == Page(unknown.text).text.replace("personne@exemple.fr", "")


def test_the_eleventh_try_is_refused_even_with_the_right_password(client, samia):
    for _ in range(10):
        client.log_in(EMAIL, "pas le bon mot de passe")
    answer = client.log_in(EMAIL, factories.PASSWORD)
    assert answer.status_code == 429
    assert "Attendez dix minutes" in answer.text


def test_who_guesses_at_an_account_does_not_close_the_way_back_in(client, store, samia):
    for _ in range(11):
        assert client.log_in(EMAIL, "pas le bon mot de passe").status_code in {422, 429}
    assert client.send("/mot-de-passe", {"email": EMAIL}).status_code == 200
    with store.reader() as session:
        link = re.search(r"/invitation/\S+", session.scalars(select(Mail.text)).one()).group()
    done = client.send(link, {"password": "une phrase assez longue", "password_again": "une phrase assez longue"})
    assert done.status_code == 303
    assert "Bonjour Samia Benali" in client.page("/").text


def test_links_to_a_new_password_are_counted_too(client, store, samia):
    for _ in range(12):
        assert client.send("/mot-de-passe", {"email": EMAIL}).status_code == 200
    with store.reader() as session:
        assert len(session.scalars(select(Mail)).all()) == 10, "nobody fills a stranger's letter-box"


def test_whoever_logs_in_again_ends_the_session_of_this_browser(client, store, samia):
    assert client.log_in(EMAIL, factories.PASSWORD).status_code == 303
    first = client.get_cookie("acquis", domain="localhost").value
    page = client.page("/")
    token = page.hidden("csrf_token")
    body = {"email": EMAIL, "password": factories.PASSWORD, "csrf_token": token}
    assert client.post("/connexion", data=body).status_code == 303
    assert "Bonjour Samia Benali" in client.page("/").text
    client.set_cookie("acquis", first, domain="localhost")
    assert client.get("/").headers["Location"] == "/connexion", "a cookie of before opens nothing"
    with store.reader() as session:
        assert [one.ended_at is None for one in session.scalars(select(LoginSession).order_by(LoginSession.began_at))] == [
            False,
            True,
        ]


def test_what_is_missing_is_said(client):
    answer = client.log_in("", "")
    assert answer.status_code == 422
    assert "Donnez votre adresse électronique." in answer.text
    assert "Donnez votre mot de passe." in answer.text


def test_login_goes_on_to_the_page_that_was_asked_but_never_to_another_site(client, samia):
    answer = client.send("/connexion", {"email": EMAIL, "password": factories.PASSWORD, "suite": "/mes-dossiers"})
    assert answer.headers["Location"] == "/mes-dossiers"
    for evil in ("https://ailleurs.example", "//ailleurs.example", "/\\ailleurs.example", "javascript:alert(1)"):
        client.send("/deconnexion", form="/mes-dossiers")
        answer = client.send("/connexion", {"email": EMAIL, "password": factories.PASSWORD, "suite": evil})
        assert answer.headers["Location"] == "/"


def test_a_new_person_chooses_a_password_from_the_link_once(client, store):
    from portfolio.account import services

    with store.transaction() as session:
        body = factories.body(session)
        services.invite(session, "neuve@exemple.fr", "Inès Neuve", body.id, by=None, at=now(), why="candidate")
    with store.reader() as session:
        link = re.search(r"/invitation/\S+", session.scalars(select(Mail.text)).one()).group()
    assert "Inès Neuve" in client.page(link).text
    bad = client.send(link, {"password": "court", "password_again": "court"})
    assert bad.status_code == 422
    assert "12 caractères" in bad.text
    differ = client.send(link, {"password": "une phrase assez longue", "password_again": "une autre phrase"})
    assert "Les deux mots de passe diffèrent" in differ.text
    done = client.send(link, {"password": "une phrase assez longue", "password_again": "une phrase assez longue"})
    assert done.status_code == 303
    assert "Bonjour Inès Neuve" in client.page("/").text
    assert client.get(link).status_code == 404


def test_a_reset_answers_the_same_for_everyone(client, store, samia):
    known = client.send("/mot-de-passe", {"email": EMAIL})
    unknown = client.send("/mot-de-passe", {"email": "personne@exemple.fr"})
    assert Page(known.text).text == Page(unknown.text).text
    with store.reader() as session:
        assert len(session.scalars(select(Mail)).all()) == 1


def test_how_long_a_reset_takes_does_not_tell_whether_an_account_exists(client, samia):
    for email in (EMAIL, "personne@exemple.fr"):
        page = client.page("/mot-de-passe")
        began = time.monotonic()
        client.post("/mot-de-passe", data={"email": email, "csrf_token": page.hidden("csrf_token")})
        assert time.monotonic() - began >= RESET_ANSWERED_AFTER, "neither is answered before a letter could be written"


def test_a_write_from_another_site_is_refused(client, samia):
    page = client.page("/connexion")
    data = {"email": EMAIL, "password": factories.PASSWORD, "csrf_token": page.hidden("csrf_token")}
    assert client.post("/connexion", data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/connexion", data=data, headers={"Origin": "https://ailleurs.example"}).status_code == 403


def test_a_token_of_another_session_loses_nothing_typed(client, samia):
    client.log_in(EMAIL, factories.PASSWORD)
    answer = client.post("/deconnexion", data={"csrf_token": "périmé", "text": "mon long récit"})
    assert answer.status_code == 400
    page = Page(answer.text)
    assert "mon long récit" in page.text
    assert page.hidden("text") == "mon long récit"


def test_the_token_of_the_store_is_only_a_digest(client, store, samia):
    client.log_in(EMAIL, factories.PASSWORD)
    with store.reader() as session:
        assert len(session.scalars(select(LoginSession)).one().token_digest) == 32
        assert session.scalars(select(Person)).one().password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("text", ["a\x00b@exemple.fr", "<b>@exemple.fr", "é" * 5000, "x" * 1_000_000])
def test_any_text_gets_an_answer(client, samia, text):
    assert client.log_in(text, text).status_code == 422


def test_bytes_that_are_no_text_get_an_answer(client, samia):
    token = client.page("/connexion").hidden("csrf_token")
    body = f"csrf_token={token}&email=%ED%A0%80%FF%00@exemple.fr&password=%ED%A0%80"
    answer = client.post("/connexion", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
