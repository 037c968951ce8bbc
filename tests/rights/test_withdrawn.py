"""A right withdrawn stops at the next request, for a session that was open before."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from portfolio.domain.account import use_cases as accounts
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.admissibility.use_cases.opening import assign_advisor
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations, planning
from portfolio.web.clock import now
from tests import factories
from tests.jury import builders
from tests.rights.application import Installation
from tests.rights.visitors import browser, token


@pytest.fixture
def here(installed: Installation) -> Installation:
    return installed


def addresses(here: Installation, state: str) -> dict[str, str]:
    place = here.world.places[state]
    return {
        "draft": f"/accompagnement/{place['candidacy_id']}",
        "own": f"/dossiers/{place['candidacy_id']}",
        "hearing": f"/jurys/{place.get('hearing_id')}/parcours",
        "sealed": f"/depots/{place.get('submission_id')}/lecture",
        "certifier": f"/candidatures/{place['candidacy_id']}",
        "session": f"/sessions/{place.get('session_id')}",
    }


# What a page answers to a session that has ended: it leads to the log-in.
LOGGED_OUT = 303


def stops(client: FlaskClient, urls: list[str], withdraw: Callable[[], object], closed: int = 404) -> None:
    """Each address answers before, and none after."""
    assert [client.get(url).status_code for url in urls] == [200] * len(urls)
    withdraw()
    assert [client.get(url).status_code for url in urls] == [closed] * len(urls)


def test_an_advisor_who_is_replaced_reads_nothing_more(here: Installation):
    urls, place = addresses(here, "sealed"), here.world.places["sealed"]

    def replaced() -> None:
        with here.store.transaction() as session:
            other = PersonInput("conseil@exemple.fr", "Une autre")
            assign_advisor(session, place["candidacy_id"], other, by=here.world.people["certifier north"], at=now())

    stops(here.browser("advisor"), [urls["draft"], urls["own"], urls["sealed"]], replaced)


def test_a_juror_who_recuses_reads_nothing_more(here: Installation):
    urls, client, hearing = (
        addresses(here, "called"),
        here.browser("juror"),
        here.world.places["called"]["hearing_id"],
    )
    assert [client.get(urls[one]).status_code for one in ("hearing", "sealed")] == [200, 200]
    who = here.world.people["employee north"]
    with here.store.transaction() as session:
        declarations.record_statement(
            session, hearing, MemberDeclarations(who, StatementKind.RECUSAL, "Une relation."), by=who, at=now()
        )
    assert [client.get(urls[one]).status_code for one in ("hearing", "sealed")] == [403, 404]


def test_a_juror_whose_seat_goes_to_another_reads_nothing_more(here: Installation):
    urls, place = addresses(here, "called"), here.world.places["called"]

    def replaced() -> None:
        naming = builders.replace(builders.EMPLOYEE, email="autre@exemple.fr", name="Un autre", seen=1)
        with here.store.transaction() as session:
            planning.name_member(
                session, place["session_id"], naming, by=here.world.people["certifier north"], at=now()
            )

    stops(here.browser("juror"), [urls["hearing"], urls["sealed"]], replaced)


def test_a_juror_reads_until_the_days_after_the_closing_are_over(here: Installation):
    urls, hearing = addresses(here, "closed"), here.world.places["closed"]["hearing_id"]

    def long_ago() -> None:
        with here.store.transaction() as session:
            moment = now() - timedelta(days=here.app.config["SETTINGS"].juror_days, minutes=1)
            session.execute(update(Hearing).where(Hearing.id == hearing).values(closed_at=moment))

    stops(here.browser("president"), [urls["hearing"], urls["sealed"]], long_ago)
    assert here.browser("certifier").get(f"/jurys/{hearing}/resultat").status_code == 200


def test_someone_who_leaves_the_body_acts_for_it_no_more(here: Installation):
    urls, who = addresses(here, "heard"), here.world.people["certifier north"]

    def withdraw() -> None:
        with here.store.transaction() as session:
            session.execute(delete(CertifyingBodyMember).where(CertifyingBodyMember.person_id == who))

    own = ["/organisme", "/sessions", "/certifications", "/courriers", "/organisme/certificats-a-signer"]
    stops(here.browser("certifier"), [urls["certifier"], urls["session"], *own], withdraw)


PEOPLE = {"candidate": "own", "advisor": "draft", "juror": "hearing", "certifier": "certifier"}


@pytest.mark.parametrize("person", PEOPLE)
def test_a_suspended_account_is_closed_at_once_and_opens_again_with_a_new_password_only(
    here: Installation, person: str
):
    url, client = addresses(here, "heard")[PEOPLE[person]], here.browser(person, "heard")
    email = email_of(
        here,
        here.world.people[{"candidate": "candidate heard", "juror": "employee north"}.get(person, f"{person} north")],
    )
    runner = here.app.test_cli_runner()
    stops(client, [url], lambda: runner.invoke(args=["suspend-person", email.upper()]), LOGGED_OUT)
    assert logged_in(here, email) is None
    assert runner.invoke(args=["reinstate-person", email]).exit_code == 0
    assert client.get(url).status_code == LOGGED_OUT, "a session that ended does not live again"
    assert logged_in(here, email) is None, "the person who stole the password does not come back"
    with here.store.transaction() as session:
        who = session.scalars(select(Person.id).where(Person.email == email)).one()
        link = accounts.issue_token(session, who, accounts.TokenPurpose.RESET, at=now())
        assert accounts.use_token(session, link, hash_password("une autre phrase de passe"), at=now()) == who
    again = logged_in(here, email, "une autre phrase de passe")
    assert again is not None
    assert again.get(url).status_code == 200


def test_a_link_written_before_the_suspension_opens_nothing_after_it(here: Installation):
    place, email = here.world.places["called"], email_of(here, here.world.people["candidate called"])
    assert here.browser("anonymous").get(f"/invitation/{place['token']}").status_code == 200
    runner = here.app.test_cli_runner()
    for command in ("suspend-person", "reinstate-person"):
        assert runner.invoke(args=[command, email]).exit_code == 0
        assert here.browser("anonymous").get(f"/invitation/{place['token']}").status_code == 404
    assert runner.invoke(args=["suspend-person", "personne@exemple.fr"]).exit_code == 1


def test_a_new_password_ends_every_other_session(here: Installation):
    who, url = here.world.people["candidate draft"], addresses(here, "draft")["own"]
    other = browser(here.app, here.world, "candidate draft")
    with here.store.transaction() as session:
        link = accounts.issue_token(session, who, accounts.TokenPurpose.RESET, at=now())
    fresh = browser(here.app, here.world, None)
    assert other.get(url).status_code == 200
    body = {"csrf_token": token(here.app), "password": "une nouvelle phrase", "password_again": "une nouvelle phrase"}
    assert fresh.post(f"/invitation/{link}", data=body).status_code == 303
    assert [one.get(url).status_code for one in (other, fresh)] == [LOGGED_OUT, 200]
    again = browser(here.app, here.world, None)
    assert again.post(f"/invitation/{link}", data=body).status_code == 404, "a link serves once"


def test_a_cookie_stolen_before_the_logout_opens_nothing_after_it(here: Installation):
    url, client = addresses(here, "draft")["own"], browser(here.app, here.world, "candidate draft")
    stolen = client.get_cookie("acquis").value
    assert client.get(url).status_code == 200
    assert client.post("/deconnexion", data={"csrf_token": token(here.app)}).status_code == 303
    thief = FlaskClient(here.app, here.app.response_class)
    thief.set_cookie("acquis", stolen)
    assert thief.get(url).status_code == LOGGED_OUT


def email_of(here: Installation, who: UUID) -> str:
    with here.store.reader() as session:
        return session.get_one(Person, who).email


def logged_in(here: Installation, email: str, password: str = factories.PASSWORD) -> FlaskClient | None:
    """A new browser in which this person logged in, if they could."""
    client = browser(here.app, here.world, None)
    answer = client.post("/connexion", data={"csrf_token": token(here.app), "email": email, "password": password})
    return client if answer.status_code == 303 else None
