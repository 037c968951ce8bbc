"""The certifier finds one certificate among all those of the body, and takes away what the list shows."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select, update

from portfolio.db.engine import Database
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from tests import factories
from tests.holdings.edges import jury
from tests.page import CheckedClient
from tests.thoroughness import one_in

HEADER = "Numéro;Titulaire;Adresse électronique;État;Certification;Version;Ce qu’il certifie;Obtenu le;Délivré le;Procès-verbal"


@pytest.fixture
def body(client: CheckedClient, store: Database) -> str:
    """A body with 60 certificates of one block, of 2024 and of 2025; its member is connected."""
    with store.transaction() as session:
        made = factories.body(session)
        version = factories.published_version(session, made.id)
        for number in range(60):
            name = f"=Élodie N{number:03}" if number == 0 else f"Élodie N{number:03}"
            who = factories.person(session, name, f"elodie{number:03}@exemple.fr")
            candidacy = factories.candidacy(session, version, who)
            day = date(2024, 12, 3) + timedelta(days=number)
            factories.held(session, candidacy, version.blocks[0].id, day, number=f"AC-{number:03}")
    with store.transaction() as session:
        last = select(CertificateListing.certificate_id).where(CertificateListing.number == "AC-059")
        session.execute(
            update(CertificateListing)
            .where(CertificateListing.certificate_id.in_(last))
            .values(status=GrantStatus.WITHDRAWN)
            .execution_options(synchronize_session=False)
        )
        email = factories.certifier(session, made.id).email
    client.log_in(email, factories.PASSWORD)
    return email


def _numbers(text: str) -> list[str]:
    return [word[:3] for word in text.split("AC-")[1:]]


@pytest.mark.usefixtures("body")
def test_pages_of_fifty_follow_each_other(client: CheckedClient):
    first = client.page("/organisme/certificats")
    assert (_numbers(first.text)[0], len(_numbers(first.text))) == ("059", 50)
    assert "60 certificats, page 1" in first.text.replace("\u00a0", " ")
    second = client.page(next(one["href"] for one in first.all("a") if one.get("rel") == "next"))
    assert (_numbers(second.text)[0], _numbers(second.text)[-1]) == ("009", "000")


@pytest.mark.usefixtures("body")
def test_words_filters_and_sort_are_in_the_address_and_in_the_export(client: CheckedClient):
    assert _numbers(client.page("/organisme/certificats?cherche=ac-007").text) == ["007"]
    assert _numbers(client.page("/organisme/certificats?cherche=ELODIE008@").text) == ["008"]
    assert _numbers(client.page("/organisme/certificats?etat=retires").text) == ["059"]
    assert len(_numbers(client.page("/organisme/certificats?annee=2024&tri=ancien").text)) == 29
    assert _numbers(client.page("/organisme/certificats?tri=numero").text)[:2] == ["000", "001"]
    assert "Rien ne correspond" in client.page("/organisme/certificats?portee=ensemble").text
    answer = client.get("/organisme/certificats?annee=2024&tri=nom&format=csv")
    lines = answer.get_data(as_text=True).lstrip("\ufeff").split("\r\n")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (lines[0], len(lines)) == (HEADER, 31)
    # A name that a spreadsheet would take for a formula is made a text.
    assert any(line.startswith("AC-000;'=Élodie N000;elodie000@exemple.fr;valide;") for line in lines)
    assert client.get("/organisme/certificats?format=ods").data[:2] == b"PK"


def test_a_number_leads_to_the_page_of_the_certificate(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session)
        email = world.certifier.email
    jury(store, world, wins=(1, 2, 3, 4))
    client.log_in(email, factories.PASSWORD)
    page = client.page("/organisme/certificats")
    assert "Certification entière" in page.text
    hrefs = [one["href"] for one in page.all("a") if "/certificats/" in one.get("href", "")]
    assert sorted(href.startswith("/candidatures/") for href in hrefs) == [False, True, True, True, True]
    assert all(client.page(href) for href in hrefs)


@pytest.mark.usefixtures("body")
@pytest.mark.parametrize(
    "query", one_in(3, ["apres=%00", "apres=W10", "page=0", "annee=1", "etat=x", "fiche=" + "f" * 32, "portee=1"])
)
def test_an_odd_address_is_a_page_all_the_same(client: CheckedClient, query: str):
    assert client.get(f"/organisme/certificats?{query}").status_code == 200


@pytest.mark.usefixtures("body")
def test_a_page_asks_ten_queries_at_most_and_is_light(client: CheckedClient):
    asked: list[str] = []
    event.listen(
        client.application.extensions["database"].engine, "before_cursor_execute", lambda *one: asked.append(one[2])
    )
    answer = client.get("/organisme/certificats?cherche=elodie&etat=valides")
    assert answer.status_code == 200
    assert len([one for one in asked if "SELECT" in one]) <= 10
    assert len(answer.data) <= 90_000


def test_a_body_without_a_certificate_reads_where_they_will_come_from(client: CheckedClient, store: Database):
    with store.transaction() as session:
        email = factories.certifier(session, factories.body(session).id).email
    client.log_in(email, factories.PASSWORD)
    assert "Aucun certificat pour l’instant" in client.page("/organisme/certificats").text
