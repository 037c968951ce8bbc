"""The certifier's page of equivalences: what is ruled, what bears the same title without a ruling, and the
form that rules.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.events import Equivalence, GroupEquivalence
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import EquivalenceInput, GroupEquivalenceInput
from portfolio.domain.holdings.use_cases import second_member, taking_back
from portfolio.domain.holdings.use_cases.equivalence import declare_group
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from tests import factories
from tests.holdings.status_changes import LATER, acquire, candidacy_on, equate, second_version

NOBODY = UUID(int=0)


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


def confirmation(client, page: str) -> tuple[str, str]:
    """Return the page of the only ruling that waits, and the address that confirms it."""
    (waits,) = (link["href"] for link in client.page(page).all("a") if "/reprises/" in link["href"])
    return waits, f"{waits}/confirmer"


@pytest.mark.records("equivalence_taking_back_proposed")
def test_an_equivalence_is_taken_back_by_two_and_both_rulings_stay_readable(client, page, versions, store):
    world, second = versions
    with store.transaction() as session:
        colleague = factories.certifier(session, world.body.id, "Nour Haddad")
        candidacy_on(session, second, world.candidate.id)
    acquire(store, world.candidacy.id, world.version.blocks[0], world.certifier.id)
    client.send(page, ruling(versions, "identical"), form=page)
    assert client.send(page, ruling(versions, "none", reason="Le bloc a changé."), form=page).status_code == 303
    waits, confirm = confirmation(client, page)
    shown = client.page(waits).text
    for words in ("Le bloc a changé.", "Compte aujourd’hui pour", "Vous avez proposé cette décision"):
        assert words in shown
    assert "Décisions remplacées" not in client.page(page).text, "one member alone ends nothing"
    alone = client.send(confirm, {"password": factories.PASSWORD}, form=waits)
    assert alone.status_code == 409
    assert "Vous avez proposé cette décision" in alone.text
    again = client.send(page, ruling(versions, "partial"), form=page)
    assert again.status_code == 409
    assert "attend déjà la confirmation d’une autre personne" in again.text
    client.send("/deconnexion", form=page)
    client.log_in(colleague.email, factories.PASSWORD)
    assert client.page("/organisme").all("a", href=f"{page}#attente")
    assert client.send(confirm, {"password": "autre"}, form=waits).status_code == 422
    assert client.send(confirm, {"password": factories.PASSWORD}, form=waits).status_code == 303
    told = client.page(page).text
    for words in (
        "Équivalence : aucune",
        "Le bloc a changé.",
        "Décisions remplacées (1)",
        "Les blocs déjà obtenus par cette décision ne sont pas repris",
    ):
        assert words in told
    stands = client.send(page, ruling(versions, "none", reason="Encore."), form=page)
    assert stands.status_code == 409
    assert "déjà la décision en vigueur" in stands.text
    assert "Encore." in stands.text
    with store.reader() as session:
        row = session.scalars(select(Equivalence).where(Equivalence.replaces_id.is_not(None))).one()
        assert (row.declared_by, row.confirmed_by) == (world.certifier.id, colleague.id)
        mails = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.DECIDED_LATER)).all()
        assert [mail.person_id for mail in mails] == [world.candidate.id]


@pytest.mark.records("equivalence_taking_back_dropped")
def test_a_taking_back_that_is_dropped_leaves_the_equivalence(client, page, versions):
    client.send(page, ruling(versions, "identical"), form=page)
    client.send(page, ruling(versions, "partial"), form=page)
    waits, _ = confirmation(client, page)
    assert client.send(f"{waits}/abandonner", form=waits).status_code == 303
    told = client.page(page).text
    assert "Équivalence : identique" in told
    assert "En attente d’une autre personne" not in told
    gone = client.get(waits)
    assert gone.status_code == 409
    assert "n’attend plus" in gone.text
    other = waits.replace(str(versions[1].id), str(versions[0].version.id))
    assert client.get(other).status_code == 409, "both versions are compared"


def test_a_candidate_reads_an_equivalence_taken_back_with_its_reason(client, versions, store):
    world, second = versions
    by, late = world.certifier.id, LATER + timedelta(days=1)
    with store.transaction() as session:
        mine = candidacy_on(session, second, world.candidate.id)
        colleague = factories.certifier(session, world.body.id, "Nour Haddad")
        old, new = world.version.blocks, second.blocks
        together = (frozenset({old[0].id, old[1].id}), frozenset({new[1].id}))
        declare_group(
            session, GroupEquivalenceInput(*together, EquivalenceKind.IDENTICAL, "Comparés."), by=by, at=LATER
        )
    equate(store, old[0], new[0], "identical", by)
    acquire(store, world.candidacy.id, old[0], by)
    ended = (
        EquivalenceInput(old[0].id, new[0].id, EquivalenceKind.NONE, "Le bloc a changé."),
        GroupEquivalenceInput(*together, EquivalenceKind.PARTIAL, "Les deux blocs ne suffisent plus."),
    )
    for declared in ended:
        with store.transaction() as session:
            proposal = taking_back.rule(session, declared, by=by, at=late)
            subject = session.get(Equivalence, proposal.equivalence_id or NOBODY)
            subject = subject or session.get(GroupEquivalence, proposal.group_equivalence_id)
            second_member.confirm(session, taking_back.OfRuling(subject), proposal.id, by=colleague.id, at=late)
    with store.reader() as session:
        assert {
            block.block_number for block in held_blocks(session, world.candidate.id, second.id, on=None).values()
        } == {1}, "what it gave stays (R6)"
    client.log_in(world.candidate.email, factories.PASSWORD)
    home = client.page(f"/dossiers/{mine.id}").text
    assert "l’équivalence qui donnait le bloc 2 ne compte plus" in home
    assert "Les deux blocs ne suffisent plus." in home
    assert "Le bloc a changé." not in home, "block 1 is held all the same"
    results = client.page(f"/dossiers/{mine.id}/resultats").text
    assert "Le bloc a changé." in results
    assert "Les deux blocs ne suffisent plus." in results


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
