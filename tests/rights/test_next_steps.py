"""The one next step of each person at each stage of a dossier: a table of states and people."""

from __future__ import annotations

import re

import pytest

from tests.rights.application import Installation

# What the person's page of the dossier says first, and the end of the address where it is done: nothing where
# there is nothing to do. None: the dossier does not exist for them.
TABLE: dict[tuple[str, str], tuple[str, str] | None] = {
    ("draft", "candidate"): ("Choisissez ce que montre la pièce", "/competences"),
    ("draft", "advisor"): ("attendent votre avis", "/competences/"),
    ("draft", "juror"): None,
    ("draft", "president"): None,
    ("sealed", "candidate"): ("Votre dossier est déposé", ""),
    ("sealed", "advisor"): ("un jury lira cette version", ""),
    ("sealed", "juror"): None,
    ("sealed", "president"): None,
    ("called", "candidate"): ("Le jury vous entend le", "/lecture"),
    ("called", "advisor"): ("un jury lira cette version", ""),
    ("called", "juror"): ("Lisez le dossier, puis attestez", "/competences/"),
    ("called", "silent"): ("Déclarez si un lien existe", "/declaration"),
    ("heard", "candidate"): ("Le jury vous entend aujourd’hui", "/lecture"),
    ("heard", "advisor"): ("un jury lira cette version", ""),
    ("heard", "juror"): ("Donnez vos avis", "/avis"),
    ("heard", "president"): ("Tout est décidé : relisez, puis clôturez", "/apercu"),
    ("heard", "recused"): ("Votre récusation est enregistrée", "/recusation"),
    ("heard", "silent"): ("Déclarez si un lien existe", "/declaration"),
    ("closed", "candidate"): ("Le jury a délibéré", ""),
    ("closed", "advisor"): ("Le jury a délibéré", ""),
    ("closed", "juror"): ("Le procès-verbal est clos", "/resultat"),
    ("closed", "president"): ("Le procès-verbal est clos", "/resultat"),
    ("closed", "silent"): ("Il n’y a plus rien à déclarer", ""),
    ("past", "candidate"): ("Le jury a rendu sa décision", "/resultats"),
    ("past", "advisor"): ("Préparez ensemble le dépôt suivant", "#echanges"),
    ("past", "juror"): None,
    ("past", "president"): None,
    ("reopened", "candidate"): ("Une preuve pour", "/preuves/ajouter"),
    ("reopened", "advisor"): ("attend votre avis", "/competences/"),
    ("reopened", "juror"): ("Le procès-verbal est clos", "/resultat"),
}
STEP = re.compile(r'<section class="next[^>]*>(.*?)</section>', re.DOTALL)


def home_of(person: str, place: dict[str, object]) -> str:
    """Return the page on which this person meets the dossier."""
    if person == "candidate":
        return f"/dossiers/{place['candidacy_id']}"
    if person == "advisor":
        return f"/accompagnement/{place['candidacy_id']}"
    return "/jurys" if person == "silent" and "hearing_id" in place else f"/jurys/{place.get('hearing_id')}"


@pytest.mark.parametrize(("state", "person"), TABLE)
def test_each_person_reads_the_right_next_step(built: Installation, state: str, person: str):
    place, expected = built.world.places[state], TABLE[state, person]
    url = (
        f"/jurys/{place['hearing_id']}" if (state, person) == ("closed", "silent") else home_of(person, place)
    )
    answer = built.browser(person, state).get(url, follow_redirects=True)
    if expected is None:
        assert answer.status_code == 404
        return
    words, where = expected
    found = STEP.search(answer.text)
    assert found, answer.request.path
    said = " ".join(re.sub(r"<[^>]+>", " ", found[1]).replace("\u00a0", " ").split())
    links = re.findall(r'href="([^"]+)"', found[1])
    assert words.replace("\u00a0", " ") in said
    assert ("Rien à faire pour l’instant" in said) == (not links), "nothing to do is said, and only then"
    assert where in (links[0] if links else "")
    assert bool(links) == bool(where)
