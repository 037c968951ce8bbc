"""One whole chain, in a browser: from the register entry to the certificate."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portfolio.certification.rules import entry_from_json
from portfolio.web.clock import PARIS
from tests import factories, samples
from tests.certification.readers.writing import entry_text
from tests.journeys.conftest import Server, Window, link_in

pytestmark = pytest.mark.journey
PASSWORD = "une phrase facile à retenir"
# The pieces, numbered as they were sent, titled after their files.
TITLES = {1: "piece-1", 2: "piece-2", 3: "piece-3", 4: "photo-1", 5: "photo-2"}


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


def describe_a_post(candidate: Window, dossier: str) -> None:
    page = candidate.open(f"{dossier}/experiences")
    candidate.check()
    page.get_by_role("link", name="Décrire une expérience").first.click()
    page.get_by_label("Votre fonction").fill("Cheffe de projet digital")
    page.get_by_label("La structure").fill("Agence du Port")
    page.get_by_label("Début").fill("2012-01-01")
    candidate.check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Agence du Port").first).to_be_visible()


def upload_pieces(candidate: Window, dossier: str, files: list[Path]) -> None:
    page = candidate.open(f"{dossier}/preuves")
    candidate.check()
    page.get_by_role("link", name="Ajouter une preuve").first.click()
    candidate.check()
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("link", name=re.compile(TITLES[len(files)])).first).to_be_visible()
    candidate.check()


def describe_piece(candidate: Window, dossier: str, number: int) -> None:
    page = candidate.open(f"{dossier}/preuves")
    page.get_by_role("link", name=re.compile(TITLES[number])).first.click()
    page.get_by_role("link", name=re.compile("^(Décrire|Modifier la description)")).first.click()
    page.get_by_label("Nature").select_option(label="Livrable, production")
    page.get_by_label("Date", exact=True).fill("2019-03-01")
    page.get_by_label("Votre rôle").fill("Je l’ai conçue et rédigée seule.")
    page.get_by_label("C’est mon travail").check()
    page.get_by_label("Rien de confidentiel").check()
    page.get_by_label("La pièce ne cite personne").check()
    candidate.check()
    page.get_by_role("button", name="Enregistrer").click()


def claim(candidate: Window, dossier: str, number: int, competencies: list[str]) -> None:
    page = candidate.open(f"{dossier}/preuves")
    page.get_by_role("link", name=re.compile(TITLES[number])).first.click()
    candidate.check()
    page.get_by_role("link", name=re.compile("compétences$")).last.click()
    for label in competencies:
        page.get_by_label(re.compile(rf"^{re.escape(label)} ")).check()
    page.get_by_label(re.compile("^À quel")).first.fill("1")
    page.get_by_label(re.compile("montre")).last.fill("J’y montre ma méthode et ce qui en est sorti.")
    candidate.check()
    page.get_by_role("button", name="Enregistrer").click()
    candidate.check()


def tell(candidate: Window, dossier: str, labels: list[str]) -> None:
    for label in labels:
        page = candidate.open(dossier)
        page.get_by_role("link", name=re.compile(rf"^{re.escape(label)} ")).first.click()
        page.get_by_label("La situation").fill("L’agence perdait des clients faute d’une présence digitale suivie.")
        page.get_by_label("Ce que j’ai fait").fill("J’ai mené l’audit, animé les ateliers et rédigé le plan d’action.")
        page.get_by_label("Pourquoi et comment j’ai choisi").fill("J’ai comparé trois scénarios et retenu le moins coûteux.")
        page.get_by_label("Ce qui en est sorti").fill("Les demandes de devis ont doublé en un an.")
        if label == "1.1":
            candidate.check()
        page.get_by_role("button", name="Enregistrer mon récit").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def mark(advisor: Window, label: str, value: str, comment: str) -> None:
    page = advisor.open("/accompagnement")
    advisor.check()
    page.get_by_role("link", name="Samia Benali").first.click()
    advisor.check()
    page.get_by_role("link", name=re.compile(rf"^{re.escape(label)} ")).first.click()
    page.get_by_label(value, exact=False).first.check()
    page.get_by_label(re.compile("^Votre commentaire|^Commentaire")).first.fill(comment)
    advisor.check()
    page.get_by_role("button", name="Enregistrer mon avis").click()


def submit(candidate: Window, dossier: str) -> str:
    page = candidate.open(f"{dossier}/depot")
    candidate.check()
    page.get_by_label("J’ai lu cette déclaration et je la signe").check()
    page.get_by_role("button", name="Signer et déposer mon dossier").click()
    expect(page).to_have_url(re.compile("/depots/"))
    candidate.check()
    return page.url


JURY = (
    ("president", "Paul Marin", "paul@exemple.fr", "représentant les employeurs", ()),
    ("employee_representative", "Aya Diallo", "aya@exemple.fr", "représentant les salariés", ("activité",)),
    ("director_or_delegate", "Luc Roux", "luc@exemple.fr", "Ni l’un ni l’autre", ("directeur",)),
    ("teacher_trainer", "Inès Faure", "ines@exemple.fr", "Ni l’un ni l’autre", ()),
    ("pedagogical_manager", "Zoé Petit", "zoe@exemple.fr", "Ni l’un ni l’autre", ()),
)


def plan_session(certifier: Window) -> str:
    page = certifier.open("/sessions/nouvelle")
    page.get_by_label("Date de la session").fill(datetime.now(PARIS).date().isoformat())
    page.get_by_label("Lieu").fill("Rennes")
    certifier.check()
    page.get_by_role("button", name="Planifier la session").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Session du")
    certifier.check()
    return page.url


def name_jury(certifier: Window, session_url: str, act: Path) -> None:
    page = certifier.page
    for seat, name, email, college, boxes in JURY:
        page.goto(f"{session_url}/sieges/{seat}")
        page.get_by_label("Prénom et nom").fill(name)
        page.get_by_label("Adresse électronique").fill(email)
        page.get_by_label(re.compile("^Qualité")).first.fill("Membre du jury")
        page.get_by_label(re.compile(college)).check()
        page.locator("input[name=qualified]").check()
        if "activité" in boxes:
            page.locator("input[name=in_activity]").check()
        if "directeur" in boxes:
            page.locator("input[name=is_director]").check()
        if seat in ("president", "employee_representative"):
            page.get_by_label("Un homme" if seat == "president" else "Une femme").check()
        if seat == "president":
            page.get_by_label("Nommée à la présidence le").fill("2020-01-13")
            page.get_by_label(re.compile("signé par la direction")).check()
            page.locator("input[type=file]").set_input_files(act)
            certifier.check()
        page.get_by_role("button", name="Enregistrer ce siège").click()
        expect(page).to_have_url(re.compile(f"{session_url}(#.*)?$"))
    expect(page.get_by_text("Composition régulière", exact=True)).to_be_visible()
    certifier.check()


def hear(certifier: Window, session_url: str) -> None:
    page = certifier.page
    page.goto(session_url)
    page.get_by_role("button", name=re.compile("Inscrire")).first.click()
    expect(page.get_by_text("Personne n’est inscrit")).to_have_count(0)
    certifier.check()


def declare_and_read(juror: Window) -> str:
    """A member declares that no relation exists, reads, attests; answers the address of the hearing."""
    page = juror.open("/jurys")
    juror.check()
    page.get_by_role("link", name="Déclarer").click()
    hearing = re.sub(r"(/jurys/[0-9a-f-]{36}).*", r"\1", page.url)
    juror.check()
    page.get_by_label(re.compile("^Je déclare n’avoir")).check()
    page.get_by_role("button", name="Signer ma déclaration").click()
    expect(page).to_have_url(hearing)
    juror.check()
    page.get_by_role("button", name="J’ai lu, je l’atteste").click()
    expect(page.get_by_text("Votre lecture est attestée")).to_be_visible()
    return hearing


def declare_on_paper(certifier: Window, hearing: str, names: list[str], scan: Path) -> None:
    """The certifier records what members signed on paper, with the scan."""
    page = certifier.page
    for name in names:
        page.goto(f"{hearing}/formulaire")
        page.get_by_label("Membre du jury").select_option(label=name)
        page.get_by_label("Aucun lien avec la personne candidate").check()
        page.get_by_label("Lecture du dossier scellé").check()
        page.get_by_label("Signé le").fill(datetime.now(PARIS).date().isoformat())
        page.locator("input[type=file]").set_input_files(scan)
        certifier.check() if name == names[0] else None
        page.get_by_role("button", name="Enregistrer ce formulaire").click()
        expect(page).to_have_url(f"{hearing}/presence")
    certifier.check()


def get_jury_ready(certifier: Window, president: Window, scan: Path) -> str:
    """Everyone has declared and read, the president and no other online; the president notes that all are there."""
    hearing = declare_and_read(president)
    declare_on_paper(certifier, hearing, [name for _seat, name, *_rest in JURY[1:]], scan)
    page = president.page
    page.goto(f"{hearing}/presence")
    for _seat, name, *_rest in JURY:
        page.get_by_label(name).check()
    page.get_by_label(re.compile("^La personne est là")).check()
    president.check()
    page.get_by_role("button", name="Enregistrer les présences").click()
    expect(page.get_by_text("Le jury peut délibérer").first).to_be_visible()
    president.check()
    return hearing


def decide(president: Window, hearing: str, outcomes: dict[int, bool], labels: list[str]) -> None:
    """Record a finding for each competency, a decision for each block presented, then sign the minutes."""
    page = president.page
    page.goto(hearing)
    president.check()
    for label in labels:
        wins = outcomes[int(label[0])]
        page.get_by_role("link", name=re.compile(rf"^{re.escape(label)} ")).first.click()
        page.get_by_label("Acquise" if wins else "Non acquise", exact=True).check()
        if not wins:
            page.get_by_label(re.compile("^Motif")).first.fill("Aucun chiffrage n’est montré.")
        president.check() if label == labels[0] else None
        page.get_by_role("button", name=re.compile("^Enregistrer et passer")).click()
        page.goto(hearing)
    for block, wins in outcomes.items():
        page.get_by_role("link", name=re.compile(rf"Décision.*bloc {block}|Décision", re.IGNORECASE)).nth(
            list(outcomes).index(block)
        ).click()
        page.get_by_label("Validé" if wins else "Non validé", exact=True).check()
        if not wins:
            page.get_by_label(re.compile("^Motif")).first.fill("Des compétences manquent.")
            page.get_by_label(re.compile("^Préconisations")).first.fill("Présenter un budget réel.")
        president.check() if block == next(iter(outcomes)) else None
        page.get_by_role("button", name="Enregistrer la décision").click()
        page.goto(hearing)
    page.goto(f"{hearing}/apercu")
    president.check()
    page.goto(f"{hearing}/cloture")
    president.check()
    page.locator("input[name=sure]").check()
    page.get_by_label("Votre mot de passe, pour signer").fill(PASSWORD)
    page.get_by_role("button", name="Signer et clore le procès-verbal").click()
    expect(page).to_have_url(re.compile("/resultat$"))
    president.check()


# Three documents and two photographs that no one here made, one of them from a telephone.
REAL = {
    "piece-1.pdf": "attestation_sur_l_honneur_modele.pdf",
    "piece-2.pdf": "FAQ_leaflet_fr.pdf",
    "piece-3.pdf": "droit-fr.pdf",
    "photo-1.jpg": "DSCN0010.jpg",
    "photo-2.heic": "IMG_5195.HEIC",
}


def sample_files(folder: Path) -> list[Path]:
    """Three PDF and two photographs: real ones when they are given, else made here."""
    if os.environ.get("ACQUIS_CORPUS"):
        real = Path(os.environ["ACQUIS_CORPUS"]) / "benign"
        made = {name: (real / given).read_bytes() for name, given in REAL.items()}
    else:
        made = {f"piece-{n}.pdf": samples.pdf(n + 1, f"Piece {n}") for n in range(1, 4)}
        made |= {f"photo-{n}.jpg": samples.jpeg((320, 240), located=True) for n in range(1, 3)}
    paths = [folder / name for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_bytes(content)
    return paths


FIRST = ["1.1", "1.2", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3"]


def test_from_the_register_entry_to_the_certificate(server: Server, window, entry_file: Path, tmp_path: Path):
    certifier = window()
    said = server.flask("create-certifier", "helene@exemple.fr", "--name", "Hélène Roche", "--body", "Institut de l’exemple")
    choose_password(certifier, link_in(said))
    import_and_publish(certifier, entry_file)
    candidacy = open_candidacy(certifier, "Samia Benali", "samia@exemple.fr")
    dossier = f"/dossiers/{candidacy}"
    candidate, advisor = window(390), window()
    choose_password(candidate, letter_to(certifier, "samia@exemple.fr"))
    choose_password(advisor, letter_to(certifier, "claire@exemple.fr"))
    candidate.check()
    advisor.check()

    describe_a_post(candidate, dossier)
    upload_pieces(candidate, dossier, sample_files(tmp_path))
    for number in range(1, 6):
        describe_piece(candidate, dossier, number)
    claim(candidate, dossier, 1, ["1.1", "1.2", "2.1"])
    claim(candidate, dossier, 2, ["2.2", "2.3", "3.1", "3.2"])
    claim(candidate, dossier, 3, ["3.3", "4.1", "4.2", "4.3"])
    tell(candidate, dossier, FIRST)
    mark(advisor, "1.1", "Couverte", "Rien à ajouter.")
    candidate.open(dossier)
    candidate.check()
    receipt = submit(candidate, dossier)

    session_url = plan_session(certifier)
    paper = tmp_path / "piece-1.pdf"
    name_jury(certifier, session_url, paper)
    hear(certifier, session_url)
    president = window()
    choose_password(president, letter_to(certifier, "paul@exemple.fr"))
    hearing = get_jury_ready(certifier, president, paper)
    decide(president, hearing, {1: True, 2: False, 3: False, 4: True}, FIRST)

    results = f"{dossier}/resultats"
    page = candidate.open(results)
    candidate.check()
    assert page.get_by_text(re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}")).count() >= 2
    page.get_by_role("button", name="Préparer le dépôt suivant").click()
    candidate.check()
    second = submit(candidate, dossier)
    assert second != receipt
    session_url = plan_session(certifier)
    name_jury(certifier, session_url, paper)
    hear(certifier, session_url)
    hearing = get_jury_ready(certifier, president, paper)
    decide(president, hearing, {2: True, 3: True}, FIRST[2:8])

    page = candidate.open(results)
    candidate.check()
    numbers = set(re.findall(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}", page.content()))
    assert len(numbers) == 5, "four blocks and the whole"
    anyone = window(390)
    for number in sorted(numbers):
        anyone.open(f"/certificats/{number}")
        expect(anyone.page.get_by_role("heading", level=1)).to_contain_text("valide")
        anyone.check()
    answer = json.loads(server.flask("explain-grants", candidacy, "--json"))
    assert [line["granted"] for line in answer["blocks"]] == [True] * 4
    assert answer["whole"]["granted"] is True
