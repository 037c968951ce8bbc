"""The certifier's pages of the holders of before: a list, its preview, its confirmation, a rectification."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import HolderImport, PriorHolding
from portfolio.domain.retention.use_cases.erasing import erase_account
from portfolio.web.clock import now, today
from tests import factories, samples
from tests.page import CheckedClient, Page

HOME = "/organisme/titulaires"
NEW = f"{HOME}/importer"
HEADING = "Nom;Courriel;Certification;Bloc;Obtenu le;Numéro;Référence de la preuve"


@pytest.fixture
def world(store: Database) -> factories.World:
    """A candidate of a published certification."""
    return factories.begin_world(store, filled=False)


def sheet(*rows: str) -> tuple[BytesIO, str]:
    return BytesIO("\r\n".join([HEADING, *rows]).encode()), "liste.csv"


def proof(name: str = "pv.pdf") -> tuple[BytesIO, str]:
    return BytesIO(samples.pdf()), name


def send_list(client: CheckedClient, *rows: str, **more: object) -> str:
    """Send a list with one proof, and return the address of its preview."""
    answer = client.send(NEW, {"sheet": sheet(*rows), "proofs": [proof()]} | more, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.location


def count_holdings(store: Database) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(PriorHolding))


def confirmed(client: CheckedClient, url: str, **more: str) -> object:
    data = {"sure": "y", "password": factories.PASSWORD} | more
    return client.send(f"{url}/confirmer", data, form=url)


def test_a_list_is_read_shown_confirmed_and_counted(client: CheckedClient, store: Database, world: factories.World):
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert "Aucun titulaire repris" in client.page(HOME).text
    template = client.get(f"{HOME}/modele.csv")
    assert template.text.splitlines()[0].startswith("\ufeffNom;Courriel;Date de naissance;Certification")
    mine = f"Samia Benali;{world.candidate.email};16959;2;14/06/2019;2019-42;PV du 14 juin"
    url = send_list(client, mine, "Marc;marc;16959;3;14/06/2019;;PV", "Zoé;zoe@exemple.fr;16959;9;14/06/2019;;PV")
    page = client.page(url)
    assert "2 lignes ne seront pas reprises" in page.text
    assert "« marc » n’est pas une adresse électronique complète. Corrigez-la." in page.text
    assert "Ses blocs sont 1, 2, 3 et 4" in page.text
    assert "Certificat n° 2019-42" in page.text
    assert "Une liste attend votre confirmation" in client.page(HOME).text
    assert count_holdings(store) == 0
    wrong = client.get(f"{url}/lignes.csv?lignes=a-corriger").text
    assert len(wrong.splitlines()) == 3
    assert ";non reprise;" in wrong
    assert confirmed(client, url, password="autre").status_code == 422
    assert confirmed(client, url, sure="").status_code == 422
    assert count_holdings(store) == 0
    assert confirmed(client, url).status_code == 303
    assert count_holdings(store) == 1
    assert "1 bloc repris" in client.page(url).text
    assert "2019-42" in client.page(f"{HOME}?nom=samia").text
    assert "Personne ne correspond" in client.page(f"{HOME}?nom=introuvable").text
    client.log_out() if hasattr(client, "log_out") else client.send("/deconnexion", form=HOME)
    client.log_in(world.candidate.email, factories.PASSWORD)
    results = client.page(f"/dossiers/{world.candidacy.id}/resultats")
    assert "Certificat d’origine n°" in results.text
    assert "2019-42" in results.text
    assert not results.all("a", href="/certificats/2019-42"), "no page here shows it"


def test_a_holder_without_an_address_is_taken_over_and_listed(client, store, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    heading = "Nom;Date de naissance;Certification;Bloc;Obtenu le;Certificat;Preuve"
    given = BytesIO(f"{heading}\r\nZoé Martin;12/05/1984;16959;2;14/06/2019;2019-43;PV".encode()), "liste.csv"
    url = send_list(client, sheet=given)
    assert "sans adresse" in client.page(url).text
    assert confirmed(client, url).status_code == 303
    assert "sans adresse" in client.page(f"{HOME}?nom=zoé").text


def test_a_confirmation_sent_twice_or_of_a_list_that_changed_writes_once(client, store, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    row = "Samia;samia@exemple.fr;16959;2;14/06/2019;;PV"
    first, second = (send_list(client, row), send_list(client, row, "Inès;ines@exemple.fr;16959;2;14/06/2019;;PV"))
    before = client.page(second).hidden("expected")
    assert before == "2"
    assert confirmed(client, first).status_code == 303
    answer = client.post(
        f"{second}/confirmer",
        data=client.page(second).hidden_fields(f"{second}/confirmer")
        | {"sure": "y", "password": factories.PASSWORD, "expected": before},
    )
    assert answer.status_code == 409
    assert "La page montrait 2 blocs à reprendre, il y en a maintenant 1" in Page(answer.text).text
    assert count_holdings(store) == 1
    assert confirmed(client, second).status_code == 303
    assert count_holdings(store) == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sheet": (BytesIO(b""), "")}, "Choisissez la liste"),
        ({"sheet": (BytesIO(b""), "vide.csv")}, "Cette liste est vide"),
        ({"sheet": (BytesIO(b"%PDF-1.7"), "liste.pdf")}, "n’est pas un CSV"),
        ({"sheet": (BytesIO(b"Nom;Courriel\nA;b@c.fr"), "liste.csv")}, "Ces colonnes manquent"),
        ({"proofs": [(BytesIO(b""), "")]}, "Joignez au moins une preuve"),
        ({"proofs": [(BytesIO(b"PK\x03\x04 rien"), "preuve.zip")]}, "preuve.zip"),
    ],
)
def test_a_list_or_a_proof_that_cannot_be_read_is_refused_with_what_to_do(client, store, world, more, words):
    client.log_in(world.certifier.email, factories.PASSWORD)
    good = {"sheet": sheet("Samia;samia@exemple.fr;16959;2;14/06/2019;;PV"), "proofs": [proof()]}
    answer = client.send(NEW, good | more, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in Page(answer.text).text
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(HolderImport)) == 0


@pytest.mark.records("holders_imported", "prior_holding_rectified")
def test_a_holding_is_rectified_with_a_reason_and_a_proof(client, store, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    url = send_list(client, f"Samia;{world.candidate.email};16959;2;14/06/2019;;PV")
    assert confirmed(client, url).status_code == 303
    with store.reader() as session:
        key = session.scalars(select(PriorHolding.id)).one()
    page = f"{HOME}/{key}"
    assert "sans numéro" in client.page(page).text
    assert client.get(f"{page}/preuve").headers["Content-Disposition"].startswith("attachment")
    data = {
        "reason": "Une autre personne.",
        "decided_on": today().isoformat(),
        "sure": "y",
        "password": factories.PASSWORD,
    }
    missing = client.send(f"{page}/rectifier", data, form=page, content_type="multipart/form-data")
    assert missing.status_code == 422
    assert "Une autre personne." in missing.text, "nothing typed is lost"
    done = client.send(f"{page}/rectifier", data | {"proof": proof()}, form=page, content_type="multipart/form-data")
    assert done.status_code == 303
    after = client.page(page)
    assert "Rectifié : ce bloc ne compte plus" in after.text
    assert "Une autre personne." in after.text
    assert "Rectifié, ne compte plus" in client.page(HOME).text


def test_a_list_is_dropped(client, store, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    url = send_list(client, "Samia;samia@exemple.fr;16959;2;14/06/2019;;PV")
    assert client.send(f"{url}/abandonner", form=url).status_code == 303
    assert "Liste abandonnée" in client.page(url).text
    assert "attend votre confirmation" not in client.page(HOME).text


def test_another_body_sees_nothing_of_them(client, store, world):
    client.log_in(world.certifier.email, factories.PASSWORD)
    url = send_list(client, "Samia;samia@exemple.fr;16959;2;14/06/2019;;PV")
    assert confirmed(client, url).status_code == 303
    with store.transaction() as session:
        key = session.scalars(select(PriorHolding.id)).one()
        other = factories.certifier(session, factories.body(session, "Autre organisme").id, "Léa Roy")
    client.send("/deconnexion", form=HOME)
    client.log_in(other.email, factories.PASSWORD)
    for address in (url, f"{url}/lignes.csv", f"{HOME}/{key}", f"{HOME}/{key}/preuve"):
        assert client.get(address).status_code == 404
    assert "Aucun titulaire repris" in client.page(HOME).text


def test_the_lines_of_a_person_go_with_the_account(client: CheckedClient, store: Database, world: factories.World):
    client.log_in(world.certifier.email, factories.PASSWORD)
    shouted = world.candidate.email.upper()
    send_list(client, f"Samia;{shouted};16959;2;14/06/2019;;PV", "Zoé;zoe@exemple.fr;16959;9;14/06/2019;;PV")
    with store.transaction() as session:
        erase_account(session, world.candidate.id, at=now())
    with store.reader() as session:
        (kept,) = session.scalars(select(HolderImport))
    assert [line["name"] for line in kept.lines["lines"]] == ["Zoé"]
