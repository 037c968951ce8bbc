"""The control pack and the file of an appeal: from the archive alone one answers the seven questions of an
inspection.
"""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import unquote
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import event, select

from portfolio.db.engine import Database, close_read_session
from portfolio.domain.dossier.models.dossier import Narrative
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.submission.models import ControlPack
from portfolio.french_text import elide_de, enumeration
from portfolio.run.worker import edition_worker
from portfolio.screens.certifier.control.archive import control_pack
from portfolio.screens.certifier.control.queries import load_hearing_record
from portfolio.web.clock import now, today
from portfolio.wording.jury.schedule import vote_messages
from tests import factories
from tests.documents.reading import words_of
from tests.holdings.status_changes import later
from tests.jury.builders import close, deliberate, get_ready, next_scene
from tests.jury.pages import as_certifier, as_member, staged
from tests.jury.test_ballot_pages import AGAINST, FOR, voted
from tests.jury.test_three_candidates import before
from tests.page import CheckedClient


def opened(answer) -> ZipFile:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    archive = ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    return archive


def prepared(client: CheckedClient, url: str) -> ZipFile:
    """Return the pack that is asked for on a page, once the worker has made it."""
    assert client.send(url, form=url).status_code == 303
    while task := edition_worker(client.application).claim():
        task()
    page = client.page(url)
    [link] = [found["href"] for found in page.all("a") if found.get("href", "").partition("?")[0].endswith(".zip")]
    return opened(client.get(link))


def closed(store: Database):
    made = staged(store)
    deliberate(store, made, refused=(2,))
    close(store, made, at=now())
    return made


def test_the_index_tells_every_ballot_as_the_minutes_do(client: CheckedClient, store: Database):
    made = staged(store)
    voted(store, made, *[FOR] * 3, *[AGAINST] * 2)
    deliberate(store, made, refused=(2,))
    close(store, made, at=now())
    with store.reader() as session:
        minutes = load_hearing_record(session, made.hearing_id).minutes
    composition, decided = minutes.composition, minutes.blocks[0]
    [vote] = vote_messages(composition, decided.block.number, decided.decision.votes, decided.decision.outcome)
    as_certifier(client, made)
    index = prepared(client, f"/organisme/controle?since={today()}&until={today()}").read("INDEX.html").decode()
    assert escape(vote) in index


def test_the_pack_answers_who_sat_read_decided_why_and_what_is_missing(client: CheckedClient, store: Database):
    made = closed(store)
    as_certifier(client, made)
    day = today()
    archive = prepared(client, f"/organisme/controle?since={day - timedelta(days=1)}&until={day}")
    index = archive.read("INDEX.html").decode()
    for words in (
        *(person.name for person in made.members.values()),
        "Composition régulière",
        "lecture attestée le",
        "aucun lien déclaré le",
        "Bloc 2",
        "Bloc 2 : non validé",
        "La dernière compétence manque.",
        "Le résultat n’est pas notifié",
        "Aucun recours n’est enregistré.",
    ):
        assert words.replace("\u00a0", " ") in index.replace("\u00a0", " "), words
    names = archive.namelist()
    assert any(name.endswith("proces-verbal.pdf") for name in names)
    assert any(name.startswith("certification/") for name in names)
    facts = json.loads(archive.read(next(name for name in names if name.endswith("faits.json"))))
    assert facts["missing"] == ["signatures", "notification"]
    others = [person.name for person in made.members.values() if person is not made.president]
    assert sorted(facts["unsigned"]) == sorted(others)
    sentence = f"Il manque au procès-verbal la signature {elide_de(enumeration(facts['unsigned']))}."
    assert str(escape(sentence)) in index
    assert len(archive.read("EMPREINTES.txt").decode().splitlines()) == len(names) - 1


@pytest.mark.parametrize(
    ("kind", "beside", "lacks"),
    [
        (StatusChangeKind.SUSPENSION, "décision suspendue depuis le", "suspended"),
        (StatusChangeKind.ANNULMENT, "décision annulée le", "annulled"),
    ],
)
def test_the_index_says_beside_a_decision_that_it_is_held_or_annulled(
    client: CheckedClient, store: Database, kind: StatusChangeKind, beside: str, lacks: str
):
    made = closed(store)
    later(store, kind, made.candidate.id, made.blocks[0], made.certifier.id)
    as_certifier(client, made)
    index = prepared(client, f"/organisme/controle?since={today()}&until={today()}").read("INDEX.html").decode()
    assert f"Bloc 1 : validé, {beside}".replace(" ", " ") in index.replace(" ", " ")
    with store.reader() as session:
        assert lacks in load_hearing_record(session, made.hearing_id).missing


def test_a_period_without_a_hearing_or_that_ends_before_it_begins_is_said(client: CheckedClient, store: Database):
    made = closed(store)
    as_certifier(client, made)
    form = "/organisme/controle"
    assert client.send(form, {"since": "2001-01-02", "until": "2001-01-01"}).status_code == 422
    assert client.send(form, {"since": "2001-01-01", "until": "2001-01-02"}).status_code == 404
    days = {"since": (day := today().isoformat()), "until": day}
    assert client.send(form, days).location.endswith(f"{form}?since={day}&until={day}#control")
    assert client.get("/organisme/controle/dossier.zip?since=2001-01-01&until=2001-01-02").status_code == 404
    assert client.get("/organisme/controle/dossier.zip?since=2001-01-02&until=2001-01-01").status_code == 422
    url = f"/sessions/{made.session_id}/controle"
    assert client.get(f"{url}.zip").status_code == 409
    assert prepared(client, url).namelist()[0] == "INDEX.html"


def test_a_pack_is_prepared_once_and_again_when_an_act_was_added(client: CheckedClient, store: Database):
    made = closed(store)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/controle"
    prepared(client, url)
    with store.reader() as session:
        [first] = session.scalars(select(ControlPack.key)).all()
    assert edition_worker(client.application).claim() is None
    typed = {"kind": "certifier", "filed_on": (day := today().isoformat()), "received_on": day, "grounds": "Motif."}
    assert client.send(f"/jurys/{made.hearing_id}/recours", typed).status_code == 303
    assert client.get(f"{url}.zip").status_code == 409
    assert "Recours gracieux" in prepared(client, url).read("INDEX.html").decode()
    with store.reader() as session:
        assert first not in session.scalars(select(ControlPack.key)).all()


def test_asking_for_a_pack_and_waiting_for_it_take_no_more_queries_for_more_hearings(
    client: CheckedClient, store: Database
):
    made = closed(store)
    as_certifier(client, made)
    page = f"/organisme/controle?since={today() - timedelta(days=400)}&until={today() + timedelta(days=400)}"
    counts = [queries_of(client, store, page)]
    next_scene(store, made, held_on=today(), at=now())
    counts.append(queries_of(client, store, page))
    assert counts[0] == counts[1] <= 15


def test_making_a_pack_takes_no_more_queries_for_more_hearings(client: CheckedClient, store: Database):
    made = staged(store)
    second = before(store, made, "Yanis Cordier")
    for each in (made, second):
        get_ready(store, each)
        deliberate(store, each)
        close(store, each, at=now())
    both = [made.hearing_id, second.hearing_id]
    with client.application.app_context():
        one, two = (statements_of(store, partial(written_pack, hearings)) for hearings in (both[:1], both))
    assert one == two <= 30


def written_pack(hearings: list[UUID]) -> None:
    names = [member.name for member in control_pack(hearings, "Contrôle") if any(member.read())]
    assert len([name for name in names if name.endswith("proces-verbal.pdf")]) == len(hearings)
    close_read_session()


def statements_of(store: Database, act: Callable[[], object]) -> int:
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", listening := lambda *told: asked.append(told[2]))
    act()
    event.remove(store.engine, "before_cursor_execute", listening)
    return len(asked)


def queries_of(client: CheckedClient, store: Database, url: str) -> int:
    return statements_of(store, lambda: client.page(url))


def test_an_appeal_is_registered_answered_and_its_file_holds_the_sealed_dossier(
    client: CheckedClient, app: Flask, store: Database
):
    made = closed(store)
    as_certifier(client, made)
    url, day = f"/jurys/{made.hearing_id}/recours", today().isoformat()
    typed = {"kind": "certifier", "filed_on": day, "received_on": day, "grounds": "Un membre n’avait pas lu."}
    assert client.send(url, typed | {"grounds": ""}).status_code == 422
    assert client.send(url, typed | {"filed_on": "2001-01-01"}).status_code == 409
    assert client.send(url, typed).status_code == 303
    page = client.page(url)
    assert "Réponse attendue jusqu’au" in page.text
    archive = opened(client.get(f"{url}/dossier.zip"))
    index = archive.read("INDEX.html").decode()
    assert "Recours gracieux" in index
    assert "Il porte sur toute la décision du jury." in index
    assert "Un membre n’avait pas lu." in index
    # The index leads to every other file of the hearing, where it is.
    linked = {unquote(address) for address in re.findall(r'<a href="([^"#]+)"', index)}
    certification = {name for name in archive.namelist() if name.startswith("certification/")}
    assert linked == set(archive.namelist()) - certification - {"INDEX.html", "INDEX.css", "EMPREINTES.txt"}
    assert any(name.startswith("dossier-scelle/pieces/B1-01") for name in archive.namelist())
    assert archive.read("dossier-scelle/manifeste.json")
    # What the person wrote is read in a browser, without a program.
    with store.reader() as session:
        told = session.scalars(select(Narrative.actions).where(Narrative.actions != "")).first()
    sealed = archive.read("dossier-scelle/index.html").decode()
    assert told in sealed
    inside = {unquote(found.partition("#")[0]) for found in re.findall(r'href="(pieces/[^"]+)"', sealed)}
    assert {f"dossier-scelle/{name}" for name in inside} == {n for n in archive.namelist() if "/pieces/" in n}
    # Registered by a click, without a password: the acknowledgement names who wrote it, and claims no signature.
    receipt = next(name for name in archive.namelist() if name.endswith("accuse-de-reception.pdf"))
    acknowledged = words_of(archive.read(receipt))
    assert "Signé" not in acknowledged
    assert "mot de passe" not in acknowledged
    assert "Pour Institut" in acknowledged
    action = next(form["action"] for form in page.all("form") if "/recours/" in form["action"])
    # The answer is signed: it asks for the password.
    answer = {"outcome": "rejected", "answered_on": day, "text": "Chaque membre a lu."}
    assert client.send(action, answer, form=url).status_code == 422
    assert client.send(action, answer | {"password": factories.PASSWORD}, form=url).status_code == 303
    assert "Rejeté" in client.page(url).text
    archive = opened(client.get(f"{url}/dossier.zip"))
    assert any(name.endswith("reponse.pdf") for name in archive.namelist())
    juror = as_member(app.test_client(), made)
    assert juror.get(f"{url}/dossier.zip").status_code == 403
