"""A dossier that a glance no longer takes in: blocks are counted, one is open, pieces are listed."""

import pytest

from portfolio.screens.candidate.dossier import competency_page, matrix
from tests import factories


@pytest.fixture
def world(store):
    return factories.begin_world(store)


@pytest.fixture
def page(client, world, monkeypatch):
    monkeypatch.setattr(matrix, "AT_A_GLANCE", 5)
    monkeypatch.setattr(competency_page, "COLUMNS", 1)
    assert client.log_in(world.candidate.email, factories.PASSWORD).status_code == 303
    return lambda query="": client.page(f"/dossiers/{world.candidacy.id}{query}")


def test_each_block_is_counted_and_only_one_shows_its_competencies(page):
    home = page()
    assert [link["href"].split("?")[1] for link in home.all("a") if "?bloc=" in link["href"]] == [
        f"bloc={number}#bloc-{number}" for number in (1, 2, 3, 4)
    ]
    assert len(home.all("article", class_="block")) == 1
    assert [card["id"] for card in page("?bloc=3").all("article", class_="block")] == ["bloc-3"]


@pytest.mark.parametrize("query", ["?bloc=99", "?bloc=x", "?bloc="])
def test_a_block_that_is_not_there_opens_another(page, query):
    assert len(page(query).all("article", class_="block")) == 1


def test_the_grid_lists_the_pieces_of_one_block_instead_of_drawing_cells(page):
    grid = page("/grille?bloc=2")
    assert not grid.all("td")
    assert "2.1" in grid.text
    assert "1.1 " not in grid.text
