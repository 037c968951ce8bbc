"""The equivalences that the register proposes: shown, confirmed or dismissed by a person, and counting for
nothing before.
"""

from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.domain.account.models import Person
from portfolio.domain.certification.models import Block, CertificationVersion, EquivalenceProposal
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.holdings.models.events import Equivalence
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import EquivalenceInput
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence
from tests import factories
from tests.certification.answered import publish
from tests.certification.readers.exports import entry_xml, export

OLD, NEW = "RNCP90001", "RNCP90002"


def correspondence(*blocks: str, other: str = f"{NEW}BC01") -> str:
    codes = "".join(f"<BLOC_COMPETENCES><CODE>{code}</CODE></BLOC_COMPETENCES>" for code in blocks)
    return (
        f"<CORRESPONDANCE><SOURCE>{codes}</SOURCE><DESTINATION><NUMERO_FICHE>{NEW}</NUMERO_FICHE>"
        f"<BLOC_COMPETENCES><CODE>{other}</CODE></BLOC_COMPETENCES></DESTINATION></CORRESPONDANCE>"
    )


@pytest.fixture
def body(store):
    with store.transaction() as session:
        return factories.body(session)


@pytest.fixture
def browser(client, store, body):
    with store.transaction() as session:
        email = factories.certifier(session, body.id).email
    client.log_in(email, factories.PASSWORD)
    return client


def published(store, body, xml: str) -> UUID:
    with store.transaction() as session:
        made = import_entry(session, body.id, read_entry(export(xml), ""), by=None, at=factories.AT)
        return publish(session, made.version.id, by=None, at=factories.AT).id


def old_entry(*correspondences: str, more: str = "") -> str:
    return entry_xml(more=f"<CORRESPONDANCES>{''.join(correspondences)}</CORRESPONDANCES>{more}")


def address(version_id: UUID, rest: str = "") -> str:
    return f"/certifications/versions/{version_id}/equivalences/proposees{rest}"


def only(store, kind):
    with store.reader() as session:
        return session.scalars(select(kind)).one()


def test_a_correspondence_waits_until_the_other_entry_is_published_here(browser, store, body):
    version_id = published(store, body, old_entry(correspondence(f"{OLD}BC01")))
    page = browser.page(address(version_id))
    assert "Aucune version publiée de la fiche RNCP90002 n’a ce bloc chez vous" in page.text
    assert not page.all("a", href=address(version_id, f"/{only(store, EquivalenceProposal).id}"))
    published(store, body, entry_xml(NEW, "Apicultrice"))
    assert "1 proposition attend votre décision" in browser.page(address(version_id)).text


@pytest.mark.records("equivalence_declared", "equivalence_proposal_confirmed")
def test_a_person_confirms_a_proposal_and_it_becomes_a_ruling(browser, store, body):
    version_id = published(store, body, old_entry(correspondence(f"{OLD}BC01")))
    published(store, body, entry_xml(NEW, "Apicultrice"))
    there = address(version_id, f"/{only(store, EquivalenceProposal).id}")
    assert "Correspondance publiée au répertoire avec le bloc RNCP90002BC01" in browser.page(there).text
    unsure = browser.send(there, {"direction": "here", "kind": "identical", "reason": "Comparés."}, form=there)
    assert unsure.status_code == 422
    done = browser.send(
        there,
        {"direction": "here", "kind": "identical", "reason": "Comparés.", "sure": "y", "password": factories.PASSWORD},
        form=there,
    )
    assert done.status_code == 303
    ruling = only(store, Equivalence)
    with store.reader() as session:
        held, counts_for = (
            session.get_one(Block, ruling.held_block_id),
            session.get_one(Block, ruling.granted_block_id),
        )
        assert (held.version.certification.code, counts_for.version.certification.code) == (OLD, NEW)
    assert only(store, EquivalenceProposal).equivalence_id == ruling.id
    assert "Aucune proposition n’attend" in browser.page(address(version_id)).text
    assert browser.get(there).status_code == 404


def test_a_proposal_of_the_register_does_not_take_back_an_equivalence_alone(browser, store, body):
    version_id = published(store, body, old_entry(correspondence(f"{OLD}BC01")))
    other = published(store, body, entry_xml(NEW, "Apicultrice"))
    with store.transaction() as session:
        held, aim = (session.get_one(CertificationVersion, each).blocks[0].id for each in (version_id, other))
        by = session.scalars(select(Person.id)).first()
        told = EquivalenceInput(held, aim, EquivalenceKind.IDENTICAL, "Comparés.")
        declare_equivalence(session, told, by=by, at=factories.AT)
    there = address(version_id, f"/{only(store, EquivalenceProposal).id}")
    words = {"direction": "here", "kind": "none", "reason": "Changé.", "sure": "y", "password": factories.PASSWORD}
    answer = browser.send(there, words, form=there)
    assert answer.status_code == 409
    assert "une autre personne de l’organisme le confirme" in answer.text
    assert "Changé." in answer.text
    assert only(store, Equivalence).kind is EquivalenceKind.IDENTICAL


@pytest.mark.records("equivalence_proposal_dismissed")
def test_a_person_dismisses_a_proposal_and_publishing_again_does_not_bring_it_back(browser, store, body):
    version_id = published(store, body, old_entry(correspondence(f"{OLD}BC01")))
    there = address(version_id, f"/{only(store, EquivalenceProposal).id}/ecarter")
    assert browser.send(there, {}, form=address(version_id)).status_code == 303
    assert browser.send(there, {}, form=address(version_id)).status_code == 409
    assert "Aucune proposition n’attend" in browser.page(address(version_id)).text
    with store.reader() as session:
        assert not session.scalars(select(Equivalence)).all()


def test_blocks_taken_together_are_not_confirmed_one_by_one(browser, store, body):
    version_id = published(store, body, old_entry(correspondence(f"{OLD}BC01", f"{OLD}BC02")))
    published(store, body, entry_xml(NEW, "Apicultrice"))
    page = browser.page(address(version_id))
    assert "Le répertoire compare 2 blocs ensemble" in page.text
    assert "Relire et confirmer" not in page.text


def test_blocks_of_one_title_in_the_successor_are_proposed(browser, store, body):
    successor = (
        f"<NOUVELLES_CERTIFICATIONS><NOUVELLE_CERTIFICATION><ID_FICHE_NOUVELLE_CERTIFICATION>{NEW}"
        "</ID_FICHE_NOUVELLE_CERTIFICATION></NOUVELLE_CERTIFICATION></NOUVELLES_CERTIFICATIONS>"
    )
    version_id = published(store, body, entry_xml(more=successor))
    assert "Aucune proposition n’attend" in browser.page(address(version_id)).text
    published(store, body, entry_xml(NEW, "Apicultrice"))
    page = browser.page(address(version_id))
    assert "2 propositions attendent" in page.text
    assert "Avoir le même intitulé ne suffit pas" in page.text


@pytest.mark.records("successor_named")
def test_a_successor_named_by_the_certifier_proposes_its_blocks_of_the_same_title(browser, store, body):
    version_id = published(store, body, entry_xml())
    published(store, body, entry_xml(NEW, "Apicultrice"))
    there = f"/certifications/versions/{version_id}"
    assert browser.send(f"{there}/suite", {"successor": NEW}, form=there).status_code == 303
    assert "2 propositions attendent" in browser.page(address(version_id)).text


def test_a_proposal_of_another_body_does_not_exist(browser, store):
    with store.transaction() as session:
        other = factories.body(session, "Autre organisme")
    version_id = published(store, other, old_entry(correspondence(f"{OLD}BC01")))
    assert browser.get(address(version_id)).status_code == 404
    there = address(version_id, f"/{only(store, EquivalenceProposal).id}/ecarter")
    assert browser.send(there, {}, form="/certifications").status_code == 404
