"""Pages of the seal, as the candidate, the advisor and others meet them."""

import io
import json
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select

from config import Smtp
from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.dossier import Dossier, Experience
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.submission.models import BookEdition
from portfolio.domain.submission.rules.manifest import root_of
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.files.storage.store import new_key
from tests import factories
from tests.holdings.closings import hearing, minutes, sealed
from tests.page import CheckedClient, Page

ODD_NAME = "budget\r\n‮final.pdf"


@pytest.fixture
def world(app: Flask, store: Database) -> factories.World:
    """A complete draft whose files are really kept, one of them under an odd name."""
    with store.transaction() as session:
        made = factories.world(session)
        for rank, file in enumerate(session.scalars(select(EvidenceFile)).all()):
            saved = app.extensions["files"].save(new_key(), io.BytesIO(b"%PDF " + bytes([rank])))
            file.key, file.size, file.sha256 = saved.key, saved.size, saved.sha256
        made.pieces[0].files[0].name = ODD_NAME
        return made


@pytest.fixture
def candidate(client: CheckedClient, world: factories.World) -> CheckedClient:
    """Return the candidate, logged in."""
    client.log_in(world.candidate.email, factories.PASSWORD)
    return client


def depot(world: factories.World) -> str:
    return f"/dossiers/{world.candidacy.id}/depot"


def signature(world: factories.World) -> str:
    return f"{depot(world)}/signature"


def submitted(store: Database) -> list[Submission]:
    with store.reader() as session:
        return list(session.scalars(select(Submission)))


def test_the_candidate_reads_what_will_be_sealed_signs_and_gets_the_receipt(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    assert "11 pièces" in candidate.page(depot(world)).text
    assert "Lire comme le jury" in candidate.page(f"{depot(world)}/lecture").text
    page = candidate.page(signature(world))
    assert "Moi, Samia Benali, qui présente ce dossier" in page.text
    assert "Vous scellez" in page.text
    response = candidate.send(signature(world), {"sworn": "y"})
    (row,) = submitted(store)
    assert (response.status_code, response.location) == (303, f"/depots/{row.id}")
    with store.reader() as session:
        (edition,) = session.scalars(select(BookEdition))
    assert edition.kind is EditionKind.READING  # prepared before anybody asks for it
    receipt = candidate.page(response.location)
    assert "Récépissé du dépôt n° 1" in receipt.text
    assert "C’est déposé" in receipt.text
    # Without a mail server nothing was sent: the body hands its letters over.
    assert "Un courriel vous a été envoyé" not in receipt.text
    assert "L’organisme certificateur vous remet un courrier qui mène à ce récépissé" in receipt.text
    config = candidate.application.config
    config["SETTINGS"] = config["SETTINGS"].with_changes(smtp=Smtp("mail.invalid"))
    assert "Un courriel vous a été envoyé" in candidate.page(response.location).text
    assert row.root in "".join(receipt.texts).replace(" ", "")
    assert "Moi, Samia Benali, qui présente ce dossier" in receipt.text


def test_an_unsigned_statement_is_shown_again_and_nothing_is_sealed(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    response = candidate.send(signature(world))
    assert response.status_code == 422
    assert "cochez cette case pour la signer" in Page(response.text).text
    assert submitted(store) == []


def test_a_double_click_seals_once_and_leads_twice_to_the_same_receipt(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    page = candidate.page(signature(world))
    data = {"sworn": "y"} | {name: page.hidden(name) for name in ("nonce", "blocks", "csrf_token")}
    first, second = candidate.post(signature(world), data=data), candidate.post(signature(world), data=data)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert len(submitted(store)) == 1


def test_the_same_page_left_open_in_a_second_tab_is_told_that_the_dossier_is_sealed(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    one, other = candidate.page(signature(world)), candidate.page(signature(world))
    for page, status in ((one, 303), (other, 409)):
        data = {"sworn": "y"} | {name: page.hidden(name) for name in ("nonce", "blocks", "csrf_token")}
        assert candidate.post(signature(world), data=data).status_code == status
    assert len(submitted(store)) == 1


def test_once_submitted_the_page_of_the_submission_leads_to_the_receipt(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    candidate.send(signature(world), {"sworn": "y"})
    (row,) = submitted(store)
    response = candidate.get(depot(world))
    assert (response.status_code, response.location) == (303, f"/depots/{row.id}")


def test_what_is_missing_is_the_next_step_and_nothing_can_be_signed(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    with store.transaction() as session:
        session.delete(session.scalars(select(Experience)).one())
    page = candidate.page(depot(world))
    assert "C’est le seul point à régler avant le dépôt" in page.text
    assert f"/dossiers/{world.candidacy.id}/experiences" in {link.get("href") for link in page.all("a")}
    assert not page.all("input", name="sworn")
    token = page.hidden("csrf_token")
    response = candidate.post(signature(world), data={"sworn": "y", "nonce": "x", "csrf_token": token})
    assert response.status_code == 409
    assert "1 point à régler" in Page(response.text).text


def test_the_sealed_dossier_is_read_by_block_and_competency_as_it_was_typed(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    with store.transaction() as session:
        session.get(Dossier, world.candidacy.id).career = "J’aime <b>le gras</b> & l’été 🌞"
    candidate.send(signature(world), {"sworn": "y"})
    (row,) = submitted(store)
    assert "J’aime <b>le gras</b> & l’été 🌞" in candidate.page(f"/depots/{row.id}/lecture").text
    page = candidate.page(f"/depots/{row.id}/lecture/bloc-2")
    for words in ("2.3", "Utiliser les données d’usage", "Les ventes ont repris.", "B2-03", "pages 4 à 5"):
        assert words in page.text
    assert "B3-01" not in page.text
    assert candidate.get(f"/depots/{row.id}/lecture/bloc-9").status_code == 404


def test_a_sealed_file_is_sent_as_an_attachment_whatever_its_name(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    candidate.send(signature(world), {"sworn": "y"})
    (row,) = submitted(store)
    with candidate.get(f"/depots/{row.id}/pieces/B1-01") as response:
        assert response.data == b"%PDF \x00"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert candidate.get(f"/depots/{row.id}/pieces/B9-99").status_code == 404


def test_the_manifest_can_be_taken_away_and_gives_the_root_of_the_receipt(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    candidate.send(signature(world), {"sworn": "y"})
    (row,) = submitted(store)
    response = candidate.get(f"/depots/{row.id}/manifeste")
    assert root_of(response.data) == row.root
    assert json.loads(response.data)[0]["format"] == "acquis-sealed-dossier"


def test_the_advisor_reads_what_is_sealed_but_cannot_submit(
    client: CheckedClient, store: Database, world: factories.World
) -> None:
    client.log_in(world.advisor.email, factories.PASSWORD)
    assert client.get(depot(world)).status_code == 403
    with store.transaction() as session:
        row = sealed(session, world)
    assert "Samia Benali" in client.page(f"/depots/{row.id}").text
    assert "Les ventes ont repris." in client.page(f"/depots/{row.id}/lecture/bloc-1").text


def test_anyone_else_meets_the_same_absence_as_for_a_dossier_that_does_not_exist(
    app: Flask, store: Database, world: factories.World
) -> None:
    with store.transaction() as session:
        row = sealed(session, world)
        stranger, certifier = factories.person(session, "Paul Autre"), world.certifier.email
    ids = (row.id, uuid4())
    pages = [
        f"/depots/{one}{more}"
        for one in ids
        for more in ("", "/lecture", "/lecture/bloc-1", "/manifeste", "/pieces/B1-01")
    ]
    for email in (stranger.email, certifier, None):
        other = app.test_client()
        if email:
            other.log_in(email, factories.PASSWORD)
        assert {other.get(page).status_code for page in pages} == {404 if email else 303}
    other = app.test_client()
    other.log_in(stranger.email, factories.PASSWORD)
    assert other.get(depot(world)).status_code == 404


def test_the_next_submission_is_prepared_after_the_decision_for_the_missing_blocks_only(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    results = f"/dossiers/{world.candidacy.id}/resultats"
    with store.transaction() as session:
        blocks = world.version.blocks
        closed = minutes(session, hearing(session, sealed(session, world)), blocks[::3], blocks[1:3])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
    response = candidate.send(f"{depot(world)}/suivant", form=results)
    assert (response.status_code, response.location) == (303, f"/dossiers/{world.candidacy.id}/reprise")
    with store.reader() as session:
        assert session.get(Dossier, world.candidacy.id).state is DossierState.DRAFT
    page = candidate.page(depot(world))
    assert "5 pièces ne servent qu’à des blocs déjà acquis" in page.text
    assert candidate.send(signature(world), {"sworn": "y"}).status_code == 303
    assert [row.number for row in submitted(store)] == [1, 2]


def test_the_next_submission_is_not_prepared_before_the_decision(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    candidate.send(signature(world), {"sworn": "y"})
    token = candidate.page(f"/dossiers/{world.candidacy.id}/resultats").hidden("csrf_token")
    response = candidate.post(f"{depot(world)}/suivant", data={"csrf_token": token, "nonce": "z"})
    assert response.status_code == 409
    assert "n’a pas encore décidé" in Page(response.text).text


def test_blocks_are_sealed_as_the_page_said_or_not_at_all(
    candidate: CheckedClient, store: Database, world: factories.World
) -> None:
    page = candidate.page(signature(world))
    assert page.hidden("blocks") == "1 2 3 4"
    with store.transaction() as session:
        factories.held(session, session.merge(world.candidacy), world.version.blocks[1].id, factories.AT.date())
    data = {"sworn": "y"} | {name: page.hidden(name) for name in ("nonce", "blocks", "csrf_token")}
    refused = candidate.post(signature(world), data=data)
    assert refused.status_code == 409
    assert "Le bloc 2 vous est acquis définitivement depuis le 2 mars 2026" in Page(refused.text).text
    assert not submitted(store)
    assert candidate.send(signature(world), {"sworn": "y"}).status_code == 303
    (row,) = submitted(store)
    assert b"held-block:2" in row.manifest


@pytest.mark.parametrize("forged", ["", "deux", "1 2 3", "1 2 3 4 9", "1 2 3 ٤"])
def test_a_list_of_blocks_that_is_not_the_pages_seals_nothing(
    candidate: CheckedClient, store: Database, world: factories.World, forged: str
) -> None:
    response = candidate.send(signature(world), {"sworn": "y", "blocks": forged})
    assert response.status_code == 409
    assert "ont changé depuis que vous avez ouvert la page" in Page(response.text).text
    assert not submitted(store)


def test_the_deposit_reads_its_draft_once(candidate: CheckedClient, app: Flask, world: factories.World):
    asked: list[str] = []
    event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *one: asked.append(one[2]))
    for page in (depot(world), f"{depot(world)}/lecture"):
        asked.clear()
        assert candidate.get(page).status_code == 200
        read = [one for one in asked if "SELECT" in one]
        assert len(read) == len(set(read)) <= 16, "nothing is read twice"
