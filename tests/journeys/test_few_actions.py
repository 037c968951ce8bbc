"""How many actions a body needs on its first day, and six people from a hearing to a certificate, in a real browser.

An action is a click, a field filled, a choice, a file given, or a page reached from another one.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.assessment.models import AssessmentResult
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.holdings.models.grants import CertificateSignature
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.web.clock import now, today
from portfolio.web.exports import write_ods
from tests import factories
from tests.journeys.conftest import Manner, Window, own_server
from tests.journeys.keyboard import Files, Mouse
from tests.jury.builders import STATEMENT, scene
from tests.notification.builders import speak

pytestmark = [pytest.mark.journey, pytest.mark.slow]
server = own_server


class CountingMouse(Mouse):
    """A mouse that counts what it does, for all the people of a journey."""

    def __init__(self) -> None:
        self.actions: list[str] = []

    def press(self, target: Locator) -> None:
        self.actions.append(f"press {target}")
        super().press(target)

    def write(self, target: Locator, text: str) -> None:
        self.actions.append(f"write {target}")
        super().write(target, text)

    def tick(self, target: Locator) -> None:
        self.actions.append(f"tick {target}")
        super().tick(target)

    def choose(self, target: Locator, label: str) -> None:
        self.actions.append(f"choose {target}")
        super().choose(target, label)

    def attach(self, target: Locator, files: Files) -> None:
        self.actions.append(f"attach {target}")
        super().attach(target, files)

    def go(self, who: Window, path: str) -> Page:
        """Reach a page that another one links to."""
        self.actions.append(f"go {path}")
        return who.open(path)


@pytest.fixture
def hands() -> CountingMouse:
    return CountingMouse()


@pytest.fixture
def manner(hands: CountingMouse) -> Manner:
    return Manner(hands)


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    return page.locator("main").get_by_role("button", name=name)


def csv_file(path: Path, rows: Sequence[Sequence[str]], encoding: str) -> Path:
    path.write_bytes("".join(";".join(row) + "\r\n" for row in rows).encode(encoding))
    return path


FIRST_NAMES = ("Léa", "Noé", "Zoé", "Inès", "Yanis")


def class_file(folder: Path) -> Path:
    """Twenty-five apprentices with their four marks, as a school keeps them; one has no address."""
    rows = [["NOM de l’élève", "Prénom", "Mail perso", "Statut", "Entrée en formation", "Classe", "Tél. portable",
             "1 - Pilotage", "2 - Solutions", "3 - Stratégie", "4 - Déploiement"]]  # fmt: skip
    for n in range(25):
        rows.append([f"ELEVE{n}", FIRST_NAMES[n % 5], f"eleve{n}@exemple.fr", "apprenti", "01/09/2021", "2A", "612345678",
                     "Acquis (14/20)", "acquis", "Acquis", "Acquis (bien)" if n else "Non acquis (8/20)"])  # fmt: skip
    rows.append(["SANS", "Adresse", "", "apprenti", "01/09/2021", "2A", "", "acquis", "acquis", "acquis", "acquis"])
    return csv_file(folder / "classe.csv", rows, "cp1252")


def candidates_file(folder: Path) -> Path:
    """Sixty candidates by VAE in a spreadsheet of an association; one line twice."""
    header = [
        "Référence interne",
        "Candidat(e)",
        "Adresse e-mail",
        "Voie",
        "Date de recevabilité",
        "Né(e) le",
        "Commune",
    ]
    rows = [[f"V-{n:03d}", f"{FIRST_NAMES[n % 5]} Candidat{n}", f"vae{n}@exemple.fr", "VAE", "12/11/2021", "", ""]
            for n in range(60)]  # fmt: skip
    rows += [["V-061", "Jean Double", "double@exemple.fr", "VAE", "12/11/2021", "", ""]] * 2
    with (folder / "vae.ods").open("wb") as file:
        write_ods(file, "vae", header, rows)
    return folder / "vae.ods"


def jurors_file(folder: Path) -> Path:
    """Forty jurors as somebody keeps them: who directs, which college, which ties; one line names no college."""
    rows = [["Nom et prénom du juré", "Mél pro", "Poste occupé", "Collège", "Sexe", "En activité", "Direction",
             "Liens avec l’école", "Certification"]]  # fmt: skip
    kinds = [("employeurs", "non", "aucun"), ("salariés", "non", "aucun"), ("", "oui", "salarié"),
             ("", "non", "formateur vacataire")]  # fmt: skip
    for n in range(40):
        college, directs, ties = kinds[n % 4]
        rows.append([f"Juré{n} Martin", f"jure{n}@exemple.fr", "Cadre", college, "FM"[n % 2], "oui",
                     directs if n == 2 else "non", ties, "RNCP16959"])  # fmt: skip
    rows.append(["Faute Martin", "faute@exemple.fr", "Cadre", "artisans", "F", "oui", "non", "aucun", ""])
    return csv_file(folder / "jures.csv", rows, "utf-8-sig")


def seal_all(store: Database) -> None:
    """Each candidate by VAE writes and seals a dossier: these are their acts, not those of the body."""
    with store.transaction() as session:
        rows = session.scalars(select(Candidacy).where(Candidacy.route == Route.VAE)).all()
        for row in rows:
            factories.fill(session, row.id, [each for block in row.blocks for each in block.competencies])
    for row in rows:
        with store.transaction() as session:
            submit(session, row.id, STATEMENT, by=row.candidate_id, at=now())


def begin(store: Database) -> tuple[UUID, str]:
    """A body with a published certification and nothing else: its id, and the address of its certifier."""
    with store.transaction() as session:
        body = factories.body(session)
        certifier = factories.certifier(session, body.id)
        factories.published_version(session, body.id, routes=[(Route.APPRENTICESHIP.value, True)])
        return body.id, certifier.email


def open_class(who: Window, hands: CountingMouse, sheet: Path) -> None:
    """What the certification assesses, a cohort, its people and their marks."""
    page = who.page
    hands.go(who, "/certifications")
    who.press(page.locator('main a[href*="/certifications/versions/"]').first)
    who.press(page.locator('main a[href$="/evaluations"]').first)
    who.press(button(page, "Reprendre la fiche"))
    hands.go(who, "/promotions")
    who.write(page.get_by_label("Nom de la promotion"), "2A")
    who.write(page.get_by_label("Premier jour"), "2021-09-01")
    who.write(page.get_by_label("Dernier jour"), (today() + timedelta(days=90)).isoformat())
    who.choose(page.get_by_label("Voie d’accès"), "Apprentissage")
    who.press(button(page, "Créer la promotion"))
    open_list(who, hands, sheet, 25, "SANS")


def open_list(who: Window, hands: CountingMouse, sheet: Path, number: int, wrong: str) -> None:
    """Candidacies of a spreadsheet, the bad line named and set aside."""
    page = who.page
    hands.go(who, "/candidatures/plusieurs")
    who.attach(page.get_by_label("Le fichier"), sheet)
    who.press(button(page, "Lire la liste"))
    expect(page.locator("main")).to_contain_text(wrong)
    who.check()
    who.tick(page.get_by_label("Laisser de côté les lignes à corriger"))
    who.press(button(page, f"Ouvrir les {number} candidatures"))
    expect(page.locator("main")).to_contain_text(re.compile(rf"{number}\s+candidatures sont ouvertes"), timeout=240_000)


def mark(who: Window, hands: CountingMouse, sheet: Path) -> None:
    """The marks of the class from its own file, one examiner for every column."""
    page = who.page
    hands.go(who, "/promotions")
    who.press(page.get_by_role("link", name="2A"))
    who.press(page.locator('main a[href$="/resultats"]').first)
    who.attach(page.get_by_label("Le fichier"), sheet)
    who.press(button(page, "Remplir le tableau"))
    who.check()
    who.write(page.get_by_label("Évaluées par"), "Nadia Lemaire")
    who.press(button(page, "Enregistrer ces résultats"))
    expect(page.locator("main")).to_contain_text(re.compile(r"100\s+résultats sont inscrits"))


def add_jurors(who: Window, hands: CountingMouse, sheet: Path) -> None:
    page = who.page
    hands.go(who, "/jures/liste")
    who.attach(page.get_by_label("Le fichier"), sheet)
    who.press(button(page, "Lire la liste"))
    expect(page.locator("main")).to_contain_text("artisans")
    who.check()
    who.tick(page.get_by_label("Laisser de côté les lignes à corriger"))
    who.press(button(page, "Ajouter les 40 personnes"))
    expect(page.locator("main")).to_contain_text(re.compile(r"40\s+personnes sont dans la liste des jurés"))


def plan(who: Window, hands: CountingMouse, days: int) -> None:
    page = who.page
    hands.go(who, "/sessions/nouvelle")
    who.write(page.get_by_label("Date de la session"), (today() + timedelta(days=days)).isoformat())
    if not page.get_by_label("Lieu", exact=True).input_value():
        who.write(page.get_by_label("Lieu", exact=True), "Rennes")
    who.press(button(page, "Planifier la session"))


def compose(who: Window) -> None:
    page = who.page
    who.press(page.get_by_role("link", name="Proposer un jury depuis la liste des jurés"))
    who.check()
    who.press(button(page, "Nommer ces personnes"))
    expect(page.locator("main")).to_contain_text("Le jury est nommé")


def first_day(who: Window, hands: CountingMouse, store: Database, folder: Path) -> None:
    page = who.page
    sheet = class_file(folder)
    add_jurors(who, hands, jurors_file(folder))
    plan(who, hands, 40)
    compose(who)
    open_list(who, hands, candidates_file(folder), 60, "Jean Double")
    open_class(who, hands, sheet)
    mark(who, hands, sheet)
    who.press(page.get_by_role("link", name="2A", exact=True))
    who.press(page.get_by_role("link", name="Les présenter à un jury"))
    who.check()
    who.tick(page.locator("[name=sure]"))
    who.press(button(page, "Arrêter les relevés et inscrire"))
    expect(page.locator("main")).to_contain_text(re.compile(r"25\s+personnes sont inscrites à cette session"))
    seal_all(store)
    for number, days in enumerate((50, 51)):
        plan(who, hands, days)
        if number == 0:
            who.press(page.get_by_role("link", name="Fixer les heures de la journée").first)
            who.write(page.locator("[name=start]"), "8:30")
            who.write(page.locator("[name=end]"), "18:30")
            who.write(page.locator("[name=interview]"), "20")
            who.press(button(page, "Enregistrer la journée"))
        who.press(page.get_by_role("link", name="Inscrire plusieurs personnes en une fois"))
        who.check()
        who.press(button(page, "Inscrire les personnes cochées"))
        expect(page.locator("main")).to_contain_text(re.compile(r"30\s+personnes sont inscrites à cette session"))
        compose(who)


def test_a_first_day_is_opened_assessed_and_seated_in_sixty_actions(
    window: Callable[[], Window], hands: CountingMouse, database: Database, tmp_path: Path
):
    body_id, email = begin(database)
    who = window()
    who.log_in(email)
    hands.actions.clear()
    first_day(who, hands, database, tmp_path)
    assert len(hands.actions) <= 60, "\n".join(hands.actions)
    with database.reader() as session:
        listed = select(func.count()).select_from(Hearing).join(Hearing.session).where(JurySession.body_id == body_id)
        assert session.scalar(listed) == 85
        assert session.scalar(listed.where(Hearing.start_minute.is_not(None))) == 60
        assert session.scalar(select(func.count()).select_from(Juror).where(Juror.body_id == body_id)) == 40
        assert session.scalar(select(func.count()).select_from(AssessmentResult)) == 100


def declare_and_read(who: Window, email: str) -> None:
    """A member says that no relation exists, reads, attests."""
    page = who.page
    who.log_in(email)
    who.press(page.locator("main").get_by_role("link", name="Déclarer").first)
    who.tick(page.get_by_label(re.compile("^Je déclare n’avoir")))
    who.press(button(page, "Signer ma déclaration"))
    who.tick(page.get_by_label(re.compile("^J’atteste avoir lu")))
    who.tick(page.get_by_label(re.compile("^J’ai lu les (autres )?pièces autrement")))
    who.press(button(page, "Attester ma lecture"))
    expect(page.get_by_text("Votre lecture est attestée")).to_be_visible()


def find_and_decide(who: Window, hands: CountingMouse, hearing: str) -> None:
    """Eleven competencies acquired and four blocks validated, on one page."""
    page = hands.go(who, f"{hearing}/constats")
    who.check()
    for box in page.get_by_label(re.compile("^Tout le bloc")).all():
        who.tick(box)
    who.press(button(page, "Enregistrer les constats et les décisions"))


def close(who: Window) -> None:
    page = who.page
    who.press(page.get_by_role("link", name="Voir l’aperçu et clore").first)
    who.press(page.locator('main a[href$="/cloture"]').first)
    who.check()
    who.tick(page.locator("[name=sure]"))
    who.write(page.locator("[name=password]"), factories.PASSWORD)
    who.press(button(page, "Signer et clore le procès-verbal"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("4 blocs accordés")


def notify_and_sign(who: Window, hands: CountingMouse, candidacy_id: UUID) -> None:
    page = hands.go(who, f"/candidatures/{candidacy_id}/notification/1")
    who.press(button(page, "Voir la lettre"))
    who.write(page.get_by_label("Votre mot de passe, de nouveau"), factories.PASSWORD)
    who.press(button(page, "Signer et envoyer"))
    hands.go(who, "/organisme/certificats-a-signer")
    who.check()
    who.write(page.locator("[name=password]"), factories.PASSWORD)
    who.press(button(page, "Signer les certificats cochés"))
    expect(page.locator("main")).to_contain_text("Aucun certificat n’attend de signature")


def hearing_day(new: Callable[[], Window], hands: CountingMouse, store: Database) -> None:
    made = scene(store, held_on=today(), sealed_at=now() - timedelta(days=1), ready=False)
    speak(store, made)
    with store.transaction() as session:
        factories.born(session, made.candidacy_id)
    hearing = f"/jurys/{made.hearing_id}"
    jurors = {seat: new() for seat in made.members}
    for seat, who in jurors.items():
        declare_and_read(who, made.members[seat].email)
    president = jurors[Seat.PRESIDENT]
    page = hands.go(president, f"{hearing}/presence")
    for member in made.members.values():
        president.tick(page.get_by_label(member.name))
    president.tick(page.get_by_label(re.compile("^La personne est là")))
    president.press(button(page, "Enregistrer les présences"))
    before = len(hands.actions)
    find_and_decide(president, hands, hearing)
    assert len(hands.actions) - before <= 12, "\n".join(hands.actions[before:])
    close(president)
    certifier = new()
    certifier.log_in(made.certifier.email)
    notify_and_sign(certifier, hands, made.candidacy_id)
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(CertificateSignature)) == 5


def test_six_people_bring_a_hearing_to_a_signed_certificate_in_ninety_actions(
    window: Callable[[], Window], hands: CountingMouse, database: Database
):
    hearing_day(window, hands, database)
    assert len(hands.actions) <= 90, "\n".join(hands.actions)
