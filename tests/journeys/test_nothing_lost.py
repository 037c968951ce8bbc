"""Check that what is typed is never lost: a closed tab, an ended session, two tabs, a train in a tunnel."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete

from portfolio.db.engine import Database
from portfolio.domain.account.profile import end_other_sessions
from portfolio.domain.dossier.models.dossier import Claim, Dossier
from portfolio.domain.dossier.use_cases.progress import load_progress
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.web.clock import now
from portfolio.wording.submission import statement_of
from tests import factories, samples
from tests.journeys.conftest import ON_A_PHONE, Manner, Window

pytestmark = [pytest.mark.journey, pytest.mark.slow]
FOUND = "Un texte non enregistré a été retrouvé"
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('acquis:')).length"
SAVED = re.compile(r"Enregistré à \d{1,2}\sh\s\d\d")


@pytest.fixture
def world(database: Database) -> factories.World:
    return factories.begin_world(database)


@pytest.fixture
def manner() -> Manner:
    """By a keyboard alone, on a telephone."""
    return ON_A_PHONE


@pytest.fixture
def candidate(window: Callable[[], Window], world: factories.World) -> Window:
    made = window()
    made.log_in(world.candidate.email)
    expect(made.page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    return made


def dossier(world: factories.World) -> str:
    return f"/dossiers/{world.candidacy.id}"


def competency(world: factories.World) -> str:
    return f"{dossier(world)}/competences/{world.competencies[0].id}"


def wait_until_kept(page: Page) -> None:
    """Typing is kept when the fingers rest; the page's policy forbids Playwright's own way of waiting."""
    for _ in range(100):
        if page.evaluate(KEPT):
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing is kept")


def type_remark(who: Window, page: Page, text: str) -> None:
    who.write(page.get_by_label("Votre message"), text)
    wait_until_kept(page)


def leave(page: Page) -> None:
    """Go on with Tab, out of the form: what was typed is saved by itself."""
    form = page.evaluate_handle("document.activeElement.form")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("(form) => document.activeElement.form !== form", form):
            return
    raise AssertionError("Tab stays inside the form")


def in_new_tab(who: Window, path: str) -> Page:
    page = who.page.context.new_page()
    page.goto(who.address + path)
    return page


def test_a_text_survives_the_closing_of_its_tab_and_goes_once_it_is_sent(candidate, world):
    tab = in_new_tab(candidate, competency(world))
    type_remark(candidate, tab, "Est-ce que cela suffit ?")
    tab.close()
    page = candidate.open(competency(world))
    expect(page.get_by_text(FOUND)).to_be_visible()
    candidate.check()
    candidate.press(page.get_by_role("button", name="Reprendre ce texte"))
    expect(page.get_by_label("Votre message")).to_have_value("Est-ce que cela suffit ?")
    candidate.press(page.get_by_role("button", name="Envoyer à"))
    expect(page.get_by_label("Échanges").get_by_text("Est-ce que cela suffit ?")).to_be_visible()
    assert page.evaluate(KEPT) == 0
    expect(page.get_by_text(FOUND)).to_have_count(0)


def test_a_text_that_was_found_can_be_put_aside_for_good(candidate, world):
    page = candidate.open(competency(world))
    type_remark(candidate, page, "À jeter")
    page.goto(candidate.address + competency(world))
    candidate.press(page.get_by_role("button", name="Effacer"))
    page.reload()
    expect(page.get_by_text(FOUND)).to_have_count(0)
    assert page.evaluate(KEPT) == 0


def test_a_narrative_saves_itself_and_says_when(candidate, world):
    page = candidate.open(competency(world))
    candidate.write(page.get_by_label("La situation"), "En 2019, l’agence perdait des clients.")
    leave(page)
    expect(page.get_by_text(SAVED)).to_be_visible()
    candidate.check()
    candidate.write(page.get_by_label("Ce que j’ai fait"), "J’ai mené l’audit.")
    candidate.press(page.get_by_role("button", name="Enregistrer mon récit"))
    expect(page.get_by_text("Votre récit est enregistré.")).to_be_visible()
    expect(page.get_by_label("La situation")).to_have_value("En 2019, l’agence perdait des clients.")
    assert page.evaluate(KEPT) == 0


def test_what_is_typed_before_the_page_is_all_there_is_saved_too(candidate, world):
    held: list[Route] = []
    candidate.page.route("**/js/autosave.js", lambda route: held.append(route))
    page = candidate.page
    page.goto(candidate.address + competency(world))
    candidate.write(page.get_by_label("La situation"), "Écrit sur un réseau lent, avant que la page soit complète.")
    page.wait_for_timeout(300)
    assert held
    held[0].continue_()
    expect(page.get_by_text(SAVED)).to_be_visible(timeout=15_000)
    page.reload()
    expect(page.get_by_label("La situation")).to_have_value(
        "Écrit sur un réseau lent, avant que la page soit complète."
    )


def test_a_text_emptied_by_a_slip_is_not_saved_by_itself(candidate, world):
    page = candidate.open(competency(world))
    before = page.get_by_label("La situation").input_value()
    assert before
    candidate.write(page.get_by_label("La situation"), "")
    leave(page)
    expect(page.get_by_text("un texte a été vidé")).to_be_visible()
    page.reload()
    expect(page.get_by_label("La situation")).to_have_value(before)


def test_a_text_survives_a_session_that_ended(candidate, world, database):
    page = candidate.open(competency(world))
    candidate.write(page.get_by_label("La situation"), "Écrit après la fin de la session.")
    with database.transaction() as session:
        end_other_sessions(session, world.candidate.id, "", at=now())
    leave(page)
    expect(page.get_by_text("Votre session a pris fin.")).to_be_visible()
    candidate.press(page.get_by_role("link", name="Se connecter de nouveau"))
    assert page.evaluate(KEPT) == 1, "the login page takes nothing away"
    expect(page.get_by_text("Écrit après la fin")).to_have_count(0)
    candidate.log_in(world.candidate.email, here=True)
    expect(page.get_by_text(FOUND)).to_be_visible()
    candidate.press(page.get_by_role("button", name="Reprendre ce texte"))
    expect(page.get_by_label("La situation")).to_have_value("Écrit après la fin de la session.")
    candidate.press(page.get_by_role("button", name="Enregistrer mon récit"))
    expect(page.get_by_text("Votre récit est enregistré.")).to_be_visible()
    assert page.evaluate(KEPT) == 0


def test_two_tabs_that_disagree_show_both_texts(candidate, world):
    first = candidate.open(competency(world))
    second = in_new_tab(candidate, competency(world))
    candidate.write(first.get_by_label("La situation"), "Écrit dans le premier onglet.")
    leave(first)
    expect(first.get_by_text(SAVED)).to_be_visible()
    candidate.write(second.get_by_label("La situation"), "Écrit dans le second onglet.")
    leave(second)
    expect(second.get_by_text("ce texte a changé ailleurs entre-temps")).to_be_visible()
    candidate.press(second.get_by_role("button", name="Voir les deux textes"))
    expect(second.get_by_text("Écrit dans le premier onglet.")).to_be_visible()
    expect(second.get_by_role("textbox", name="La situation")).to_have_value("Écrit dans le second onglet.")
    second.close()
    expect(in_new_tab(candidate, competency(world)).get_by_text("Écrit dans le second onglet.")).to_be_visible()


def test_what_is_typed_without_a_connection_is_kept_then_saved(candidate, world):
    page = candidate.open(f"{dossier(world)}/textes")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    candidate.write(page.get_by_label("Mon parcours"), "Vingt ans de métier, dont dix dans un tunnel.")
    leave(page)
    expect(page.get_by_text("Hors connexion : votre texte est gardé dans ce navigateur.")).to_be_visible()
    wait_until_kept(page)
    page.context.set_offline(False)
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Mon parcours")).to_have_value("Vingt ans de métier, dont dix dans un tunnel.")


def test_someone_else_on_the_same_computer_sees_nothing_and_logging_out_takes_all(candidate, world, database):
    without_pictures(database)
    page = candidate.open(f"{dossier(world)}/experiences/ajouter")
    candidate.write(page.get_by_label("Votre fonction"), "Secret de Samia")
    wait_until_kept(page)
    with database.transaction() as session:
        end_other_sessions(session, world.candidate.id, "", at=now())
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(candidate.address + "/accompagnement")
    candidate.log_in(world.advisor.email, here=True)
    page.goto(f"{candidate.address}/accompagnement/{world.candidacy.id}/competences/{world.competencies[0].id}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "Secret de Samia" not in page.content()
    assert world.candidate.id.hex not in page.content()
    candidate.press(page.get_by_role("button", name="Se déconnecter"))
    assert page.evaluate(KEPT) == 1, "what is hers stays hers"
    candidate.log_in(world.candidate.email, here=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    candidate.press(page.get_by_role("button", name="Se déconnecter"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    assert page.evaluate(KEPT) == 0


def test_what_is_said_beside_a_file_is_kept_until_the_file_has_arrived(candidate, world, tmp_path):
    add = f"{dossier(world)}/preuves/ajouter?competence={world.competencies[0].id}"
    tab = in_new_tab(candidate, add)
    candidate.write(tab.get_by_label("Que montre cette preuve"), "J’ai conçu ce tableau de bord.")
    wait_until_kept(tab)
    tab.close()
    page = candidate.open(add)
    expect(page.get_by_text(FOUND)).to_be_visible()
    candidate.press(page.get_by_role("button", name="Reprendre ce texte"))
    file = tmp_path / "tableau.pdf"
    file.write_bytes(samples.pdf(1))
    candidate.attach(page.locator("input[type=file]:not([capture])"), file)
    candidate.press(page.get_by_role("button", name="Envoyer", exact=True))
    expect(page).not_to_have_url(re.compile("preuves/ajouter"))
    assert page.evaluate(KEPT) == 0
    expect(candidate.open(add).get_by_text(FOUND)).to_have_count(0)


def without_pictures(database: Database) -> None:
    """Nothing is claimed: no page of a piece is asked for, where no worker draws them."""
    with database.transaction() as session:
        session.execute(delete(Claim))


def test_a_private_note_saves_itself_and_never_looks_like_a_message(window, world, database):
    without_pictures(database)
    who = window()
    who.log_in(world.advisor.email)
    expect(who.page.get_by_role("heading", level=1)).to_have_text("Mes accompagnements")
    place = f"/accompagnement/{world.candidacy.id}/competences/{world.competencies[0].id}"
    page = who.open(place)
    notes = page.get_by_role("region", name="Notes privées")
    who.write(notes.get_by_label("Vos notes sur cette compétence"), "Fragile sur le budget.")
    leave(page)
    expect(notes.get_by_text(SAVED)).to_be_visible()
    who.check()
    page.reload()
    expect(page.get_by_label("Vos notes sur cette compétence")).to_have_value("Fragile sur le budget.")
    assert page.evaluate(KEPT) == 0
    who.press(notes.get_by_role("button", name="Garder pour moi"))
    expect(notes.get_by_text("Vos notes sont enregistrées.")).to_be_in_viewport()
    who.write(page.get_by_label("Votre message"), "Bonjour")
    expect(page.get_by_role("button", name=f"Envoyer à {world.candidate.name}")).to_be_visible()


def test_a_message_typed_while_the_session_ended_is_sent_by_its_author(candidate, world, database):
    page = candidate.open(competency(world))
    type_remark(candidate, page, "Écrit après la fin de la session.")
    with database.transaction() as session:
        end_other_sessions(session, world.candidate.id, "", at=now())
    candidate.press(page.get_by_role("button", name=re.compile("Envoyer à")))
    expect(page.get_by_text("Ce que vous avez écrit est gardé")).to_be_visible()
    candidate.log_in(world.candidate.email, here=True)
    expect(page.get_by_text("Écrit après la fin de la session.")).to_be_visible()
    candidate.press(page.get_by_role("main").get_by_role("button").first)
    expect(page.get_by_label("Échanges").get_by_text("Écrit après la fin de la session.")).to_be_visible()
    assert page.evaluate(KEPT) == 0


def test_a_message_is_read_when_it_has_been_before_the_eyes(candidate, world, database):
    with database.transaction() as session:
        post_message(session, world.candidacy.id, world.competencies[0].id, "Bravo.", by=world.advisor.id, at=now())
    page = candidate.open(competency(world))
    page.get_by_role("button", name="J’ai lu").scroll_into_view_if_needed()
    expect(page.get_by_text("C’est lu.")).to_be_visible()
    page.goto(candidate.address + dossier(world))
    expect(page.get_by_text("À lire")).to_have_count(0)


# A browser that understands speech on this device, and one French voice of its own: this Chromium has neither.
SPEECH = """
    window.SpeechRecognition = class extends EventTarget {
        static available({ processLocally }) { return Promise.resolve(processLocally ? "available" : "unavailable"); }
        get processLocally() { return this.local; }
        set processLocally(value) { this.local = value; }
        start() {
            const heard = Object.assign([{ transcript: "J’ai tenu la caise" }], { isFinal: true });
            const news = { results: [heard], resultIndex: 0 };
            if (this.local) setTimeout(() => this.dispatchEvent(Object.assign(new Event("result"), news)));
        }
        stop() { this.dispatchEvent(new Event("end")); }
    };
    window.spoken = [];
    window.voices = [
        { lang: "en-GB", localService: true, name: "Here" }, { lang: "fr-FR", localService: false, name: "Ailleurs" },
        { lang: "fr-FR", localService: true, name: "Ici" },
    ];
    Object.defineProperty(window, "speechSynthesis", { value: Object.assign(new EventTarget(), {
        speaking: false,
        getVoices: () => window.voices,
        speak({ text, voice }) { this.speaking = true; window.spoken.push([voice.name, text]); },
        cancel() { this.speaking = false; },
    }) });
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


def test_dictated_words_are_kept_once_read_again_and_the_statement_names_the_helps(candidate, world, database):
    page = candidate.page
    page.add_init_script(SPEECH)
    candidate.open(competency(world))
    candidate.press(page.get_by_role("button", name="Dicter"))
    draft = page.get_by_label("Dicté, à relire")
    expect(draft).to_have_value("J’ai tenu la caise")
    candidate.check()
    with database.reader() as session:
        assert session.get_one(Dossier, world.candidacy.id).helps == []
    candidate.write(draft, "J’ai tenu la caisse")
    candidate.press(page.get_by_role("button", name=re.compile("^J’ai relu\\s: ajouter à")))
    expect(draft).to_be_hidden()
    expect(page.locator("textarea:focus")).to_have_value(re.compile("J’ai tenu la caisse$"))
    candidate.press(page.get_by_role("button", name="Une question à la fois"))
    candidate.press(page.get_by_role("button", name="Question suivante"))
    answered = page.locator("textarea[name=actions]")
    expect(answered).to_be_focused()
    listen = page.get_by_role("button", name="Écouter « Ce que j’ai fait » et ma réponse")
    candidate.press(listen)
    assert page.evaluate("spoken") == [["Ici", f"Ce que j’ai fait {answered.input_value()}"]]
    candidate.press(listen)
    assert page.evaluate("[spoken.length, speechSynthesis.speaking]") == [1, False], "a second press is silence"
    candidate.press(page.get_by_role("button", name="Enregistrer mon récit"))
    expect(page.get_by_text("Votre récit est enregistré.")).to_be_visible()
    with database.reader() as session:
        path = load_progress(session, world.candidacy.id)
    assert path.helps == ["dictation", "reading_aloud"]
    sworn = statement_of(path.candidate, path.title, path.code, path.helps)
    assert "j’ai utilisé la dictée de mes mots et la lecture à voix haute, et j’ai tout relu" in sworn


def test_nothing_offers_to_dictate_or_to_read_where_the_device_does_not(candidate, world):
    candidate.page.add_init_script(SPEECH)
    candidate.page.add_init_script("delete window.SpeechRecognition; voices.pop();")
    candidate.open(competency(world))
    expect(candidate.page.get_by_role("button", name="Une question à la fois")).to_be_visible()
    for name in ("Dicter", "Écouter", "Enregistrer ma voix"):
        expect(candidate.page.get_by_role("button", name=name)).to_have_count(0)


def test_questions_are_asked_one_by_one_with_what_was_answered_in_sight(candidate, world):
    page = candidate.page
    candidate.open(competency(world))
    first, second = page.locator("textarea[name=situation]"), page.locator("textarea[name=actions]")
    first.fill("Une boutique de quartier")
    second.fill("")
    candidate.press(page.get_by_role("button", name="Une question à la fois"))
    expect(page.get_by_text("Question 2 sur 4")).to_be_visible()
    expect(second).to_be_focused()
    expect(first).to_be_hidden()
    expect(page.locator("dd", has_text="Une boutique de quartier")).to_be_visible()
    candidate.check()
    candidate.press(page.get_by_role("button", name="Question précédente"))
    expect(first).to_be_focused()
    candidate.press(page.get_by_role("button", name="Toutes les questions"))
    expect(second).to_be_visible()


def test_a_page_found_again_and_changed_is_another_sending(candidate: Window, world: factories.World):
    """The browser may keep a page whole, the key of what it sent included."""
    page = candidate.open(f"{dossier(world)}/experiences/ajouter")
    nonce = page.locator("main input[name=nonce]").first
    sent = nonce.input_value()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert nonce.input_value() == sent, "sent again as it is, it is the same"
    candidate.write(page.get_by_label("Votre fonction"), "Conductrice de travaux")
    assert nonce.input_value() != sent
