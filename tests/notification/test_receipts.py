"""The proof that a letter was received, from which remedies run, and where it goes on paper."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.holdings.models.events import NotificationReceipt, ResultNotification
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.web.clock import now, today
from portfolio.wording.certifying_body import contest_message
from tests import factories
from tests.documents.reading import words_of
from tests.jury import builders
from tests.notification.builders import decided, speak, tell
from tests.page import CheckedClient


@pytest.fixture
def made(app: Flask, store: Database) -> builders.Scene:
    """A result that was told."""
    found = decided(store)
    speak(store, found)
    tell(store, found)
    return found


def letter(made: builders.Scene) -> str:
    return f"/dossiers/{made.candidacy_id}/notification/1"


def receipts(store: Database) -> list[NotificationReceipt]:
    with store.reader() as session:
        return list(session.scalars(select(NotificationReceipt).order_by(NotificationReceipt.recorded_at)))


def candidate_of(store: Database, made: builders.Scene) -> str:
    with store.reader() as session:
        return session.get_one(Candidacy, made.candidacy_id).candidate.email


def test_opening_the_letter_on_line_is_a_proof_kept_once(app: Flask, client, store: Database, made):
    client.log_in(made.certifier.email, factories.PASSWORD)
    assert "Aucune preuve de réception" in client.page(letter(made)).text
    assert not receipts(store), "the body that looks proves nothing"
    reader = app.test_client()
    reader.log_in(candidate_of(store, made), factories.PASSWORD)
    assert reader.head(letter(made)).status_code == 200
    assert not receipts(store), "asking for the headers proves nothing"
    for _ in range(2):
        assert reader.get(letter(made)).status_code == 200
        assert reader.get(letter(made) + ".pdf").status_code == 200
    (kept,) = receipts(store)
    assert (kept.registered_number, kept.received_on) == ("", today())
    assert "ouverte en ligne" in client.page(letter(made)).text


@pytest.mark.records("notification_received")
def test_a_registered_letter_is_proven_by_its_number_and_day(client: CheckedClient, store: Database, made):
    client.log_in(made.certifier.email, factories.PASSWORD)
    address = f"/candidatures/{made.candidacy_id}/notification/1/reception"
    with store.reader() as session:
        sent = day_of(session.scalars(select(ResultNotification.notified_at)).one())
    for day, status in ((sent - timedelta(1), 409), (today() + timedelta(1), 409), (sent + timedelta(3), 303)):
        typed = {"registered_number": "1A 234 567", "received_on": day.isoformat()}
        answer = client.send(address, typed, form=letter(made))
        assert answer.status_code == status, day
        assert status == 303 or "1A 234 567" in answer.text, "nothing typed is lost"
    assert "1A 234 567" in client.page(letter(made)).text
    with store.reader() as session:
        assert load_dated(session, [made.candidacy_id], today())[
            made.candidacy_id
        ].facts.notified_on == sent + timedelta(3)
    told = contest_message("Deux mois.", sent, sent + timedelta(3)).replace("\u00a0", " ")
    assert "reçu le" in told
    assert "sans preuve de réception" in contest_message("Deux mois.", sent)


def test_the_letter_bears_where_the_candidate_lives(client: CheckedClient, store: Database, made):
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = f"/candidatures/{made.candidacy_id}/corriger"
    form = client.page(page)
    typed = {
        name: next(field["value"] for field in form.all("input") if field.get("name") == name)
        for name in ("candidate_name", "candidate_email")
    }
    with store.reader() as session:
        candidacy = session.get_one(Candidacy, made.candidacy_id)
        typed |= {"scope": candidacy.scope.value, "block_ids": [str(each.id) for each in candidacy.blocks]}
    typed["postal_address"] = "12, rue des Lices\n35000 Rennes"
    assert client.send(page, typed).status_code == 303
    assert "35000 Rennes" in words_of(client.get(letter(made) + ".pdf").data)
    assert "35000 Rennes" in client.page(page).text
    with store.reader() as session:
        assert session.get_one(Candidacy, made.candidacy_id).postal_address
        assert Candidacy.__table__.c.postal_address.nullable, "an erasure empties it"
    assert "35000 Rennes" in client.page("/courriers/imprimer").text


def test_the_card_of_a_juror_keeps_where_they_live(db: Database):
    with db.transaction() as session:
        body = factories.body(session)
        row = Juror(body_id=body.id, name="A", email="a@exemple.fr", added_at=now(), changed_at=now())
        row.postal_address = "1, place du Palais"
        session.add(row)
        session.flush()
        assert row.to_value().postal_address == "1, place du Palais"


def test_the_answer_to_an_inspection_has_a_model_that_names_the_body(client: CheckedClient, made):
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = client.page("/organisme/controle").text
    assert "Modèle de réponse au contrôle" in page
    assert "Association Institut de l’exemple, 5, rue Saint-Augustin" in page
