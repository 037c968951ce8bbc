"""The same file twice in one dossier: told when it comes and on its piece, with the choice to keep both; nothing is dropped."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from portfolio.domain.evidence.models.evidence import Evidence
from tests import factories, samples
from tests.factories import PASSWORD


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session, filled=False)


@pytest.fixture
def candidate(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    return client


def preuves(world) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves"


def send(client, world, *files: tuple[bytes, str]):
    return client.send(f"{preuves(world)}/ajouter", {"files": [(io.BytesIO(content), name) for content, name in files]})


def pieces(store) -> list[Evidence]:
    with store.reader() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.number)))


def test_a_file_that_the_dossier_has_already_is_told_with_a_link_and_both_are_kept(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    answer = send(candidate, world, (samples.pdf(), "budget (copie).pdf"))
    first, second = pieces(store)
    page = candidate.page(answer.headers["Location"])
    assert "Ce fichier est déjà dans votre dossier : « budget »." in page.text
    assert page.all("a", href=f"{preuves(world)}/{first.id}")
    assert page.all("a", href=f"{preuves(world)}/{second.id}/retirer")
    assert "Vous pouvez garder les deux." in page.text
    assert "Même fichier que la pièce 1" in candidate.page(preuves(world)).text
    assert "Ce fichier est déjà dans votre dossier" in candidate.page(f"{preuves(world)}/{first.id}").text


def test_another_file_says_nothing_and_nor_does_one_of_a_piece_that_was_removed(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    candidate.send(f"{preuves(world)}/{pieces(store)[0].id}/retirer", {})
    answer = send(candidate, world, (samples.pdf(), "budget.pdf"))
    assert "déjà dans votre dossier" not in candidate.page(answer.headers["Location"]).text
    send(candidate, world, (samples.pdf(2), "plan.pdf"))
    assert "Même fichier" not in candidate.page(preuves(world)).text


def test_among_several_files_the_ones_that_are_there_already_are_told(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    send(candidate, world, (samples.pdf(), "copie.pdf"), (samples.pdf(3), "plan.pdf"), (samples.pdf(3), "plan bis.pdf"))
    assert len(pieces(store)) == 4
    page = candidate.page(preuves(world))
    assert "2 de ces fichiers sont déjà dans votre dossier" in page.text
    assert "Même fichier que la pièce 1" in page.text
    assert "Même fichier que la pièce 3" in page.text


def test_a_file_replaced_by_itself_is_told(candidate, world, store):
    send(candidate, world, (samples.pdf(), "budget.pdf"))
    piece = f"{preuves(world)}/{pieces(store)[0].id}"
    candidate.send(f"{piece}/fichier", {"file": (io.BytesIO(samples.pdf()), "budget.pdf")})
    assert "le même que celui de la version précédente" in candidate.page(piece).text
