"""The certifier's pages of the holders of before: a list, its preview, its confirmation, a rectification."""

from io import BytesIO

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.endings import EndingProposal
from portfolio.domain.holdings.models.grants import HolderImport, PriorHolding
from portfolio.domain.holdings.use_cases.holdings import held_blocks
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


@pytest.fixture
def colleague(store: Database, world: factories.World) -> Person:
    """A second member of the body."""
    with store.transaction() as session:
        return factories.certifier(session, world.body.id, "Nour Haddad")


def imported(client: CheckedClient, store: Database, world: factories.World) -> str:
    """Take over block 2 of the candidate, and return the address of its page."""
    client.log_in(world.certifier.email, factories.PASSWORD)
    url = send_list(client, f"Samia;{world.candidate.email};16959;2;14/06/2019;;PV")
    assert confirmed(client, url).status_code == 303
    with store.reader() as session:
        return f"{HOME}/{session.scalars(select(PriorHolding.id)).one()}"


def propose(client: CheckedClient, page: str, **more: object) -> TestResponse:
    words = {"reason": "Une autre personne.", "decided_on": today().isoformat(), "sure": "y"}
    given = words | {"password": factories.PASSWORD, "proof": proof()} | more
    return client.send(f"{page}/rectifier", given, form=page, content_type="multipart/form-data")


def log_in_as(client: CheckedClient, person: Person) -> None:
    client.send("/deconnexion", form=HOME)
    client.log_in(person.email, factories.PASSWORD)


def holds_block_2(store: Database, world: factories.World) -> bool:
    with store.reader() as session:
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
        return 2 in {block.block_number for block in held.values()}


@pytest.mark.records("holders_imported", "prior_holding_rectification_proposed", "prior_holding_rectified")
def test_a_holding_is_rectified_by_two_members_with_a_reason_and_a_proof(client, store, world, colleague):
    page = imported(client, store, world)
    assert "sans numéro" in client.page(page).text
    assert client.get(f"{page}/preuve").headers["Content-Disposition"].startswith("attachment")
    missing = propose(client, page, proof=(BytesIO(b""), ""))
    assert missing.status_code == 422
    assert "Une autre personne." in missing.text, "nothing typed is lost"
    assert propose(client, page).status_code == 303
    waits = client.page(page)
    assert "en attente de confirmation" in waits.text
    assert "Une autre personne de l’organisme la confirme" in waits.text
    assert holds_block_2(store, world), "one member alone ends nothing"
    (proof_at,) = (link["href"] for link in waits.all("a") if "/rectifications/" in link["href"])
    assert client.get(proof_at).headers["Content-Disposition"].startswith("attachment")
    confirm = proof_at.replace("/preuve", "/confirmer")
    alone = client.send(confirm, {"password": factories.PASSWORD}, form=HOME)
    assert alone.status_code == 409
    assert "Vous avez proposé cette décision" in Page(alone.text).text
    assert holds_block_2(store, world)
    log_in_as(client, colleague)
    assert "attend une seconde personne" in client.page("/organisme").text
    assert client.page("/organisme").all("a", href=f"{page}#attente")
    assert client.send(confirm, {"password": "autre"}, form=page).status_code == 422
    assert client.send(confirm, {"password": factories.PASSWORD}, form=page).status_code == 303
    assert not holds_block_2(store, world)
    after = client.page(page)
    assert "Rectifié : ce bloc ne compte plus" in after.text
    assert "Une autre personne." in after.text
    assert "enregistré par Hélène Roche, confirmé par Nour Haddad" in after.text
    assert "Rectifié, ne compte plus" in client.page(HOME).text
    with store.reader() as session:
        mails = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.DECIDED_LATER)).all()
    assert [mail.person_id for mail in mails] == [world.candidate.id]


@pytest.mark.records("prior_holding_rectification_dropped")
def test_a_rectification_that_waits_is_dropped_or_goes_with_the_account(client, store, world, colleague):
    page = imported(client, store, world)
    assert propose(client, page).status_code == 303
    (drop,) = (form["action"] for form in client.page(page).all("form") if "abandonner" in form["action"])
    assert client.send(drop, form=page).status_code == 303
    assert "en attente de confirmation" not in client.page(page).text
    assert holds_block_2(store, world)
    assert client.send(drop, form=HOME).status_code == 409
    assert propose(client, page).status_code == 303
    again = propose(client, page)
    assert again.status_code == 409
    assert "attend déjà la confirmation d’une autre personne" in Page(again.text).text
    with store.transaction() as session:
        erase_account(session, world.candidate.id, at=now())
        assert session.scalar(select(func.count()).select_from(EndingProposal)) == 0


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
