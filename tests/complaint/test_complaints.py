"""A complaint is sent by a candidate, or recorded by the body; it is answered, closed, counted, and says its delay."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portfolio.domain.complaint.models import Complaint
from portfolio.domain.complaint.rules import ComplaintFacts, Outcome, Subject, figures_by_year
from portfolio.domain.email.models import CertifyingBodySettings, OutgoingEmail
from portfolio.web.clock import today
from tests import factories

MESSAGE = "Ma convocation est arrivée la veille."


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session)


@pytest.fixture
def certifier(app, world):
    client = app.test_client()
    client.log_in(world.certifier.email, factories.PASSWORD)
    return client


@pytest.fixture
def candidate(app, world):
    client = app.test_client()
    client.log_in(world.candidate.email, factories.PASSWORD)
    return client


def complain(candidate, message=MESSAGE):
    return candidate.send("/reclamations", {"subject": "delays", "message": message})


def path_of(store):
    with store.reader() as session:
        return f"/organisme/reclamations/{session.scalars(select(Complaint.id)).one()}"


@pytest.mark.records("complaint_answered", "complaint_closed", "complaint_received")
def test_a_complaint_is_answered_by_letter_and_closed_once_the_measure_is_taken(certifier, candidate, world, store):
    assert candidate.send("/reclamations", {"subject": "delays", "message": " "}).status_code == 422
    assert complain(candidate).status_code == 303
    promised = today() + timedelta(days=30)
    assert f"Répondez à la réclamation de {world.candidate.name}" in certifier.get("/organisme").text
    path = path_of(store)
    assert MESSAGE in certifier.get(path).text
    assert certifier.send(f"{path}/cloture", form=path).status_code == 409
    half = certifier.send(path, {"answer": "Nous l’envoyons désormais 15 jours avant."})
    assert half.status_code == 422
    assert "Nous l’envoyons désormais" in half.text
    answered = {"outcome": "founded", "answer": "Nous en sommes désolés.", "measure": "Convoquer 15 jours avant."}
    assert certifier.send(path, answered).status_code == 303
    with store.reader() as session:
        (letter,) = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "complaint_answered"))
        assert letter.person_id == world.candidate.id
        assert "Nous en sommes désolés." in letter.text
        assert "Elle est fondée." in letter.text
    assert "Répondez à la réclamation" not in certifier.get("/organisme").text
    assert "Mesure à faire" in candidate.get("/reclamations").text
    assert certifier.send(f"{path}/cloture", form=path).status_code == 303
    told = candidate.get("/reclamations").text
    assert "Convoquer 15 jours avant." in told
    assert "Close" in told
    assert promised > today()


def test_the_delay_is_that_which_the_body_announces(certifier, candidate, store):
    words = {"legal_name": "Institut", "city": "Bordeaux"}
    refused = certifier.send("/organisme/reglages", {**words, "complaint_days": "500"})
    assert refused.status_code == 422
    assert "de 1 à 120" in refused.text
    assert certifier.send("/organisme/reglages", {**words, "complaint_days": "10"}).status_code == 303
    complain(candidate)
    with store.transaction() as session:
        session.scalars(select(Complaint)).one().received_on = today() - timedelta(days=11)
    assert "un délai dépassé" in certifier.get(path_of(store)).text


def test_a_person_writes_five_complaints_before_an_answer(candidate):
    for number in range(5):
        assert complain(candidate, f"Réclamation {number}").status_code == 303
    refused = complain(candidate, "Une sixième.")
    assert refused.status_code == 409
    assert "Une sixième." in refused.text


def test_what_came_by_post_is_recorded_listed_and_exported(certifier, store):
    path = "/organisme/reclamations/nouvelle"
    typed = {"author": "Jean Roy", "contact": "jean@exemple.fr", "subject": "costs", "message": "=Trop cher"}
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert certifier.send(path, {**typed, "channel": "letter", "received_on": tomorrow}).status_code == 422
    assert certifier.send(path, {**typed, "channel": "account", "received_on": today().isoformat()}).status_code == 422
    assert certifier.send(path, {**typed, "channel": "letter", "received_on": today().isoformat()}).status_code == 303
    assert "Jean Roy" in certifier.get("/organisme/reclamations?etat=a-repondre&sujet=costs").text
    assert "Jean Roy" not in certifier.get("/organisme/reclamations?etat=closes").text
    assert "Jean Roy" in certifier.get("/organisme/reclamations?cherche=trop+cher").text
    assert "Jean Roy" not in certifier.get("/organisme/reclamations?cherche=dupont").text
    exported = certifier.get("/organisme/reclamations?format=csv").text
    assert "Jean Roy;par courrier;Les frais;'=Trop cher" in exported
    assert certifier.send(path_of(store), {"outcome": "unfounded", "answer": "Le tarif est public."}).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(Complaint)).one().closed_at is not None
        assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "complaint_answered")).all() == []


def test_another_body_reads_nothing_of_it(app, candidate, store):
    complain(candidate)
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre institut").id, "Paul Autre")
        email = other.email
    client = app.test_client()
    client.log_in(email, factories.PASSWORD)
    assert MESSAGE not in client.get("/organisme/reclamations").text
    assert client.get(path_of(store)).status_code == 404
    assert client.send(f"{path_of(store)}/cloture", form="/organisme/reclamations/nouvelle").status_code == 404


def test_figures_of_a_year():
    day = date(2026, 3, 1)
    told = [
        ComplaintFacts(day, Subject.DELAYS, day + timedelta(days=10), Outcome.FOUNDED, has_measure=True),
        ComplaintFacts(day, Subject.DELAYS, day + timedelta(days=31), Outcome.UNFOUNDED, is_closed=True),
        ComplaintFacts(day, Subject.COSTS),
        ComplaintFacts(date(2025, 12, 31), Subject.OTHER, date(2026, 1, 5), Outcome.PARTLY, True, True),
    ]
    this, last = figures_by_year(told, 30, date(2026, 4, 15))
    assert (this.year, this.received, this.answered, this.in_time, this.late) == (2026, 3, 2, 1, 2)
    assert (this.days, this.founded, this.measures, this.measures_done) == (20.5, 1, 1, 0)
    assert this.subjects == {Subject.DELAYS: 2, Subject.COSTS: 1}
    assert (last.year, last.founded, last.measures_done) == (2025, 1, 1)


def test_no_answer_leaves_by_letter_without_the_remedies_of_its_kind(certifier, candidate, world, store):
    complain(candidate)
    with store.transaction() as session:
        session.get_one(CertifyingBodySettings, world.body.id).remedies_complaint = None
    path, answered = path_of(store), {"outcome": "unfounded", "answer": "Le délai est tenu."}
    stopped = certifier.send(path, answered)
    assert stopped.status_code == 409
    assert "Aucune réponse à une réclamation ne part sans le texte" in stopped.text
    assert "Le délai est tenu." in stopped.text
    with store.transaction() as session:
        session.get_one(CertifyingBodySettings, world.body.id).remedies_complaint = "Écrivez au médiateur."
    assert certifier.send(path, answered).status_code == 303
    with store.reader() as session:
        (letter,) = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "complaint_answered"))
        assert "Écrivez au médiateur." in letter.text
