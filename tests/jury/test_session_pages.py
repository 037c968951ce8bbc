"""The certifier’s pages of a session: seats, lists, and each way they say no."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.files.storage.store import StoreFull, StoreUnavailable
from portfolio.web.clock import now, today
from tests import factories, samples
from tests.applications import failing
from tests.jury import builders as stage
from tests.jury.builders import FIVE, PRESIDENT, Scene, deliberate, name
from tests.jury.pages import as_certifier, as_member, count, hearing, staged
from tests.page import CheckedClient, Page


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


def test_a_certifier_without_any_session_is_told_what_one_is(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session)
    client.log_in(world.certifier.email, factories.PASSWORD)
    page = client.page("/sessions")
    assert "Aucune session pour l’instant" in page.text
    assert "Aucun dossier scellé n’attend de session" in page.text


def test_a_certifier_plans_a_session_once_however_many_clicks(client: CheckedClient, store: Database):
    made = staged(store, members=(), heard=False)
    as_certifier(client, made)
    page = client.page("/sessions/nouvelle")
    typed = {field["name"]: field.get("value", "") for field in page.all("input", type="hidden") if "name" in field}
    typed |= {
        "version_id": str(made.version_id),
        "held_on": (today() + timedelta(days=9)).isoformat(),
        "place": "Nantes",
    }
    places = {client.post("/sessions/nouvelle", data=typed).headers["Location"] for _click in range(2)}
    assert len(places) == 1
    assert count(store, JurySession) == 2
    assert "Nantes" in client.page(places.pop()).text


def test_a_session_planned_for_a_dossier_is_filled_in_and_hears_it(client: CheckedClient, store: Database):
    made = staged(store, members=(), heard=False, held_on=today() + timedelta(days=40))
    as_certifier(client, made)
    planning = f"/sessions/nouvelle?candidature={made.candidacy_id}"
    assert planning in client.get(f"/candidatures/{made.candidacy_id}").text
    page = client.page(planning)
    assert f"Pour {made.candidate.name}" in page.text
    assert "peut aussi l’entendre" in page.text
    typed = {"version_id": str(made.version_id), "held_on": "", "place": "Nantes"}
    assert f"Pour {made.candidate.name}" in client.send(planning, typed).text
    typed["held_on"] = (today() + timedelta(days=21)).isoformat()
    session_page = client.send(planning, typed).headers["Location"]
    assert made.candidate.name in client.page(session_page).text
    assert count(store, Hearing) == 1
    # Heard already: a session like any other.
    assert f"Pour {made.candidate.name}" not in client.page(planning).text


def test_a_session_on_a_day_off_says_so_until_its_day_is_changed(client: CheckedClient, store: Database):
    made = staged(store, members=(), heard=False)
    as_certifier(client, made)
    new_year = date(today().year + 1, 1, 1)
    typed = {"version_id": str(made.version_id), "held_on": new_year.isoformat(), "place": "Nantes"}
    page = client.send("/sessions/nouvelle", typed).headers["Location"]
    assert "un jour férié (Jour de l’an). Vérifiez que le jury" in client.page(page).text
    with store.transaction() as session:
        jury = session.scalars(select(JurySession).where(JurySession.held_on == new_year)).one()
        jury.held_on = new_year + timedelta(days=8 - new_year.isoweekday())  # the Monday that follows
    assert "jour férié" not in client.page(page).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"held_on": "hier"}, "Écrivez la date sous la forme jour/mois/année"),
        ({"held_on": "2020-06-18"}, "Cette date est passée"),
        ({"held_on": ""}, "Donnez la date"),
        ({"place": ""}, "Dites où le jury se réunit"),
        ({"version_id": "autre"}, "Choisissez une des réponses proposées"),
        ({"version_id": "00000000-0000-0000-0000-000000000000"}, "Choisissez une des réponses proposées"),
    ],
)
def test_a_session_that_cannot_be_planned_says_why_and_keeps_what_was_typed(
    client: CheckedClient, store: Database, typed: dict[str, str], sentence: str
):
    made = staged(store, members=(), heard=False)
    good = {"version_id": str(made.version_id), "held_on": today().isoformat(), "place": "Gare de l’Est"}
    response = as_certifier(client, made).send("/sessions/nouvelle", good | typed)
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert typed.get("place", "Gare de l’Est") in response.text
    assert count(store, JurySession) == 1


def member_typed(**changes: object) -> dict[str, object]:
    return {
        "name": "Paul Marin",
        "email": "neuf@exemple.fr",
        "quality": "Directeur d’agence",
        "college": "employers",
        "qualified": "y",
        "ties_answer": "none",
    } | changes


def appointed() -> dict[str, object]:
    act = (BytesIO(samples.pdf(1, "Nomination")), "nomination.pdf")
    return {"appointed_on": "2026-01-12", "appointed_by_director": "y", "appointment": act, "gender": "man"}


def test_a_certifier_seats_a_jury_seat_by_seat_and_sees_what_is_missing(client: CheckedClient, store: Database):
    made = staged(store, members=FIVE[1:], heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}"
    page = client.page(url)
    assert "Composition à compléter" in page.text
    assert "4 sur 5 sièges pourvus" in page.text
    assert "Composition irrégulière" not in page.text
    assert "Le nombre de membres" in page.text
    assert "Siège à pourvoir : celui de la présidence." in page.text
    assert "Nommez quelqu’un à chaque siège à pourvoir." in page.text
    assert "Article D6412-6" in page.text

    assert client.send(f"{url}/sieges/president", member_typed()).status_code == 303
    page = client.page(url)
    assert (
        "Composition irrégulière parce que ce point n’est pas rempli : la nomination de la présidence par la direction"
        in page.text
    )
    assert "Joindre l’acte de nomination" in page.text

    response = client.send(f"{url}/sieges/president", member_typed(**appointed()))
    assert response.status_code == 303
    page = client.page(url)
    assert "Composition régulière" in page.text
    assert "Paul Marin préside" in page.text


@pytest.mark.parametrize(("fault", "status"), [(StoreFull, 507), (StoreUnavailable, 503)])
def test_a_store_that_cannot_take_the_act_is_not_called_a_mistake(app, client, store, monkeypatch, fault, status):
    made = staged(store, members=FIVE[1:], heard=False)
    as_certifier(client, made)
    monkeypatch.setattr(app.extensions["files"], "save", failing(fault))
    response = client.send(f"/sessions/{made.session_id}/sieges/president", member_typed(**appointed()))
    assert response.status_code == status
    assert "Tout n’est pas enregistré" in Page(response.text).text
    assert "à corriger" not in Page(response.text).text
    assert "Directeur d’agence" in response.text


def test_a_delegation_and_ties_are_declared_on_the_seat(client: CheckedClient, store: Database):
    made = staged(store, members=(PRESIDENT,), heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges/director_or_delegate"
    typed = member_typed(ties_answer="listed", college="none", delegated_from="2020-01-01", delegated_until="")
    typed |= {"ties-0-kind": "employment", "ties-0-with_whom": "certifier", "ties-0-organisation": "Institut"}
    assert client.send(url, typed).status_code == 303
    page = client.page(url)
    assert page.all("option", value="employment", selected="")
    assert "siège pour la direction" in client.page(f"/sessions/{made.session_id}").text


def test_a_tie_with_the_body_itself_needs_no_name(client: CheckedClient, store: Database):
    made = staged(store, members=(PRESIDENT,), heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges/teacher_trainer"
    typed = member_typed(ties_answer="listed", college="none")
    typed |= {"ties-0-kind": "employment", "ties-0-with_whom": "certifier", "ties-0-organisation": ""}
    assert client.send(url, typed).status_code == 303
    with store.reader() as session:
        name = session.get_one(CertifyingBody, made.body_id).name
    assert client.page(url).all("input", value=name)


def test_a_jury_without_members_is_told_against_its_seats(client: CheckedClient, store: Database):
    made = staged(store, members=(), heard=False)
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "personne n’est encore nommé ; il en faut au moins 2 pour 5 sièges (40 % du jury)" in page.text
    assert "0 sur 0" not in page.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Donnez le nom de la personne."),
        ({"email": "paul"}, "Cette adresse n’est pas complète"),
        ({"quality": ""}, "Dites à quel titre la personne siège"),
        ({"college": ""}, "Choisissez qui la personne représente."),
        ({"college": "autre"}, "Choisissez une des réponses proposées."),
        ({"delegated_until": "2026-01-01"}, "Donnez aussi le premier jour de la délégation."),
        (
            {"delegated_from": "2026-02-01", "delegated_until": "2026-01-01"},
            "La délégation se termine avant d’avoir commencé",
        ),
        ({"ties-0-kind": "mandate"}, "Choisissez avec qui est ce lien."),
        ({"ties-0-organisation": "Une école"}, "Choisissez la nature de ce lien, ou effacez la ligne."),
        ({"ties-0-kind": "mandate", "ties-0-with_whom": "training_body"}, "Donnez le nom de l’organisme."),
        ({"ties-0-kind": "chance"}, "Choisissez une des réponses proposées."),
    ],
)
def test_a_member_badly_described_is_not_named(
    client: CheckedClient, store: Database, typed: dict[str, str], sentence: str
):
    made = staged(store, members=(), heard=False)
    url = f"/sessions/{made.session_id}/sieges/director_or_delegate"
    letters = count(store, OutgoingEmail)
    response = as_certifier(client, made).send(url, member_typed(**typed))
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert (count(store, JuryMember), count(store, OutgoingEmail)) == (0, letters)


def test_the_advisor_of_a_candidate_cannot_be_named_and_the_form_stays(client: CheckedClient, store: Database):
    made = staged(store, members=(PRESIDENT,))
    url = f"/sessions/{made.session_id}/sieges/teacher_trainer"
    response = as_certifier(client, made).send(url, member_typed(email=made.advisor.email, quality="Enseignante"))
    assert response.status_code == 409
    assert "un accompagnateur ne siège jamais au jury de son candidat" in Page(response.text).text
    assert "Enseignante" in response.text


def test_two_certifiers_on_one_seat_see_each_other(client: CheckedClient, store: Database):
    made = staged(store, members=(PRESIDENT,), heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges/teacher_trainer"
    page = client.page(url)
    hidden = {field["name"]: field.get("value", "") for field in page.all("input", type="hidden") if "name" in field}
    name(store, made, FIVE[3], email="autre@exemple.fr", name="Ivan Perrin")

    response = client.post(url, data=hidden | member_typed(email="mien@exemple.fr"))
    assert response.status_code == 409
    assert "Ivan Perrin" in Page(response.text).text
    assert "mien@exemple.fr" in response.text
    again = Page(response.text)
    hidden = {field["name"]: field.get("value", "") for field in again.all("input", type="hidden") if "name" in field}
    assert client.post(url, data=hidden | member_typed(email="mien@exemple.fr")).status_code == 303


def test_a_member_is_removed_and_sees_nothing_any_more(client: CheckedClient, made: Scene, store: Database, app: Flask):
    with store.reader() as session:
        member_id = session.scalar(select(JuryMember.id).where(JuryMember.seat == Seat.TEACHER_TRAINER))
    as_certifier(client, made).send(
        f"/sessions/{made.session_id}/membres/{member_id}/retirer",
        {"removal_reason": "Malade."},
        form=f"/sessions/{made.session_id}/sieges/teacher_trainer",
    )
    other = as_member(app.test_client(), made, Seat.TEACHER_TRAINER)
    assert other.get(hearing(made)).status_code == 404
    assert other.get(hearing(made, "/pieces/B1-01/fichier")).status_code == 404


@pytest.mark.records("hearing_removed")
def test_a_waiting_dossier_is_put_on_the_list_and_taken_off(client: CheckedClient, store: Database):
    made = staged(store, heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}"
    assert "cette session est trop proche" in client.page(url).text, "a dossier of yesterday is not proposed for today"
    added = client.send(f"{url}/candidats", {"submission_id": str(made.submission_id)}, form=url)
    assert added.status_code == 303
    assert "Le jury se réunit aujourd’hui" in client.page(url).text
    with store.reader() as session:
        hearing_id = session.scalar(select(Hearing.id))
    assert client.send(f"{url}/candidats/{hearing_id}/retirer", form=url).status_code == 303
    assert count(store, Hearing) == 0


def test_a_dossier_already_heard_elsewhere_is_refused_with_a_sentence(client: CheckedClient, made: Scene):
    url = f"/sessions/{made.session_id}"
    response = as_certifier(client, made).send(f"{url}/candidats", {"submission_id": str(made.submission_id)}, form=url)
    assert response.status_code == 409
    assert "déjà inscrit à une session" in Page(response.text).text


def test_an_unknown_seat_does_not_exist(client: CheckedClient, made: Scene):
    as_certifier(client, made)
    assert client.get(f"/sessions/{made.session_id}/sieges/chauffeur").status_code == 404


def test_a_certifier_of_another_body_sees_no_session(client: CheckedClient, made: Scene, store: Database):
    with store.transaction() as session:
        stranger = factories.certifier(session, factories.body(session, "Autre institut").id, "Noé Blanc")
    client.log_in(stranger.email, factories.PASSWORD)
    assert client.get(f"/sessions/{made.session_id}").status_code == 404
    assert "Bordeaux" not in client.page("/sessions").text


def test_a_closed_session_says_that_its_minutes_keep_their_jury(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    stage.close(store, made, now())
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "Cette session est terminée" in page.text
    assert "procès-verbal clos" in page.text
    assert "Chaque procès-verbal clos garde le jury qui a siégé" in page.text
    assert "gardent le jury qui a siégé" in client.page(f"/sessions/{made.session_id}/sieges/president").text


def test_a_hearing_is_moved_to_another_day_by_a_button(client: CheckedClient, made: Scene, store: Database):
    with store.transaction() as session:
        planning = Planning(made.version_id, today() + timedelta(days=30), "Lyon")
        other = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=now()).id
    as_certifier(client, made)
    url = f"/jurys/{made.hearing_id}/report"
    assert client.send(url, {"session_id": str(made.session_id)}).status_code == 422
    page = client.page(url)
    typed = {name: page.hidden(name) for name in ("csrf_token", "nonce")} | {"session_id": str(other)}
    assert client.post(url, data=typed).status_code == 409, "its jury has checked presences: why is it moved?"
    typed |= {"reason": "Salle fermée."}
    for _click in range(2):
        assert client.post(url, data=typed).headers["Location"].startswith(f"/sessions/{other}")
    assert made.candidate.name in client.page(f"/sessions/{other}").text
    assert "Auditions reportées à une autre session" in client.page(f"/sessions/{made.session_id}").text
