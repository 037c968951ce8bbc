"""Check that what a page says waits for what it says: a letter, a signature, a publication, a seal."""

from dataclasses import replace

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.entry import EntryDetails, Partner
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.web.clock import now
from tests import factories
from tests.certification.readers.entries import SAMPLE
from tests.jury import builders as stage
from tests.jury.pages import as_member, hearing, staged
from tests.page import CheckedClient


def test_after_the_signature_the_page_says_from_which_day_the_person_reads(client: CheckedClient, store: Database):
    made = staged(store)
    stage.deliberate(store, made)
    stage.close(store, made, now())
    text = as_member(client, made).page(hearing(made, "/resultat")).text
    assert "à partir du jour où l’organisme lui envoie la lettre" in text
    assert "voit ses résultats" not in text


def test_after_the_seal_the_draft_is_neither_offered_nor_said_to_be_unsealed(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    client.log_in(made.candidate.email, factories.PASSWORD)
    home = client.page(f"/dossiers/{made.candidacy_id}").text
    assert "Lire et imprimer le livret déposé" in home
    assert "Imprimer le livret tel qu’il est" not in home


def test_an_invited_colleague_is_not_said_to_have_joined(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    data = {"name": "Zoé Neuve", "email": "zoe@exemple.fr", "tasks": "reading"}
    client.send("/organisme/equipe", data)
    text = client.page("/organisme/equipe").text
    assert "L’invitation de Zoé Neuve est écrite" in text
    assert "rejoint l’équipe" not in text


def test_the_partners_that_a_draft_names_are_said_to_be_named(client: CheckedClient, store: Database):
    partner = Partner("Atelier du Nord")
    entry = replace(SAMPLE, code="RNCP12345", details=EntryDetails(partners=(partner,)))
    with store.transaction() as session:
        world = factories.world(session, filled=False)
        version_id = import_entry(session, world.body.id, entry, by=None, at=factories.AT).version.id
    client.log_in(world.certifier.email, factories.PASSWORD)
    text = client.page(f"/certifications/versions/{version_id}/partenaires").text
    assert "La fiche nomme 1 partenaire" in text
    assert "n’en nomme pas" not in text
