"""One form, one effect, on both stores: a second click, or twenty at once, lead where the first one led."""

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask_login import login_user
from sqlalchemy import func, select

from portfolio import create_app
from portfolio.access.login import CurrentUser, RolesOverview
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.web.clock import now
from portfolio.web.forms import run_once
from tests import factories, samples
from tests.applications import close_app, config_for
from tests.page import CheckedClient

CLICKS = 20


@pytest.fixture
def app(database_url, tmp_path):
    application = create_app(config_for(database_url, tmp_path))
    application.test_client_class = CheckedClient
    yield application
    close_app(application)


def test_the_same_form_sent_twice_makes_one_piece_and_leads_to_it_twice(app, client, store):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    assert client.log_in(world.candidate.email, factories.PASSWORD).status_code == 303
    path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    form = {one["name"]: one["value"] for one in client.page(path).all("input", type="hidden") if one.get("value")}
    answers = [client.post(path, data=form | {"files": (io.BytesIO(samples.pdf()), "plan.pdf")}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Evidence)) == 1


@pytest.mark.both
def test_twenty_clicks_at_once_have_one_effect(app, store):
    with store.transaction() as session:
        person = factories.person(session)
    start, effects, nobody = (
        Barrier(CLICKS),
        Counter(),
        RolesOverview(certifies=False, advises=False, sits=False, candidacies=()),
    )

    def click(number: int) -> str:
        with app.test_request_context():
            login_user(CurrentUser(person.id, person.name, person.email, nobody, "token"))
            start.wait()

            def act(session) -> str:
                record_event(session, "tried", ("person", person.id), by=person.id, at=now())
                effects[number] += 1
                return f"/chez-{number}"

            return run_once("nonce", act).location

    with ThreadPoolExecutor(CLICKS) as pool:
        led = set(pool.map(click, range(CLICKS)))
    assert len(effects) == 1
    assert led == {f"/chez-{next(iter(effects))}"}
