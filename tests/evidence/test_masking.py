"""Check that what a candidate masks is in no byte that another person receives."""

import io

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select, update

from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence, PageMask, PrivateFile
from portfolio.domain.dossier.rules.anchors import Mask
from portfolio.domain.dossier.rules.description import Anonymity
from portfolio.domain.dossier.use_cases.evidence import title_of_file
from portfolio.domain.submission.rules.returns import SubmissionRefusal
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.flattening.client import flatten
from portfolio.run.worker import rendition_worker
from tests import factories
from tests.factories import AT
from tests.pdf_pages import BLACK, SECRET, WRITTEN, page

# « Dupont » lies 100 points above the bottom of a page of 300 by 200; « Bonjour » 150.
OVER_THE_NAME = Mask(40, 380, 500, 160)
STATEMENT = "J’atteste sur l’honneur que ce dossier est le mien."


def text_of(content: bytes) -> str:
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(content))


def flattened(content: bytes, kind=FileType.PDF, masks=None, pages: int = 1) -> tuple[bytes, dict[int, str]]:
    out = io.BytesIO()
    texts = flatten(io.BytesIO(content), kind, pages, masks or {}, out)
    return out.getvalue(), texts


def test_a_flattened_page_keeps_the_words_that_no_mask_touches_and_none_under_it():
    copy, texts = flattened(page(WRITTEN), masks={1: [OVER_THE_NAME]})
    assert texts == {1: "Bonjour"}
    assert text_of(copy).strip() == "Bonjour"
    assert SECRET.encode() not in copy
    sheet = pypdfium2.PdfDocument(copy)[0]
    drawn = sheet.render(scale=1).to_pil().convert("L")
    under = drawn.crop((30, round(drawn.height * 0.40), 200, round(drawn.height * 0.52)))
    assert under.getextrema()[1] < 40, "black, and nothing else"


def test_a_flattened_copy_of_a_page_that_hides_text_has_none_of_it():
    copy, texts = flattened(page(WRITTEN + BLACK))
    assert texts == {1: "Bonjour"}
    assert SECRET not in text_of(copy)


def test_a_photograph_is_masked_too():
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "PNG")
    copy, texts = flattened(out.getvalue(), FileType.PNG, {1: [Mask(0, 0, 500, 1000)]})
    drawn = pypdfium2.PdfDocument(copy)[0].render(scale=1).to_pil().convert("L")
    assert drawn.getpixel((drawn.width // 4, drawn.height // 2)) < 40
    assert drawn.getpixel((drawn.width * 3 // 4, drawn.height // 2)) > 215
    assert texts == {1: ""}


@pytest.fixture
def made(app, store, client):
    """A draft that may be deposited, whose first piece holds a name under « Bonjour »."""
    with store.transaction() as session:
        world = factories.world(session)
        piece = session.get_one(Evidence, world.pieces[0].id)
        content = page(WRITTEN)
        kept = app.extensions["files"].save(piece.file.key, io.BytesIO(content))
        piece.file.size, piece.file.sha256, piece.file.pages = kept.size, kept.sha256, 1
        session.execute(update(Claim).where(Claim.evidence_id == piece.id).values(passage="1"))
        piece.file.name = f"lettre de {SECRET}.pdf"
    rendition_worker(app).run_all_due()
    return world


def base(made) -> str:
    return f"/dossiers/{made.candidacy.id}/preuves/{made.pieces[0].id}"


def log_in(app, person):
    client = app.test_client()
    assert client.log_in(person.email, factories.PASSWORD).status_code == 303
    return client


# A browser sends the four fields that nobody filled.
UNMEASURED = {"left": "", "top": "", "width": "", "height": ""}


def mask(app, store, made):
    """Draw a rectangle over the name, as the page of the candidate sends it."""
    candidate = log_in(app, made.candidate)
    token = candidate.page(f"{base(made)}/masquer").hidden("csrf_token")
    side = f"{OVER_THE_NAME.left},{OVER_THE_NAME.top},{OVER_THE_NAME.width},{OVER_THE_NAME.height}"
    assert (
        candidate.post(
            f"{base(made)}/masquer?page=1", data=UNMEASURED | {"csrf_token": token, "rectangles": side}
        ).status_code
        == 303
    )
    return candidate, token


def test_from_the_first_rectangle_nobody_else_reads_the_file(app, store, made):
    advisor = log_in(app, made.advisor)
    assert SECRET in advisor.get(f"{base(made)}/versions/1/lire").text
    mask(app, store, made)
    for path in ("/versions/1/lire", "/versions/1/pages/1", "/fichier/1"):
        assert advisor.get(base(made) + path).status_code == 404
    assert "pas encore visible" in advisor.page(base(made)).text
    with store.transaction() as session, pytest.raises(Refusal) as refused:
        submit(session, made.candidacy.id, STATEMENT, by=made.candidate.id, at=AT)
    assert refused.value.code is SubmissionRefusal.MASKING


@pytest.mark.slow
def test_a_masked_name_is_in_no_byte_that_another_person_receives(app, store, made):
    candidate, token = mask(app, store, made)
    assert candidate.post(f"{base(made)}/aplatir", data={"csrf_token": token}).status_code == 303
    rendition_worker(app).run_all_due()
    with store.transaction() as session:
        deposit = submit(session, made.candidacy.id, STATEMENT, by=made.candidate.id, at=AT)
        submission_id, manifest = deposit.id, deposit.manifest
    assert SECRET.encode() not in manifest
    advisor, dossier = log_in(app, made.advisor), f"/dossiers/{made.candidacy.id}"
    pages = [
        dossier, f"{dossier}/preuves", f"{dossier}/grille", base(made), f"{dossier}/recherche?q=Bonjour",
        f"{base(made)}/versions/2/lire", f"{base(made)}/versions/2/pages/1", f"{base(made)}/versions/2/pages/1?taille=vignette",
        f"{base(made)}/fichier/2", f"/accompagnement/dossiers/{made.candidacy.id}",
        *(f"/depots/{submission_id}{path}" for path in ("", "/lecture", "/lecture/bloc-1", "/manifeste", "/pieces/B1-01")),
        f"/depots/{submission_id}/pieces/B1-01/lire", f"/depots/{submission_id}/pieces/B1-01/pages/1",
    ]  # fmt: skip
    answered = 0
    for url in pages:
        answer = advisor.get(url)
        answered += answer.status_code == 200
        assert SECRET.encode() not in answer.data, url
        if answer.data[:5] == b"%PDF-":
            assert SECRET not in text_of(answer.data)
    assert answered >= 13
    for old in ("/versions/1/lire", "/versions/1/pages/1", "/fichier/1"):
        assert advisor.get(base(made) + old).status_code == 404
        assert candidate.get(base(made) + old).status_code == 200, "the original stays the candidate's"
    assert "Aucun résultat" in advisor.get(f"{dossier}/recherche?q={SECRET}").text.replace("\u00a0", " ")
    assert "est masquée" in advisor.get(f"{base(made)}/versions/2/lire").text


def test_a_title_that_is_the_name_of_the_file_is_read_again_before_the_masks_are_applied(app, store, made):
    with store.transaction() as session:
        piece = session.get_one(Evidence, made.pieces[0].id)
        title = piece.title = title_of_file(piece.file.name)
    candidate, token = mask(app, store, made)
    page = candidate.page(f"{base(made)}/masquer")
    [field] = page.all("input", name="title")
    assert field["value"] == title
    refused = candidate.post(f"{base(made)}/aplatir", data={"csrf_token": token, "title": " "})
    assert refused.status_code == 422
    assert "Écrivez le titre" in refused.text
    told = {"csrf_token": token, "title": "Bulletin de paie de mars"}
    assert candidate.post(f"{base(made)}/aplatir", data=told).status_code == 303
    with store.reader() as session:
        assert session.get_one(Evidence, made.pieces[0].id).title == "Bulletin de paie de mars"
    assert "Bulletin de paie de mars" in log_in(app, made.advisor).page(base(made)).text


@pytest.mark.records("mask_removed", "page_masked")
@pytest.mark.records("mask_removed", "page_masked")
def test_a_rectangle_that_is_removed_gives_the_file_back(app, store, made):
    candidate, token = mask(app, store, made)
    page_ = candidate.page(f"{base(made)}/masquer")
    [action] = {form["action"] for form in page_.all("form") if form.get("action", "").endswith("/retirer?page=1")}
    assert candidate.post(action, data={"csrf_token": token}).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(PrivateFile.file_id)).all() == []


@pytest.mark.parametrize("sent", ["", "1,2", "a,b,c,d", "0,0,0,0", "900,900,200,200", "-1,0,10,10", ";;", "1,2,3,4,5"])
def test_what_is_no_rectangle_is_refused_with_a_sentence(app, made, sent):
    candidate = log_in(app, made.candidate)
    token = candidate.page(f"{base(made)}/masquer").hidden("csrf_token")
    answer = candidate.post(f"{base(made)}/masquer", data={"csrf_token": token, "rectangles": sent})
    assert answer.status_code == 422
    assert "Dessinez un cache" in answer.text


def test_nobody_masks_the_file_of_another(app, store, made):
    with store.transaction() as session:
        stranger = factories.person(session, "Jean Autre")
    for person, status in ((stranger, 404), (made.advisor, 403)):
        assert log_in(app, person).get(f"{base(made)}/masquer").status_code == status


@pytest.mark.records("evidence_flattened")
def test_a_word_is_masked_everywhere_in_the_file_and_the_description_says_so(app, store, made):
    candidate = log_in(app, made.candidate)
    url = f"{base(made)}/masquer"
    with store.transaction() as session:
        session.get_one(Evidence, made.pieces[0].id).anonymity = Anonymity.NOT_YET
    assert candidate.page(base(made)).all("a", href=url), "the piece leads to it"
    listed = candidate.page(f"/dossiers/{made.candidacy.id}/preuves")
    assert listed.all("a", href=url), "the list leads to it"
    missing = candidate.send(f"{url}/mot", {"word": "Durand"}, form=url)
    assert missing.status_code == 422
    assert "n’est pas dans le texte" in missing.text
    assert candidate.send(f"{url}/mot", {"word": SECRET[:3]}, form=url).status_code == 422, "whole words"
    assert candidate.send(f"{url}/mot", {"word": SECRET.upper()}, form=url).status_code == 303
    assert candidate.send(f"{url}/mot", {"word": SECRET}, form=url).status_code == 303
    with store.reader() as session:
        assert len(session.scalars(select(PageMask)).all()) == 1, "once"
    token = candidate.page(url).hidden("csrf_token")
    assert candidate.post(f"{base(made)}/aplatir", data={"csrf_token": token}).status_code == 303
    rendition_worker(app).run_all_due()
    with store.reader() as session:
        assert session.get_one(Evidence, made.pieces[0].id).anonymity is Anonymity.DONE
    advisor = log_in(app, made.advisor)
    assert SECRET not in text_of(advisor.get(f"{base(made)}/fichier/2").data)
    assert "par le candidat" not in candidate.page(base(made)).text
