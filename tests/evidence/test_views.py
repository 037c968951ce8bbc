"""Pages of evidence: a way through each, and each refusal."""

import hashlib
import io
import resource

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from tests import factories, samples
from tests.factories import PASSWORD
from tests.page import Page

LIMIT = 100 * 1024
# A browser writes line ends as %0D%0A; raw ones would not be a file at all (tests of services try them).
EVIL = "a%0D%0AContent-Type: text/html\u202e\x00gpj.pdf"


@pytest.fixture
def world(store):
    return factories.begin_world(store)


@pytest.fixture
def candidate(client, world):
    assert client.log_in(world.candidate.email, PASSWORD).status_code == 303
    return client


def preuves(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves"


def upload(content: bytes, name: str = "plan.pdf"):
    return (io.BytesIO(content), name)


def every(store, query) -> list:
    with store.reader() as session:
        return list(session.scalars(query))


def added(store) -> list[Evidence]:
    return every(store, select(Evidence).where(Evidence.number > 11).order_by(Evidence.number))


def kept(app) -> list[str]:
    return list(app.extensions["files"].keys())


def test_the_limit_is_told_before_a_file_is_sent(candidate, world):
    page = candidate.page(f"{preuves(world)}/ajouter")
    assert "21 Mo au plus par fichier" in page.text
    assert page.all("div", data_limit=str(20 * 1024 * 1024))
    assert "PDF, photos et images" in page.text


def test_a_file_becomes_a_piece_that_is_then_described(candidate, world, store):
    sent = candidate.send(f"{preuves(world)}/ajouter", {"files": upload(samples.pdf(pages=3), "plan_de_charge.pdf")})
    (piece,) = added(store)
    assert (sent.status_code, sent.location) == (303, f"{preuves(world)}/{piece.id}/decrire/1")
    page = candidate.page(sent.location)
    assert "Le fichier est reçu et vérifié." in page.text
    assert page.all("input", name="title")[0]["value"] == "plan de charge"


def test_several_files_make_several_pieces(candidate, world, store):
    files = [upload(samples.pdf()), upload(samples.jpeg(), "IMG_2041.JPG")]
    sent = candidate.send(f"{preuves(world)}/ajouter", {"files": files})
    assert (sent.status_code, sent.location) == (303, f"{preuves(world)}/repondre")
    assert [piece.number for piece in added(store)] == [12, 13]
    assert "2 pièces sont ajoutées." in candidate.page(preuves(world)).text


def test_a_file_sent_from_a_competency_is_claimed_for_it(candidate, world, store):
    competency = world.competencies[3]
    form = f"{preuves(world)}/ajouter?competence={competency.id}"
    assert competency.text in candidate.page(form).text
    sent = candidate.send(
        f"{preuves(world)}/ajouter", {"files": upload(samples.png()), "comment": "On y voit…"}, form=form
    )
    assert sent.status_code == 303
    (claim,) = every(store, select(Claim).where(Claim.evidence_id == added(store)[0].id))
    assert (claim.competency_id, claim.comment) == (competency.id, "On y voit…")


def test_two_clicks_make_one_piece_and_leave_one_file(candidate, world, store, app):
    page = candidate.page(f"{preuves(world)}/ajouter")
    fields = {"csrf_token": page.hidden("csrf_token"), "nonce": page.hidden("nonce")}
    places = {
        candidate.post(f"{preuves(world)}/ajouter", data={**fields, "files": upload(samples.pdf())}).location
        for _ in range(2)
    }
    assert len(places) == 1
    assert len(added(store)) == len(kept(app)) == 1


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "Choisissez un fichier."),
        ([upload(b"", "vide.pdf")], "Ce fichier est vide."),
        ([upload(b"MZ\x90\x00" + bytes(300), "rapport.pdf")], "Ce fichier est un programme"),
        ([upload(samples.pdf()[:200], "coupe.pdf")], "incomplet ou abîmé"),
        ([upload(samples.SEVEN_ZIP, "tout.7z")], "Ce fichier est une archive"),
        ([upload(samples.password_pdf(), "secret.pdf")], "mot de passe"),
        ([upload(samples.pdf() + bytes(LIMIT), "gros.pdf")], "Ce fichier est trop lourd : 102 ko au plus"),
    ],
)
def test_a_file_that_is_not_accepted_is_told_with_what_to_do_and_the_comment_stays(
    candidate, world, store, app, files, sentence
):
    app.config["SETTINGS"] = app.config["SETTINGS"].with_changes(upload_limit=LIMIT)
    form = f"{preuves(world)}/ajouter?competence={world.competencies[3].id}"
    fresh = [(io.BytesIO(content.getvalue()), name) for content, name in files]
    response = candidate.send(f"{preuves(world)}/ajouter", {"files": fresh, "comment": "Rien ne se perd."}, form=form)
    assert response.status_code == 422
    page = Page(response.text)
    assert sentence in page.text
    assert "Rien ne se perd." in page.text
    assert page.hidden("competency") == str(world.competencies[3].id)
    assert added(store) == kept(app) == []


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # the one that could not be written
@pytest.mark.parametrize("size", [480_000, 3_000_000], ids=["in the store", "before the store"])
def test_a_disk_without_room_is_told_and_nothing_stays(candidate, world, store, app, size):
    page = candidate.page(f"{preuves(world)}/ajouter")
    fields = {"csrf_token": page.hidden("csrf_token"), "nonce": page.hidden("nonce")}
    # The browser's side writes nothing: its body is made in memory.
    boundary, body = encode_multipart(
        {**fields, "files": FileStorage(io.BytesIO(samples.pdf() + bytes(size)), "plan.pdf")}
    )
    upload_row = {"content_type": f"multipart/form-data; boundary={boundary}"}
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # so that only the file is longer than what fits
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))  # the kernel refuses to write, as on a full disk
    try:
        refused = candidate.post(f"{preuves(world)}/ajouter", data=body, **upload_row)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.status_code == 507
    assert "La place manque pour enregistrer ce fichier" in Page(refused.text).text
    assert "à corriger" not in Page(refused.text).text
    assert added(store) == kept(app) == []
    assert candidate.post(f"{preuves(world)}/ajouter", data=body, **upload_row).status_code == 303


def test_among_several_files_the_good_ones_are_kept_and_the_others_named(candidate, world, store):
    files = [upload(samples.pdf()), upload(b"MZ\x90\x00" + bytes(300), "outil.exe")]
    url = f"{preuves(world)}/ajouter"
    before = candidate.page(url).hidden("nonce")
    response = candidate.send(url, {"files": files})
    page = Page(response.text)
    assert response.status_code == 422
    assert "« outil.exe » : ce fichier est un programme" in page.text
    assert "Un fichier est déjà ajouté" in page.text
    assert page.hidden("nonce") != before
    assert len(added(store)) == 1


@pytest.mark.parametrize("name", [EVIL, "x" * 300 + ".pdf", "../../etc/passwd", "CON", "é" * 120 + ".pdf"])
def test_any_file_name_comes_in_is_shown_and_goes_out_as_an_attachment(candidate, world, store, name):
    content = samples.pdf()
    assert candidate.send(f"{preuves(world)}/ajouter", {"files": upload(content, name)}).status_code == 303
    (piece,) = added(store)
    candidate.page(f"{preuves(world)}/{piece.id}")
    response = candidate.get(f"{preuves(world)}/{piece.id}/fichier/1")
    assert (response.status_code, response.data) == (200, content)
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert disposition.isascii()
    assert "\n" not in disposition
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_competency_of_another_certification_cannot_be_named(candidate, world, store, app):
    with store.transaction() as session:
        foreign = factories.published_version(session, world.body.id, "RNCP2").blocks[0].competencies[0]
    url = f"{preuves(world)}/ajouter"
    for wanted in (str(foreign.id), "n’importe quoi"):
        assert candidate.send(url, {"files": upload(samples.pdf()), "competency": wanted}).status_code == 404
    assert added(store) == kept(app) == []


def described(world) -> str:
    return f"{preuves(world)}/{world.pieces[0].id}/description"


WHOLE = {
    "title": "Plan de charge",
    "kind": "plan",
    "dated_from": "2021-03-01",
    "dated_to": "2021-06-30",
    "own_role": "J’ai évalué.",
    "authorship": "shared",
    "own_part": "Le budget",
    "confidentiality": "restricted",
    "anonymity": "not_yet",
}


def test_a_piece_is_described(candidate, world, store):
    assert candidate.send(described(world), WHOLE).status_code == 303
    page = candidate.page(f"{preuves(world)}/{world.pieces[0].id}")
    for said in (
        "Plan, planning",
        "du 1er mars 2021 au 30 juin 2021",
        "Le budget",
        "à ne pas montrer à d’autres personnes",
        "Il reste des noms à masquer",
    ):
        assert said in page.text
    assert candidate.send(described(world), {**WHOLE, "title": "Autre", "revision": "1"}).status_code == 409


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": " "}, "Donnez un titre"),
        ({"dated_to": "2020-01-01"}, "La fin est avant le début"),
        ({"dated_from": ""}, "Indiquez aussi la date de début"),
        ({"dated_from": "2190-01-01", "dated_to": ""}, "Cette date est à venir"),
        ({"kind": "poème"}, "Choisissez une des réponses proposées."),
        ({"authorship": "personne"}, "Choisissez une des réponses proposées."),
        ({"experience_id": "00000000-0000-4000-8000-000000000000"}, "Choisissez une des réponses proposées."),
        ({"web_address": "javascript:alert(1)"}, "Recopiez l’adresse entière"),
        ({"captured_on": "demain"}, "Écrivez la date"),
        ({"own_role": "x" * 20_001}, "20 000 caractères au plus"),
    ],
)
def test_a_description_that_cannot_stand_is_shown_again_with_what_was_typed(candidate, world, store, typed, sentence):
    response = candidate.send(described(world), {**WHOLE, **typed})
    assert response.status_code == 422
    page = Page(response.text)
    assert sentence in page.text.replace("\u202f", " ")
    assert "Le budget" in page.text


def test_the_experience_of_another_candidate_is_not_among_the_answers(candidate, world, store):
    with store.transaction() as session:
        stranger = factories.person(session, "Karim Haddad")
        foreign = factories.experience(session, factories.candidacy(session, session.merge(world.version), stranger).id)
    assert candidate.send(described(world), {**WHOLE, "experience_id": str(foreign.id)}).status_code == 422


def test_a_file_is_replaced_and_its_former_version_stays(candidate, world, store):
    first = samples.pdf(pages=2)
    candidate.send(f"{preuves(world)}/ajouter", {"files": upload(first)})
    (piece,) = added(store)
    url = f"{preuves(world)}/{piece.id}"
    assert candidate.send(f"{url}/fichier", {"file": upload(b"", "vide.pdf")}).status_code == 422
    assert candidate.send(f"{url}/fichier").status_code == 422
    assert candidate.send(f"{url}/fichier", {"file": upload(samples.pdf(pages=5), "v2.pdf")}).status_code == 303
    page = candidate.page(url)
    assert "5 pages" in page.text
    assert "Versions précédentes (1)" in page.text
    assert candidate.get(f"{url}/fichier/1").data == first
    assert candidate.get(f"{url}/fichier/3").status_code == 404
    digests = every(
        store, select(EvidenceFile.sha256).where(EvidenceFile.evidence_id == piece.id, EvidenceFile.number == 1)
    )
    assert digests == [hashlib.sha256(first).hexdigest()]


def test_a_piece_is_taken_away_after_a_question(candidate, world):
    url = f"{preuves(world)}/{world.pieces[0].id}"
    assert "La pièce n’est plus proposée pour 1.1" in candidate.page(f"{url}/retirer").text
    assert candidate.send(f"{url}/retirer").status_code == 303
    assert candidate.get(url).status_code == 404
    assert "Pièce 1 ·" not in candidate.page(preuves(world)).text


@pytest.mark.parametrize("key", ["ab/abcd", "../../etc/passwd"])
def test_a_file_missing_from_the_store_is_gone_and_not_a_fault(candidate, world, store, key):
    with store.transaction() as session:
        session.get_one(Evidence, world.pieces[0].id).files[0].key = key
    assert candidate.get(f"{preuves(world)}/{world.pieces[0].id}/fichier/1").status_code == 410


def test_the_advisor_gets_the_original_and_others_do_not(app, candidate, world, store):
    candidate.send(f"{preuves(world)}/ajouter", {"files": upload(samples.pdf())})
    url = f"{preuves(world)}/{added(store)[0].id}/fichier/1"
    with store.transaction() as session:
        stranger = factories.person(session, "Karim Haddad")
        factories.drawn(session)
    for person, status in ((world.advisor, 200), (world.certifier, 404), (stranger, 404), (None, 303)):
        browser = app.test_client()
        if person:
            browser.log_in(person.email, PASSWORD)
        assert browser.get(url).status_code == status


def test_a_piece_is_opened_at_the_page_that_its_claim_names(candidate, world, store):
    reader = f"{preuves(world)}/{world.pieces[0].id}/versions/1/lire"
    assert "Page 4 de 12 en préparation" in candidate.page(reader).text, "claimed for its pages 4 and 5"
    assert "Page 1 de 12 en préparation" in candidate.page(f"{reader}?page=1").text
    with store.transaction() as session:
        for claim in session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)):
            claim.passage = "30"
    assert "Page 1 de 12 en préparation" in candidate.page(reader).text, "a page that is not there opens none"


def test_ones_own_part_is_asked_of_a_shared_work_only(candidate, world):
    form = described(world)
    assert candidate.page(form).all("div", class_="when-shared")
    candidate.send(form, WHOLE)
    assert not candidate.page(form).all("div", class_="when-shared"), "what was written is never hidden"


def test_who_reads_a_confidential_piece_is_said_once_and_as_it_is(candidate, world):
    text = candidate.page(described(world)).text
    assert "seulement pour le jury" not in text
    assert "la personne qui vous accompagne lit cette pièce ici. Après le dépôt, les membres de votre jury" in text
