"""Hints about a piece: each with its rule, set aside with a word, taken back; suggestions on the page of a
new piece.
"""

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.evidence import DismissedHint
from portfolio.domain.dossier.models.renditions import Page as DrawnPage
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.description import Hint
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.wording.evidence import HINT_RULES, HINTS
from tests import factories
from tests.factories import AT, PASSWORD


@pytest.fixture
def world(store):
    return factories.begin_world(store)


@pytest.fixture
def piece(store, world):
    """A piece that is claimed nowhere."""
    with store.transaction() as session:
        return factories.evidence(session, world.candidacy.id, number=90, title="Note de veille")


@pytest.fixture
def candidate(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    return client


def address(world, piece) -> str:
    return f"/dossiers/{world.candidacy.id}/preuves/{piece.id}"


def folded(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_every_hint_says_its_rule():
    assert set(HINT_RULES) == set(HINTS) == set(Hint)


@pytest.mark.records("hint_restored")
def test_a_hint_is_set_aside_with_a_word_and_taken_back(candidate, world, piece, store):
    page = candidate.page(address(world, piece))
    assert folded(HINTS[Hint.NO_CLAIM]) in page.text
    assert folded(HINT_RULES[Hint.NO_CLAIM]) in page.text
    for word in ("plus tard", "elle sert ailleurs"):  # said again, the word changes
        assert (
            candidate.send(
                f"{address(world, piece)}/conseils/no_claim/ecarter", {"reason": word}, form=address(world, piece)
            ).status_code
            == 303
        )
    page = candidate.page(address(world, piece))
    assert "Conseils écartés (1)" in page.text
    assert "Votre mot : elle sert ailleurs" in page.text
    assert (
        candidate.send(
            f"{address(world, piece)}/conseils/no_claim/reprendre", {}, form=address(world, piece)
        ).status_code
        == 303
    )
    assert "Conseils écartés" not in candidate.page(address(world, piece)).text
    with store.reader() as session:
        assert not session.scalars(select(DismissedHint)).all()


def test_a_hint_that_does_not_exist_is_not_set_aside(candidate, world, piece):
    assert (
        candidate.send(
            f"{address(world, piece)}/conseils/valid/ecarter", {"reason": "x"}, form=address(world, piece)
        ).status_code
        == 404
    )


@pytest.mark.records("hint_dismissed")
@pytest.mark.records("hint_dismissed")
def test_the_advisor_reads_neither_the_hints_nor_the_words(client, candidate, world, piece):
    candidate.send(
        f"{address(world, piece)}/conseils/no_claim/ecarter", {"reason": "mot à moi"}, form=address(world, piece)
    )
    candidate.send("/deconnexion", form=address(world, piece))
    client.log_in(world.advisor.email, PASSWORD)
    page = client.page(address(world, piece))
    assert "mot à moi" not in page.text
    assert "Pour convaincre le jury" not in page.text


def drawn(store, piece, text: str) -> None:
    with store.transaction() as session:
        order = Rendition(
            file_id=piece.file.id, kind=RenditionKind.PAGES, state=RenditionState.READY, run_after=None, requested_at=AT
        )
        session.add(order)
        session.flush()
        session.add(DrawnPage(rendition_id=order.id, number=1, text=text))


def competency_text(world) -> str:
    return world.competencies[0].text


def test_a_new_piece_leads_to_the_competencies_whose_words_it_has(candidate, world, piece, store):
    drawn(store, piece, f"Ce document montre comment {competency_text(world)} dans notre structure.")
    page = candidate.page(address(world, piece))
    assert "Des compétences à regarder" in page.text
    [link] = [one for one in page.all("a") if f"competence={world.competencies[0].id}" in one.get("href", "")]
    chosen = candidate.page(link["href"])
    assert [
        box for box in chosen.all("input", type="checkbox", value=str(world.competencies[0].id)) if "checked" in box
    ]


def test_a_lead_that_is_refused_stays_away_and_a_machine_read_passage_says_so(candidate, world, piece, store):
    drawn(store, piece, "")
    with store.transaction() as session:
        page = session.scalars(select(DrawnPage)).one()
        page.machine_text = f"Ce document montre comment {competency_text(world)} dans notre structure."
    lead = f"{address(world, piece)}/pistes/{world.competencies[0].id}/ecarter"
    shown = candidate.page(address(world, piece)).text
    assert "Page 1, lu par machine" in shown
    assert lead in {form.get("action") for form in candidate.page(address(world, piece)).all("form")}
    choosing = candidate.page(f"{address(world, piece)}/competences").text
    assert "Piste" in choosing
    for _twice in range(2):
        assert candidate.send(lead, {}, form=address(world, piece)).status_code == 303
    assert lead not in {form.get("action") for form in candidate.page(address(world, piece)).all("form")}


def test_a_piece_that_is_claimed_already_gets_no_suggestion(candidate, world, store):
    piece = world.pieces[0]
    drawn(store, piece, competency_text(world))
    assert "Des compétences à regarder" not in candidate.page(address(world, piece)).text
