"""The candidate's pages: a way through each, and each refusal."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.web.clock import now, today
from tests import factories
from tests.factories import PASSWORD
from tests.holdings import closings
from tests.page import Page
from tests.thoroughness import one_in

GARBAGE = "avant\x00 <b>gras</b> & après"


@pytest.fixture
def world(store):
    return factories.begin_world(store)


@pytest.fixture
def empty(store):
    return factories.begin_world(store, filled=False)


def home(world) -> str:
    return f"/dossiers/{world.candidacy.id}"


def log_in(client, person):
    assert client.log_in(person.email, PASSWORD).status_code == 303
    return client


@pytest.fixture
def candidate(client, world):
    return log_in(client, world.candidate)


def one(store, query):
    with store.reader() as session:
        return session.scalars(query).first()


def every(store, query) -> list:
    with store.reader() as session:
        return list(session.scalars(query))


def submit(store, world) -> None:
    with store.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).state = DossierState.SUBMITTED


def test_a_new_candidate_is_told_one_next_action(client, empty):
    page = log_in(client, empty.candidate).page(home(empty))
    assert "Décrivez une première expérience" in page.text
    assert "Voici les 11 compétences à montrer" in page.text
    assert "Comment se construit votre livret 2" in page.text
    assert "Pas encore de récit" not in page.text, "before anything is begun, what each lacks is not told eleven times"
    assert len(page.all("section", class_="next")) == 1


def test_the_home_shows_the_matrix_with_words_beside_the_signs(candidate, world):
    page = candidate.page(home(world))
    assert "Une preuve est proposée pour 11 compétences sur 11" in page.text
    assert page.text.count("preuve proposée") >= 11
    assert "Écrivez votre parcours" in page.text


def test_the_grid_shows_every_claim_at_once(candidate, world):
    page = candidate.page(f"{home(world)}/grille")
    assert page.text.count("pages 4 à 5") == 11


def test_an_experience_is_added_changed_and_taken_away(candidate, world, store):
    url = f"{home(world)}/experiences"
    sent = candidate.send(
        f"{url}/ajouter", {"post": "Trésorière", "structure": "Association", "began_on": "01/03/2015"}
    )
    assert sent.status_code == 303
    added = one(store, select(Experience).where(Experience.post == "Trésorière"))
    assert "depuis le 1er mars 2015" in candidate.page(url).text
    assert candidate.send(f"{url}/{added.id}", {"post": "Présidente", "structure": "Association"}).status_code == 303
    assert "Présidente" in candidate.page(url).text
    assert candidate.send(f"{url}/{added.id}/retirer").status_code == 303
    assert "Présidente" not in candidate.page(url).text


def test_two_clicks_make_one_experience(candidate, world, store):
    url = f"{home(world)}/experiences/ajouter"
    page = candidate.page(url)
    data = {
        "csrf_token": page.hidden("csrf_token"),
        "nonce": page.hidden("nonce"),
        "post": "Pilote",
        "structure": "Aéroclub",
    }
    assert [candidate.post(url, data=data).status_code for _ in range(2)] == [303, 303]
    assert len(every(store, select(Experience).where(Experience.post == "Pilote"))) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"post": "", "structure": "X"}, "Donnez votre fonction"),
        (
            {"post": "P", "structure": "X", "began_on": "2015-03-02", "ended_on": "2015-03-01"},
            "La fin est avant le début",
        ),
        ({"post": "P", "structure": "X", "ended_on": "2015-03-01"}, "Indiquez aussi la date de début"),
        ({"post": "P", "structure": "X", "began_on": "31/02/2015"}, "Écrivez la date"),
        ({"post": "P", "structure": "X", "began_on": "2190-01-01"}, "Cette date est à venir"),
    ],
)
def test_an_experience_that_cannot_stand_is_shown_again_with_what_to_do(candidate, world, typed, sentence):
    response = candidate.send(f"{home(world)}/experiences/ajouter", {**typed, "context": "Rien ne se perd."})
    assert response.status_code == 422
    page = Page(response.text)
    assert sentence in page.text
    assert "Rien ne se perd." in page.text


def competency_url(world, place: int = 3) -> str:
    return f"{home(world)}/competences/{world.competencies[place].id}"


def test_a_narrative_is_written_from_four_prompts(client, empty, store):
    log_in(client, empty.candidate)
    url = competency_url(empty)
    assert "De quelles personnes le travail avait-il besoin" in client.page(url).text
    assert client.send(url, {"situation": "En 2019…", "actions": "J’ai compté."}).status_code == 303
    page = client.page(url)
    assert "Votre récit est enregistré." in page.text
    assert "Récit à compléter" in page.text
    assert "J’ai compté." in page.text


def test_two_tabs_that_disagree_both_keep_their_text(candidate, world):
    url = competency_url(world)
    assert candidate.send(url, {"situation": "Premier onglet", "revision": "1"}).status_code == 303
    response = candidate.send(url, {"situation": "Deuxième onglet", "actions": "À garder", "revision": "1"})
    assert response.status_code == 409
    page = Page(response.text)
    assert "Premier onglet" in page.text
    assert "Deuxième onglet" in page.text
    assert candidate.send(url, {"situation": "Deuxième onglet", "revision": page.hidden("revision")}).status_code == 303


def test_any_text_is_shown_as_typed_with_its_unreadable_signs_visible(candidate, world, store):
    url = competency_url(world)
    assert candidate.send(url, {"situation": GARBAGE, "revision": "1"}).status_code == 303
    kept = one(store, select(Narrative).where(Narrative.competency_id == world.competencies[3].id))
    assert kept.situation == "avant\ufffd <b>gras</b> & après"
    assert "<b>gras</b> & après" in candidate.page(url).text


@pytest.mark.parametrize("odd", ["\0", "\u202e", "\ufffd", "\x1b", "\u2067"], ids=ascii)
def test_a_character_that_cannot_be_kept_is_said_with_its_field(candidate, world, odd):
    url = competency_url(world)
    answer = candidate.send(url, {"situation": f"Avant {odd} après 🧑🏽‍🔧𠮷", "revision": "1"}, follow_redirects=True)
    told = Page(answer.text).text.replace("\xa0", " ")
    assert "Dans « La situation », un caractère est illisible" in told
    assert "🧑🏽‍🔧𠮷" in told
    assert "un caractère est illisible" not in candidate.page(url).text
    answer = candidate.send(url, {"situation": f"Encore {odd}"}, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.headers.get("X-Unreadable")) == (204, "1")


def test_a_text_of_every_alphabet_is_kept_without_a_word(candidate, world):
    url = competency_url(world)
    answer = candidate.send(
        url, {"situation": "naïve, 中文, عربي, Ελληνικά 👍🏽 \u200d", "revision": "1"}, follow_redirects=True
    )
    assert "un caractère est illisible" not in Page(answer.text).text


@pytest.mark.parametrize("field", ["situation", "result"])
def test_a_text_far_too_long_is_refused_with_its_limit_and_ten_megabytes_before_they_are_read(
    candidate, world, store, field
):
    response = candidate.send(competency_url(world), {field: "x" * 10_000_000, "revision": "1"})
    assert response.status_code == 413
    response = candidate.send(competency_url(world), {field: "x" * 900_000, "revision": "1"})
    assert response.status_code == 422
    assert "20 000 caractères au plus" in Page(response.text).text.replace("\u202f", " ")
    assert one(store, select(Narrative).where(Narrative.competency_id == world.competencies[3].id)).revision == 1


def test_the_own_texts_are_written(candidate, world, store):
    assert candidate.send(f"{home(world)}/textes", {"career": "Vingt ans.", "motivation": "Pour…"}).status_code == 303
    assert "deux textes écrits sur trois" in candidate.page(home(world)).text
    stale = candidate.send(f"{home(world)}/textes", {"career": "Autre", "revision": "1"})
    assert stale.status_code == 409
    assert "Vingt ans." in Page(stale.text).text


def test_a_piece_is_claimed_for_several_competencies_with_its_pages(candidate, world, store):
    url = f"{home(world)}/preuves/{world.pieces[0].id}/competences"
    wanted = [str(world.competencies[place].id) for place in (2, 5)]
    sent = candidate.send(url, {"competencies": wanted, "passage": "p. 4 à 6", "comment": "On y voit que j’ai…"})
    assert sent.status_code == 303
    claims = every(
        store, select(Claim).where(Claim.evidence_id == world.pieces[0].id).order_by(Claim.changed_at.desc())
    )
    assert [claim.passage for claim in claims[:2]] == ["4-6", "4-6"]
    assert len(claims) == 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"passage": "18-22"}, "Cette pièce a 12 pages : la page 22 n’existe pas."),
        ({"passage": "au début"}, "n’est pas compris"),
        ({"competencies": []}, "Cochez au moins une compétence."),
        ({"competencies": ["pas un identifiant"]}, "Choisissez parmi les réponses proposées."),
        ({"competencies": [str(uuid4())]}, "Choisissez parmi les réponses proposées."),
        ({"comment": "x" * 2001}, "2 000 caractères au plus"),
    ],
)
def test_a_claim_that_cannot_stand_is_shown_again_with_what_was_typed(candidate, world, store, typed, sentence):
    url = f"{home(world)}/preuves/{world.pieces[0].id}/competences"
    data = {"competencies": [str(world.competencies[5].id)], "passage": "4", "comment": "À garder", **typed}
    response = candidate.send(url, data)
    assert response.status_code == 422
    page = Page(response.text)
    assert sentence in page.text.replace("\u202f", " ")
    assert data["comment"][:8] in page.text
    assert len(every(store, select(Claim))) == 11


def test_a_piece_already_there_is_chosen_for_a_competency(candidate, world, store):
    url = f"{competency_url(world)}/preuves"
    sent = candidate.send(
        url, {"piece": str(world.pieces[0].id), "passage": "pages 2 et 3", "comment": "", "asked": "1"}
    )
    assert sent.status_code == 303
    page = candidate.page(competency_url(world))
    assert "pages 2 à 3" in page.text
    assert "Expliquez en une phrase ce que montre cette preuve." in page.text
    assert candidate.send(url, {"piece": str(world.pieces[3].id)}).status_code == 422


def test_a_claim_is_changed_and_taken_back(candidate, world, store):
    claim = one(store, select(Claim).where(Claim.competency_id == world.competencies[3].id))
    url = f"{home(world)}/liens/{claim.id}"
    assert candidate.send(url, {"passage": "7", "comment": "Page 7", "revision": "1"}).status_code == 303
    assert candidate.send(url, {"passage": "8", "comment": "Page 8", "revision": "1"}).status_code == 409
    assert "Page 7" in candidate.page(f"{url}/retirer").text
    assert candidate.send(f"{url}/retirer").status_code == 303
    assert "Aucune preuve pour l’instant." in candidate.page(competency_url(world)).text


def test_after_the_submission_the_home_says_what_is_awaited_then_leads_to_the_results(candidate, world, store):
    with store.transaction() as session:
        submission = closings.sealed(session, world)
    page = candidate.page(home(world))
    assert "Rien à faire pour l’instant Votre dossier est déposé" in page.text
    assert page.all("a", href=f"/depots/{submission.id}")
    with store.transaction() as session:
        heard = closings.hearing(session, session.merge(submission)).id
    for on, said in (
        (today(), "Le jury vous entend aujourd’hui"),
        (today() + timedelta(40), "Le jury vous entend le "),
    ):
        with store.transaction() as session:
            session.get_one(Hearing, heard).session.held_on = on
        page = candidate.page(home(world))
        assert said in page.text
        assert "Lieu : " in page.text
        assert page.all("a", href=f"/depots/{submission.id}/lecture", class_="button")
    with store.transaction() as session:
        session.get_one(Hearing, heard).closed_at = factories.AT
    page = candidate.page(home(world))
    assert "Le jury a rendu sa décision" in page.text
    assert page.all("a", href=f"{home(world)}/resultats", class_="button")


def test_once_everything_is_held_the_home_celebrates_and_asks_for_nothing(candidate, world, store):
    with store.transaction() as session:
        for block in world.version.blocks:
            factories.held(session, world.candidacy, block.id, date(2020, 6, 18))
    page = candidate.page(home(world))
    assert "Vous avez obtenu toute la certification" in page.text
    assert page.all("a", href=f"{home(world)}/resultats", class_="button")
    assert "sans preuve" not in page.text
    assert not page.all("section", class_="next")
    assert not page.all("ol", class_="path"), "no step is left to count"


def test_a_message_of_the_advisor_waits_on_the_home_until_it_is_read(candidate, world, store):
    competency = world.competencies[0]
    with store.transaction() as session:
        post_message(session, world.candidacy.id, competency.id, "Un mot.", by=world.advisor.id, at=now())
    page = candidate.page(home(world))
    assert "À lire : 1 message" in page.text
    assert "vous a écrit : 1 message à lire" in page.text
    assert "Livret 2 1 à voir" in page.text
    url = f"{home(world)}/competences/{competency.id}"
    assert "Nouveau" in candidate.page(url).text, "opening a page changes nothing"
    assert candidate.send(f"{url}/lu", form=url).status_code == 303
    assert "À lire" not in candidate.page(home(world)).text


@pytest.mark.parametrize(("page_of", "field"), [("competency", "situation"), ("texts", "career")])
def test_a_form_that_saves_itself_gets_the_revision_to_build_on_and_no_message(candidate, world, page_of, field):
    url = competency_url(world) if page_of == "competency" else f"{home(world)}/textes"
    token = candidate.page(url).hidden("csrf_token")
    own = {"X-Requested-With": "autosave"}
    first = candidate.post(url, data={"csrf_token": token, "revision": "1", field: "Au fil des mots"}, headers=own)
    assert (first.status_code, first.headers["X-Revision"]) == (204, "2")
    assert (
        candidate.post(url, data={"csrf_token": token, "revision": "1", field: "Ailleurs"}, headers=own).status_code
        == 409
    )
    page = candidate.page(url)
    assert "Au fil des mots" in page.text
    assert "enregistré." not in page.text


READ = ["", "/grille", "/experiences", "/textes", "/preuves", "/competences/{competency}", "/preuves/{piece}"]
WRITE = [
    "/experiences/ajouter",
    "/experiences/{experience}",
    "/experiences/{experience}/retirer",
    "/textes",
    "/competences/{competency}",
    "/competences/{competency}/preuves",
    "/preuves/ajouter",
    "/preuves/{piece}/competences",
    "/preuves/{piece}/description",
    "/preuves/{piece}/fichier",
    "/preuves/{piece}/retirer",
    "/liens/{claim}",
    "/liens/{claim}/retirer",
]


def filled(store, world, path: str) -> str:
    return home(world) + path.format(
        competency=world.competencies[3].id,
        piece=world.pieces[3].id,
        experience=one(store, select(Experience.id)),
        claim=one(store, select(Claim.id)),
    )


@pytest.mark.parametrize("path", READ)
def test_a_submitted_dossier_is_read_and_says_that_it_is_submitted(candidate, world, store, path):
    submit(store, world)
    page = candidate.page(filled(store, world, path))
    assert "Votre dossier est déposé" in page.text
    assert not page.all("textarea", name="situation")
    assert not [link for link in page.all("a") if "/ajouter" in link["href"]]


@pytest.mark.parametrize("path", WRITE)
def test_a_submitted_dossier_is_not_written_in(candidate, world, store, path):
    url = filled(store, world, path)
    token = candidate.page(f"{home(world)}/textes").hidden("csrf_token")
    submit(store, world)
    assert candidate.post(url, data={"csrf_token": token}).status_code == 403


def test_what_was_typed_while_the_dossier_was_submitted_in_another_tab_is_shown_to_be_copied(candidate, world, store):
    url = competency_url(world)
    fields = {
        "csrf_token": candidate.page(url).hidden("csrf_token"),
        "revision": "1",
        "situation": "Une heure de travail.",
    }
    submit(store, world)
    response = candidate.post(url, data=fields)
    assert response.status_code == 403
    assert "Ce que vous aviez écrit" in response.text
    assert "Une heure de travail." in response.text


@pytest.mark.parametrize("path", READ)
def test_the_advisor_reads_the_draft_without_any_way_to_edit_it(client, world, store, path):
    page = log_in(client, world.advisor).page(filled(store, world, path))
    assert not page.all("button", data_busy="Envoi…")
    assert not [link for link in page.all("a") if link["href"].endswith(("/ajouter", "/description", "/retirer"))]


@pytest.mark.parametrize("path", WRITE)
def test_the_advisor_writes_nothing_in_the_draft(client, world, store, path):
    token = log_in(client, world.advisor).page(home(world)).hidden("csrf_token")
    assert client.post(filled(store, world, path), data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize("path", one_in(3, [*READ, *WRITE]))
@pytest.mark.parametrize("who", ["stranger", "anonymous", "certifier"])
def test_no_page_of_a_dossier_answers_to_whoever_it_is_not_for(client, world, store, path, who):
    if who != "anonymous":
        with store.transaction() as session:
            stranger = factories.person(session, "Karim Haddad")
            factories.candidacy(session, session.merge(world.version), stranger)
        log_in(client, stranger if who == "stranger" else world.certifier)
    answer = client.get(filled(store, world, path))
    assert answer.status_code == (303 if who == "anonymous" else 404)


@pytest.mark.parametrize(
    "path",
    [
        "/competences/{id}",
        "/preuves/{id}",
        "/preuves/{id}/competences",
        "/experiences/{id}",
        "/liens/{id}",
        "/preuves/{id}/description",
    ],
)
def test_what_is_not_of_this_dossier_answers_404(candidate, world, store, path):
    with store.transaction() as session:
        stranger = factories.person(session, "Karim Haddad")
        theirs = factories.candidacy(session, session.merge(world.version), stranger)
        piece = factories.evidence(session, theirs.id)
        foreign = [piece.id, factories.experience(session, theirs.id).id]
    for one_id in [uuid4(), *foreign]:
        assert candidate.get(home(world) + path.format(id=one_id)).status_code == 404
