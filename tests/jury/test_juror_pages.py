"""The pages of the pool of jurors: the list, the card, the person's own form, the same jury again, the
payment sheet.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.jury.rules.enums import College
from portfolio.domain.jury.rules.juror_card import JurorCard, Planning
from portfolio.domain.jury.rules.juror_sheet import FeeRates
from portfolio.domain.jury_session.use_cases import planning, pool
from portfolio.domain.jury_session.use_cases.fees import save_rates
from portfolio.web.clock import now, today
from tests import factories
from tests.documents.reading import words_of
from tests.jury import builders as stage
from tests.jury.builders import FIVE
from tests.jury.pages import as_certifier, as_member, count, staged
from tests.page import CheckedClient, Page

CARD = {"name": "Nadia Kacem", "email": "nadia@exemple.fr", "college": "employers", "attends_on_site": "y"}


def hidden(page: Page) -> dict[str, str]:
    return {field["name"]: field.get("value", "") for field in page.all("input", type="hidden") if "name" in field}


def test_a_card_needs_a_name_and_an_address_and_keeps_what_was_typed(client: CheckedClient, store: Database):
    as_certifier(client, staged(store, members=(), heard=False))
    assert "Aucun juré pour l’instant" in client.page("/jures").text
    response = client.send(
        "/jures/nouveau", CARD | {"email": "", "distance_km": "douze", "periods-0-last_day": "2030-01-01"}
    )
    assert response.status_code == 422
    assert "Nadia Kacem" in response.text
    for sentence in ("Donnez l’adresse", "nombre entier de kilomètres", "Donnez le premier jour"):
        assert sentence in response.text
    assert client.send("/jures/nouveau", CARD | {"distance_km": "45"}).status_code == 303
    page = client.page("/jures")
    assert "Nadia Kacem" in page.text
    assert "45 km" in page.text
    refused = client.send("/jures/nouveau", CARD | {"name": "N. Kacem"})
    assert refused.status_code == 409
    assert "déjà celle de Nadia Kacem" in refused.text


def test_a_card_saved_in_another_window_is_shown_before_it_is_replaced(client: CheckedClient, store: Database):
    as_certifier(client, staged(store, members=(), heard=False))
    where = client.send("/jures/nouveau", CARD).headers["Location"]
    assert client.send(where, CARD | {"revision": "1", "name": "Nadia K."}).status_code == 303
    late = client.send(where, CARD | {"revision": "1", "name": "N. Kacem", "employer": "Atelier Sud"})
    assert late.status_code == 409
    assert "Atelier Sud" in late.text
    assert "la fiche de Nadia K. a été enregistrée par quelqu’un d’autre" in Page(late.text).text


def test_a_person_fills_in_their_card_by_the_link_of_the_letter(client: CheckedClient, store: Database):
    as_certifier(client, staged(store, members=(), heard=False))
    where = client.send("/jures/nouveau", CARD).headers["Location"]
    assert client.send(f"{where}/lien", form=where).status_code == 303
    with store.reader() as session:
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "juror_card")).one()
        link = re.search(r"/fiche-jure/[\w-]+", mail.text)[0]
        assert mail.email == "nadia@exemple.fr"
    client.delete_cookie("acquis")
    page = client.page(link)
    typed = hidden(page) | {"name": "Nadia Kacem", "college": "employees", "in_activity": "y", "ties_answer": "none"}
    typed |= {"periods-0-first_day": "2030-01-10", "periods-0-state": "free", "attends_by_video": "y"}
    wrong = client.send(link, typed | {"ties-0-kind": "employment"})
    assert wrong.status_code == 422
    assert client.send(link, typed).status_code == 303
    assert "Vos réponses sont enregistrées" in client.page(link).text
    with store.reader() as session:
        card = session.scalars(select(Juror)).one().to_value()
    assert (card.college, card.in_activity, card.attends_by_video, len(card.periods)) == (
        College.EMPLOYEES,
        True,
        True,
        1,
    )
    assert client.get(f"{link}x").status_code == 404


def test_the_list_is_searched_filtered_and_cut_in_pages_of_fifty(client: CheckedClient, store: Database):
    made = staged(store, members=(), heard=False)
    with store.transaction() as session:
        for number in range(120):
            card = JurorCard(
                f"Juré {number:03}", f"jure{number}@exemple.fr", employer="Élan" if number < 60 else "Rive"
            )
            pool.add_juror(session, made.body_id, card, by=made.certifier.id, at=now())
    as_certifier(client, made)
    page = client.page("/jures?nom=elan&page=2")
    assert "60 personnes pour « elan »" in page.text
    assert "page 2 / 2" in page.text
    assert "Juré 059" in page.text
    assert "Juré 010" not in page.text
    for odd in ("?page=x", "?page=99999999", "?siege=x&certification=y&libre=z", "?college=employers"):
        assert client.get(f"/jures{odd}").status_code == 200
    assert "Personne ne correspond" in client.page("/jures?libre=2030-01-01").text


def test_the_same_jury_of_five_is_seated_in_four_actions(client: CheckedClient, store: Database):
    made = staged(store, heard=False)
    with store.transaction() as session:
        plan = Planning(made.version_id, today() + timedelta(days=60), "Lyon")
        later = planning.plan_session(session, made.body_id, plan, by=made.certifier.id, at=now()).id
    as_certifier(client, made)
    # Open the session, then « Le même jury que la dernière fois », tick the act, name.
    assert "Le même jury que la dernière fois" in client.page(f"/sessions/{later}").text
    page = client.page(f"/sessions/{later}/meme-jury")
    ticked = [field["value"] for field in page.all("input", name="members") if "checked" in field]
    assert len(ticked) == len(FIVE)
    assert (
        client.send(f"/sessions/{later}/meme-jury", hidden(page) | {"members": ticked, "keeps_act": "y"}).status_code
        == 303
    )
    session_page = client.page(f"/sessions/{later}")
    assert "Composition régulière" in session_page.text
    assert count(store, JuryMember) == 10
    act = next(
        one["href"] for one in client.page(f"/sessions/{later}/sieges/president").all("a") if "/actes/" in one["href"]
    )
    assert client.get(act).status_code in {200, 410}  # the builder keeps no file in the store


def test_a_known_person_prefills_a_seat(client: CheckedClient, store: Database):
    made = staged(store, members=(), heard=False)
    as_certifier(client, made)
    where = client.send("/jures/nouveau", CARD | {"quality": "Directrice", "seats": ["president"]}).headers["Location"]
    page = client.page(f"/sessions/{made.session_id}/sieges/president")
    chosen = next(one["href"] for one in page.all("a") if "jure=" in one["href"])
    assert where.rsplit("/", 1)[1] in chosen
    filled = client.page(chosen)
    values = {
        field["name"]: field.get("value")
        for field in filled.all("input")
        if "name" in field and field.get("type") != "radio"
    }
    assert (values["name"], values["email"], values["quality"]) == ("Nadia Kacem", "nadia@exemple.fr", "Directrice")


def test_the_payment_sheet_counts_who_deliberated_and_downloads_every_line(client: CheckedClient, store: Database):
    made = staged(store)
    stage.deliberate(store, made)
    with store.transaction() as session:
        juror = pool.find_juror_by_email(session, made.body_id, FIVE[0].email)
        juror.distance_km = 30
    stage.close(store, made, at=now())
    as_certifier(client, made)
    unset = client.page("/jures/indemnites").text
    assert "Les montants ne sont pas fixés" in unset
    assert "0,00 €" not in unset
    assert client.get("/jures/indemnites/feuille.csv").text.splitlines()[1].endswith(";;")
    typed = {"session_euros": "120", "hearing_euros": "45,5", "km_euros": "0,52"}
    assert client.send("/jures/indemnites", typed | {"revision": "0", "km_euros": "rien"}).status_code == 422
    assert client.send("/jures/indemnites", typed | {"revision": "0"}).status_code == 303
    assert client.send("/jures/indemnites", typed | {"revision": "0", "km_euros": "0,60"}).status_code == 409
    page = client.page("/jures/indemnites")
    assert "5 lignes" in page.text
    assert "196,70 €" in page.text  # 120 + 45,50 + 60 km
    lines = client.get("/jures/indemnites/feuille.csv").text.splitlines()
    assert len(lines) == 6
    paid = next(line for line in lines if FIVE[0].email in line)
    assert paid.endswith(";1;60;165,50;31,20;196,70")
    later = {"session_euros": "500", "hearing_euros": "0", "km_euros": "0", "revision": "1", "since": "2090-01-01"}
    assert client.send("/jures/indemnites", later).status_code == 303
    page = client.page("/jures/indemnites")
    assert "196,70 €" in page.text, "the sessions of before keep their amounts"
    assert "1er janvier 2090" in page.text
    own = next(link for link in page.all("a") if "releve.pdf" in link.get("href", ""))["href"]
    assert "165,50" in words_of(client.get(own).data)
    # Nobody knows how far the others live.
    assert page.text.count("sans le déplacement") == 4
    assert len([line for line in lines if line.endswith(";1;;165,50;;")]) == 4


@pytest.mark.records("pool_fees_set")
def test_a_juror_reads_what_they_are_owed_and_another_person_nothing(client: CheckedClient, store: Database):
    made = staged(store)
    stage.deliberate(store, made)
    stage.close(store, made, at=now())
    with store.transaction() as session:
        save_rates(session, made.body_id, FeeRates(12000, 4550), revision=0, by=made.certifier.id, at=now())
    own = f"/jurys/indemnites/{made.body_id}.pdf"
    as_member(client, made, Seat.PRESIDENT)
    assert "165,50 €" in client.page("/jurys/indemnites").text
    assert made.candidate.name not in words_of(client.get(own).data)
    client.send("/deconnexion", {}, form="/jurys/indemnites")
    client.log_in(made.candidate.email, factories.PASSWORD)
    assert client.get(own).status_code == 404
    assert "165,50" not in client.page("/jurys/indemnites").text


@pytest.mark.records("pool_conflict_recorded", "pool_conflict_removed")
def test_a_relation_that_the_body_knows_keeps_a_member_from_one_candidate_only(client: CheckedClient, store: Database):
    made = staged(store)
    as_certifier(client, made)
    with store.reader() as session:
        juror_id = pool.find_juror_by_email(session, made.body_id, FIVE[3].email).id
    where = f"/jures/{juror_id}"
    sent = {"candidate_id": str(made.candidate.id), "kind": "personal"}
    assert client.send(f"{where}/liens-candidats", sent, form=where).status_code == 303
    assert "Lien familial ou personnel" in client.page(where).text
    page = client.page(f"/sessions/{made.session_id}")
    assert "Composition irrégulière" in page.text, "nobody else holds this seat"
    removed = next(
        one["action"]
        for one in client.page(where).all("form")
        if "/retirer" in one.get("action", "") and "liens" in one["action"]
    )
    assert client.send(removed, form=where).status_code == 303
    assert "Composition irrégulière" not in client.page(f"/sessions/{made.session_id}").text
