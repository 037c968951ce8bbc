"""An apprentice without any livret 2: planned, assessed, decided and certified, on a computer, in a real browser;
the certificate of each other route without one.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.use_cases import signatures
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.on_commit import open_database
from portfolio.web.clock import now, today
from tests import factories, samples
from tests.assessment import builders
from tests.journeys.chain import notify
from tests.journeys.conftest import Server, Window
from tests.notification.builders import speak
from tests.thoroughness import EXHAUSTIVE

pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture
def store(server: Server) -> Database:
    return open_database(server.env["DATABASE_URL"])


@pytest.fixture
def made(store: Database) -> builders.Ground:
    with store.transaction() as session:
        return builders.ground(session)


def button(page: Page, name: str):
    return page.locator("main").get_by_role("button", name=name, exact=True)


def record(who: Window, home: str) -> None:
    """Record five results, the first with its document, then fix the record."""
    page = who.page
    document = {"name": "cas.pdf", "mimeType": "application/pdf", "buffer": samples.pdf(2, "Cas pratique")}
    for rank in range(5):
        who.open(f"{home}/evaluations/nouvelle")
        who.check()
        who.write(page.get_by_label("Date de l’évaluation"), "2022-06-10")
        page.get_by_label("Évaluateur ou évaluatrice").select_option("")
        who.write(page.get_by_label("Son nom, si la personne n’est pas dans la liste"), "Nadia Lemaire")
        who.tick(page.get_by_label("Réussie", exact=True))
        if rank == 0:
            who.attach(page.get_by_label(re.compile("^Document")), document)
        who.press(button(page, "Inscrire le résultat"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Évaluations de Samia Benali")
    who.check()
    who.tick(page.get_by_label(re.compile("J’ai relu ces résultats")))
    who.press(button(page, "Arrêter le relevé"))
    expect(page.locator("main")).to_contain_text("Inscrivez la personne à une session de jury")
    who.check()


def decide(who: Window, base: str) -> None:
    """Find, decide and sign, as the president."""
    page = who.page
    who.open(base)
    who.check()
    links = page.locator('main a[href*="/competences/"]').evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    for link in dict.fromkeys(links):
        who.open(link)
        found = page.get_by_role("group", name="Cette compétence est…", exact=True)
        who.tick(found.get_by_label("Acquise", exact=True))
        who.press(page.get_by_role("button", name=re.compile("^Enregistrer et passer")))
        expect(page).not_to_have_url(re.compile(link))
    who.check()
    blocks = page.locator('a[href*="/blocs/"]').evaluate_all("all => all.map(one => one.getAttribute('href'))")
    for link in dict.fromkeys(blocks):
        who.open(link)
        who.tick(page.get_by_label("Validé", exact=True))
        who.press(button(page, "Enregistrer la décision"))
        expect(page.locator("#decision")).to_contain_text(re.compile("Passer à|Voir l’aperçu"))
    who.open(f"{base}/cloture")
    who.check()
    expect(page.locator("main")).to_contain_text("Soutenance")
    who.tick(page.locator("[name=sure]"))
    who.write(page.locator("[name=password]"), factories.PASSWORD)
    who.press(page.locator("main form button[type=submit]").last)
    expect(page.get_by_role("heading", level=1)).to_contain_text("certification obtenue")
    who.check()


@pytest.mark.parametrize("route", builders.OTHERS if EXHAUSTIVE else (Route.APPRENTICESHIP,))
def test_a_path_without_any_livret_2_is_walked_to_its_certificate(
    window: Callable[[], Window], store: Database, made, route
):
    with store.transaction() as session:
        opened = builders.candidacy(session, made, route)
        session.get_one(Person, opened.candidate_id).password_hash = factories._hash
        candidacy_id, email = opened.id, opened.candidate.email
    certifier = window()
    certifier.log_in(made.certifier.email)
    record(certifier, f"/candidatures/{candidacy_id}")
    base, president = heard(store, made, candidacy_id)
    juror = window()
    juror.log_in(president.email)
    juror.open(f"{base}/evaluations")
    juror.check()
    expect(juror.page.locator("main")).to_contain_text("Cas pratique du bloc 3")
    juror.open(f"{base}/presence")
    juror.write(juror.page.get_by_label("Présentation, en minutes"), "30")
    juror.write(juror.page.get_by_label("Échange avec le jury, en minutes"), "20")
    juror.press(button(juror.page, "Enregistrer la soutenance"))
    expect(juror.page.locator("#soutenance")).to_contain_text("soutenance de 30 minutes")
    decide(juror, base)
    candidate = window()
    candidate.log_in(email)
    candidate.open(f"/dossiers/{candidacy_id}")
    expect(candidate.page.get_by_role("heading", level=1)).to_have_text(
        re.compile("apprentissage$" if route is Route.APPRENTICESHIP else "^M(on|a) ")
    )
    expect(candidate.page.locator("main")).to_contain_text("Le jury a délibéré")
    candidate.check()
    read_the_certificate(store, made, certifier, candidate, candidacy_id)


@pytest.mark.parametrize("route", [route for route in builders.OTHERS if route is not Route.APPRENTICESHIP])
def test_a_person_of_each_other_route_reads_their_certificate(
    window: Callable[[], Window], store: Database, made, route
):
    with store.transaction() as session:
        opened = builders.candidacy(session, made, route)
        opened.candidate.password_hash = factories._hash
        builders.all_results(session, made, opened.id)
        builders.sealed_record(session, made, opened.id, now() - timedelta(days=2))
        candidacy_id, email = opened.id, opened.candidate.email
    base, president = heard(store, made, candidacy_id)
    builders.decide(store, made, UUID(base.rpartition("/")[2]), president, at=now())
    certifier, candidate = window(), window()
    certifier.log_in(made.certifier.email)
    candidate.log_in(email)
    read_the_certificate(store, made, certifier, candidate, candidacy_id)


def read_the_certificate(
    store: Database, made: builders.Ground, certifier: Window, candidate: Window, candidacy_id: UUID
) -> None:
    """The certifier sends the letter; the person opens a certificate from their results, and anyone reads it."""
    speak(store, made)
    notify(certifier, str(candidacy_id), 1)
    candidate.open(f"/dossiers/{candidacy_id}/resultats")
    candidate.check()
    candidate.press(candidate.page.locator('main a[href^="/certificats/"]').first)
    expect(candidate.page.get_by_role("heading", level=1)).to_contain_text("pas encore signé")
    with store.transaction() as session:
        waiting = signatures.load_signing_page(session, made.body_id).waiting
        signatures.sign(session, made.body_id, [each.id for each in waiting], by=made.certifier.id, at=now())
    candidate.open(urlsplit(candidate.page.url).path)
    expect(candidate.page.get_by_role("heading", level=1)).to_contain_text("valide")
    candidate.check()
    with store.reader() as session:
        assert recompute(session).ok


def heard(store: Database, made: builders.Ground, candidacy_id: UUID) -> tuple[str, Person]:
    """Put the record before a jury of today that has declared, read and come."""
    with store.transaction() as session:
        query = select(Submission.id).where(Submission.candidacy_id == candidacy_id)
        submission_id = session.scalars(query).one()
        factories.born(session, candidacy_id)
        session_id, people = builders.session_of(session, made, held_on=today(), at=now() - timedelta(days=1))
        hearing_id = builders.hearing_of(session, made, submission_id, session_id, people, now())
        assert session.get_one(Hearing, hearing_id)
        session.expunge(people[0])
    return f"/jurys/{hearing_id}", people[0]
