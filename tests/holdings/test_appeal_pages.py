"""An appeal of a person of each route, from its registration to the block that another jury grants, on screen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio import create_app
from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.models.events import Appeal
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.web.clock import now, today
from portfolio.wording.candidacy import ROUTES
from tests import factories
from tests.applications import close_app, config_for
from tests.assessment import builders
from tests.assessment.test_six_routes import FOREIGN, browser, fitting, text_of
from tests.holdings.closings import give_letters
from tests.jury.builders import get_all_ready, seat_five
from tests.notification.builders import speak
from tests.page import CheckedClient, Page
from tests.thoroughness import in_turn

pytestmark = pytest.mark.slow


@pytest.fixture
def app(database_url: str, tmp_path) -> Iterator[Flask]:
    """Give the whole application."""
    application = create_app(config_for(database_url, tmp_path))
    application.test_client_class = CheckedClient
    yield application
    close_app(application)


@dataclass
class Refused:
    """A person of a route whose second block a jury refused, and the letter that told it."""

    made: builders.Ground
    route: Route
    candidacy_id: UUID
    candidate: str
    hearing_id: UUID
    members: list[Person]
    second_block: UUID
    colleague: str

    @property
    def appeals(self) -> str:
        """Return the address of the appeals."""
        return f"/jurys/{self.hearing_id}/recours"


def moment(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def refused(store: Database, route: Route, held_on: date) -> Refused:
    sealed_at = moment(held_on - timedelta(days=20))
    with store.transaction() as session:
        made = builders.ground(session)
        candidacy = builders.candidacy(session, made, route)
        candidacy.candidate.password_hash = factories._hash
        builders.all_results(session, made, candidacy.id)
        record = builders.sealed_record(session, made, candidacy.id, sealed_at)
        planned, members = builders.session_of(session, made, held_on=held_on, at=sealed_at)
        hearing_id = builders.hearing_of(session, made, record, planned, members, sealed_at)
        candidacy_id, email = candidacy.id, candidacy.candidate.email
        second = next(block.id for block in candidacy.version.blocks if block.number == 2)
        colleague = factories.certifier(session, made.body_id, "Nour Haddad").email
    builders.decide(store, made, hearing_id, members[0], refused=(2,), at=moment(held_on))
    speak(store, made)
    with store.transaction() as session:
        give_letters(session, candidacy_id)
    return Refused(made, route, candidacy_id, email, hearing_id, members, second, colleague)


def registered(certifier: CheckedClient, case: Refused, on: date) -> None:
    said = {
        "kind": "certifier",
        "filed_on": on.isoformat(),
        "received_on": on.isoformat(),
        "blocks": [str(case.second_block)],
        "grounds": "Mon budget est à la page 4.",
    }
    answer = certifier.send(case.appeals, said)
    assert answer.status_code == 303, Page(answer.text).text


@pytest.mark.parametrize(("route", "database_url"), in_turn(builders.OTHERS), indirect=["database_url"])
def test_a_granted_appeal_leads_to_another_jury_and_every_paper_says_so(app, store, route):
    case = refused(store, route, today() - timedelta(days=25))
    certifier = browser(app, case.made.certifier.email)
    registered(certifier, case, today() - timedelta(days=15))
    candidate = browser(app, case.candidate)
    results = f"/dossiers/{case.candidacy_id}/resultats"
    assert "Réponse attendue jusqu’au" in fitting(candidate.page(results)).text

    with store.reader() as session:
        appeal_id = session.scalars(select(Appeal.id)).one()
    said = {"outcome": "granted", "answered_on": today().isoformat(), "text": "La page 4 n’a pas été lue."}
    signed = {"password": factories.PASSWORD}
    where = f"{case.appeals}/{appeal_id}"
    assert certifier.send(where, said | signed, form=case.appeals).status_code == 303
    mine = fitting(certifier.page(case.appeals))
    assert "Vous avez proposé cette réponse" in mine.text
    own = "Proposé par vous le"
    assert own in certifier.page("/organisme").text
    colleague = browser(app, case.colleague)
    assert own not in colleague.page("/organisme").text
    assert "attend une seconde personne" in colleague.page("/organisme").text
    confirming = re.search(rf'action="({where}/propositions/[^"]+/confirmer)"', colleague.get(case.appeals).text)
    assert colleague.send(confirming[1], signed, form=case.appeals).status_code == 303

    assert "à la suite d’un recours" in fitting(candidate.page(results)).text
    letter = text_of(candidate.get(f"/dossiers/{case.candidacy_id}/recours/{appeal_id}/reponse.pdf").data)
    assert "Votre recours est accueilli." in letter
    assert not FOREIGN.search(letter), FOREIGN.findall(letter)
    told_everywhere(app, case, certifier)
    granted_by_another_jury(app, store, case, certifier)
    with store.reader() as session:
        assert len(session.scalars(select(Certificate)).all()) == 5
        assert recompute(session).ok


def told_everywhere(app: Flask, case: Refused, certifier: CheckedClient) -> None:
    """The minutes, their PDF and the pages of a member say that the decision on block 2 was annulled."""
    since = "l’organisme a annulé la décision du jury sur le bloc 2, à la suite d’un recours"
    minutes = f"/jurys/{case.hearing_id}/resultat"
    juror = browser(app, case.members[1].email)
    for reader in (certifier, juror):
        page = fitting(reader.page(minutes))
        assert since in page.text
        assert page.text.count("décision annulée depuis") == 1
    assert since in fitting(juror.page(f"/jurys/{case.hearing_id}")).text
    assert "écrite à la suite du procès-verbal" in juror.page(f"/jurys/{case.hearing_id}/evaluations").text
    paper = text_of(certifier.get(f"/jurys/{case.hearing_id}/proces-verbal.pdf").data)
    assert "Ce que l’organisme a décidé depuis" in paper
    assert since in paper


def granted_by_another_jury(app: Flask, store: Database, case: Refused, certifier: CheckedClient) -> None:
    """The certifier plans another jury from the appeal, and its decision grants the block."""
    planning = f"/sessions/nouvelle?candidature={case.candidacy_id}"
    assert f'href="{planning}">Réunir un autre jury' in certifier.get(case.appeals).text
    form = fitting(certifier.page(planning))
    assert "présente 1 bloc" in form.text
    said = {"version_id": str(case.made.version_id), "held_on": today().isoformat(), "place": "Lyon"}
    said["route"] = case.route.value
    assert certifier.send(planning, said).status_code == 303
    with store.transaction() as session:
        heard = session.scalars(select(Hearing).where(Hearing.id != case.hearing_id)).one()
        at = now()
        seat_five(session, heard.session_id, case.made.certifier.id, at)
        people = [person.id for person in case.members]
        get_all_ready(session, heard.id, people, case.made.certifier.id, at)
        again = heard.id
    president = browser(app, case.members[0].email)
    base = f"/jurys/{again}"
    text = president.get(base).text
    for competency in dict.fromkeys(re.findall(rf"{base}/competences/([0-9a-f-]{{36}})", text)):
        president.send(f"{base}/competences/{competency}", {"value": "acquired"})
    (block,) = dict.fromkeys(re.findall(rf"{base}/blocs/([0-9a-f-]{{36}})", text))
    president.send(f"{base}/blocs/{block}", {"outcome": "validated"})
    answer = president.send(f"{base}/cloture", {"sure": "y", "password": factories.PASSWORD})
    assert answer.status_code == 303, Page(answer.text).text
    assert ROUTES[case.route] in text_of(certifier.get(f"{base}/proces-verbal.pdf").data)


@pytest.mark.parametrize("route", [Route.APPRENTICESHIP, Route.INDIVIDUAL])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_silence_past_its_day_is_told_by_a_letter(app, store, route):
    case = refused(store, route, today() - timedelta(days=120))
    certifier = browser(app, case.made.certifier.email)
    registered(certifier, case, today() - timedelta(days=100))
    with store.reader() as session:
        appeal = session.scalars(select(Appeal)).one()
    candidate = browser(app, case.candidate)
    for reader, page in ((certifier, case.appeals), (candidate, f"/dossiers/{case.candidacy_id}/resultats")):
        text = fitting(reader.page(page)).text
        assert "Rejeté par le silence de l’organisme" in text
        assert "Lettre qui constate le silence (PDF)" in text
    address = f"/dossiers/{case.candidacy_id}/recours/{appeal.id}/reponse.pdf"
    letter = text_of(candidate.get(address).data)
    assert "Rejet de votre recours par le silence" in letter
    assert "La décision du jury ne change pas." in letter
    assert "Contester cette réponse" in letter
    assert not FOREIGN.search(letter), FOREIGN.findall(letter)
    # Said again after the silence: the certifier may still answer, and that answer takes its place.
    said = {"outcome": "rejected", "answered_on": today().isoformat(), "text": "La page 4 a été lue."}
    where = f"{case.appeals}/{appeal.id}"
    assert certifier.send(where, said | {"password": factories.PASSWORD}, form=case.appeals).status_code == 303
    letter = text_of(candidate.get(address).data)
    assert "La page 4 a été lue." in letter
    assert "silence" not in letter
