"""A dossier is returned, completed and read again; after a partial result the next one is prepared.

On a phone, by a keyboard alone.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from portfolio.db.engine import Database
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.ledger.recording import SIGNER
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.on_commit import open_database
from portfolio.signing_key import load_keys
from portfolio.web.clock import now, today
from tests import factories
from tests.holdings.closings import hearing, minutes, sealed
from tests.journeys.conftest import ON_A_PHONE, Manner, Server, Window, own_server
from tests.jury.builders import say, scene

pytestmark = pytest.mark.journey
server = own_server


@pytest.fixture
def manner() -> Manner:
    return ON_A_PHONE


@pytest.fixture
def store(server: Server, database_url: str) -> Iterator[Database]:
    """Give the database of the server, with its signing key."""
    database = open_database(database_url, {SIGNER: load_keys(Path(server.env["DATA"])).signer})
    yield database
    database.engine.dispose()


def test_a_dossier_is_returned_completed_and_read_again(
    server: Server, store: Database, window: Callable[..., Window]
) -> None:
    made = scene(store, ready=False)
    with store.transaction() as session:
        session.execute(update(JurySession).values(held_on=today() + timedelta(days=60)))
        for text in ("career", "motivation", "conclusion"):
            setattr(session.get_one(factories.Dossier, made.candidacy_id), text, "Un texte.")
    for kind in (StatementKind.NO_RELATION, StatementKind.READ):
        say(store, made, made.president.id, kind)

    certifier = window()
    certifier.log_in(made.certifier.email)
    page = certifier.open(f"/candidatures/{made.candidacy_id}")
    certifier.press(page.get_by_role("link", name="Demander un complément au dossier déposé"))
    certifier.write(page.get_by_label("Ce qui est demandé, un point par ligne"), "1.1 Dites qui décidait.")
    certifier.write(page.get_by_label("Motif"), "Votre rôle n’est pas clair.")
    certifier.check()
    certifier.write(page.get_by_label("À compléter au plus tard le"), (today() + timedelta(days=10)).isoformat())
    certifier.press(page.get_by_role("button", name="Renvoyer pour complément"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Complément demandé")
    certifier.check()

    candidate = window()
    candidate.log_in(made.candidate.email)
    page = candidate.open(f"/dossiers/{made.candidacy_id}")
    candidate.press(page.get_by_role("link", name="Voir ce qui est demandé"))
    expect(page.get_by_text("Votre rôle n’est pas clair.")).to_be_visible()
    candidate.check()
    candidate.press(page.get_by_role("link", name=re.compile("Ouvrir la compétence 1.1")))
    told = page.get_by_label("Ce que j’ai fait")
    told.fill("")
    candidate.write(told, "J’ai **décidé seule**.")
    candidate.press(page.get_by_role("button", name="Enregistrer mon récit"))
    candidate.press(page.get_by_role("link", name="Versions précédentes"))
    candidate.press(page.get_by_role("link", name=re.compile("Comparer")).first)
    expect(page.locator("del").first).to_be_visible()
    candidate.check()
    page = candidate.open(f"/dossiers/{made.candidacy_id}/complements")
    candidate.press(page.get_by_role("button", name="C’est fait"))
    candidate.press(page.get_by_role("link", name="Aller au dépôt"))
    page = candidate.open(f"/dossiers/{made.candidacy_id}/depot/signature")
    candidate.tick(page.get_by_label("J’ai lu cette déclaration et je la signe"))
    candidate.press(page.get_by_role("button", name="Signer et déposer mon dossier"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Récépissé du dépôt")
    candidate.press(page.get_by_role("link", name="Ce qui a changé depuis le dépôt précédent"))
    expect(page.locator("ins").filter(has_text="décidé")).to_be_visible()
    candidate.check()

    juror = window()
    juror.log_in(made.president.email)
    page = juror.open(f"/jurys/{made.hearing_id}")
    juror.press(page.get_by_role("link", name="Voir ce qui a changé"))
    expect(page.locator("ins").filter(has_text="décidé")).to_be_visible()
    juror.check()
    juror.press(page.get_by_role("link", name=re.compile("Lire toute la compétence 1.1")))
    expect(page.locator("strong", has_text="décidé seule")).to_be_visible()
    page = juror.open(f"/jurys/{made.hearing_id}")
    juror.tick(page.get_by_label(re.compile("J’atteste avoir lu le dossier")))
    elsewhere = page.locator("input[name=elsewhere]")
    if elsewhere.count():
        juror.tick(elsewhere)
    juror.press(page.get_by_role("button", name="Attester ma lecture"))
    expect(page.get_by_role("button", name="Attester ma lecture")).to_have_count(0)
    juror.check()


@pytest.mark.slow
def test_after_a_partial_result_the_next_dossier_is_prepared(
    server: Server, store: Database, window: Callable[..., Window]
) -> None:
    with store.transaction() as session:
        world = factories.world(session)
        one, two, three, four = world.version.blocks
        closed = minutes(session, hearing(session, sealed(session, world)), [one, four], [two, three])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    candidate = window()
    candidate.log_in(world.candidate.email)
    base = f"/dossiers/{world.candidacy.id}"
    page = candidate.open(f"{base}/resultats")
    candidate.press(page.get_by_role("button", name=re.compile("Préparer")))
    expect(page.get_by_role("heading", level=1)).to_have_text("Préparer le dépôt suivant")
    expect(page.get_by_text("Joindre un budget d’embauche.").first).to_be_visible()
    candidate.check()
    candidate.press(page.get_by_role("button", name="Garder le bloc 3 pour plus tard"))
    candidate.press(page.get_by_role("button", name="C’est fait").first)
    candidate.write(page.get_by_label("Jour de l’entretien"), "2026-06-20")
    candidate.press(page.get_by_role("button", name="Noter l’entretien"))
    expect(page.get_by_text("Le 20 juin 2026")).to_be_visible()
    candidate.check()
    with store.transaction() as session:
        second = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=now())
        assert [row.block_id for row in second.blocks] == [two.id]
