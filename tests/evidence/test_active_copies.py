"""What acts by itself in a document: its owner keeps the file that the seal names, others receive a copy
without it.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pikepdf
import pytest

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import ActiveContent, FileType
from portfolio.files.metadata_removal.byte_edits import CannotClean
from portfolio.files.metadata_removal.client import find_active_content, open_without_location
from tests import samples
from tests.active_pdfs import active_pdf, carrying, unpacked
from tests.evidence.test_document_metadata_removal import copy_of, drawn

HOSTILE = Path(os.environ.get("ACQUIS_CORPUS", "")) / "hostile"
NAME, DICT, TEXT = pikepdf.Name, pikepdf.Dictionary, pikepdf.String


@pytest.mark.parametrize(("compressed", "locked"), [(False, False), (True, False), (True, True)])
def test_others_receive_a_pdf_in_which_nothing_acts_and_whose_pages_are_the_same(compressed, locked):
    whole = active_pdf(compressed=compressed, locked=locked)
    copy = copy_of(whole, FileType.PDF)
    assert copy is not None
    said = unpacked(copy)
    assert b"canari" in unpacked(whole)
    assert b"canari" not in said
    assert b"https://www.exemple.fr/page" in said
    assert drawn(copy) == drawn(whole)
    assert sniff(io.BytesIO(copy), len(copy)).pages == 2
    assert copy_of(copy, FileType.PDF) is None


def test_what_is_taken_out_is_named():
    whole = active_pdf()
    found = find_active_content(io.BytesIO(whole), FileType.PDF, len(whole))
    assert found == {
        ActiveContent.SCRIPT,
        ActiveContent.STARTS,
        ActiveContent.SENDS_FORM,
        ActiveContent.OPENS_FILE,
    }


@pytest.mark.parametrize("typed", [True, False])
def test_a_pdf_inside_a_pdf_is_looked_into_too(typed):
    copy = copy_of(carrying(active_pdf(), typed=typed), FileType.PDF)
    assert copy is not None
    with pikepdf.open(io.BytesIO(copy)) as document:
        inner = document.attachments["dossier.pdf"].get_file().read_bytes()
    assert b"canari" not in unpacked(inner)


def test_a_pdf_attached_to_a_message_is_looked_into_too():
    whole = _message(active_pdf())
    copy = copy_of(whole, FileType.EML)
    assert copy is not None
    import email

    part = next(
        one for one in email.message_from_bytes(copy).walk() if one.get_filename() == "formulaire.pdf"
    )
    assert b"canari" not in unpacked(part.get_payload(decode=True))


def test_an_old_message_that_carries_such_a_pdf_is_given_to_nobody_else():
    inner = active_pdf()
    whole = samples.compound_of({"__substg1.0_37010102": inner, "__properties_version1.0": bytes(64)})
    with pytest.raises(CannotClean):
        copy_of(whole, FileType.MSG)
    assert copy_of(samples.compound_of({"__substg1.0_37010102": samples.pdf(1)}), FileType.MSG) is None


def _message(attached: bytes) -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@exemple.fr", "b@exemple.fr", "Formulaire"
    message.set_content("Voici.")
    message.add_attachment(attached, maintype="application", subtype="pdf", filename="formulaire.pdf")
    return message.as_bytes()


def test_an_ordinary_pdf_with_links_and_bookmarks_is_given_as_it_is():
    with pikepdf.open(io.BytesIO(samples.pdf(3))) as document:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Deuxième page", 1))
        page = document.pages[0].obj
        page.Annots = [
            DICT(
                Type=NAME.Annot,
                Subtype=NAME.Link,
                Rect=[0, 0, 9, 9],
                A=DICT(S=NAME.URI, URI=TEXT("mailto:a@b.fr")),
            )
        ]
        document.Root.OpenAction = DICT(S=NAME.GoTo, D=[page, NAME.Fit])
        made = io.BytesIO()
        document.save(made)
    assert copy_of(made.getvalue(), FileType.PDF) is None


OBJECT = rb"{\object\objemb\objupdate\objw100{\*\objclass Equation.3}{\*\objdata 0105{\*\x 00}0000 cafe}{\result {\pict image}}}"


@pytest.mark.parametrize("between", [rb"\objdata ", rb"\OBJDATA ", b"\\objdata\r\n"])
def test_an_object_in_rich_text_is_taken_out_and_its_picture_stays(between):
    whole = rb"{\rtf1 Avant " + OBJECT.replace(rb"\objdata ", between) + rb" apr\'e8s}"
    copy = copy_of(whole, FileType.RTF)
    assert copy is not None
    assert b"cafe" not in copy
    assert b"objupdate" not in copy
    assert rb"{\result {\pict image}}" in copy
    assert copy.startswith(rb"{\rtf1 Avant ")
    assert copy.endswith(rb" apr\'e8s}")
    assert copy.count(b"{") == copy.count(b"}")
    assert find_active_content(io.BytesIO(whole), FileType.RTF, len(whole)) == {ActiveContent.OBJECT}


def test_rich_text_without_object_is_given_as_it_is():
    assert copy_of(rb"{\rtf1 Bonjour}", FileType.RTF) is None


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="ACQUIS_CORPUS is not set")
@pytest.mark.parametrize("name", ["testPDF_jsActionOnPage.pdf", "testPDF_malformedXFA.pdf"])
def test_a_pdf_of_the_corpus_with_a_script_reaches_nobody_with_it(name):
    content = (HOSTILE / name).read_bytes()
    with open_without_location(io.BytesIO(content), FileType.PDF, len(content)) as copy:
        assert copy is not None
        said = unpacked(copy.read())
    assert b"/JS" not in said
    assert b"/XFA" not in said
    assert b"/AA" not in said
