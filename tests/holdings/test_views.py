"""Pages of results, and what anyone sees of a certificate."""

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.ledger.checkpoints import checkpoint_covering, latest_checkpoint
from portfolio.domain.notification.use_cases.document_data import find_certificate_data
from portfolio.domain.submission.use_cases.submit import open_next_draft
from portfolio.screens.candidate.results.queries import load_results_page
from portfolio.wording.documents import certificate_pdf
from tests import factories
from tests.documents.reading import words_of
from tests.holdings.closings import hearing, minutes, sealed
from tests.holdings.ledger_builders import heard
from tests.holdings.status_changes import later
from tests.jury.builders import close
from tests.page import CheckedClient, Page


@pytest.fixture
def world(store: Database) -> factories.World:
    """A candidate with a complete draft."""
    return factories.begin_world(store)


def decide(store: Database, world: factories.World, wins: slice, loses: slice = slice(0, 0)) -> dict[int, str]:
    """Submit, hear, close; answer the numbers of the certificates by block."""
    with store.transaction() as session:
        blocks = world.version.blocks
        closed = minutes(session, hearing(session, sealed(session, world)), blocks[wins], blocks[loses])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
        return {held_block.block_number: held_block.number for held_block in held.values()}


def results(world: factories.World) -> str:
    return f"/dossiers/{world.candidacy.id}/resultats"


def test_the_candidate_sees_the_certificates_and_for_the_rest_why_and_what_next(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    numbers = decide(store, world, slice(0, 4, 3), slice(1, 3))
    client.log_in(world.candidate.email, factories.PASSWORD)
    page = client.page(results(world))
    assert "Validation partielle de la certification" in page.text
    assert "il manque les blocs 2 et 3" in page.text
    assert "la compétence 2.2 « Évaluer les ressources humaines nécessaires » n’est pas acquise" in page.text
    assert "Joindre un budget d’embauche." in page.text
    assert "Préparer le dépôt suivant" in page.text
    assert all(number in page.text for number in numbers.values())
    assert {image["src"] for image in page.all("img")} == {
        f"/certificats/{number}/code.svg" for number in numbers.values()
    }


def test_whoever_prepares_the_next_deposit_finds_the_results_from_their_home(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    client.log_in(world.candidate.email, factories.PASSWORD)
    home = f"/dossiers/{world.candidacy.id}"
    assert not client.page(home).all("a", href=results(world))
    decide(store, world, slice(0, 1), slice(1, 4))
    with store.transaction() as session:
        open_next_draft(session, world.candidacy.id, by=world.candidate.id, at=factories.AT)
    page = client.page(home)
    assert "Mes résultats" in page.text
    assert page.all("a", href=results(world))


def test_the_whole_is_shown_once_with_its_own_certificate(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    numbers = decide(store, world, slice(0, 4))
    client.log_in(world.candidate.email, factories.PASSWORD)
    page = client.page(results(world))
    with store.reader() as session:
        whole = load_results_page(session, world.candidacy.id, on=date.max).whole.number
    assert whole not in numbers.values()
    assert "Validation totale de la certification" in page.text
    assert len(page.all("img")) == 5
    assert "Préparer le dépôt suivant" not in page.text
    shown = client.page(f"/certificats/{whole}")
    assert "La certification entière" in shown.text


@pytest.mark.parametrize("kind", [StatusChangeKind.SUSPENSION, StatusChangeKind.ANNULMENT])
def test_a_whole_that_no_longer_stands_is_neither_downloaded_nor_shared_from_the_results(
    client: CheckedClient, store: Database, world: factories.World, kind: StatusChangeKind
) -> None:
    decide(store, world, slice(0, 4))
    with store.reader() as session:
        whole = load_results_page(session, world.candidacy.id, on=date.max).whole.number
    client.log_in(world.candidate.email, factories.PASSWORD)
    share, download = _offers(client.page(results(world)), whole)
    assert share
    assert download
    later(store, kind, world.candidate.id, world.version.blocks[0], world.certifier.id)
    assert _offers(client.page(results(world)), whole) == ([], [])


def _offers(page: Page, number: str) -> tuple[list[str], list[str]]:
    """Return the actions that share a certificate, and the addresses that download it."""
    share = [form["action"] for form in page.all("form") if number in form.get("action", "")]
    links = [link["href"] for link in page.all("a") if number in link.get("href", "")]
    return share, [href for href in links if href != f"/certificats/{number}"]


def test_before_any_decision_the_page_says_where_things_stand(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    client.log_in(world.candidate.email, factories.PASSWORD)
    assert "Votre dossier n’est pas encore déposé" in client.page(results(world)).text
    with store.transaction() as session:
        submission = sealed(session, world)
    assert "attend une date de jury" in client.page(results(world)).text
    with store.transaction() as session:
        hearing(session, session.merge(submission))
    for url in (results(world), f"/depots/{submission.id}"):
        page = client.page(url)
        # The day has passed and the minutes are open: nobody is heard « le 18 juin » any more.
        assert "Votre jury était fixé au 18 juin 2026" in page.text, url
        assert "Le jury vous entend" not in page.text


def test_advisor_and_certifier_read_the_results_without_the_candidate_s_buttons(
    app: Flask, store: Database, world: factories.World
) -> None:
    decide(store, world, slice(0, 1), slice(1, 4))
    for email in (world.advisor.email, world.certifier.email):
        other = app.test_client()
        other.log_in(email, factories.PASSWORD)
        page = other.page(results(world))
        assert "Résultats de Samia Benali" in page.text
        assert "Préparer le dépôt suivant" not in page.text


def test_results_do_not_exist_for_anyone_else(app: Flask, store: Database, world: factories.World) -> None:
    with store.transaction() as session:
        stranger = factories.person(session, "Paul Autre")
    other = app.test_client()
    assert other.get(results(world)).status_code == other.get(f"/dossiers/{uuid4()}/resultats").status_code == 303
    other.log_in(stranger.email, factories.PASSWORD)
    for page in (results(world), f"/dossiers/{uuid4()}/resultats"):
        assert other.get(page).status_code == 404


def test_anyone_sees_what_is_certified_and_only_that(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    number = decide(store, world, slice(3, 4), slice(0, 3))[4]
    page = client.page(f"/certificats/{number}")
    for words in (
        "Ce certificat n’est pas encore signé",
        "Acquis définitivement : sa validité est illimitée.",
        "Samia Benali",
        "Bloc 4 « Déployer un dispositif digital », et lui seul",
        "Expert en stratégie digitale, RNCP16959, niveau 7",
        "Institut de l’exemple, Paris",
        "Date de l’acte 18 juin 2026",
        "Date de la signature pas encore signé",
        "procès-verbal 2026-01",
        "jusqu’au 4 janvier 2022",
        number,
    ):
        assert words in page.text
    for secret in ("Bloc 2", "non acquis", world.candidate.email, "budget d’embauche", str(world.candidacy.id)):
        assert secret not in page.text


def test_the_code_leads_to_the_public_page_and_exists_for_real_numbers_only(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    number = decide(store, world, slice(0, 1), slice(1, 4))[1]
    response = client.get(f"/certificats/{number}/code.svg")
    assert (response.status_code, response.mimetype) == (200, "image/svg+xml")
    assert response.data.startswith(b"<svg")
    assert b"style" not in response.data
    assert client.get("/certificats/K7QD-94MT-XW2B-R8FN/code.svg").status_code == 404


def test_a_stranger_reads_the_heads_of_the_ledger_and_the_paper_prints_the_same(
    client: CheckedClient, store: Database
) -> None:
    for made in heard(store, 2):
        close(store, made)
    with store.reader() as session:
        told = session.scalars(select(Certificate)).all()
        first, last = sorted(told, key=lambda one: checkpoint_covering(session, "certificate", one.id).seq)[::9]
        recorded, latest = checkpoint_covering(session, "certificate", first.id), latest_checkpoint(session)
        paper = certificate_pdf(find_certificate_data(session, first.number), "https://acquis.example/")
    assert recorded.seq < latest.seq
    page = client.page(f"/certificats/{first.number}")
    for head in (recorded, latest):
        assert head.hash in page.text.replace(" ", "")
        assert head.token in page.text.replace(" ", "")
        assert f"Entrée n° {head.seq}, le 18 juin 2026" in page.text
    assert "La même" in client.page(f"/certificats/{last.number}").text
    printed = words_of(paper)
    assert f"Registre, entrée {recorded.seq}" in printed
    assert recorded.hash in "".join(printed.split())


@pytest.mark.parametrize("typed", ["K7QD-94MT-XW2B-R8FN", "n’importe quoi", "%00", "A" * 3000, "<script>"])
def test_an_unknown_number_is_said_so_with_what_to_try(client: CheckedClient, typed: str) -> None:
    page = client.page(f"/certificats/{typed}", 404)
    assert "Aucun certificat n’a ce numéro" in page.text
    assert page.all("input", name="numero")


def test_a_number_typed_in_any_way_leads_to_its_certificate(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    number = decide(store, world, slice(0, 1), slice(1, 4))[1]
    for typed in (
        number.lower(),
        number.replace("-", " "),
        f"https://acquis.example/certificats/{number}",
        f"  {number}  ",
    ):
        response = client.get("/verifier", query_string={"numero": typed})
        assert (response.status_code, response.location) == (303, f"/certificats/{number}")
    response = client.get(f"/certificats/{number.lower()}")
    assert (response.status_code, response.location) == (303, f"/certificats/{number}")


def test_a_number_that_cannot_be_one_is_refused_with_its_form_and_what_was_typed_is_kept(client: CheckedClient) -> None:
    assert "Vérifier un certificat" in client.page("/verifier").text
    response = client.get("/verifier", query_string={"numero": "K7QD-94MT \x00"})
    page = Page(response.text)
    assert response.status_code == 422
    assert "seize signes" in page.text
    assert page.all("input", name="numero")[0]["value"].startswith("K7QD-94MT")
    assert client.get("/verifier", query_string={"numero": ""}).status_code == 422


def test_checking_a_certificate_asks_for_no_account_and_leaves_no_cookie(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    number = decide(store, world, slice(0, 1), slice(1, 4))[1]
    for page in ("/verifier", f"/certificats/{number}", f"/certificats/{number}/code.svg"):
        assert "Set-Cookie" not in client.get(page).headers
