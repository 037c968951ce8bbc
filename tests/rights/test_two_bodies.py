"""Two certifying bodies on one installation see nothing of each other."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases.planning import plan_session
from portfolio.web.clock import now
from tests.rights.application import Installation
from tests.rights.crossing import READS
from tests.rights.filling import Form, send
from tests.rights.leak_markers import Canary, in_text
from tests.rights.table import CANDIDACY, CONNECTED, RESULTS
from tests.rights.visibility import may_see
from tests.rights.visitors import browser, token

SOUTH = "certifier south"
OWN_PAGES = ("/organisme", "/sessions", "/sessions/nouvelle", "/certifications", "/candidatures/nouvelle", "/courriers",
             "/organisme/reglages", "/organisme/certificats-a-signer")  # fmt: skip


def email_of(here: Installation, who: str) -> str:
    with here.store.reader() as session:
        return session.get_one(Person, here.world.people[who]).email


def as_south(here: Installation, form: Form, **said: str) -> TestResponse:
    """Return the same form, sent by the certifier of the South for their own candidacy or session."""
    far, action = here.world.places["far"], form.action
    for name in ("candidacy_id", "session_id"):
        action = action.replace(str(here.world.places[form.state].get(name)), str(far[name]))
    body = form.filled()
    body.poplist("block_ids")
    for name, value in said.items():
        body.setlist(name, [value])
    return send(here, Form(form.endpoint, SOUTH, "draft", action, form.fields), body)


# How each write that takes an address is sent by the South for someone.
INVITING: dict[str, Any] = {
    "certifier.candidacies.open_candidacy": lambda here, email: {"candidate_email": email, "candidate_name": "Qui", "advisor_email": "a@exemple.fr",
                                               "version_id": str(here.world.places["far"]["version_id"]), "scope": "whole"},
    "certifier.candidacies.assign_advisor": lambda _, email: {"email": email, "name": "Qui"},
    "certifier.sessions.name_substitute": lambda _, email: {"email": email, "name": "Qui", "revision": "0"},
}  # fmt: skip
STRANGERS = (
    "certifier north",
    "candidate heard",
    "candidate past",
    "candidate called",
    "employee north",
    "suspended north",
)


@pytest.mark.parametrize("endpoint", INVITING)
def test_inviting_someone_of_another_body_answers_as_for_someone_unknown(installed: Installation, forms, endpoint: str):
    def shape(email: str) -> tuple[int, str]:
        installed.restore()
        answer = as_south(installed, forms[endpoint], **INVITING[endpoint](installed, email))
        return answer.status_code, re.sub("[0-9a-f-]{36}", "…", answer.headers.get("Location", answer.text[:500]))

    unknown = shape("inconnue@exemple.fr")
    assert unknown[0] in {303, 409}
    for who in STRANGERS:
        assert shape(email_of(installed, who)) == unknown, who


@pytest.mark.slow
@pytest.mark.parametrize("who", STRANGERS)
def test_a_body_that_invites_someone_of_another_one_learns_nothing(installed: Installation, forms, who: str):
    sent = {
        endpoint: as_south(installed, forms[endpoint], **said(installed, email_of(installed, who)))
        for endpoint, said in INVITING.items()
    }
    client = installed.browser(SOUTH)
    far = installed.world.places["far"]
    seen: set[Canary] = set()
    # Everything there is of the candidacy that was just opened for them: nothing of what they did elsewhere.
    opened = UUID(sent["certifier.candidacies.open_candidacy"].headers["Location"].rpartition("/")[2])
    pages = {
        url
        for line in (*CANDIDACY, *RESULTS)
        if line.method == "GET" and (url := installed.url(line, "draft", {"candidacy_id": opened}))
    }
    for url in pages:
        seen |= installed.world.planted.seen_in(client.get(url, buffered=True)) - installed.world.planted.typed(url)
    assert client.get(f"/dossiers/{opened}/resultats").status_code == 200
    for url in (*OWN_PAGES, f"/candidatures/{far['candidacy_id']}", f"/sessions/{far['session_id']}"):
        answer = client.get(url)
        assert answer.status_code == 200, url
        seen |= installed.world.planted.seen_in(answer)
    typed = in_text(email_of(installed, who))
    assert {canary for canary in seen if canary.owner not in {"far", "south"}} <= typed, (
        "not even the name that the other body gave"
    )
    path = client.get(f"/candidatures/{far['candidacy_id']}").text
    assert "<dt>Accompagnement</dt><dd>Qui</dd>" in path, "what was typed stands"


AT_HOME = {
    "candidate south": "candidate", "advisor south": "advisor", "juror south": "president", "certifier south": "certifier",
    "candidate beside": "candidate", "advisor beside": "advisor", "juror beside": "president",
}  # fmt: skip


@pytest.mark.slow
def test_at_home_each_one_sees_their_own_and_nothing_of_the_other_body(installed: Installation):
    """The crossing opens what belongs to the North; this is the South, and the other jury of the North, on
    their own pages.
    """
    faults, opened = [], 0
    for person, role in AT_HOME.items():
        place, *bodies = ("far", "south") if person.endswith("south") else ("beside", "annex", "north")
        roles, own = {owner: {role} for owner in (place, *bodies)}, installed.own(person, place)
        for line in READS:
            url = installed.url(line, place) if line.may & {role, CONNECTED} else None
            answer = installed.browser(person, place).get(url, buffered=True) if url else None
            if answer is None or answer.status_code != 200:
                continue
            opened += 1
            shown = installed.world.planted.seen_in(answer) - installed.world.planted.typed(str(url)) - own
            faults += [
                f"{person} · {line.endpoint}: shows {canary}"
                for canary in sorted(shown)
                if canary.field not in line.reveals and not may_see(canary, roles)
            ]
    assert not faults, "\n".join(faults)
    assert opened >= 180, opened


def test_a_seat_bears_the_name_that_was_typed(installed: Installation, forms):
    far, by, form = (
        installed.world.places["far"],
        installed.world.people[SOUTH],
        forms["certifier.sessions.name_member"],
    )
    for who in ("employee north", "candidate heard"):
        installed.restore()
        email = email_of(installed, who)
        with installed.store.transaction() as session:
            planning = Planning(far["version_id"], date(2030, 5, 4), "Ici")
            planned = plan_session(session, far["body_id"], planning, by=by, at=now()).id
        action = form.action.replace(str(installed.world.places[form.state]["session_id"]), str(planned))
        body = form.filled()
        for name, value in {"email": email, "name": "Qui Siège", "revision": "0"}.items():
            body.setlist(name, [value])
        answer = send(installed, Form(form.endpoint, SOUTH, "draft", action, form.fields), body)
        assert answer.status_code == 303, who
        for url in (f"/sessions/{planned}", action, "/sessions"):
            shown = installed.browser(SOUTH).get(url)
            assert shown.status_code == 200
            seen = installed.world.planted.seen_in(shown)
            assert {canary for canary in seen if canary.owner not in {"far", "south"}} <= in_text(email), url
        assert "Qui Siège" in installed.browser(SOUTH).get(action).text


@pytest.mark.slow
def test_the_page_of_a_candidacy_does_not_tell_that_an_account_existed(installed: Installation, forms):
    opening, client = "certifier.candidacies.open_candidacy", installed.browser(SOUTH)

    def opened(email: str) -> str:
        installed.restore()
        answer = as_south(installed, forms[opening], **INVITING[opening](installed, email))
        assert answer.status_code == 303, email
        return answer.headers["Location"]

    def page(email: str) -> str:
        drawn = f'{re.escape(email)}|[0-9a-f-]{{36}}|name="(csrf_token|nonce)"[^>]*>|value="[\\w.-]{{60,}}"'
        return re.sub(drawn, "…", client.get(opened(email)).text)

    unknown = page("inconnue@exemple.fr")
    assert "Renvoyer l’invitation" in unknown
    for who in STRANGERS:
        assert page(email_of(installed, who)) == unknown, who
    url = opened(email_of(installed, "candidate heard"))
    with installed.store.transaction() as session:
        start_session(session, installed.world.people["candidate heard"], timedelta(hours=1), at=now())
    assert "Renvoyer l’invitation" not in client.get(url).text, "they came"


def reset(here: Installation, email: str) -> None:
    visitor = browser(here.app, here.world, None)
    assert visitor.post("/mot-de-passe", data={"csrf_token": token(here.app), "email": email}).status_code == 200


def links(client: FlaskClient) -> list[str]:
    """Return the links that open an account, on the page of letters to hand over."""
    return sorted(set(re.findall("/invitation/[\\w-]+", client.get("/courriers").text)))


def test_a_body_never_reads_a_link_that_opens_the_account_of_another_ones_member(installed: Installation, forms):
    victim = email_of(installed, "certifier north")
    for endpoint, said in INVITING.items():
        as_south(installed, forms[endpoint], **said(installed, victim))
    reset(installed, victim)
    assert links(installed.browser(SOUTH)) == [], "the South cannot take the account over"
    shown = installed.app.test_cli_runner().invoke(args=["outbox", "--last", "1"])
    assert "/invitation/" in shown.output, "the person who runs the installation hands it over"


@pytest.mark.slow
def test_the_letters_to_hand_over_do_not_tell_who_is_known_elsewhere(installed: Installation, forms):
    """Neither a link that is there or not, nor a word, nor the order: for a stranger the page is the one of
    someone unknown.
    """

    def page(email: str) -> str:
        installed.restore()
        for endpoint, said in INVITING.items():
            as_south(installed, forms[endpoint], **said(installed, email))
        reset(installed, email)
        text = installed.browser(SOUTH).get("/courriers").text
        # The minute may change between two of these pages.
        text = re.sub(r"\d+\s*h\s*\d\d", "…", text)
        return re.sub(f'{re.escape(email)}|[0-9a-f-]{{36}}|/convocation/[-\\w…]+|name="csrf_token"[^>]*>', "…", text)

    unknown = page("inconnue@exemple.fr")
    assert "La personne qui la gère les affiche" in unknown
    for who in STRANGERS:
        assert page(email_of(installed, who)) == unknown, who


def test_a_link_made_for_someone_another_body_invited_first_is_not_shown(installed: Installation, forms):
    invited = email_of(installed, "candidate called")
    assert links(installed.browser("certifier")) == [], "nothing was written for them yet: the link was made by hand"
    said = INVITING["certifier.candidacies.assign_advisor"](installed, invited)
    assert as_south(installed, forms["certifier.candidacies.assign_advisor"], **said).status_code == 303
    assert links(installed.browser(SOUTH)) == []
    assert links(installed.browser("certifier")) == []


def test_a_body_that_shares_its_installation_hands_no_link_over_and_the_other_letters_still(installed: Installation):
    reset(installed, email_of(installed, "candidate far"))
    assert links(installed.browser(SOUTH)) == []
    assert links(installed.browser("certifier")) == []
    assert "/attester/" in installed.browser("certifier").get("/courriers").text, (
        "who is asked to attest has no account"
    )


def test_the_certificate_of_another_body_is_no_certificate_of_ones_own_candidacy(installed: Installation):
    north, far = installed.world.places["past"], installed.world.places["far"]
    client = installed.browser("certifier")
    assert (
        client.get(f"/candidatures/{north['candidacy_id']}/certificats/{north['certificate_number']}").status_code
        == 200
    )
    assert (
        client.get(f"/candidatures/{north['candidacy_id']}/certificats/{far['certificate_number']}").status_code == 404
    )
    assert client.get(f"/certificats/{far['certificate_number']}/certificat.pdf").status_code == 404
    # Another candidate of the same body: each paper stays with its own candidacy.
    other = installed.world.places["closed"]["certificate_number"]
    assert client.get(f"/candidatures/{north['candidacy_id']}/certificats/{other}").status_code == 404
