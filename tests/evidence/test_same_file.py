"""The same file twice in one dossier: recognised before a second piece is made, with the choice to add it all
the same.
"""

import io

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.files.integrity.references import check_files
from tests import factories, samples
from tests.factories import PASSWORD
from tests.page import Page


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


@pytest.fixture
def candidate(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    return client


def preuves(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves"


def send(client, world, *files: tuple[bytes, str], **more: str):
    data = {"files": [(io.BytesIO(content), name) for content, name in files]} | more
    return client.send(f"{preuves(world)}/ajouter", data)


def pieces(store) -> list[Evidence]:
    with store.reader() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.number)))


def test_a_file_that_the_dossier_has_already_makes_no_second_piece_and_leads_to_the_first(candidate, world, store, app):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    answer = send(candidate, world, (samples.pdf(), "budget (copie).pdf"))
    [first] = pieces(store)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "« budget (copie).pdf » est déjà dans votre dossier : c’est la pièce 1, « budget »." in page.text
    assert page.all("a", href=f"{preuves(world)}/{first.id}")
    assert page.all("input", name="twice")
    assert check_files(app.extensions["files"], store).ok, "the second copy is not kept"


def test_a_person_who_wants_two_pieces_of_one_file_has_them(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    assert send(candidate, world, (samples.pdf(), "budget (copie).pdf"), twice="y").status_code == 303
    first, _ = pieces(store)
    assert "Même fichier que la pièce 1" in candidate.page(preuves(world)).text
    assert "Ce fichier est déjà dans votre dossier" in candidate.page(f"{preuves(world)}/{first.id}").text


def test_another_file_says_nothing_and_nor_does_one_of_a_piece_that_was_removed(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    candidate.send(f"{preuves(world)}/{pieces(store)[0].id}/retirer", {})
    answer = send(candidate, world, (samples.pdf(), "budget.pdf"))
    assert "déjà dans votre dossier" not in candidate.page(answer.headers["Location"]).text
    send(candidate, world, (samples.pdf(2), "plan.pdf"))
    assert "Même fichier" not in candidate.page(preuves(world)).text


def test_among_several_files_only_the_ones_that_are_there_already_are_left_out(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    answer = send(candidate, world, (samples.pdf(), "copie.pdf"), (samples.pdf(3), "plan.pdf"))
    assert answer.status_code == 409
    assert "Un fichier est déjà ajouté" in Page(answer.text).text
    assert [piece.title for piece in pieces(store)] == ["budget", "plan"]


def test_the_version_before_is_no_piece_that_has_the_file(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    piece = f"{preuves(world)}/{pieces(store)[0].id}"
    candidate.send(f"{piece}/fichier", {"file": (io.BytesIO(samples.pdf(2)), "budget.pdf")})
    assert send(candidate, world, (samples.pdf(), "ancien.pdf")).status_code == 303


def test_a_file_replaced_by_itself_is_told(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    piece = f"{preuves(world)}/{pieces(store)[0].id}"
    candidate.send(f"{piece}/fichier", {"file": (io.BytesIO(samples.pdf()), "budget.pdf")})
    assert "le même que celui de la version précédente" in candidate.page(piece).text
