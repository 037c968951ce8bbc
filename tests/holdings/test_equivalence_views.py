"""The certifier's page of equivalences: what is ruled, what bears the same title without a ruling, and the
form that rules.
"""

import pytest

from tests import factories
from tests.holdings.status_changes import second_version


@pytest.fixture
def versions(store):
    """Two published versions of one entry, and the certifier."""
    with store.transaction() as session:
        world = factories.world(session)
        return world, second_version(session, world.version)


@pytest.fixture
def page(client, versions):
    world, second = versions
    client.log_in(world.certifier.email, factories.PASSWORD)
    return f"/certifications/versions/{second.id}/equivalences"


def ruling(versions, kind: str, **changed: str) -> dict[str, str]:
    world, second = versions
    ids = {"held_id": str(world.version.blocks[0].id), "counts_for_id": str(second.blocks[0].id)}
    return (
        ids
        | {"kind": kind, "reason": "Référentiels comparés le 3 mars.", "sure": "y", "password": factories.PASSWORD}
        | changed
    )


def test_the_same_title_without_a_ruling_is_said_not_to_count_until_one_is_made(client, page, versions):
    _world, second = versions
    version = client.page(f"/certifications/versions/{second.id}")
    assert version.all("a", href=page)
    assert "ils ne comptent pas" in client.page(page).text
    assert client.send(page, ruling(versions, "identical"), form=page).status_code == 303
    told = client.page(page).text
    for words in (
        "Décisions en vigueur",
        "Équivalence : identique",
        "Référentiels comparés le 3 mars.",
        "Hélène Roche",
    ):
        assert words in told


def test_a_ruling_asks_the_password_and_keeps_what_was_typed(client, page, versions):
    for wrong in ("", "pas le bon"):
        answer = client.send(page, ruling(versions, "identical", password=wrong), form=page)
        assert answer.status_code == 422
        assert "Référentiels comparés le 3 mars." in answer.text
    assert "Décisions en vigueur" not in client.page(page).text


def test_a_ruling_is_replaced_and_both_stay_readable(client, page, versions):
    client.send(page, ruling(versions, "identical"), form=page)
    assert client.send(page, ruling(versions, "none", reason="Le bloc a changé."), form=page).status_code == 303
    told = client.page(page).text
    for words in (
        "Équivalence : aucune",
        "Le bloc a changé.",
        "Décisions remplacées (1)",
        "Les blocs déjà obtenus par cette décision ne sont pas repris",
    ):
        assert words in told
    again = client.send(page, ruling(versions, "none", reason="Encore."), form=page)
    assert again.status_code == 409
    assert "déjà la décision en vigueur" in again.text
    assert "Encore." in again.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reason": ""}, "Écrivez sur quoi repose cette décision"),
        ({"kind": ""}, "Choisissez ce que vaut le premier bloc"),
        ({"held_id": ""}, "Choisissez le bloc que la personne détient"),
        ({"held_id": "00000000-0000-4000-8000-000000000000"}, "Choisissez une des réponses proposées"),
    ],
)
def test_what_is_missing_is_asked_and_what_was_typed_stays(client, page, versions, changed, said):
    answer = client.send(page, ruling(versions, "partial") | changed, form=page)
    assert answer.status_code == 422
    assert said in answer.text
    assert changed.get("reason") == "" or "Référentiels comparés" in answer.text


def test_two_blocks_of_one_version_are_refused(client, page, versions):
    _world, second = versions
    answer = client.send(page, ruling(versions, "partial", held_id=str(second.blocks[1].id)), form=page)
    assert answer.status_code == 422
    assert "un bloc d’une autre" in answer.text
