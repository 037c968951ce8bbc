"""The pages of the jury: each one as its people meet it, and each way it says no."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.models import Certificate
from portfolio.db import Database
from portfolio.jury.minutes import Minutes
from portfolio.jury.models import DecisionDraft, Finding, Hearing, JurySession, Member
from portfolio.jury.rules import FindingValue, Seat
from portfolio.mail.models import Mail
from portfolio.submission.models import SealedFile
from portfolio.web.clock import now, today
from tests import factories, samples
from tests.jury import scene as stage
from tests.jury.scene import EMPLOYEE, FIVE, NOT_VALIDATED, PRESIDENT, REFUSED, Scene, deliberate, find, name
from tests.page import CheckedClient, Page

# The president's last word, and the password that signs it.
SIGNED = {"sure": "y", "password": factories.PASSWORD}


def staged(store: Database, **changes) -> Scene:
    """A jury that sits today before a dossier sealed yesterday."""
    return stage.scene(store, **{"held_on": today(), "sealed_at": now() - timedelta(days=1)} | changes)


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


def as_certifier(client: CheckedClient, made: Scene) -> CheckedClient:
    client.log_in(made.certifier.email, factories.PASSWORD)
    return client


def as_member(client: CheckedClient, made: Scene, seat: Seat = Seat.PRESIDENT) -> CheckedClient:
    client.log_in(made.members[seat].email, factories.PASSWORD)
    return client


def hearing(made: Scene, rest: str = "") -> str:
    return f"/jurys/{made.hearing_id}{rest}"


def competency(made: Scene, index: int = 0) -> str:
    return hearing(made, f"/competences/{made.competencies[index].id}")


def block(made: Scene, index: int = 0) -> str:
    return hearing(made, f"/blocs/{made.blocks[index].id}")


def count(store: Database, table) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


# --- The certifier ---


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
    typed |= {"version_id": str(made.version_id), "held_on": (today() + timedelta(days=9)).isoformat(), "place": "Nantes"}
    places = {client.post("/sessions/nouvelle", data=typed).headers["Location"] for _click in range(2)}
    assert len(places) == 1
    assert count(store, JurySession) == 2
    assert "Nantes" in client.page(places.pop()).text


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
    } | changes


def appointed() -> dict[str, object]:
    act = (BytesIO(samples.pdf(1, "Nomination")), "nomination.pdf")
    return {"appointed_on": "2026-01-12", "appointed_by_director": "y", "appointment": act, "gender": "man"}


def test_a_certifier_seats_a_jury_seat_by_seat_and_sees_what_is_missing(client: CheckedClient, store: Database):
    made = staged(store, members=FIVE[1:], heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}"
    page = client.page(url)
    assert "Composition irrégulière" in page.text
    assert "le nombre de membres" in page.text
    assert "Siège à pourvoir : celui de la présidence." in page.text
    assert "Nommez quelqu’un à chaque siège à pourvoir." in page.text
    assert "Article D6412-6" in page.text

    assert client.send(f"{url}/sieges/president", member_typed()).status_code == 303
    page = client.page(url)
    assert "Composition irrégulière parce que ce point n’est pas rempli : la présidence est nommée par la direction" in page.text
    assert "Joindre l’acte de nomination" in page.text

    response = client.send(f"{url}/sieges/president", member_typed(**appointed()))
    assert response.status_code == 303
    page = client.page(url)
    assert "Composition régulière" in page.text
    assert "Paul Marin préside" in page.text


def test_a_delegation_and_ties_are_declared_on_the_seat(client: CheckedClient, store: Database):
    made = staged(store, members=(PRESIDENT,), heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}/sieges/director_or_delegate"
    typed = member_typed(college="none", delegated_from="2020-01-01", delegated_until="")
    typed |= {"ties-0-kind": "employment", "ties-0-with_whom": "certifier", "ties-0-organisation": "Institut"}
    assert client.send(url, typed).status_code == 303
    page = client.page(url)
    assert page.all("option", value="employment", selected="")
    assert "siège pour la direction" in client.page(f"/sessions/{made.session_id}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Donnez le nom de la personne."),
        ({"email": "paul"}, "Cette adresse n’est pas complète"),
        ({"quality": ""}, "Dites à quel titre la personne siège"),
        ({"college": ""}, "Choisissez une réponse."),
        ({"college": "autre"}, "Choisissez une des réponses proposées."),
        ({"delegated_until": "2026-01-01"}, "Donnez aussi le premier jour de la délégation."),
        ({"delegated_from": "2026-02-01", "delegated_until": "2026-01-01"}, "La délégation se termine avant d’avoir commencé"),
        ({"ties-0-kind": "mandate"}, "Dites avec qui est ce lien."),
        ({"ties-0-organisation": "Une école"}, "Dites quel est ce lien, ou effacez la ligne."),
        ({"ties-0-kind": "mandate", "ties-0-with_whom": "certifier"}, "Donnez le nom de l’organisme."),
        ({"ties-0-kind": "chance"}, "Choisissez une des réponses proposées."),
    ],
)
def test_a_member_badly_described_is_not_named(client: CheckedClient, store: Database, typed: dict[str, str], sentence: str):
    made = staged(store, members=(), heard=False)
    url = f"/sessions/{made.session_id}/sieges/director_or_delegate"
    response = as_certifier(client, made).send(url, member_typed(**typed))
    assert response.status_code == 422
    assert sentence in Page(response.text).text
    assert count(store, Member) == count(store, Mail) == 0


def test_the_advisor_of_a_candidate_cannot_be_named_and_the_form_stays(client: CheckedClient, store: Database):
    made = staged(store, members=(PRESIDENT,))
    url = f"/sessions/{made.session_id}/sieges/teacher_trainer"
    response = as_certifier(client, made).send(url, member_typed(email=made.advisor.email, quality="Enseignante"))
    assert response.status_code == 409
    assert "l’accompagnateur ne siège jamais au jury de son candidat" in Page(response.text).text
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
        member_id = session.scalar(select(Member.id).where(Member.seat == Seat.TEACHER_TRAINER))
    as_certifier(client, made).send(
        f"/sessions/{made.session_id}/membres/{member_id}/retirer", form=f"/sessions/{made.session_id}/sieges/teacher_trainer"
    )
    other = as_member(app.test_client(), made, Seat.TEACHER_TRAINER)
    assert other.get(hearing(made)).status_code == 404
    assert other.get(hearing(made, "/pieces/B1-01/fichier")).status_code == 404


def test_a_waiting_dossier_is_put_on_the_list_and_taken_off(client: CheckedClient, store: Database):
    made = staged(store, heard=False)
    as_certifier(client, made)
    url = f"/sessions/{made.session_id}"
    assert "Inscrivez un candidat à cette session" in client.page(url).text
    added = client.send(f"{url}/candidats", {"submission_id": str(made.submission_id)}, form=url)
    assert added.status_code == 303
    assert "Le jury se réunit le" in client.page(url).text
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


def test_a_closed_session_no_longer_changes_its_jury(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    stage.close(store, made, now())
    as_certifier(client, made)
    page = client.page(f"/sessions/{made.session_id}")
    assert "Cette session est terminée" in page.text
    assert "procès-verbal clos" in page.text
    assert "la composition du jury ne change plus" in client.page(f"/sessions/{made.session_id}/sieges/president").text


# --- Reading ---


def test_a_juror_has_one_next_action_at_each_state(client: CheckedClient, made: Scene, store: Database):
    as_member(client, made)
    assert "Consignez les constats" in client.page("/jurys").text
    assert "Commencez par 1.1" in client.page(hearing(made)).text
    deliberate(store, made, refused=(2,))
    assert "Relisez et clôturez" in client.page("/jurys").text
    assert "Tout est décidé" in client.page(hearing(made)).text
    stage.close(store, made, now())
    assert "Aucun dossier n’attend votre lecture" in client.page("/jurys").text
    assert "Le procès-verbal est clos" in client.page(hearing(made)).text


def test_a_juror_before_the_day_is_told_to_read(client: CheckedClient, store: Database):
    made = staged(store, held_on=today() + timedelta(days=12), ready=False)
    as_member(client, made, Seat.TEACHER_TRAINER)
    assert f"Déclarez si un lien existe avec {made.candidate.name}" in client.page("/jurys").text
    assert client.get(hearing(made)).headers["Location"] == hearing(made, "/declaration")
    assert client.send(hearing(made, "/declaration"), {"kind": "no_relation"}).headers["Location"] == hearing(made)
    assert f"Lisez le dossier de {made.candidate.name}" in client.page("/jurys").text
    assert "Lisez le dossier, puis attestez" in client.page(hearing(made)).text
    assert client.send(hearing(made, "/lecture"), form=hearing(made)).status_code == 303
    assert "Attendez la présidence" in client.page("/jurys").text
    assert "Attendez la présidence" in client.page(hearing(made)).text


def test_someone_who_sits_nowhere_is_told_so(client: CheckedClient, made: Scene):
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert "Aucun jury pour l’instant" in client.page("/jurys").text


def test_a_competency_shows_the_story_and_each_exhibit_one_click_away(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(competency(made, 2))
    assert "L’agence perdait des clients." in page.text
    assert "À lire : pages 4 à 5" in " ".join(page.text.split())
    assert page.all("a", href=hearing(made, "/pieces/B2-01?page=4#page")), "the page cited is one click away"
    assert page.all("a", href=hearing(made, "/pieces/B2-01/fichier"))
    assert page.all("a", href=hearing(made, "/pieces/B2-01"))


def test_an_exhibit_is_two_clicks_from_the_front_page_and_comes_as_an_attachment(
    client: CheckedClient, made: Scene, store: Database, app: Flask
):
    with store.reader() as session:
        for sealed in session.scalars(select(SealedFile)):
            app.extensions["files"].save(sealed.key, BytesIO(b"x" * sealed.size))
    as_member(client, made, Seat.PEDAGOGICAL_MANAGER)
    listing = client.page(hearing(made, "/pieces"))
    assert client.page(hearing(made)).all("a", href=hearing(made, "/pieces"))
    (link,) = listing.all("a", href=hearing(made, "/pieces/B3-02/fichier"))
    response = client.get(link["href"])
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "B3-02" in response.headers["Content-Disposition"]
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert len(response.data) == response.content_length == 1000


def test_an_exhibit_says_what_it_is_and_what_it_is_claimed_for(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(hearing(made, "/pieces/B1-02"))
    assert "Je l’ai conçu et rédigé seule." in page.text
    assert page.all("a", href=competency(made, 1))
    assert client.get(hearing(made, "/pieces/B9-99")).status_code == 404
    assert client.get(hearing(made, "/pieces/B9-99/fichier")).status_code == 404


def test_the_texts_of_the_dossier_are_read_as_typed(client: CheckedClient, made: Scene):
    page = as_member(client, made).page(hearing(made, "/parcours"))
    assert "Cheffe de projet" in page.text


def test_nothing_of_the_advisor_is_on_any_page_of_the_jury(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    as_member(client, made)
    rests = ("", "/parcours", "/pieces", "/pieces/B1-01", "/apercu", "/cloture")
    urls = [hearing(made, rest) for rest in rests] + [competency(made), block(made), "/jurys"]
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200
        assert made.advisor.name not in response.text


def test_foreign_ids_do_not_exist_inside_a_hearing(client: CheckedClient, made: Scene, store: Database):
    with store.transaction() as session:
        foreign = factories.published_version(session, made.body_id, "RNCP99999")
        other_block, other = foreign.blocks[0].id, foreign.blocks[0].competencies[0].id
    as_member(client, made)
    assert client.get(hearing(made, f"/competences/{other}")).status_code == 404
    assert client.get(hearing(made, f"/blocs/{other_block}")).status_code == 404


def test_everyone_else_finds_nothing(client: CheckedClient, made: Scene, store: Database, app: Flask):
    with store.transaction() as session:
        strangers = [
            factories.person(session, "Autre juré").email,
            made.candidate.email,
            made.advisor.email,
            made.certifier.email,
        ]
    for email in strangers:
        visitor = app.test_client()
        visitor.log_in(email, factories.PASSWORD)
        for url in (hearing(made), competency(made), hearing(made, "/pieces/B1-01/fichier"), hearing(made, "/apercu")):
            assert visitor.get(url).status_code == 404


def test_other_members_read_what_the_president_wrote_and_write_nothing(client: CheckedClient, made: Scene, store: Database):
    find(store, made, made.competencies[0], REFUSED)
    as_member(client, made, Seat.EMPLOYEE_REPRESENTATIVE)
    page = client.page(competency(made))
    assert REFUSED.reason in page.text
    assert not page.all("textarea")
    token = page.hidden("csrf_token")
    typed = {"csrf_token": token, "value": "acquired", "outcome": "validated", "revision": "1", "sure": "y"}
    for url in (competency(made), block(made), hearing(made, "/cloture")):
        assert client.post(url, data=typed).status_code == 403
    assert client.get(hearing(made, "/cloture")).status_code == 403
    with store.reader() as session:
        assert session.scalars(select(Finding)).one().value is FindingValue.NOT_ACQUIRED
    assert count(store, DecisionDraft) == count(store, Minutes) == 0


# --- Deciding ---


def test_the_president_goes_from_finding_to_finding_to_the_decision(client: CheckedClient, made: Scene):
    as_member(client, made)
    response = client.send(competency(made), {"value": "acquired"})
    assert response.headers["Location"] == competency(made, 1)
    response = client.send(competency(made, 1), {"value": "partially", "reason": "Peu d’exemples."})
    assert response.headers["Location"] == block(made)
    assert "1.2 n’est pas acquise" in client.page(block(made)).text


def test_what_a_finding_lacks_is_said_at_once_and_stays_on_the_page(client: CheckedClient, made: Scene):
    as_member(client, made)
    response = client.send(competency(made), {"value": "not_acquired"}, follow_redirects=True)
    page = Page(response.text)
    assert "1.1 : dites ce qui a été vu et ce qui manque" in page.text


def test_a_competency_without_any_exhibit_asks_where_it_was_shown(client: CheckedClient, store: Database):
    made = staged(store, filled=False)
    as_member(client, made)
    response = client.send(competency(made, 3), {"value": "acquired"}, follow_redirects=True)
    assert "aucune preuve n’est rattachée à cette compétence" in Page(response.text).text
    response = client.send(competency(made, 3), {"value": "acquired", "ground": "demonstrated_at_interview"})
    assert response.headers["Location"] == competency(made, 4)


def test_a_decision_that_departs_from_the_findings_asks_why(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(1,))
    as_member(client, made)
    response = client.send(block(made), {"outcome": "validated"}, follow_redirects=True)
    assert "Dites pourquoi le jury s’en écarte" in Page(response.text).text
    client.send(block(made), {"outcome": "validated", "override_reason": "L’entretien l’a montré."})
    assert "Dites pourquoi" not in client.page(block(made)).text


@pytest.mark.parametrize(
    ("where", "typed", "sentence"),
    [
        (competency, {"value": ""}, "Choisissez un constat."),
        (competency, {"value": "peut-être"}, "Choisissez une des réponses proposées."),
        (competency, {"value": "acquired", "reason": "x" * 20_001}, "20 000 signes au plus"),
        (block, {"outcome": ""}, "Choisissez une décision."),
        (block, {"outcome": "validated", "recommendation": "x" * 20_001}, "20 000 signes au plus"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_told_and_not_lost(client: CheckedClient, made: Scene, store, where, typed, sentence):
    response = as_member(client, made).send(where(made), typed | {"reason": typed.get("reason", "Ce que j’ai écrit.")})
    assert response.status_code == 422
    assert sentence in Page(response.text).text.replace("\u202f", " ")
    assert typed.get("reason", "Ce que j’ai écrit.") in response.text
    assert count(store, Finding) == count(store, DecisionDraft) == 0


def test_strange_characters_are_replaced_visibly_and_html_is_shown_as_typed(client: CheckedClient, made: Scene):
    as_member(client, made)
    client.send(block(made), {"outcome": "not_validated", "reason": "a\x00b <script>alert(1)</script>"})
    response = client.get(block(made))
    assert "a\ufffdb &lt;script&gt;alert(1)&lt;/script&gt;" in response.text


@pytest.mark.parametrize("which", [competency, block])
def test_two_tabs_see_both_texts_and_the_author_chooses(client: CheckedClient, made: Scene, store: Database, which):
    as_member(client, made)
    field, value, other = (
        ("value", "not_acquired", "partially") if which is competency else ("outcome", "not_validated", "validated")
    )
    page = client.page(which(made))
    old = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one}
    client.send(which(made), {field: value, "reason": "Écrit dans le premier onglet."})

    response = client.post(which(made), data=old | {field: other, "reason": "Écrit dans le second."})
    assert response.status_code == 409
    assert "Écrit dans le premier onglet." in response.text
    assert "Écrit dans le second." in response.text
    again = Page(response.text)
    hidden = {one["name"]: one.get("value", "") for one in again.all("input", type="hidden") if "name" in one}
    assert client.post(which(made), data=hidden | {field: other, "reason": "Écrit dans le second."}).status_code == 303
    assert "Écrit dans le second." in client.get(which(made)).text


@pytest.mark.parametrize("which", [competency, block])
def test_a_save_after_the_closing_shows_that_it_is_closed_and_gives_the_text_back(
    client: CheckedClient, made: Scene, store: Database, which
):
    deliberate(store, made)
    as_member(client, made)
    page = client.page(which(made))
    old = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one}
    stage.close(store, made, now())
    typed = {"value": "not_acquired", "outcome": "not_validated", "reason": "Trop tard, mais pas perdu."}
    response = client.post(which(made), data=old | typed)
    assert response.status_code == 409
    assert "Le procès-verbal est déjà clos" in Page(response.text).text
    assert "Trop tard, mais pas perdu." in response.text


def test_the_preview_leads_to_what_is_missing_then_to_the_closing(client: CheckedClient, made: Scene, store: Database):
    as_member(client, made)
    page = client.page(hearing(made, "/apercu"))
    assert "Il reste 15 points à régler avant de clore" in page.text
    assert page.all("a", href=competency(made))
    deliberate(store, made, refused=(2,))
    page = client.page(hearing(made, "/apercu"))
    assert "Tout est prêt" in page.text
    assert "sera acquis définitivement" in page.text
    assert page.all("a", href=hearing(made, "/cloture"))


def test_an_irregular_jury_is_told_on_the_preview_and_cannot_close(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    name(store, made, EMPLOYEE, in_activity=False, seen=1)
    as_member(client, made)
    assert "Composition irrégulière" in client.page(hearing(made, "/apercu")).text
    page = client.page(hearing(made, "/cloture"))
    assert "Le procès-verbal ne peut pas encore être clos" in page.text
    response = client.post(hearing(made, "/cloture"), data=SIGNED | {"csrf_token": page.hidden("csrf_token")})
    assert response.status_code == 409
    assert "Composition irrégulière, J5" in Page(response.text).text
    assert count(store, Minutes) == 0


def test_closing_before_the_day_is_refused_with_the_day(client: CheckedClient, store: Database):
    made = staged(store, held_on=today() + timedelta(days=1))
    deliberate(store, made)
    as_member(client, made)
    page = client.page(hearing(made, "/cloture"))
    response = client.post(hearing(made, "/cloture"), data=SIGNED | {"csrf_token": page.hidden("csrf_token")})
    assert response.status_code == 409
    assert "se clôt ce jour-là ou après" in Page(response.text).text


def test_closing_asks_for_the_last_word(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made)
    response = as_member(client, made).send(hearing(made, "/cloture"))
    assert response.status_code == 422
    assert "Cochez cette case pour clore le procès-verbal." in Page(response.text).text
    assert count(store, Minutes) == 0


def test_closing_grants_once_however_many_clicks_and_tabs(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(2,))
    as_member(client, made)
    page, other = client.page(hearing(made, "/cloture")), client.page(hearing(made, "/cloture"))
    typed = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden") if "name" in one} | SIGNED
    for _click in range(2):
        response = client.post(hearing(made, "/cloture"), data=typed)
        assert response.headers["Location"] == hearing(made, "/resultat")
    elsewhere = {one["name"]: one.get("value", "") for one in other.all("input", type="hidden") if "name" in one}
    response = client.post(hearing(made, "/cloture"), data=elsewhere | SIGNED)
    assert response.status_code == 409
    assert "déjà clos" in Page(response.text).text
    assert "Acquis définitivement" in Page(response.text).text
    assert count(store, Minutes) == 1
    assert count(store, Certificate) == 3


def test_the_minutes_tell_decisions_findings_reasons_and_who_sat(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(2,))
    stage.close(store, made, now())
    page = as_member(client, made, Seat.TEACHER_TRAINER).page(hearing(made, "/resultat"))
    assert "3 blocs accordés" in page.text
    assert NOT_VALIDATED.reason in page.text
    assert NOT_VALIDATED.recommendation in page.text
    assert "Paul Marin, présidence du jury" in page.text
    links = [one["href"] for one in page.all("a") if one.get("href", "").startswith("/certificats/")]
    assert len(links) == 3
    assert all(client.get(link).status_code == 200 for link in links)


def test_pages_of_an_open_hearing_lead_to_the_preview_and_of_a_closed_one_to_the_minutes(
    client: CheckedClient, made: Scene, store: Database
):
    deliberate(store, made)
    as_member(client, made)
    assert client.get(hearing(made, "/resultat")).headers["Location"] == hearing(made, "/apercu")
    stage.close(store, made, now())
    assert client.get(hearing(made, "/cloture")).headers["Location"] == hearing(made, "/resultat")
    assert "Le procès-verbal est clos" in client.page(hearing(made, "/apercu")).text
    assert not client.page(competency(made)).all("textarea")


def test_a_second_jury_sees_the_held_blocks_locked_with_their_seal(client: CheckedClient, made: Scene, store: Database):
    deliberate(store, made, refused=(2, 4))
    stage.close(store, made, now())
    again = stage.next_scene(store, made, held_on=today(), at=now())
    as_member(client, again)
    page = client.page(hearing(again))
    assert page.text.count("Acquis définitivement") == 2
    assert client.get(hearing(again, f"/blocs/{made.blocks[0].id}")).status_code == 404
    assert client.get(hearing(again, f"/competences/{made.competencies[0].id}")).status_code == 404
    assert re.search(r"Commencez par 2\.1", page.text)


def test_an_advisor_given_later_makes_the_jury_irregular_for_that_candidate(client: CheckedClient, made: Scene, store: Database):
    with store.transaction() as session:
        session.get_one(Candidacy, made.candidacy_id).advisor_id = made.members[Seat.TEACHER_TRAINER].id
    page = as_certifier(client, made).page(f"/sessions/{made.session_id}")
    assert f"Composition irrégulière pour {made.candidate.name}" in page.text
    assert "Remplacez cette personne, ou présentez le candidat à une autre session." in page.text
