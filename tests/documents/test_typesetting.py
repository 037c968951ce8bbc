"""Every document, whatever its values: it compiles under both standards, stays on its paper, never changes."""

import io
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.documents.attestation import attestation_pdf
from portfolio.documents.certificate import HeldBlock, block_certificate_pdf, parchment_pdf
from portfolio.documents.minutes import minutes_pdf
from portfolio.documents.notification import notification_pdf
from portfolio.documents.receipt import receipt_pdf
from portfolio.documents.typesetting import DocumentTooLarge
from portfolio.documents.values import BlockName, to_template_value
from portfolio.files.conversion.fonts import covered_signs
from tests.documents import samples
from tests.documents.reading import lines_of, outside_of, pages_of, words_of

DOCUMENTS = {
    "attestation": (attestation_pdf, samples.attestation),
    "receipt": (receipt_pdf, samples.receipt),
    "minutes": (minutes_pdf, samples.minutes),
    "notification": (notification_pdf, samples.notification),
    "certificate": (block_certificate_pdf, samples.certificate),
    "parchment": (parchment_pdf, samples.parchment),
}
# Values that the code chooses, or that are checked elsewhere: the rest is anything that people type.
CHOSEN = {"mark", "standing", "root", "digest", "sha256", "public_url", "label", "annex_digest"}
every_document = pytest.mark.parametrize(("pdf_of", "sample"), DOCUMENTS.values(), ids=DOCUMENTS)


def filled(value: Any, text: str) -> Any:
    """Return the same value, every text in it replaced."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(filled(one, text) for one in value)
    if is_dataclass(value):
        names = [field.name for field in fields(value) if field.name not in CHOSEN]
        # An empty text on remedies is refused, and has its own test.
        return replace(
            value, **{name: filled(getattr(value, name), text) for name in names if text or name != "remedies"}
        )
    return value


@every_document
def test_a_document_declares_both_standards_its_language_and_its_title(pdf_of, sample):
    pdf = pdf_of(sample())
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"<rdf:li>fr-FR</rdf:li>" in pdf
    assert b"<dc:title>" in pdf
    assert b"/StructTreeRoot" in pdf


def title_of(pdf: bytes) -> str:
    """Return the title that a reader of PDF shows."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return str(opened.docinfo["/Title"])


@every_document
def test_a_title_says_each_thing_once(pdf_of, sample):
    title = title_of(pdf_of(sample())).replace("\u00a0", " ")
    told = Counter(re.findall(r"[^\W\d]{4,}", title.lower()))
    assert [word for word, times in told.items() if times > 1] == [], title
    # What comes after the first comma goes on with the sentence, or is a name.
    assert not re.search(r", (Décision|Procès|Certificat|Récépissé|Relevé|Recours)", title), title


def test_what_the_reference_of_a_paper_repeats_of_its_title_is_said_once():
    assert title_of(minutes_pdf(samples.minutes())) == f"Procès-verbal de jury {samples.minutes().number}"
    assert "Récépissé de dépôt n°" in title_of(receipt_pdf(samples.receipt()))


@pytest.mark.slow
@every_document
@pytest.mark.parametrize("text", samples.TEXTS.values(), ids=samples.TEXTS)
def test_whatever_people_typed_it_compiles_and_stays_on_the_paper(pdf_of, sample, text):
    pdf = pdf_of(filled(sample(), text))
    assert not outside_of(pdf)


@every_document
def test_code_is_printed_as_it_was_typed(pdf_of, sample):
    printed = words_of(pdf_of(filled(sample(), samples.CODE)))
    assert printed.count(samples.CODE) >= 3


@every_document
def test_a_sign_that_no_font_draws_leaves_a_visible_one(pdf_of, sample):
    value = sample()
    named = "holder" if hasattr(value, "holder") else "candidate"
    assert "Zoé \ufffd Martin" in words_of(pdf_of(replace(value, **{named: "Zoé \ue000 Martin"})))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_a_decision_can_be_told_to_anyone_whatever_their_name(name):
    assert notification_pdf(samples.notification(candidate=name)).startswith(b"%PDF")


@pytest.mark.slow
def test_every_character_that_the_fonts_claim_to_draw_is_drawn():
    signs = " ".join(chr(code) for code in sorted(covered_signs()))
    assert notification_pdf(samples.notification(remedies=signs)).startswith(b"%PDF")


@every_document
def test_the_same_value_gives_the_same_bytes(pdf_of, sample):
    assert pdf_of(sample()) == pdf_of(sample())


def test_a_duplicate_made_by_another_process_is_identical_to_the_last_byte():
    code = (
        "import sys; from tests.documents import samples; from portfolio.documents.certificate import block_certificate_pdf;"
        "sys.stdout.buffer.write(block_certificate_pdf(samples.certificate()))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LANG": "C"}
    top = Path(__file__).parents[2]
    other = subprocess.run([sys.executable, "-c", code], cwd=top, env=environment, capture_output=True, check=True)
    assert other.stdout == block_certificate_pdf(samples.certificate())


@pytest.mark.slow
def test_threads_do_not_mix_their_documents():
    names = [f"Candidat numéro {number}" for number in range(12)]
    with ThreadPoolExecutor(8) as pool:
        pdfs = list(pool.map(lambda name: block_certificate_pdf(samples.certificate(holder=name)), names))
    assert pdfs == [block_certificate_pdf(samples.certificate(holder=name)) for name in names]


@pytest.mark.parametrize(
    ("pdf_of", "sample"), [DOCUMENTS[name] for name in ("minutes", "notification", "certificate", "parchment")]
)
def test_a_document_is_a_project_without_value_until_it_is_signed(pdf_of, sample):
    assert "Projet non signé, sans valeur" in words_of(pdf_of(sample(signed_by=None)))
    signed = words_of(pdf_of(sample()))
    assert "Projet" not in signed
    assert "18 juin 2020 à 14 h 05" in signed


def test_filed_pages_say_their_place_and_how_many_they_are():
    pages = pages_of(receipt_pdf(samples.receipt(exhibits=samples.exhibits(60))))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"page {number} sur {len(pages)}" in page


def test_a_table_over_several_pages_says_its_columns_again():
    pages = pages_of(receipt_pdf(samples.receipt(exhibits=samples.exhibits(40))))
    assert sum("Pièce et fichier" in page for page in pages) >= 3


@pytest.mark.slow
def test_a_signature_never_stands_alone_on_a_page():
    for lines in range(0, 40, 5):
        last = pages_of(minutes_pdf(samples.minutes(quorum="Une ligne.\n" * lines)))[-1]
        assert "Signature de la présidence" not in last or "Dossier scellé" in last
        last = pages_of(notification_pdf(samples.notification(remedies="Une ligne.\n\n" * lines + "Fin.", contact="")))[
            -1
        ]
        assert "Signature de la personne" not in last or "Fin." in last


def test_more_text_than_a_document_may_hold_is_refused():
    with pytest.raises(DocumentTooLarge):
        minutes_pdf(samples.minutes(justification="mot " * 300_000))
    with pytest.raises(DocumentTooLarge):
        receipt_pdf(samples.receipt(manifest=b"x" * 65_000_000))


def test_a_value_that_no_template_prints_is_a_fault_of_the_caller():
    with pytest.raises(TypeError):
        to_template_value(1.5)


def test_a_line_of_a_table_is_never_cut_between_two_pages():
    text = "début " + "d’une compétence que la page doit garder entière " * 3 + "fin"
    rows = tuple(samples.FoundCompetency(f"4.{n}", text, "Acquise", "full", "") for n in range(1, 40))
    for lines in range(4):
        sheet = samples.minutes(quorum="Une ligne.\n" * lines, blocks=(samples.decided(competencies=rows),))
        pages = pages_of(minutes_pdf(sheet))
        assert len(pages) > 3
        assert all(page.count("début d’une") == page.count("entière fin") for page in pages)


@pytest.mark.parametrize("width", range(0, 40, 3))
def test_the_number_of_minutes_and_a_telephone_are_never_cut(width: int):
    number = "PV-20260313-A2D3D7D5C6"
    act = f"jury du 13 mars 2026, procès-verbal {number}"
    held = HeldBlock(BlockName(1, "x" * width + " titre"), samples.DAY, "K7QD-94MT-XW2B-R8FN", act)
    assert number in lines_of(parchment_pdf(samples.parchment(held=(held, held))))
    contact = "x" * width + " Écrivez à Inès Fabre, au bureau des certifications de l’institut : 05 00 00 00 00."
    assert "05 00 00 00 00" in lines_of(notification_pdf(samples.notification(contact=contact)))
