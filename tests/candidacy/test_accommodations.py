"""Arrangements for a disability: asked, decided once, seen by those who organise and by the jury without the request."""

from datetime import date

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Accommodation, AccommodationDecision
from portfolio.domain.candidacy.rules.opening import (
    AccommodationOutcome,
    AccommodationRefusal,
    Arrangement,
    decision_refusal,
)
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury_session.use_cases.schedule import lengthen_interview
from portfolio.web.clock import now
from portfolio.wording.admissibility import arrangement_message
from tests import factories
from tests.jury.pages import as_certifier, as_member, hearing, staged
from tests.page import CheckedClient

GRANTED, REFUSED = AccommodationOutcome.GRANTED, AccommodationOutcome.REFUSED


@pytest.mark.parametrize(
    ("decision", "refusal"),
    [
        (Arrangement(GRANTED), AccommodationRefusal.NOTHING_ARRANGED),
        (Arrangement(GRANTED, extra_minutes=15), None),
        (Arrangement(GRANTED, interpreter=True), None),
        (Arrangement(REFUSED), AccommodationRefusal.NO_REASON),
        (Arrangement(REFUSED, reason="Salle indisponible."), None),
    ],
)
def test_a_grant_arranges_something_and_a_refusal_says_why(decision, refusal):
    assert decision_refusal(decision) is refusal


def test_everything_arranged_is_said_and_nothing_of_why():
    arranged = Arrangement(GRANTED, "Salle au rez-de-chaussée.", 20, True, "Au vu du dossier médical.")
    assert arrangement_message(arranged) == (
        "Salle au rez-de-chaussée\xa0; 20\xa0minutes de plus\xa0; un interprète est présent"
    )


@pytest.mark.records("accommodation_asked", "accommodation_decided")
def test_it_is_asked_decided_once_and_the_jury_reads_the_arrangement_alone(client: CheckedClient, store: Database):
    made = staged(store)
    with store.transaction() as session:
        jury = session.get_one(JurySession, made.session_id)
        jury.held_on, jury.start_minute, jury.end_minute, jury.interview_minutes = date(2090, 3, 1), 540, 610, 60
    url = f"/candidatures/{made.candidacy_id}/amenagements"
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert client.send(url, {"asked": ""}).status_code == 422
    assert client.send(url, {"asked": "Un secret que le jury ne lit pas."}).status_code == 303
    with store.reader() as session:
        asked = session.scalars(select(Accommodation.id)).one()
    assert client.send(f"{url}/{asked}", {"outcome": "granted"}, form=url).status_code in (403, 404)
    client.send("/deconnexion", {}, form=url)
    as_certifier(client, made)
    assert "Décidez de l’aménagement" in client.get("/organisme").text
    answer = client.send(f"{url}/{asked}", {"outcome": "granted", "extra_minutes": "beaucoup"}, form=url)
    assert answer.status_code == 422
    answer = client.send(f"{url}/{asked}", {"outcome": "refused"}, form=url)
    assert (answer.status_code, "Écrivez le motif du refus" in answer.text) == (409, True)
    decided = {"outcome": "granted", "extra_minutes": "20", "reason": "Un motif que le jury ne lit pas."}
    assert client.send(f"{url}/{asked}", decided, form=url).status_code == 303
    assert "La journée du jury est trop courte" in client.get(url).text
    with store.transaction() as session:
        session.get_one(JurySession, made.session_id).end_minute = 700
        assert lengthen_interview(session, made.candidacy_id, at=now())
        assert session.scalars(select(Hearing.end_minute)).one() == 620
        letter = session.scalars(select(OutgoingEmail.text).where(OutgoingEmail.kind == "accommodation")).one()
        assert "20 minutes de plus" in letter
    assert "Décidez de l’aménagement" not in client.get("/organisme").text
    with store.reader() as session:
        assert session.scalars(select(AccommodationDecision.extra_minutes)).all() == [20]
    assert "20\xa0minutes de plus" in client.get(f"/sessions/{made.session_id}").text
    client.send("/deconnexion", {}, form=url)
    as_member(client, made, Seat.EMPLOYEE_REPRESENTATIVE)
    text = client.get(hearing(made), follow_redirects=True).text
    assert "ne lit pas" not in text
