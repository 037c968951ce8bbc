"""Candidates put on the list of a session in one act: all of them or none, each with the next free hour."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import planning
from portfolio.web.clock import now, today
from tests import factories
from tests.assessment import builders
from tests.page import CheckedClient


@pytest.fixture
def made(store: Database) -> builders.Ground:
    with store.transaction() as session:
        return builders.ground(session)


@pytest.fixture
def submissions(store: Database, made: builders.Ground) -> list[str]:
    """Four sealed records, the oldest first."""
    with store.transaction() as session:
        found = []
        for number in range(4):
            opened = builders.candidacy(session, made, Route.APPRENTICESHIP, f"a{number} Roy")
            builders.result_of(session, made, opened.id, 1)
            sealed_at = builders.SEALED_AT + timedelta(days=number)
            found.append(str(builders.sealed_record(session, made, opened.id, sealed_at)))
        return found


@pytest.fixture
def path(store: Database, made: builders.Ground, client: CheckedClient) -> str:
    """The page of a session of two interviews and a half."""
    client.log_in(made.certifier.email, factories.PASSWORD)
    with store.transaction() as session:
        planned = Planning(made.version_id, today() + timedelta(days=60), "Bordeaux", route=Route.APPRENTICESHIP)
        jury = planning.plan_session(session, made.body_id, planned, by=made.certifier.id, at=now())
        jury.start_minute, jury.end_minute, jury.interview_minutes = 540, 690, 60
        return f"/sessions/{jury.id}/candidats"


def heard(store: Database) -> list[tuple[str, int | None]]:
    with store.reader() as session:
        rows = session.scalars(select(Hearing).order_by(Hearing.start_minute.is_(None), Hearing.start_minute))
        return [(str(row.submission_id), row.start_minute) for row in rows]


def test_who_has_an_hour_that_day_is_ticked_and_listed_in_the_order_of_the_deposits(client, store, submissions, path):
    page = client.page(path)
    boxes = page.all("input", type="checkbox")
    assert [box["value"] for box in boxes] == submissions
    assert ["checked" in box for box in boxes] == [True, True, False, False]
    assert "a0 Roy · 9 h – 10 h" in page.text
    assert client.send(path, {"submission_id": submissions[1::-1]}).status_code == 303
    assert heard(store) == [(submissions[0], 540), (submissions[1], 600)]
    assert "2 personnes sont inscrites" in client.page(path.removesuffix("/candidats")).text


def test_who_has_no_hour_is_said_and_listed_where_asked(client, store, submissions, path):
    assert client.send(path, {"submission_id": submissions[:3]}).status_code == 303
    assert heard(store) == [(submissions[0], 540), (submissions[1], 600), (submissions[2], None)]
    assert "1 personne n’a pas encore d’heure" in client.page(path.removesuffix("/candidats")).text


@pytest.mark.parametrize(("chosen", "status"), [([], 422), (["x"], 409)])
def test_nobody_ticked_or_nobody_known_lists_nobody(client, store, submissions, path, chosen, status):
    answer = client.send(path, {"submission_id": chosen})
    assert (answer.status_code, heard(store)) == (status, [])
    assert submissions[0] in answer.text, "the page offers them still"


def test_each_person_whom_a_rule_stops_is_named_and_nobody_is_listed(client, store, submissions, path):
    with store.transaction() as session:
        session.scalars(select(JurySession)).one().held_on = (builders.SEALED_AT + timedelta(days=1)).date()
    page = client.page(path)
    assert "2 personnes ne peuvent pas être inscrites" in page.text
    assert [box["value"] for box in page.all("input", type="checkbox")] == submissions[:2]
    answer = client.send(path, {"submission_id": submissions})
    assert (answer.status_code, heard(store)) == (409, [])
    stopped = answer.text.partition("Personne n’est inscrit")[2].partition("<form")[0]
    assert [name in stopped for name in ("a0 Roy", "a1 Roy", "a2 Roy", "a3 Roy")] == [False, False, True, True]


def test_a_session_is_opened_on_the_place_and_the_hours_of_the_one_before(client, store, made, path):
    """The session of `path` has its hours; the next one is planned, then its day opened."""
    form = client.page("/sessions/nouvelle")
    assert form.all("input", name="place")[0]["value"] == "Bordeaux"
    assert "de 9 h à 11 h 30, 60 minutes par passage" in form.text
    typed = {"version_id": str(made.version_id), "held_on": (today() + timedelta(days=62)).isoformat(), "place": "Pau"}
    assert client.send("/sessions/nouvelle", typed).status_code == 303
    assert client.send("/sessions/nouvelle", typed | {"same_hours": "y"}).status_code == 303
    with store.reader() as session:
        starts = select(JurySession.start_minute).where(JurySession.place == "Pau")
        assert sorted(map(str, session.scalars(starts))) == ["540", "None"]
    with store.transaction() as session:
        planned = Planning(made.version_id, today() + timedelta(days=61), "Bordeaux")
        later = planning.plan_session(session, made.body_id, planned, by=made.certifier.id, at=now()).id
    page = client.page(f"/sessions/{later}/journee")
    hours = {name: page.all("input", name=name)[0].get("value") for name in ("start", "end", "interview")}
    assert hours == {"start": "09:00", "end": "11:30", "interview": "60"}
    assert "Ces heures sont celles de la session" in page.text
    wrong = client.send(f"/sessions/{later}/journee", {"held_on": "demain"})
    assert (wrong.status_code, "Ces heures sont celles" in wrong.text) == (422, False)
