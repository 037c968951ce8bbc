"""Leave for VAE by the law of its day, with its clocks; papers kept beside a funding."""

import io
from datetime import date

import pytest
from sqlalchemy import select

from portfolio.domain.funding.models import FundingPaper, LeaveRequest
from portfolio.domain.funding.rules import LeaveAnswer, LeaveInput
from portfolio.wording.funding import leave_message, leave_total_message
from tests import factories, samples

SENT = date(2026, 3, 2)


def leave(**more):
    return LeaveInput(**{"employer": "Mairie", "sent_on": SENT, "first_day": date(2026, 4, 10), "minutes": 2880} | more)


def test_silence_of_fifteen_days_agrees_and_a_request_of_before_2024_waits_thirty():
    asked = leave()
    assert asked.answer_until == date(2026, 3, 17)
    assert not asked.is_agreed(date(2026, 3, 17))
    assert asked.is_agreed(date(2026, 3, 18))
    assert leave(sent_on=date(2023, 6, 1)).answer_until == date(2023, 7, 1)
    assert "moins de 30 jours avant" in leave_message(leave(first_day=date(2026, 3, 20)), SENT)


def test_a_deferral_beyond_a_month_is_said_and_hours_beyond_48_too():
    far = leave(answer=LeaveAnswer.DEFERRED, answered_on=SENT, deferred_to=date(2026, 5, 20))
    assert "1\xa0mois au plus" in leave_message(far, SENT)
    near = leave(answer=LeaveAnswer.DEFERRED, answered_on=SENT, deferred_to=date(2026, 5, 10))
    assert "au plus" not in leave_message(near, SENT)
    total = leave_total_message([far, leave(answer=LeaveAnswer.REFUSED, answered_on=SENT), near], SENT)
    assert "96\xa0h de congé sur 48\xa0h" in total.replace(" h", "\xa0h")
    assert "par écrit" in total


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session)


@pytest.mark.records("leave_saved")
def test_the_candidate_writes_the_request_and_the_body_its_answer(app, world, store):
    path = f"/candidatures/{world.candidacy.id}/conge"
    typed = {
        "employer": "Mairie",
        "sent_on": "2026-03-02",
        "first_day": "2026-04-10",
        "hours": "48",
        "answer": "waiting",
    }
    candidate, certifier = app.test_client(), app.test_client()
    candidate.log_in(world.candidate.email, factories.PASSWORD)
    certifier.log_in(world.certifier.email, factories.PASSWORD)
    assert candidate.send(path, typed | {"hours": "deux"}).status_code == 422
    assert candidate.send(path, typed).status_code == 303
    with store.reader() as session:
        row = session.scalars(select(LeaveRequest)).one()
    own = f"{path}/{row.id}"
    assert certifier.send(own, typed | {"answer": "granted"}).status_code == 422
    assert certifier.send(own, typed | {"answer": "granted", "answered_on": "2026-03-05"}).status_code == 303
    assert "Accordé le 5\xa0mars 2026" in candidate.get(path).text


@pytest.mark.records("funding_paper_added", "funding_saved")
def test_a_quote_is_kept_beside_its_funding(app, world, store):
    client = app.test_client()
    client.log_in(world.certifier.email, factories.PASSWORD)
    page = f"/candidatures/{world.candidacy.id}/financement"
    client.send(page, {"kind": "opco", "name": "Atlas", "commitment": "asked"})
    path = next(link["href"] for link in client.page(page).all("a") if link.get("href", "").endswith("/documents"))
    assert client.send(path, {"kind": "quote"}).status_code == 422
    sent = {"kind": "quote", "file": (io.BytesIO(samples.pdf()), "devis.pdf")}
    assert client.send(path, sent).status_code == 303
    assert "devis.pdf" in client.get(path).text
    with store.reader() as session:
        kept = session.scalars(select(FundingPaper)).one()
    assert client.get(f"{page}/documents/{kept.id}").status_code in (200, 409)
    assert client.get(f"{page}/documents/{world.candidacy.id}").status_code == 404
