"""The one next step of each person at each stage of a dossier: a table of states and people."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from tests.moment import MORNING, Clock
from tests.rights.application import Installation

# What the person's page of the dossier says first, and the end of the address where it is done: nothing where
# there is nothing to do. None: the dossier does not exist for them.
TABLE: dict[tuple[str, str], tuple[str, str] | None] = {
    ("draft", "candidate"): ("Choisissez ce que montre la pièce", "/competences"),
    ("draft", "advisor"): ("est à revoir : le dossier a changé depuis", "/competences/"),
    ("draft", "juror"): None,
    ("draft", "president"): None,
    ("draft", "recused"): None,
    ("draft", "silent"): None,
    ("sealed", "candidate"): ("Votre dossier est déposé", ""),
    ("sealed", "advisor"): ("un jury lira cette version", ""),
    ("sealed", "juror"): None,
    ("sealed", "president"): None,
    ("sealed", "recused"): None,
    ("sealed", "silent"): None,
    ("called", "candidate"): ("Le jury vous entend le", "/lecture"),
    ("called", "advisor"): ("Il lit la version déposée, et elle seule", ""),
    ("called", "juror"): ("Lisez le dossier, puis attestez", "/competences/"),
    # Who presides closes the jury of today before declaring for the one of tomorrow.
    ("called", "president"): ("Relisez et clôturez le procès-verbal", "/apercu"),
    ("called", "recused"): ("Déclarez si un lien existe", "/declaration"),
    ("called", "silent"): ("Déclarez si un lien existe", "/declaration"),
    ("heard", "candidate"): ("Le jury vous entend aujourd’hui", "/lecture"),
    ("heard", "advisor"): ("Le jury se réunit aujourd’hui", ""),
    ("heard", "juror"): ("Donnez vos avis", "/avis"),
    ("heard", "president"): ("Tout est décidé : relisez, puis clôturez", "/apercu"),
    ("heard", "recused"): ("Votre récusation est enregistrée", "/recusation"),
    ("heard", "silent"): ("Déclarez si un lien existe", "/declaration"),
    ("closed", "candidate"): ("Le jury a délibéré", ""),
    ("closed", "advisor"): ("Le jury a délibéré", ""),
    ("closed", "juror"): ("Le procès-verbal est clos", "/resultat"),
    ("closed", "president"): ("Le procès-verbal est clos", "/resultat"),
    ("closed", "recused"): ("Votre récusation est enregistrée", "/recusation"),
    ("closed", "silent"): ("Il n’y a plus rien à déclarer", ""),
    ("past", "candidate"): ("Le jury a rendu sa décision", "/resultats"),
    ("past", "advisor"): ("Préparez ensemble le dépôt suivant", "#echanges"),
    ("past", "juror"): None,
    ("past", "president"): None,
    ("past", "recused"): None,
    ("past", "silent"): None,
    # The second try starts from what the jury wrote.
    ("reopened", "candidate"): ("Le jury ne l’a pas trouvée acquise", "/competences/"),
    ("reopened", "advisor"): ("est à revoir : le dossier a changé depuis", "/competences/"),
    ("reopened", "juror"): ("Le procès-verbal est clos", "/resultat"),
    ("reopened", "president"): ("Le procès-verbal est clos", "/resultat"),
    ("reopened", "recused"): ("Votre récusation est enregistrée", "/recusation"),
    ("reopened", "silent"): ("Il n’y a plus rien à déclarer", ""),
    ("draft", "certifier"): ("Pas encore d’invitation", ""),
    ("sealed", "certifier"): ("Inscrire ce dossier à une session de jury", "/sessions/nouvelle"),
    ("called", "certifier"): ("Le jury l’entend le", ""),
    ("heard", "certifier"): ("Le jury l’entend aujourd’hui", ""),
    ("closed", "certifier"): ("Notifier le résultat", "/notification/1"),
    ("past", "certifier"): ("Répondez au recours", "/recours"),
    ("reopened", "certifier"): ("Répondez au recours", "/recours"),
}
# While the candidate was at it less than ten minutes ago, no opinion is to be given again.
AT_WORK = {("draft", "advisor"): "attendent votre avis", ("reopened", "advisor"): "attend votre avis"}
# Who has not declared is sent to the declaration from the page of the hearing: their step is on the first page.
FIRST_PAGE = {("called", person) for person in ("president", "recused", "silent")} | {("heard", "silent")}
STEP = re.compile(r'<section class="next[^>]*>(.*?)</section>', re.DOTALL)


def home_of(person: str, place: dict[str, object]) -> str:
    """Return the page on which this person meets the dossier."""
    if person == "candidate":
        return f"/dossiers/{place['candidacy_id']}"
    if person == "advisor":
        return f"/accompagnement/{place['candidacy_id']}"
    if person == "certifier":
        return f"/candidatures/{place['candidacy_id']}"
    return f"/jurys/{place.get('hearing_id')}"


def step_of(answer: TestResponse) -> tuple[str, str]:
    """Return the next step of a page, and what is read there."""
    found = STEP.search(answer.text)
    assert found, answer.request.path
    return found[1], " ".join(re.sub(r"<[^>]+>", " ", found[1]).replace("\u00a0", " ").split())


@pytest.mark.parametrize(("state", "person"), TABLE)
def test_each_person_reads_the_right_next_step(built: Installation, state: str, person: str):
    place, expected = built.world.places[state], TABLE[state, person]
    url = "/jurys" if (state, person) in FIRST_PAGE else home_of(person, place)
    answer = built.browser(person, state).get(url, follow_redirects=True)
    if expected is None:
        assert answer.status_code == 404
        return
    words, where = expected
    step, said = step_of(answer)
    links = re.findall(r'href="([^"]+)"', step)
    assert words.replace("\u00a0", " ") in said
    has_form = "<form" in step
    is_quiet, is_idle = "Rien à faire pour l’instant" in said, not links and not has_form
    # On the day of the jury, the body has nothing to do here either, and something happens.
    is_the_day = (state, person) == ("heard", "certifier")
    assert is_quiet == (is_idle and not is_the_day), "said only then"
    assert where in (links[0] if links else "")
    assert bool(links) == bool(where)


@pytest.mark.parametrize(("state", "person"), AT_WORK)
def test_an_opinion_is_not_to_be_given_again_while_the_candidate_is_at_work(
    built: Installation, clock: Clock, state: str, person: str
):
    clock.set(MORNING + timedelta(minutes=9))
    url = home_of(person, built.world.places[state])
    assert AT_WORK[state, person].replace("\u00a0", " ") in step_of(built.browser(person, state).get(url))[1]
