"""A third party attests on a phone, by a link, without an account; a juror reads how it was collected.

By a keyboard alone.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from portfolio.db.engine import Database
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.ledger.recording import SIGNER
from portfolio.on_commit import open_database
from portfolio.signing_key import load_keys
from portfolio.web.clock import now, today
from tests import factories
from tests.attestation.builders import code_in, last_letter, token_in
from tests.journeys.conftest import ON_A_PHONE, Manner, Server, Window, own_server
from tests.jury import builders

pytestmark = pytest.mark.journey
server = own_server


@pytest.fixture
def manner() -> Manner:
    return ON_A_PHONE


EMAIL = "g.legoff@agence-du-port.fr"


@pytest.fixture
def store(server: Server, database_url: str) -> Iterator[Database]:
    """Give the database of the server, with its signing key."""
    database = open_database(database_url, {SIGNER: load_keys(Path(server.env["DATA"])).signer})
    yield database
    database.engine.dispose()


def letter(store: Database, subject: str = "%") -> str:
    with store.reader() as session:
        return last_letter(session, EMAIL, subject)


def heard(store: Database, made: factories.World, submission: UUID) -> tuple[str, str]:
    """Call the sealed dossier before a jury whose president has declared; answer the hearing and the
    president's address.
    """
    with store.transaction() as session:
        planning = Planning(made.version.id, today() + timedelta(days=1), "Bordeaux")
        day = planning_use_cases.plan_session(session, made.body.id, planning, by=made.certifier.id, at=now())
        builders.account(session, builders.PRESIDENT)
        named = planning_use_cases.name_member(
            session, day.id, builders.PRESIDENT, builders.act(), by=made.certifier.id, at=now()
        )
        session.flush()
        hearing = planning_use_cases.add_hearing(session, day.id, submission, by=made.certifier.id, at=now())
        session.flush()
        declarations.record_statement(
            session,
            hearing.id,
            MemberDeclarations(named.person_id, StatementKind.NO_RELATION),
            by=named.person_id,
            at=now(),
        )
        return str(hearing.id), builders.PRESIDENT.email


def ask(candidate: Window, base: str) -> None:
    page = candidate.open(f"{base}/preuves")
    candidate.press(page.get_by_role("link", name="Demander à quelqu’un d’attester"))
    candidate.check()
    candidate.press(page.get_by_role("link", name="Demander une attestation"))
    candidate.write(page.get_by_label("Son prénom et son nom"), "Gwenaëlle Le Goff")
    candidate.write(page.get_by_label("Son adresse électronique"), EMAIL)
    candidate.choose(page.get_by_label("Ce que cette personne est, ou était, pour vous"), "Responsable hiérarchique")
    candidate.write(page.get_by_label("Son organisation"), "Agence du Port")
    candidate.choose(page.get_by_label("L’expérience concernée"), "Cheffe de projet, Agence du Port")
    candidate.write(
        page.get_by_label("Ce que vous souhaitez lui faire confirmer"), "La conduite de la refonte du site en 2015."
    )
    candidate.check()
    candidate.press(page.get_by_role("button", name="Envoyer la demande"))
    expect(page.get_by_text("Attendez sa réponse")).to_be_visible()
    candidate.check()


def attest(third: Window, store: Database) -> None:
    page = third.open(f"/attester/{token_in(letter(store))}")
    expect(page.get_by_text("La conduite de la refonte du site en 2015.")).to_be_visible()
    third.check()
    third.press(page.get_by_role("button", name="Écrire mon attestation"))
    third.write(
        page.get_by_label("Qu’avez-vous vu cette personne faire ?"), "Samia a conduit seule la refonte du site."
    )
    page.reload()
    third.press(page.get_by_role("button", name="Reprendre ce texte"))  # nothing typed is lost with a page that closes
    third.press(page.get_by_role("button", name="Relire avant de signer"))
    expect(page.get_by_text("Il reste 2 points à corriger")).to_be_visible()
    third.check()
    third.write(page.get_by_label("Comment connaissez-vous cette personne ?"), "J’étais la directrice de l’agence.")
    third.tick(page.get_by_label("Non, aucun"))
    third.press(page.get_by_role("button", name="Relire avant de signer"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Relisez, puis signez")
    third.check()
    third.press(page.get_by_role("button", name="Recevoir mon code"))
    third.tick(page.get_by_label("J’atteste sur l’honneur"))
    third.write(page.get_by_label("Le code à six chiffres"), code_in(letter(store, "%code%")))
    third.check()
    third.press(page.get_by_role("button", name="Signer l’attestation"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci, votre attestation est signée")
    third.check()
    with page.expect_download() as download:
        third.press(page.get_by_role("link", name="Télécharger mon exemplaire"))
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")
    assert (
        third.open(f"/attester/{token_in(letter(store, '%vous demande%'))}")
        .get_by_text("Ce lien ne sert plus")
        .is_visible()
    )
    third.check()


def claim_and_seal(candidate: Window, base: str) -> UUID:
    page = candidate.open(f"{base}/preuves")
    candidate.press(page.get_by_role("link", name=re.compile("Attestation de Gwenaëlle Le Goff")))
    expect(page.get_by_text("Signature vérifiée à l’instant")).to_be_visible()
    expect(page.get_by_role("link", name="Remplacer le fichier")).to_have_count(0)
    candidate.check()
    candidate.press(page.get_by_role("link", name="Choisir les compétences").first)
    candidate.tick(page.get_by_label(re.compile("1.2 Organiser")))
    candidate.write(
        page.get_by_label("Que montre cette preuve de ce que vous savez faire ?"),
        "Ma directrice décrit la refonte que j’ai conduite.",
    )
    candidate.press(page.get_by_role("button").filter(has_text=re.compile("Enregistrer|Proposer|Choisir")).last)
    page = candidate.open(f"{base}/depot/signature")
    candidate.tick(page.get_by_label("J’ai lu cette déclaration et je la signe"))
    candidate.press(page.get_by_role("button", name="Signer et déposer mon dossier"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Récépissé")
    return UUID(page.url.rsplit("/", 1)[1])


@pytest.mark.slow
def test_from_the_asking_to_the_juror(server: Server, store: Database, window: Callable[..., Window]) -> None:
    with store.transaction() as session:
        made = factories.world(session)
        for text in ("career", "motivation", "conclusion"):
            setattr(session.get_one(factories.Dossier, made.candidacy.id), text, "Un texte.")
    base = f"/dossiers/{made.candidacy.id}"
    candidate = window()
    candidate.log_in(made.candidate.email)
    ask(candidate, base)
    attest(window(), store)
    submission = claim_and_seal(candidate, base)
    hearing, president = heard(store, made, submission)
    juror = window()
    juror.log_in(president)
    page = juror.open(f"/jurys/{hearing}/pieces")
    expect(page.get_by_text("signée en ligne par le tiers")).to_be_visible()
    juror.check()
    juror.press(page.get_by_role("link", name=re.compile("Attestation de Gwenaëlle Le Goff")).first)
    expect(page.get_by_text("Recueillie en ligne auprès du tiers")).to_be_visible()
    expect(page.get_by_text("Signature vérifiée à l’instant")).to_be_visible()
    juror.press(page.get_by_text("Comment elle a été recueillie"))
    expect(page.get_by_label("Recueillie en ligne").get_by_text("Lien et code remis par l’organisme")).to_be_visible()
    juror.check()
    with page.expect_download() as download:
        juror.press(page.get_by_role("link", name="Télécharger la signature"))
    assert download.value.path().read_text().count(".") == 2
