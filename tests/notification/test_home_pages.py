"""The certifier's home: one thing first, the others by their day, and one person found among many."""

from datetime import timedelta

import pytest

from portfolio.db.engine import Database
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import letters
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.web.clock import now, today
from tests import factories
from tests.jury.builders import Scene, check, close
from tests.jury.pages import as_certifier, hearing, staged
from tests.page import CheckedClient

OTHERS = ("Élodie Marchand", "Farid Bouzid", "Gaëlle Kermarrec", "Hugo Lefèvre", "Jean-Baptiste de La Rochefoucauld")


@pytest.fixture
def made(store: Database) -> Scene:
    """A jury that sits today, another one in ten days without anybody, and five more candidacies."""
    found = staged(store)
    with store.transaction() as session:
        version = session.get_one(CertificationVersion, found.version_id)
        for number, name in enumerate(OTHERS):
            factories.candidacy(session, version, factories.person(session, name, f"autre{number}@exemple.fr"))
        planning = Planning(found.version_id, today() + timedelta(days=10), "Lyon")
        planning_use_cases.plan_session(session, found.body_id, planning, by=found.certifier.id, at=now())
    return found


def test_what_awaits_today_comes_first_and_the_rest_below_with_its_day(client: CheckedClient, made: Scene):
    page = as_certifier(client, made).page("/organisme")
    text = page.text.replace("\u00a0", " ")
    assert "D’abord, aujourd’hui" in text
    assert "Un jury siège aujourd’hui pour Samia Benali" in text
    assert "Ce qui vous attend aussi" in text
    assert text.index("Un jury siège") < text.index("Complétez le jury du")
    assert "dans 10 jours" in text
    assert "Il reste 5 sièges à pourvoir." in text
    primary = [one for one in page.all("a") if one.get("class") == "button"]
    assert len(primary) == 1, "one primary action"
    assert primary[0]["href"].startswith(f"/sessions/{made.session_id}")


def test_no_jury_is_said_to_sit_for_someone_whose_absence_is_noted(client: CheckedClient, made: Scene, store):
    check(store, made, [member.id for member in made.members.values()], Attendance.ABSENT)
    text = as_certifier(client, made).page("/organisme").text.replace("\u00a0", " ")
    assert "Un jury siège aujourd’hui" not in text
    assert "Absence notée : Samia Benali. La présidence clôt sans décision." in text


@pytest.mark.records("absence_written")
def test_who_was_not_heard_is_written_to_once(client: CheckedClient, made: Scene, store):
    check(store, made, [member.id for member in made.members.values()], Attendance.ABSENT)
    close(store, made, now())
    asked = "Écrivez à Samia Benali que le jury s’est tenu sans cette personne"
    assert asked in as_certifier(client, made).page("/organisme").text
    with store.transaction() as session:
        letters.write_absence(session, made.hearing_id, by=made.certifier.id, at=now())
    assert asked not in client.page("/organisme").text


def test_candidacies_are_chosen_by_their_stage_and_found_by_name_whatever_the_accents(
    client: CheckedClient, made: Scene
):
    as_certifier(client, made)
    called = client.page("/candidatures?etape=jury-fixe").text
    assert "Samia Benali" in called
    assert "Farid Bouzid" not in called
    found = client.page("/candidatures?cherche=elodie").text
    assert "Élodie Marchand" in found
    assert "Farid Bouzid" not in found
    both = client.page("/candidatures?etape=jury-fixe&cherche=farid").text.replace("\u00a0", " ")
    assert "Personne ne correspond à « farid »" in both
    assert client.get("/organisme?etape=jury-fixe&nom=farid").headers["Location"].startswith("/candidatures?")


@pytest.mark.parametrize(
    "query", ["?etape=nimporte", "?nom=%00%FF", "?etape=&nom=", "?nom=" + "x" * 3000, "?nom=<script>"]
)
def test_an_odd_search_is_a_page_all_the_same(client: CheckedClient, made: Scene, query: str):
    answer = as_certifier(client, made).get(f"/candidatures{query.replace('nom=', 'cherche=')}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text.split("Candidatures", 1)[1]


def test_a_body_without_candidacy_is_told_how_to_begin(client: CheckedClient, store: Database):
    with store.transaction() as session:
        body = factories.body(session)
        person = factories.certifier(session, body.id)
        email = person.email
    client.log_in(email, factories.PASSWORD)
    page = client.page("/organisme")
    assert "Importez votre première certification" in page.text
    assert len([one for one in page.all("a") if one.get("class") == "button"]) == 1
    assert "Ce qui vous attend aussi" not in page.text


def test_the_day_of_the_jury_the_presence_is_asked_before_the_list_of_members(client: CheckedClient, store: Database):
    made = staged(store, ready=False)
    text = as_certifier(client, made).page(hearing(made, "/presence")).text
    assert text.index("Qui est là") < text.index("Les membres")
