"""Importing from an export on the screen: which entry, what is doubted, and its way to a published version."""

import html
import io
import re
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.domain.account.models import Person
from portfolio.domain.certification.models import CertificationVersion
from portfolio.screens.certifier.certifications.forms import settings
from portfolio.web.progress import reported
from tests.certification.answered import answer as answer_doubts
from tests.certification.draft_pages import IMPORT, filled, versions
from tests.certification.readers.exports import block_xml, entry_xml, export, routes_xml, zipped
from tests.page import Page

TWO = export(entry_xml(), entry_xml("RNCP90002", "Apicultrice ou apiculteur"))


def given(data: bytes, name: str = "export.xml", **more: str):
    return {"file": (io.BytesIO(data), name), **more}


def kept(page: str) -> str:
    """Return the content of the file, kept on the page."""
    return html.unescape(re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.DOTALL)[1])


def stored(store) -> list[CertificationVersion]:
    with store.reader() as session:
        return list(session.scalars(select(CertificationVersion).order_by(CertificationVersion.number)))


def test_one_entry_in_xml_becomes_a_draft_with_its_source_text_beside(browser, store):
    page = Page(browser.send(IMPORT, given(export()), follow_redirects=True).text)
    assert page.headings == ["Responsable de ferme"]
    assert "Les compétences de ce bloc, comme la fiche les écrit" in page.text
    assert "- Préparer une parcelle - Conduire une récolte" in " ".join(page.text.split())


def test_a_file_of_several_entries_asks_which_and_keeps_its_content(browser, store):
    answer = browser.send(IMPORT, given(zipped(TWO), "export.zip"))
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "Ce fichier contient plusieurs fiches" in page.text
    assert [one["value"] for one in page.all("button", name="choice")] == ["RNCP90001", "RNCP90002"]
    assert versions(store) == 0
    chosen = browser.send(IMPORT, {"text": kept(answer.text), "choice": "RNCP90002"}, follow_redirects=True)
    assert Page(chosen.text).headings == ["Apicultrice ou apiculteur"]


def test_a_number_given_with_the_file_reads_that_entry_at_once(browser, store):
    page = Page(browser.send(IMPORT, given(TWO, number="rncp 90002"), follow_redirects=True).text)
    assert page.headings == ["Apicultrice ou apiculteur"]


def test_many_entries_are_searched_by_title(browser, store):
    many = export(
        *(entry_xml(f"RNCP{number}", f"Métier {number}") for number in range(100, 160)),
        entry_xml("RNCP7", "Apiculteur"),
    )
    answer = browser.send(IMPORT, given(many))
    page = Page(answer.text)
    assert "61 fiches trouvées, dont voici les 50 premières" in page.text
    data = {"text": kept(answer.text), "search": "APICULTEUR", "do": "search"}
    found = Page(browser.send(IMPORT, data).text)
    assert [one["value"] for one in found.all("button", name="choice")] == ["RNCP7"]


def test_a_file_too_large_for_the_screen_names_the_command(browser, store, monkeypatch):
    monkeypatch.setattr(settings, "MAX_EXPORT_BYTES", 1000)
    answer = browser.send(IMPORT, given(TWO))
    assert answer.status_code == 422
    assert "dépasse la limite de cet écran" in Page(answer.text).text
    assert "flask import-certification export.zip --number RNCP12345" in Page(answer.text).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (export(head='<!DOCTYPE FICHES [<!ENTITY a "b">]>'), "DOCTYPE"),
        (zipped(export())[:-80], "Cette archive est incomplète"),
        (export(entry_xml(), entry_xml()), "portent le même numéro"),
        (export(entry_xml(blocks=block_xml("RNCP90001BC01", "A", "Un") * 2)), "RNCP90001BC01"),
        (export(entry_xml(more="<SI_JURY_ZZ><ACTIF>Oui</ACTIF></SI_JURY_ZZ>")), "SI_JURY_ZZ"),
    ],
    ids=["entities", "truncated", "number-twice", "block-code-twice", "unknown-route"],
)
def test_a_bad_file_is_refused_in_a_sentence_and_nothing_is_written(browser, store, data, said):
    answer = browser.send(IMPORT, given(data))
    assert answer.status_code == 422
    assert said in Page(answer.text).text
    assert versions(store) == 0


def test_an_entry_published_again_with_other_blocks_is_a_new_version(browser, store):
    browser.send(IMPORT, given(export()))
    before = stored(store)[0].entry
    browser.send(IMPORT, given(export()))
    assert versions(store) == 1
    browser.send(IMPORT, given(export(entry_xml(blocks=block_xml("RNCP90001BC01", "Cultiver", "- Semer  - Récolter")))))
    found = stored(store)
    assert [certification_version.number for certification_version in found] == [1, 2]
    assert found[0].entry == before


def test_a_draft_whose_jury_is_not_certain_is_published_once_its_rule_is_typed(browser, store):
    entry = entry_xml(routes=routes_xml("Le jury est composé à parité d’enseignants et de professionnels"))
    entry = entry.replace("<ACTIF>Oui</ACTIF></FICHE>", "<ACTIF>Oui</ACTIF><OBJECTIFS_CONTEXTE>Nourrir le pays</OBJECTIFS_CONTEXTE>"
        "<NOUVELLES_CERTIFICATIONS><NOUVELLE_CERTIFICATION><ID_FICHE_NOUVELLE_CERTIFICATION>RNCP90007"
        "</ID_FICHE_NOUVELLE_CERTIFICATION></NOUVELLE_CERTIFICATION></NOUVELLES_CERTIFICATIONS></FICHE>")  # fmt: skip
    page = Page(browser.send(IMPORT, given(export(entry)), follow_redirects=True).text)
    assert "elle est laissée vide" in page.text
    assert "à parité d’enseignants" in page.text
    version = stored(store)[0]
    data = filled(browser, version.id).fields | {
        "jury_size": "2",
        "seats-0": "president",
        "seats-1": "external_professional",
    }
    url = f"/certifications/versions/{version.id}"
    assert browser.post(f"{url}/corriger", data=data | {"do": "publish"}).status_code == 303
    assert stored(store)[0].to_entry().details == version.to_entry().details
    assert stored(store)[0].to_entry().blocks == version.to_entry().blocks
    with store.transaction() as session:
        answer_doubts(session, UUID(url.rpartition("/")[2]))
    form = browser.page(f"{url}/publier")
    confirmed = {"csrf_token": form.hidden("csrf_token"), "revision": form.hidden("revision")}
    assert browser.post(f"{url}/publier", data=confirmed).status_code == 303
    shown = browser.page(url)
    for text in ("Nourrir le pays", "SIRET 12345678200002", "210 Agriculture", "La fiche nomme RNCP90007 comme suite"):
        assert text in shown.text


def test_a_file_too_long_to_keep_is_chosen_again_with_words_of_the_title(browser, store):
    many = export(*(entry_xml(f"RNCP{number}", f"Métier {number}", more="x" * 200_000) for number in range(100, 112)))
    answer = browser.send(IMPORT, given(many))
    page = Page(answer.text)
    assert "choisissez-le de nouveau ci-dessous" in page.text
    assert not page.all("button", name="choice")
    answer.request.environ["wsgi.input"].close()  # a large body sent by the test waits in a file
    answer = browser.send(IMPORT, given(many, search="metier 105"))
    found = Page(answer.text)
    assert "RNCP105 · Métier 105" in found.text
    assert "RNCP106" not in found.text
    answer.request.environ["wsgi.input"].close()


@pytest.mark.parametrize("number", ["RNCP34762", "RNCP35809", "RNCP35625", "RNCP35419", "RNCP37488"])
def test_a_real_entry_is_published_once_its_jury_is_typed(browser, store, fiches, number):
    data = (fiches / "france-competences-v4.1-sample.xml").read_bytes()
    browser.send(IMPORT, given(data, number=number))
    read = stored(store)[0]
    url = f"/certifications/versions/{read.id}"
    fields = filled(browser, read.id).fields | {"jury_size": "2", "seats-0": "president", "seats-1": "teacher_trainer"}
    assert browser.post(f"{url}/corriger", data=fields | {"do": "publish"}).status_code == 303
    kept = stored(store)[0].to_entry()
    assert kept.blocks == read.to_entry().blocks
    assert (kept.routes, kept.registrations, kept.details) == (
        read.to_entry().routes,
        read.to_entry().registrations,
        read.to_entry().details,
    )
    if any(
        route.rule is not None and route.rule.is_empty for route in kept.routes
    ):  # a text that gives no certain rule
        rules = browser.page(f"{url}/jury")
        shared = {"csrf_token": rules.hidden("csrf_token"), "revision": rules.hidden("revision")}
        assert browser.post(f"{url}/jury/toutes/reprendre", data=shared).status_code == 303
    with store.transaction() as session:
        answer_doubts(session, UUID(url.rpartition("/")[2]))
    form = browser.page(f"{url}/publier")
    confirmed = {"csrf_token": form.hidden("csrf_token"), "revision": form.hidden("revision")}
    assert browser.post(f"{url}/publier", data=confirmed).status_code == 303
    assert kept.title in browser.page(url).text


def test_the_page_that_waits_reads_how_much_of_the_file_is_read(browser, store):
    page = browser.page(IMPORT)
    there = page.all("span", **{"data-reading": ""})[0]["data-progress"]
    with store.reader() as session:
        person = session.scalar(select(Person.id))
    assert browser.get(f"{there}?nonce=x").json == {"percent": None}
    with reported(f"{person}:x") as report:
        report(1, 4)
        assert browser.get(f"{there}?nonce=x").json == {"percent": 25}
