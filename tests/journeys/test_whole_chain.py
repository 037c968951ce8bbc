"""One whole chain, in a browser: from the register entry to the certificate."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portfolio.certification.rules import entry_from_json
from tests import factories
from tests.certification.readers.writing import entry_text
from tests.journeys.conftest import Server, Window, link_in

pytestmark = pytest.mark.journey
PASSWORD = "une phrase facile à retenir"


@pytest.fixture
def entry_file(tmp_path: Path) -> Path:
    """The real register entry when it is given, else one of the same form."""
    if os.environ.get("ACQUIS_FICHES"):
        return Path(os.environ["ACQUIS_FICHES"]) / "rncp-16959.txt"
    path = tmp_path / "fiche.txt"
    path.write_text(entry_text(entry_from_json(factories.entry())))
    return path


def choose_password(who: Window, path: str) -> None:
    page = who.open(path)
    page.get_by_label("Mot de passe choisi").fill(PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(PASSWORD)
    who.check()
    page.get_by_role("button", name="Enregistrer et entrer").click()


def import_and_publish(certifier: Window, entry_file: Path) -> None:
    page = certifier.open("/certifications/importer")
    certifier.check()
    page.get_by_label("Fichier texte de la fiche").set_input_files(entry_file)
    page.get_by_role("button", name="Lire la fiche").click()
    expect(page.get_by_role("button", name="Enregistrer et relire avant de publier").first).to_be_visible()
    certifier.check()
    page.get_by_role("button", name="Enregistrer et relire avant de publier").last.click()
    certifier.check()
    page.get_by_role("button", name="Publier la version").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    certifier.check()


def open_candidacy(certifier: Window, name: str, email: str) -> str:
    page = certifier.open("/candidatures/nouvelle")
    page.get_by_label("Prénom et nom").first.fill(name)
    page.get_by_label("Adresse électronique").first.fill(email)
    page.get_by_label("Date de la recevabilité").fill("2021-11-12")
    page.get_by_label("Cerfa (procédure antérieure)").check()
    page.get_by_label("Prénom et nom").last.fill("Claire Morel")
    page.get_by_label("Adresse électronique").last.fill("claire@exemple.fr")
    certifier.check()
    page.get_by_role("button", name="Ouvrir la candidature").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    certifier.check()
    return page.url.rsplit("/", 1)[1]


def letter_to(certifier: Window, email: str) -> str:
    page = certifier.open("/courriers")
    certifier.check()
    return link_in(page.get_by_role("listitem").filter(has_text=email).first.inner_text())


def test_from_the_register_entry_to_the_certificate(server: Server, window, entry_file: Path):
    certifier = window()
    said = server.flask("create-certifier", "helene@exemple.fr", "--name", "Hélène Roche", "--body", "Institut de l’exemple")
    choose_password(certifier, link_in(said))
    import_and_publish(certifier, entry_file)
    candidacy = open_candidacy(certifier, "Samia Benali", "samia@exemple.fr")
    candidate, advisor = window(390), window()
    choose_password(candidate, letter_to(certifier, "samia@exemple.fr"))
    choose_password(advisor, letter_to(certifier, "claire@exemple.fr"))
    candidate.check()
    advisor.check()
    assert candidacy
    assert isinstance(candidate.page, Page)
