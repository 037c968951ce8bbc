"""Once a first experience is written, its page says what comes next, and leads there."""

import pytest

from tests import factories
from tests.factories import PASSWORD


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


def test_the_first_experience_saved_leads_to_the_first_piece(client, world):
    home = f"/dossiers/{world.candidacy.id}"
    client.log_in(world.candidate.email, PASSWORD)
    answer = client.send(
        f"{home}/experiences/ajouter", {"post": "Chargée de communication", "structure": "Ville de Pau"}
    )
    page = client.page(answer.headers["Location"])
    assert "L’expérience est enregistrée." in page.text
    assert "Ajoutez une première preuve" in page.text
    assert page.all("a", href=f"{home}/preuves/ajouter?competence={world.competencies[0].id}")


def test_the_advisor_reads_the_experiences_without_an_order_for_someone_else(client, store, world):
    with store.transaction() as session:
        factories.experience(session, world.candidacy.id)
    client.log_in(world.advisor.email, PASSWORD)
    assert "Ajoutez une première preuve" not in client.page(f"/dossiers/{world.candidacy.id}/experiences").text
