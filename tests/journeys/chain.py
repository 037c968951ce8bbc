"""What each person does on the way from the register entry to the certificate, page by page."""

import json
import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from playwright.sync_api import expect

from portfolio.calendar import PARIS
from tests import samples
from tests.journeys.conftest import Server, Window, link_in

PASSWORD = "une phrase facile à retenir"
# The pieces, numbered as they were sent, titled after their files.
TITLES = {1: "piece-1", 2: "piece-2", 3: "piece-3", 4: "photo-1", 5: "photo-2"}


def choose_password(who: Window, path: str) -> None:
    page = who.open(path)
    who.write(page.get_by_label("Mot de passe choisi"), PASSWORD)
    who.write(page.get_by_label("Le même, une seconde fois"), PASSWORD)
    who.check()
    who.press(page.get_by_role("button", name="Enregistrer et entrer"))


def import_and_publish(certifier: Window, entry_file: Path) -> None:
    page = certifier.open("/certifications/importer")
    certifier.check()
    certifier.attach(page.get_by_label("Fichier de la fiche"), entry_file)
    certifier.press(page.get_by_role("button", name="Lire la fiche"))
    expect(page.get_by_role("button", name="Enregistrer et relire avant de publier").first).to_be_visible()
    certifier.check()
    # Some are folded: every doubt is looked at before publication.
    page.locator('input[name="settled"]').evaluate_all("boxes => boxes.forEach(box => { box.checked = true })")
    # The register names other bodies: it is asked by which title this one delivers the certification.
    page.locator("[name=certifying_title]").evaluate("field => { field.value = 'Délégation du certificateur.' }")
    certifier.press(page.get_by_role("button", name="Enregistrer et relire avant de publier").last)
    certifier.check()
    certifier.press(page.get_by_role("button", name="Publier la version"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    certifier.check()


def open_candidacy(certifier: Window, name: str, email: str) -> str:
    page = certifier.open("/candidatures/nouvelle")
    certifier.write(page.get_by_label("Prénom et nom").first, name)
    certifier.write(page.get_by_label("Adresse électronique").first, email)
    certifier.write(page.get_by_label("Date de la recevabilité"), "2021-11-12")
    certifier.tick(page.get_by_label("Cerfa (procédure antérieure)"))
    certifier.write(page.get_by_label("Prénom et nom").last, "Claire Morel")
    certifier.write(page.get_by_label("Adresse électronique").last, "claire@exemple.fr")
    certifier.check()
    certifier.press(page.get_by_role("button", name="Ouvrir la candidature"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    certifier.check()
    return page.url.rsplit("/", 1)[1]


def letter_to(certifier: Window, email: str) -> str:
    page = certifier.open("/courriers")
    certifier.check()
    letter = page.get_by_role("listitem").filter(has_text=email).first
    certifier.press(letter.locator("summary"))
    certifier.check()
    return link_in(letter.inner_text())


def describe_a_post(candidate: Window, dossier: str) -> None:
    page = candidate.open(f"{dossier}/experiences")
    candidate.check()
    candidate.press(page.get_by_role("link", name="Décrire une expérience").first)
    candidate.write(page.get_by_label("Votre fonction"), "Cheffe de projet digital")
    candidate.write(page.get_by_label("La structure"), "Agence du Port")
    candidate.write(page.get_by_label("Début"), "2012-01")
    candidate.check()
    candidate.press(page.get_by_role("button", name="Enregistrer"))
    expect(page.get_by_text("Agence du Port").first).to_be_visible()


def upload_pieces(candidate: Window, dossier: str, files: list[Path]) -> None:
    page = candidate.open(f"{dossier}/preuves")
    candidate.check()
    candidate.press(page.get_by_role("link", name="Ajouter une preuve").first)
    candidate.check()
    candidate.attach(page.locator("input[type=file]:not([capture])"), files)
    candidate.press(page.get_by_role("button", name="Envoyer"))
    if len(files) > 1:
        expect(page.get_by_role("heading", level=1)).to_have_text("Répondre pour plusieurs pièces")
        candidate.check()
        candidate.press(page.get_by_role("link", name="Plus tard"))
    expect(page.get_by_role("link", name=re.compile(TITLES[len(files)])).first).to_be_visible()
    candidate.check()


def describe_piece(candidate: Window, dossier: str, number: int) -> None:
    page = candidate.open(f"{dossier}/preuves")
    candidate.press(page.get_by_role("link", name=re.compile(TITLES[number])).first)
    candidate.press(page.get_by_role("link", name=re.compile("^(Décrire|Modifier la description)")).first)
    candidate.choose(page.get_by_label("Nature"), "Livrable, production")
    candidate.write(page.get_by_label("Date", exact=True), "2019-03-01")
    candidate.write(page.get_by_label("Votre rôle"), "Je l’ai conçue et rédigée seule.")
    candidate.tick(page.get_by_label("C’est mon travail"))
    candidate.tick(page.get_by_label("Rien de confidentiel"))
    candidate.tick(page.get_by_label("La pièce ne cite aucune autre personne"))
    candidate.check()
    candidate.press(page.get_by_role("button", name="Enregistrer"))


def claim(candidate: Window, dossier: str, number: int, competencies: list[str]) -> None:
    page = candidate.open(f"{dossier}/preuves")
    candidate.press(page.get_by_role("link", name=re.compile(TITLES[number])).first)
    candidate.check()
    candidate.press(page.get_by_role("link", name=re.compile("compétences$")).last)
    for label in competencies:
        candidate.tick(page.get_by_label(re.compile(rf"^{re.escape(label)} ")))
    candidate.write(page.get_by_label(re.compile("^À quel")).first, "1")
    candidate.write(page.get_by_label(re.compile("montre")).last, "J’y montre ma méthode et ce qui en est sorti.")
    candidate.check()
    candidate.press(page.get_by_role("button", name="Enregistrer"))
    candidate.check()


def tell(candidate: Window, dossier: str, labels: list[str]) -> None:
    for label in labels:
        page = candidate.open(dossier)
        link = page.get_by_role("link", name=re.compile(rf"^{re.escape(label)} "), include_hidden=True).first
        # The block of the next thing to do is open; the others are folded.
        if not link.is_visible():
            fold = page.locator("details:not([open])", has=page.locator(f'a:text-matches("^\\s*{re.escape(label)} ")'))
            candidate.press(fold.locator("summary").first)
        candidate.press(link)
        candidate.write(
            page.get_by_label("La situation"), "L’agence perdait des clients faute d’une présence digitale suivie."
        )
        candidate.write(
            page.get_by_label("Ce que j’ai fait"), "J’ai mené l’audit, animé les ateliers et rédigé le plan d’action."
        )
        candidate.write(
            page.get_by_label("Pourquoi et comment j’ai choisi"),
            "J’ai comparé trois scénarios et retenu le moins coûteux.",
        )
        candidate.write(page.get_by_label("Ce qui en est sorti"), "Les demandes de devis ont doublé en un an.")
        if label == "1.1":
            candidate.check()
        candidate.press(page.get_by_role("button", name="Enregistrer mon récit"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def mark(advisor: Window, label: str, value: str, comment: str) -> None:
    page = advisor.open("/accompagnement")
    advisor.check()
    advisor.press(page.get_by_role("link", name="Samia Benali").first)
    advisor.check()
    advisor.press(page.get_by_role("link", name=re.compile(rf"^{re.escape(label)} ")).first)
    advisor.tick(page.get_by_label(value, exact=False).first)
    advisor.write(page.get_by_label(re.compile("^Votre commentaire|^Commentaire")).first, comment)
    advisor.check()
    advisor.press(page.get_by_role("button", name="Enregistrer mon avis"))


def submit(candidate: Window, dossier: str) -> str:
    page = candidate.open(f"{dossier}/depot")
    candidate.check()
    candidate.press(page.get_by_role("link", name="Lire comme le jury"))
    candidate.check()
    candidate.press(page.get_by_role("link", name="J’ai relu, passer à la signature"))
    candidate.check()
    candidate.tick(page.get_by_label("J’ai lu cette déclaration et je la signe"))
    candidate.press(page.get_by_role("button", name="Signer et déposer mon dossier"))
    expect(page).to_have_url(re.compile("/depots/"))
    candidate.check()
    return page.url


JURY = (
    ("president", "Paul Marin", "paul@exemple.fr", "Les employeurs", ()),
    ("employee_representative", "Aya Diallo", "aya@exemple.fr", "Les salariés", ("activité",)),
    ("director_or_delegate", "Luc Roux", "luc@exemple.fr", "Ni l’un ni l’autre", ("directeur",)),
    ("teacher_trainer", "Inès Faure", "ines@exemple.fr", "Ni l’un ni l’autre", ()),
    ("pedagogical_manager", "Zoé Petit", "zoe@exemple.fr", "Ni l’un ni l’autre", ()),
)


def plan_session(certifier: Window) -> str:
    page = certifier.open("/sessions/nouvelle")
    certifier.write(page.get_by_label("Date de la session"), datetime.now(PARIS).date().isoformat())
    certifier.write(page.get_by_label("Lieu"), "Rennes")
    certifier.check()
    certifier.press(page.get_by_role("button", name="Planifier la session"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Session du")
    certifier.check()
    return page.url


def answer_with_a_tie(certifier: Window) -> None:
    page = certifier.page
    certifier.tick(page.get_by_label("Des liens, décrits ci-dessous"))
    certifier.press(page.get_by_text("Décrire un lien"))
    certifier.choose(page.get_by_label("Nature du lien").first, "Contrat de travail")
    certifier.choose(page.get_by_label("Avec qui").first, "Avec l’organisme certificateur")
    certifier.write(page.get_by_label("Nom de l’organisme").first, "Institut")


def name_jury(certifier: Window, session_url: str, act: Path) -> None:
    page = certifier.page
    for seat, name, email, college, boxes in JURY:
        page.goto(f"{session_url}/sieges/{seat}")
        certifier.write(page.get_by_label("Prénom et nom"), name)
        certifier.write(page.get_by_label("Adresse électronique"), email)
        certifier.write(page.get_by_label(re.compile("^Qualité")).first, "Membre du jury")
        certifier.tick(page.get_by_label(re.compile(college)))
        certifier.tick(page.locator("input[name=qualified]"))
        if "activité" in boxes:
            certifier.tick(page.locator("input[name=in_activity]"))
        if "directeur" in boxes:
            certifier.tick(page.locator("input[name=is_director]"))
        if seat in ("president", "employee_representative"):
            certifier.tick(page.get_by_label("Un homme" if seat == "president" else "Une femme"))
            certifier.tick(page.get_by_label("Aucun lien avec l’organisme depuis 24 mois"))
        else:
            answer_with_a_tie(certifier)
        if seat == "president":
            certifier.write(page.get_by_label("Désignée le"), "2020-01-13")
            certifier.tick(page.get_by_label(re.compile("signé par la direction")))
            certifier.attach(page.locator("input[type=file]:not([capture])"), act)
            certifier.check()
        certifier.press(page.get_by_role("button", name="Enregistrer ce siège"))
        expect(page).to_have_url(re.compile(f"{session_url}(#.*)?$"))
    expect(page.get_by_text("Composition régulière", exact=True)).to_be_visible()
    certifier.check()


def hear(certifier: Window, session_url: str) -> None:
    page = certifier.page
    page.goto(session_url)
    certifier.press(page.get_by_role("button", name=re.compile("Inscrire")).first)
    expect(page.get_by_text("Personne n’est inscrit")).to_have_count(0)
    certifier.check()


def declare_and_read(juror: Window) -> str:
    """A member declares that no relation exists, reads, attests; answers the address of the hearing."""
    page = juror.open("/jurys")
    juror.check()
    juror.press(page.get_by_role("link", name="Déclarer"))
    hearing = re.sub(r"(/jurys/[0-9a-f-]{36}).*", r"\1", page.url)
    juror.check()
    juror.tick(page.get_by_label(re.compile("^Je déclare n’avoir")))
    juror.press(page.get_by_role("button", name="Signer ma déclaration"))
    expect(page).to_have_url(hearing)
    juror.check()
    juror.tick(page.get_by_label(re.compile("^J’atteste avoir lu")))
    juror.tick(page.get_by_label(re.compile("^J’ai lu les (autres )?pièces autrement")))
    juror.press(page.get_by_role("button", name="Attester ma lecture"))
    expect(page.get_by_text("Votre lecture est attestée")).to_be_visible()
    return hearing


def declare_on_paper(certifier: Window, hearing: str, names: list[str], scan: Path) -> None:
    """The certifier records what members signed on paper, with the scan."""
    page = certifier.page
    for name in names:
        page.goto(f"{hearing}/formulaire")
        certifier.choose(page.get_by_label("Membre du jury"), name)
        certifier.tick(page.get_by_label("Déclaration sur les liens avec la personne candidate"))
        certifier.tick(page.get_by_label("Lecture attestée", exact=True))
        certifier.write(page.get_by_label("Signé le"), datetime.now(PARIS).date().isoformat())
        certifier.attach(page.locator("input[type=file]:not([capture])"), scan)
        certifier.check() if name == names[0] else None
        certifier.press(page.get_by_role("button", name="Enregistrer ce formulaire"))
        expect(page).to_have_url(f"{hearing}/presence")
    certifier.check()


def get_jury_ready(certifier: Window, president: Window, scan: Path) -> str:
    """Everyone has declared and read, the president and no other online; the president notes that all are there."""
    hearing = declare_and_read(president)
    declare_on_paper(certifier, hearing, [name for _seat, name, *_rest in JURY[1:]], scan)
    page = president.page
    page.goto(f"{hearing}/presence")
    for _seat, name, *_rest in JURY:
        certifier.tick(page.get_by_label(name))
    certifier.tick(page.get_by_label(re.compile("^La personne est là")))
    president.check()
    certifier.press(page.get_by_role("button", name="Enregistrer les présences"))
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
        president.press(page.get_by_role("link", name=re.compile(rf"^{re.escape(label)} ")).first)
        found = page.get_by_role("group", name="Cette compétence est…", exact=True)
        president.tick(found.get_by_label("Acquise" if wins else "Non acquise", exact=True))
        if not wins:
            president.write(page.get_by_label(re.compile("^Motif")).first, "Aucun chiffrage n’est montré.")
        president.check() if label == labels[0] else None
        president.press(page.get_by_role("button", name=re.compile("^Enregistrer et passer")))
        page.goto(hearing)
    for block, wins in outcomes.items():
        president.press(page.get_by_role("link", name=f"Décision sur le bloc {block}"))
        president.tick(page.get_by_label("Validé" if wins else "Non validé", exact=True))
        if not wins:
            president.write(page.get_by_label(re.compile("^Motif")).first, "Des compétences manquent.")
            president.write(page.get_by_label(re.compile("^Préconisations")).first, "Présenter un budget réel.")
        president.check() if block == next(iter(outcomes)) else None
        president.press(page.get_by_role("button", name="Enregistrer la décision"))
        page.goto(hearing)
    page.goto(f"{hearing}/apercu")
    president.check()
    page.goto(f"{hearing}/cloture")
    president.check()
    president.tick(page.locator("input[name=sure]"))
    president.write(page.get_by_label("Votre mot de passe, pour signer"), PASSWORD)
    president.press(page.get_by_role("button", name="Signer et clore le procès-verbal"))
    expect(page).to_have_url(re.compile("/resultat$"))
    president.check()


def say_who_signs(certifier: Window) -> None:
    """The body says who signs its documents, and how a decision is contested."""
    page = certifier.page
    certifier.open("/organisme/reglages")
    page.get_by_label("Personne qui signe").select_option(label="Hélène Roche")
    certifier.write(page.get_by_label("En qualité de"), "Directrice de l’institut")
    certifier.write(page.get_by_label("Décisions du jury"), "Vous pouvez demander un nouvel examen dans les deux mois.")
    certifier.press(page.get_by_role("button", name="Enregistrer"))


def notify(certifier: Window, candidacy: str, number: int) -> None:
    """The certifier completes the letter of a result, reads it, signs and sends it."""
    page = certifier.page
    certifier.open(f"/candidatures/{candidacy}/notification/{number}")
    for box in page.locator("fieldset textarea").all():
        certifier.write(box, "Un budget réel, poste par poste.")
    certifier.press(page.get_by_role("button", name="Voir la lettre"))
    certifier.check()
    certifier.write(page.get_by_label("Votre mot de passe, de nouveau"), PASSWORD)
    certifier.press(page.get_by_role("button", name="Signer et envoyer"))
    expect(page).to_have_url(re.compile(f"/candidatures/{candidacy}$"))


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
        made |= {f"photo-{n}.jpg": samples.jpeg((320, 240 + n), located=True) for n in range(1, 3)}
    paths = [folder / name for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_bytes(content)
    return paths


FIRST = ["1.1", "1.2", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3"]


def walk_the_whole_chain(server: Server, window: Callable[..., Window], entry_file: Path, folder: Path) -> None:
    """The nine steps, each person in a window of their own; two sessions, four blocks, the whole."""
    certifier = window()
    said = server.flask(
        "create-certifier", "helene@exemple.fr", "--name", "Hélène Roche", "--body", "Institut de l’exemple"
    )
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
    upload_pieces(candidate, dossier, sample_files(folder))
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
    paper = folder / "piece-1.pdf"
    name_jury(certifier, session_url, paper)
    hear(certifier, session_url)
    president = window()
    choose_password(president, letter_to(certifier, "paul@exemple.fr"))
    hearing = get_jury_ready(certifier, president, paper)
    decide(president, hearing, {1: True, 2: False, 3: False, 4: True}, FIRST)

    results = f"{dossier}/resultats"
    page = candidate.open(results)
    candidate.check()
    expect(page.get_by_role("heading", name="Le jury a délibéré")).to_be_visible()
    say_who_signs(certifier)
    notify(certifier, candidacy, 1)
    page = candidate.open(results)
    candidate.check()
    assert page.get_by_text(re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}")).count() >= 2
    candidate.press(page.get_by_role("button", name="Préparer le dépôt suivant"))
    candidate.check()
    second = submit(candidate, dossier)
    assert second != receipt
    session_url = plan_session(certifier)
    name_jury(certifier, session_url, paper)
    hear(certifier, session_url)
    hearing = get_jury_ready(certifier, president, paper)
    decide(president, hearing, {2: True, 3: True}, FIRST[2:8])
    notify(certifier, candidacy, 2)

    page = candidate.open(results)
    candidate.check()
    numbers = set(re.findall(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}", page.content()))
    assert len(numbers) == 5, "four blocks and the whole"
    anyone = window(390)
    for number in sorted(numbers):
        anyone.open(f"/certificats/{number}")
        expect(anyone.page.get_by_role("heading", level=1)).to_contain_text("pas encore signé")
        anyone.check()
    answer = json.loads(server.flask("explain-grants", candidacy, "--json"))
    assert [line["granted"] for line in answer["blocks"]] == [True] * 4
    assert answer["whole"]["granted"] is True
