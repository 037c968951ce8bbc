"""The viewer: a place is claimed, marked, searched and opened by its address; who reads what, and nothing
typed is lost.
"""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.dossier import Claim, CoverageReview
from portfolio.domain.dossier.models.renditions import PageRequest
from portfolio.domain.dossier.rules.anchors import Anchor, anchors_from_json
from portfolio.domain.dossier.rules.rendition import PageSize
from portfolio.domain.dossier.use_cases.evidence import replace_file
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.review.models import Message
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.run.worker import rendition_worker
from tests import factories, samples
from tests.factories import AT, PASSWORD
from tests.holdings.closings import SEALED_AT, STATEMENT

CONTENT = samples.pdf(12, "Plan de veille")
REGION = "1000,1000,5000,3000"


@pytest.fixture
def world(app, store, monkeypatch):
    """A complete draft; the twelve pages of its first piece are drawn."""
    monkeypatch.setattr(factories, "CONTENT", CONTENT)
    with store.transaction() as session:
        made = factories.world(session)
        files = [piece.file for piece in made.pieces]
    for file in files:
        app.extensions["files"].save(file.key, BytesIO(CONTENT))
    with store.reader() as session:
        first = files[0].key
    worker = rendition_worker(app)
    worker.request_missing()
    with store.reader() as session:
        order = session.scalar(select(factories.Rendition.id).where(factories.Rendition.file_id == files[0].id))
    worker.run(order)
    assert first
    return made


@pytest.fixture
def url(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves/{world.pieces[0].id}/versions/1/lire"


def claim_of(store, world) -> Claim:
    with store.reader() as session:
        return session.scalars(select(Claim).where(Claim.evidence_id == world.pieces[0].id)).one()


def mark(client, world, url, page: int = 5, **more) -> object:
    places = url.replace("/lire", "/reperes")
    values = {
        "competency": str(world.competencies[0].id),
        "passage": "",
        "page": str(page),
        "comment": "On y voit mon plan.",
    }
    return client.send(places, values | more, form=f"{url}?page={page}")


def test_a_candidate_claims_a_region_in_the_viewer_and_finds_it_marked_there(client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    answer = mark(client, world, url, region=REGION)
    assert answer.status_code == 303
    assert "page=5" in answer.location
    assert anchors_from_json(claim_of(store, world).anchors) == (Anchor(1, 5, (1000, 1000, 5000, 3000)),)
    page = client.page(f"{url}?page=5")
    assert "p. 5, encadré" in page.text
    assert len(page.all("rect")) == 1
    assert not client.page(f"{url}?page=6").all("rect"), "it is marked on its page only"


def test_words_are_quoted_with_their_place_and_a_zone_is_chosen_without_a_mouse(client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    assert mark(client, world, url, quote="de veille", position="5").status_code == 303
    assert mark(client, world, url, page=6, zone="0,0,10000,3400").status_code == 303
    quoted, zone = anchors_from_json(claim_of(store, world).anchors)
    assert (quoted.quote, quoted.page, zone.page, zone.region) == ("de veille", 5, 6, (0, 0, 10000, 3400))
    page = client.page(f"{url}?page=5")
    assert "« de veille »" in page.text
    assert page.all("rect"), "the words are marked on the page"


def test_what_is_wrong_with_a_place_is_said_on_its_field_and_nothing_typed_is_lost(client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    for wrong, sentence in (
        ({"quote": "des mots absents"}, "Ces mots ne se trouvent pas sur cette page"),
        ({"region": "1,2"}, "La zone n’est pas comprise"),
        ({"passage": "13"}, "la page 13 n’existe pas"),
        ({"competency": ""}, "Choisissez une compétence."),
    ):
        answer = mark(client, world, url, **wrong)
        assert answer.status_code == 422, wrong
        assert sentence in answer.text
        assert "On y voit mon plan." in answer.text
    assert claim_of(store, world).anchors is None


def test_a_place_is_taken_back(client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    mark(client, world, url, region=REGION)
    claim = claim_of(store, world)
    [anchor] = anchors_from_json(claim.anchors)
    place = url.replace("/lire", f"/liens/{claim.id}/reperes/{anchor.id}/retirer")
    assert client.send(place, form=f"{url}?page=5").status_code == 303
    assert claim_of(store, world).anchors is None


def test_the_text_of_a_piece_is_searched_and_each_hit_opens_its_page(client, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    page = client.page(f"{url}?page=2&q=PLAN+de+VEILLE")
    assert "12 passages trouvés" in page.text
    assert page.all("a", href=f"{url}?page=7&q=PLAN+de+VEILLE#page")
    assert page.all("rect"), "the hit of the page open is marked"
    assert "Aucun passage trouvé" in client.page(f"{url}?q=introuvable").text


def test_a_place_has_an_address(client, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    for where in ({"region": REGION}, {"passage": "Plan de"}):
        assert len(client.page(f"{url}?{urlencode({'page': 3, **where})}").all("rect")) == 1
    for wrong in ({"region": "a,b"}, {"passage": "absent"}, {"zoom": "9999"}, {"t": "x"}, {"avis": "x"}):
        assert not client.page(f"{url}?{urlencode({'page': 3, **wrong})}").all("rect")


def test_a_page_is_enlarged_by_steps_and_its_wider_image_is_made_when_first_asked_for(app, client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    page = client.page(f"{url}?page=3&zoom=200")
    [image] = [one for one in page.all("img") if one["alt"].startswith("Page 3")]
    assert (image["width"], image["data-size"]) == (str(2 * 793), "page"), "the usual image meanwhile"
    with store.reader() as session:
        assert session.scalars(select(PageRequest.size)).one() is PageSize.LARGE
    rendition_worker(app).claim_page()()
    [image] = [one for one in client.page(f"{url}?page=3&zoom=200").all("img") if one["alt"].startswith("Page 3")]
    assert image["data-size"] == "grande"


def test_a_place_of_a_former_version_is_shown_as_such_and_read_there(client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    mark(client, world, url, page=5, region=REGION)
    mark(client, world, url, page=9, region=REGION)
    file = ReceivedFile("ab" * 8, "plan.pdf", "application/pdf", "document", 6, 1200, "cd" * 32)
    with store.transaction() as session:
        replace_file(session, world.candidacy.id, world.pieces[0].id, file, by=world.candidate.id, at=AT)
    page = client.page(url.replace("/1/lire", "/2/lire"))
    assert "Marqué sur la version 1 du fichier. Vérifiez" in page.text
    assert "Dans cette version, cette page n’existe plus" in page.text
    assert "Écrit sur la version 1 du fichier." in page.text
    assert page.all("a", href=f"{url}?page=9&region={REGION}#page"), "the former version stays readable"
    assert len(client.page(f"{url}?page=9").all("rect")) == 1
    assert mark(client, world, url, region=REGION).status_code in (404, 409), "a replaced version is not claimed"


def test_an_advisor_gives_an_opinion_and_writes_at_a_place_without_leaving_the_page(client, store, world, url):
    client.log_in(world.advisor.email, PASSWORD)
    key = world.competencies[0].id
    opened = f"{url}?page=5&avis={key}"
    base = url.replace("/dossiers/", "/accompagnement/").replace("/lire", f"/competences/{key}")
    said = client.page(opened)
    assert "Votre avis sur 1.1" in said.text
    answer = client.send(f"{base}/avis", {"value": "covered", "comment": ""}, form=opened)
    assert (answer.status_code, f"avis={key}" in answer.location) == (303, True)
    values = {"text": "Cette zone est peu lisible.", "region": REGION, "page": "5", "zone": ""}
    assert client.send(f"{base}/messages", values, form=opened).status_code == 303
    wrong = client.send(f"{base}/messages", values | {"page": "77"}, form=opened)
    assert wrong.status_code == 422
    assert "Cette zone est peu lisible." in wrong.text
    with store.reader() as session:
        assert session.scalars(select(CoverageReview.value)).one() == "covered"
        assert session.scalars(select(Message.anchor)).one()["page"] == 5
    client.get("/")
    page = client.page(f"{url}?page=5")
    assert "Message sur 1.1" in page.text
    assert len(page.all("rect")) == 1


def test_the_advisor_and_the_candidate_read_the_opinion_beside_the_page(client, world, url):
    client.log_in(world.advisor.email, PASSWORD)
    key = world.competencies[0].id
    base = url.replace("/dossiers/", "/accompagnement/").replace("/lire", f"/competences/{key}")
    page = client.page(url)
    assert "Votre avis sur 1.1" in page.text, "the form of the first competency claimed is there at once"
    client.send(f"{base}/avis", {"value": "partly", "comment": "Il manque les dates."}, form=url)
    client.send(f"{base}/messages", {"text": "Pensez au plan de veille."}, form=url)
    said = client.page(url).text
    assert "Il manque les dates." in said
    assert "Pensez au plan de veille." in said
    client = client.application.test_client()
    client.log_in(world.candidate.email, PASSWORD)
    assert "Il manque les dates." in client.page(url).text


def test_a_jury_reads_the_sealed_places_and_no_message(client, store, world, url):
    client.log_in(world.candidate.email, PASSWORD)
    mark(client, world, url, region=REGION)
    with store.transaction() as session:
        message = Message(
            candidacy_id=world.candidacy.id, competency_id=world.competencies[0].id, author_id=world.advisor.id
        )
        message.text, message.sent_at, message.evidence_id = "Entre nous.", AT, world.pieces[0].id
        session.add(message)
        sealed = submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)
    page = client.page(f"/depots/{sealed.id}/pieces/B1-01/lire?page=5")
    assert "p. 5, encadré" in page.text
    assert len(page.all("rect")) == 1
    assert "Entre nous." not in page.text
    block = client.page(f"/depots/{sealed.id}/lecture/bloc-1")
    assert "p. 5, encadré" in block.text
