"""Importing an entry: what is read, what is doubted, what is refused."""

import io

import pytest
from sqlalchemy import select

from portfolio.domain.certification.models import CertificationVersion
from tests.certification.draft_pages import IMPORT, INDEX, TEXT, draft_url, the_entry, versions
from tests.certification.readers.writing import entry_text
from tests.page import Page


def test_a_body_without_certification_is_led_to_its_first_import(browser):
    page = browser.page(INDEX)
    assert "Aucune certification pour l’instant" in page.text
    assert page.all("a", href=IMPORT)


def test_a_pasted_entry_becomes_a_draft_with_each_doubt_beside_its_item(browser, store):
    answer = browser.send(IMPORT, {"text": TEXT}, follow_redirects=True)
    page = Page(answer.text)
    assert "La fiche RNCP16959 est lue" in page.text
    assert page.headings == ["Expert en stratégie digitale"]
    with store.reader() as session:
        doubts = session.scalars(select(CertificationVersion)).one().to_entry().doubts
    boxes = page.all("input", name="settled")
    assert len(boxes) == len({box["value"] for box in boxes}) == len(doubts) > 3
    assert "la colonne de la croix est perdue. Elle reste inconnue." in page.text


def test_a_file_is_read_like_a_pasted_text(browser, store):
    answer = browser.send(IMPORT, {"file": (io.BytesIO(TEXT.encode()), "fiche.txt")}, follow_redirects=True)
    assert Page(answer.text).headings == ["Expert en stratégie digitale"]
    assert versions(store) == 1


def test_two_clicks_on_one_form_make_one_draft(browser, store):
    page = browser.page(IMPORT)
    data = {"csrf_token": page.hidden("csrf_token"), "nonce": page.hidden("nonce"), "text": TEXT}
    first, second = browser.post(IMPORT, data=data), browser.post(IMPORT, data=data)
    assert (first.status_code, first.location) == (303, second.location)
    assert versions(store) == 1


def test_the_same_entry_again_says_that_it_is_there_and_leads_to_it(browser, store, draft_id):
    answer = browser.send(IMPORT, {"text": TEXT}, follow_redirects=True)
    assert "est déjà importée : voici la version 1. Rien n’est ajouté." in Page(answer.text).text
    assert (answer.request.path, versions(store)) == (draft_url(draft_id), 1)


def test_another_text_of_an_entry_left_in_draft_says_that_two_drafts_stand_side_by_side(browser, store, draft_id):
    other = entry_text(the_entry(level="6"))
    answer = browser.send(IMPORT, {"text": other}, follow_redirects=True)
    page = Page(answer.text)
    assert "Un autre brouillon de cette fiche existe" in page.text
    assert page.all("a", href=draft_url(draft_id))
    assert versions(store) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("README.md", b"# Corpus\n\nDes documents pour essayer.\n", "un code (« Code RNCP : 12345 »)"),
        ("fiche.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "Ceci est un PDF"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "Ceci est une image"),
        ("vide.txt", b"", "Ce fichier est vide"),
        ("longue.txt", b"a" * (2 * 1024 * 1024 + 1), "Ce fichier dépasse 2 Mo"),
    ],
)
def test_a_file_that_is_no_entry_is_refused_with_what_to_do_and_nothing_is_written(browser, store, name, content, said):
    answer = browser.send(IMPORT, {"file": (io.BytesIO(content), name)})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert "rien n’est enregistré" in page.text.lower()
    assert f"« {name} » n’est pas lu" in page.text
    assert versions(store) == 0
    answer.request.environ["wsgi.input"].close()  # a large body sent by the test waits in a file


def test_a_block_without_a_competency_is_told_beside_what_was_understood_and_the_text_is_kept(browser, store):
    entry = the_entry()
    mute = TEXT
    for competency in entry.blocks[1].competencies:
        mute = mute.replace(f"• {competency.text}".replace("'", "’"), "")
    answer = browser.send(IMPORT, {"text": mute})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "le bloc 1, « Piloter un dispositif digital », et ses compétences (2)" in page.text
    assert "les compétences du bloc 2, « Définir les solutions techniques d’un projet digital »" in page.text
    assert "Organiser et suivre les opérations d’un projet" in page.text
    assert versions(store) == 0


def test_the_text_of_a_refused_file_can_be_corrected_on_the_spot(browser):
    answer = browser.send(IMPORT, {"file": (io.BytesIO("Presque une fiche".encode("utf-16")), "fiche.txt")})
    assert "Presque une fiche" in Page(answer.text).text


def test_an_empty_form_asks_for_a_file_or_a_text(browser):
    answer = browser.send(IMPORT, {"text": "  "})
    assert answer.status_code == 422
    assert "Choisissez le fichier de la fiche, ou collez son texte ci-dessous." in Page(answer.text).text
