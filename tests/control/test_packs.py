"""The control pack and the file of an appeal: from the archive alone one answers the seven questions of an
inspection.
"""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from urllib.parse import unquote
from zipfile import ZipFile

from flask import Flask

from portfolio.db.engine import Database
from portfolio.web.clock import now, today
from tests import factories
from tests.documents.reading import words_of
from tests.jury.builders import close, deliberate
from tests.jury.pages import as_certifier, as_member, staged
from tests.page import CheckedClient


def opened(answer) -> ZipFile:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    archive = ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    return archive


def closed(store: Database):
    made = staged(store)
    deliberate(store, made, refused=(2,))
    close(store, made, at=now())
    return made


def test_the_pack_answers_who_sat_read_decided_why_and_what_is_missing(client: CheckedClient, store: Database):
    made = closed(store)
    as_certifier(client, made)
    day = today()
    archive = opened(client.get(f"/organisme/controle/dossier.zip?since={day - timedelta(days=1)}&until={day}"))
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
    assert facts["missing"] == ["notification"]
    assert len(archive.read("EMPREINTES.txt").decode().splitlines()) == len(names) - 1


def test_a_period_without_a_hearing_or_that_ends_before_it_begins_is_said(client: CheckedClient, store: Database):
    made = closed(store)
    as_certifier(client, made)
    client.page("/organisme/controle")
    assert client.get("/organisme/controle/dossier.zip?since=2001-01-01&until=2001-01-02").status_code == 404
    assert client.get("/organisme/controle/dossier.zip?since=2001-01-02&until=2001-01-01").status_code == 422
    assert opened(client.get(f"/sessions/{made.session_id}/controle.zip")).namelist()[0] == "INDEX.html"


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
    assert any(name.startswith("dossier-scelle/B1-01") for name in archive.namelist())
    assert archive.read("dossier-scelle/manifeste.json")
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
