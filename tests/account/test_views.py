"""Logging in and choosing a password, page by page."""

import re
import time
from urllib.parse import unquote

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from portfolio.domain.account.models import CertifyingBodyMember, LoginSession
from portfolio.domain.account.rules import TokenPurpose
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.email.models import OutgoingEmail
from portfolio.screens.account.login.views import RESET_ANSWERED_AFTER
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
    assert client.send("/deconnexion", form="/").headers["Clear-Site-Data"] == '"cache"', "images kept"
    assert client.get("/").headers["Location"] == "/connexion"
    client.set_cookie("acquis", cookie.value, domain="localhost")
    assert client.get("/").headers["Location"] == "/connexion"


def test_a_wrong_password_and_an_unknown_account_read_the_same(client, samia):
    wrong = client.log_in(EMAIL, "pas le bon mot de passe")
    unknown = client.log_in("personne@exemple.fr", "pas le bon mot de passe")
    assert wrong.status_code == unknown.status_code == 422
    assert Page(wrong.text).text.replace(EMAIL, "") == Page(unknown.text).text.replace("personne@exemple.fr", "")


def attack(app, address: str, tries: int = 20):
    """Try wrong passwords from another browser, at this network address; answer the statuses."""
    stranger = app.test_client()
    stranger.environ_base["REMOTE_ADDR"] = address
    return [stranger.log_in(EMAIL, "pas le bon mot de passe").status_code for _ in range(tries)]


@pytest.mark.records("login_failed", "login_throttled")
def test_the_sixth_try_waits_even_with_the_right_password_and_is_told_how_long(client, samia):
    for _ in range(5):
        assert client.log_in(EMAIL, "pas le bon mot de passe").status_code == 422
    began = time.monotonic()
    answer = client.log_in(EMAIL, factories.PASSWORD)
    assert time.monotonic() - began < 60, "no thread waits with the person who waits"
    assert answer.status_code == 429
    assert 590 < int(answer.headers["Retry-After"]) <= 600
    page = Page(answer.text)
    assert re.search(r"Réessayez dans (10.minutes|9.minutes \d+.secondes?)", page.text)
    assert "Votre compte n’est pas bloqué" in page.text
    assert {"href": "/mot-de-passe"} in page.all("a"), "a link by mail needs no wait"


def test_an_unknown_account_waits_in_the_same_words(client, samia):
    for email in (EMAIL, "personne@exemple.fr"):
        for _ in range(5):
            client.log_in(email, "pas le bon mot de passe")
    known, unknown = (client.log_in(email, "pas le bon") for email in (EMAIL, "personne@exemple.fr"))
    assert known.status_code == unknown.status_code == 429

    def plain(answer, email: str) -> str:
        return re.sub(r"dans \d+.minutes?( \d+.secondes?)?", "", Page(answer.text).text.replace(email, ""))

    assert plain(known, EMAIL) == plain(unknown, "personne@exemple.fr")


def test_an_owner_enters_from_elsewhere_while_a_stranger_tries(app, client, samia):
    assert attack(app, "203.0.113.7") == [422] * 5 + [429] * 15
    client.environ_base["REMOTE_ADDR"] = "198.51.100.4"
    assert client.log_in(EMAIL, factories.PASSWORD).status_code == 303
    assert attack(app, "203.0.113.7", 3) == [429] * 3, "the owner gives no try back to the stranger"


def test_an_owner_enters_from_the_browser_they_used_before_even_at_the_address_of_the_stranger(app, client, samia):
    assert client.log_in(EMAIL, factories.PASSWORD).status_code == 303
    client.send("/deconnexion", form="/")
    for number in range(6):
        attack(app, f"203.0.113.{number}", 6)
    assert attack(app, "192.0.2.1", 1) == [429], "strangers have used up the ten tries of the account"
    client.environ_base["REMOTE_ADDR"] = "203.0.113.0"
    assert client.log_in(EMAIL, factories.PASSWORD).status_code == 303
    assert "Bonjour Samia Benali" in client.page("/").text


def test_the_cookie_of_a_known_browser_is_out_of_reach_of_scripts_and_opens_nothing(client, samia):
    answer = client.log_in(EMAIL, factories.PASSWORD)
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("acquis-navigateur=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age=31536000" in cookie
    client.delete_cookie("acquis")
    assert client.get("/").headers["Location"] == "/connexion"


@pytest.mark.parametrize("value", ["", "x" * 3900, "." * 3900, "é\x00", "a.b.c", "x" * 43])
def test_any_cookie_of_a_known_browser_gets_an_answer(client, samia, value):
    client.set_cookie("acquis-navigateur", value, domain="localhost")
    assert client.log_in(EMAIL, factories.PASSWORD).status_code == 303


def test_who_guesses_at_an_account_does_not_close_the_way_back_in(app, client, store, samia):
    for number in range(6):
        attack(app, f"203.0.113.{number}", 6)
    stranger = app.test_client()
    for _ in range(12):
        assert stranger.send("/mot-de-passe", {"email": EMAIL}).status_code == 200
    assert client.send("/mot-de-passe", {"email": EMAIL}).status_code == 200
    with store.reader() as session:
        links = [re.search(r"/invitation/\S+", text).group() for text in session.scalars(select(OutgoingEmail.text))]
    assert len(links) == 2, "nobody fills a stranger’s letter-box"
    phrase = {"password": "une phrase assez longue", "password_again": "une phrase assez longue"}
    assert client.send(links[0], phrase).status_code == 303, "an older link still works"
    assert "Bonjour Samia Benali" in client.page("/").text
    assert app.test_client().get(links[1]).status_code == 404


def test_failed_logins_are_in_the_audit_log_without_what_was_typed(client, store, samia):
    for email in (EMAIL, "inconnue@exemple.fr"):
        for _ in range(7):
            client.log_in(email, "pas le bon mot de passe")
    with store.reader() as session:
        lines = session.scalars(
            select(AuditEvent).where(AuditEvent.action.in_(["login_failed", "login_throttled"]))
        ).all()
    assert [(line.action, line.object_id) for line in lines] == [
        *[("login_failed", samia.id)] * 5, ("login_throttled", samia.id),
        *[("login_failed", None)] * 5, ("login_throttled", None),
    ]  # fmt: skip
    written = repr([line.details for line in lines])
    for typed in ("exemple.fr", "mot de passe", "127.0.0.1"):
        assert typed not in written


@pytest.mark.parametrize(
    "password",
    ["motdepasse123", "123456789012", "azertyuiop123", "Samia Benali 1985", "samia@exemple.fr1", "Institut 2026!"],
)
def test_a_password_that_everybody_tries_first_is_refused_with_a_sentence(client, store, samia, password):
    from portfolio.domain.account import use_cases

    with store.transaction() as session:
        body = factories.body(session, "Institut du Nord")
        session.add(CertifyingBodyMember(body_id=body.id, person_id=samia.id))
        link = use_cases.issue_token(session, samia.id, TokenPurpose.RESET, at=now())
    answer = client.send(f"/invitation/{link}", {"password": password, "password_again": password})
    assert answer.status_code == 422
    assert "serait vite deviné" in answer.text


def test_a_password_sent_twice_leads_twice_to_the_session_that_it_opened(client, store, samia):
    from portfolio.domain.account import use_cases

    with store.transaction() as session:
        link = use_cases.issue_token(session, samia.id, TokenPurpose.RESET, at=now())
    chosen = "des huîtres au petit matin"
    said = client.page(f"/invitation/{link}").hidden_fields(f"/invitation/{link}")
    said |= {"password": chosen, "password_again": chosen}
    assert client.post(f"/invitation/{link}", data=said).location == "/"
    with client.session_transaction() as kept:  # the token of the session that was opened
        secret = kept.setdefault("csrf_token", "of this session")
    token = URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(secret)
    again = client.post(f"/invitation/{link}", data=said | {"csrf_token": str(token)})
    assert (again.status_code, again.location) == (303, "/")
    assert client.get(f"/invitation/{link}").status_code == 404, "the link itself is used"


CRLF, NESTED, LONG = "/mes-dossiers\r\nSet-Cookie: kanari=1", "[" * 20_000, "/kanari" + "a" * 50_000


def test_a_session_signed_by_a_clock_ahead_is_still_open(client, store, samia):
    client.log_in(EMAIL, factories.PASSWORD)
    serializer = client.application.session_interface.get_signing_serializer(client.application)
    with client.session_transaction() as kept:
        content = dict(kept)
    serializer.signer = type("Ahead", (serializer.signer,), {"get_timestamp": lambda _: int(time.time()) + 2})
    client.set_cookie("acquis", serializer.dumps(content), domain="localhost")
    assert "Bonjour Samia Benali" in client.page("/").text


LOOP = "/connexion?suite=" * 60 + "/kanari"


@pytest.mark.parametrize("field", ["suite", "kept", "kept_path"])
@pytest.mark.parametrize(
    "value",
    [
        CRLF,
        NESTED,
        LONG,
        LOOP,
        "/\tkanari",
        "//kanari",
        "/x\\kanari",
        '[["kanari"]]',
        "{" + '"a":{' * 3_000,
        "1",
        "null",
    ],
)
def test_a_page_to_go_on_to_that_is_none_of_ours_is_dropped_and_never_printed(client, samia, field, value):
    wrong = client.send("/connexion", {"email": EMAIL, "password": "pas le bon mot de passe", field: value})
    assert wrong.status_code == 422
    assert "kanari" not in wrong.text
    assert len(wrong.text) < 20_000
    right = client.send("/connexion", {"email": EMAIL, "password": factories.PASSWORD, field: value})
    assert right.status_code == 303
    assert right.headers["Location"] == "/"
    assert "kanari" not in str(right.headers)


def test_a_long_address_that_asks_to_log_in_is_not_printed(client):
    answer = client.get("/mes-dossiers?q=" + "kanari" * 30_000)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/connexion")
    assert "kanari" not in answer.text


def test_a_page_asked_for_before_the_log_in_leads_to_it_and_back(client, samia):
    """A checker of links finds the links of a letter sound; a script reads that it may not, and what does not exist
    answers the same."""
    asked = "/dossiers/00000000-0000-0000-0000-000000000000?bloc=2"
    for method in (client.get, client.head):
        answer = method(asked)
        assert answer.status_code == 303
        assert unquote(answer.headers["Location"]) == f"/connexion?suite={asked}"
    page = client.get(answer.headers["Location"])
    assert "Pour ouvrir cette page, connectez-vous" in page.text
    assert client.get(asked, headers={"Sec-Fetch-Mode": "cors"}).status_code == 404
    typed = {"email": EMAIL, "password": factories.PASSWORD}
    assert client.send("/connexion", typed, form=answer.headers["Location"]).headers["Location"] == asked
    assert client.get(answer.headers["Location"]).headers["Location"] == asked
    assert client.get("/connexion?suite=//ailleurs.exemple").headers["Location"] == "/"


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
        assert [
            one.ended_at is None for one in session.scalars(select(LoginSession).order_by(LoginSession.started_at))
        ] == [False, True]


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
    from portfolio.domain.account import use_cases

    with store.transaction() as session:
        body = factories.body(session)
        use_cases.invite(session, "neuve@exemple.fr", "Inès Neuve", body.id, by=None, at=now(), why="candidate")
    with store.reader() as session:
        link = re.search(r"/invitation/\S+", session.scalars(select(OutgoingEmail.text)).one()).group()
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
        assert len(session.scalars(select(OutgoingEmail)).all()) == 1


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


@pytest.mark.parametrize("text", ["a\x00b@exemple.fr", "<b>@exemple.fr", "é" * 5000, "x" * 30_000])
def test_any_text_gets_an_answer(client, samia, text):
    assert client.log_in(text, text).status_code == 422


def test_a_text_above_64_kb_is_refused_before_it_is_read(client, samia):
    assert client.log_in("x" * 1_000_000, "x").status_code == 413


def test_bytes_that_are_no_text_get_an_answer(client, samia):
    token = client.page("/connexion").hidden("csrf_token")
    body = f"csrf_token={token}&email=%ED%A0%80%FF%00@exemple.fr&password=%ED%A0%80"
    answer = client.post("/connexion", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


def test_a_long_text_sent_after_the_session_ended_is_carried_through_the_login(client, store):
    """The cookie of the ended session is still signed: its text is not a stranger's."""
    from portfolio.domain.account import profile

    with store.transaction() as session:
        world = factories.world(session, filled=False)
        email, person = world.candidate.email, world.candidate.id
        url = f"/dossiers/{world.candidacy.id}/competences/{world.competencies[0].id}"
    client.log_in(email, factories.PASSWORD)
    with store.transaction() as session:
        profile.end_other_sessions(session, person, "", at=now())
    typed = "Un long texte. " * 8_000
    login = Page(client.post(url, data={"situation": typed, "csrf_token": "vieux"}).text)
    kept = {name: login.hidden(name) for name in ("csrf_token", "suite", "kept", "kept_path")}
    resumed = client.post("/connexion", data=kept | {"email": email, "password": factories.PASSWORD})
    assert resumed.status_code == 200
    assert typed.strip() in resumed.text
