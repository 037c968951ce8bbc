"""The first page of a holder says what ended of their rights, why, and what they may do (domain §10)."""

import pytest

from portfolio.db.engine import Database
from portfolio.domain.holdings.rules.prior_lines import Column
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases import rectification
from portfolio.domain.holdings.use_cases.endings import load_endings
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.web.clock import now, today
from tests import factories
from tests.holdings.closings import hearing, minutes, sealed
from tests.holdings.status_changes import candidacy_on, later, second_version
from tests.holdings.test_holders import OTHER_PROOF, confirm
from tests.page import CheckedClient

REASON = "Ce bloc est celui d’une autre personne."


@pytest.fixture
def world(store: Database) -> factories.World:
    return factories.begin_world(store, filled=False)


def rectified(store: Database, world: factories.World, block: str = "2") -> None:
    """Take over a block of the candidate, then rectify it."""
    with store.transaction() as session:
        (holding,) = confirm(
            session, world, {Column.EMAIL: world.candidate.email, Column.BLOCK: block, Column.VERSION: "1"}
        )
        told = (holding, REASON, today(), OTHER_PROOF)
        rectification.rectify_holding(session, *told, by=world.certifier.id, at=now())


def test_a_rectified_block_is_told_with_its_reason_on_the_first_page_and_the_results(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    rectified(store, world)
    client.log_in(world.candidate.email, factories.PASSWORD)
    home = client.page(f"/dossiers/{world.candidacy.id}")
    for words in ("Un bloc repris par erreur ne compte plus", "le bloc 2 ne compte plus", REASON, "contester"):
        assert words in home.text
    assert home.all("a", href=f"/dossiers/{world.candidacy.id}/resultats")
    results = client.page(f"/dossiers/{world.candidacy.id}/resultats").text
    assert "le bloc 2 ne compte plus" in results
    assert REASON in results
    client.send("/deconnexion", form=f"/dossiers/{world.candidacy.id}")
    client.log_in(world.advisor.email, factories.PASSWORD)
    beside = client.page(f"/dossiers/{world.candidacy.id}").text
    assert REASON in beside
    assert "Vous pouvez contester" not in beside
    client.send("/deconnexion", form=f"/dossiers/{world.candidacy.id}")
    client.log_in(world.candidate.email, factories.PASSWORD)
    rectified(store, world, "3")
    with store.transaction() as session:
        confirm(session, world, {Column.EMAIL: world.candidate.email, Column.BLOCK: "2"})
    told = client.page(f"/dossiers/{world.candidacy.id}").text
    assert "le bloc 3 ne compte plus" in told
    assert "le bloc 2 ne compte plus" not in told, "the right line was taken over since"


def test_each_candidacy_of_the_list_says_what_ended_and_of_which_entry(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    with store.transaction() as session:
        other = candidacy_on(session, second_version(session, world.version), world.candidate.id)
    rectified(store, world)
    with store.reader() as session:
        ended = load_endings(session, world.candidate.id, today())
    assert {key: found[0].entry for key, found in ended.items()} == {world.candidacy.id: "", other.id: "RNCP16959"}
    client.log_in(world.candidate.email, factories.PASSWORD)
    assert client.page("/mes-dossiers").text.count(REASON) == 2


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (StatusChangeKind.WITHDRAWAL, "Un certificat a été retiré"),
        (StatusChangeKind.ANNULMENT, "Une décision du jury a été annulée"),
    ],
)
def test_what_was_withdrawn_or_annulled_is_told_with_its_reason(
    client: CheckedClient, store: Database, kind: StatusChangeKind, title: str
) -> None:
    world = factories.begin_world(store)
    with store.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, world)), world.version.blocks[:2])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    client.log_in(world.candidate.email, factories.PASSWORD)
    assert title not in client.page(f"/dossiers/{world.candidacy.id}").text
    later(store, kind, world.candidate.id, world.version.blocks[0], world.certifier.id)
    home = client.page(f"/dossiers/{world.candidacy.id}").text
    for words in (title, "20 février 2027", "Motif de la décision.", "contester cette décision"):
        assert words in home
