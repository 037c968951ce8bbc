"""Sentences that a reader of 15 does not understand never come back: their list is searched wherever people read."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import portfolio
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.wording.certification import SEAT_NAMES
from portfolio.wording.jury import SEATS, statement_words
from tests.test_typography import literals

TOP = Path(portfolio.__file__).parents[1]
# Inverted, cryptic or personified sentences, words that agree with one gender, and announcements of later
# versions.
BANNED = (
    "En quoi la montre-t-elle",
    "Ce que la pièce dit d'elle-même",
    "À dire d'une pièce",
    "ne cite personne d'autre que moi",
    "à prouver a une preuve",
    "à prouver ont une preuve",
    "Il reste à dire",
    "à laquelle elle se rattache",
    "messages attendent, et y mène",
    "Ce certificat dit",
    "dit rien des autres blocs",
    "un courrier qui ne dit pas laquelle",
    "L'entrée renvoie au certificat",
    "code à photographier",
    "Ce qu'elle doit montrer",
    ">Ce qu'elle montre<",
    "arrive plus tard",
    "prochaine version d'Acquis",
    "bientôt disponible",
    "ne pas l'avoir accompagné",
    "Enseignant formateur",
    "Enseignant(e) formateur",
    "Représentant(e)",
    "Si une photo de ce fichier dit où",
    "en quoi elle la montre",
    "là où elle dit le plus",
    "ne sert aucune compétence",
    "qu'elle convainque",
    "consigne",
    "ne refuse rien par lui-même",
    "diront aussitôt à qui les consulte",
    "ne dit pas si",
    # « Mot de passe » is the one word for it.
    "phrase de passe",
    "phrase secrète",
    "code secret",
    "code personnel",
    "code d'accès",
    "code confidentiel",
    "mot secret",
    "clé secrète",
)
# « Voix pour » as a label names no question; inside a sentence, « 3 voix pour » is clear.
VOTES_LABEL = re.compile(r"[\"'>]Voix (pour|contre)[\"'<]")
# « de » before a name is written by the filter `of`: « d'Inès ».
UNELIDED = re.compile(r"\bde \{\{ ?[\w.]*(candidate|holder|name|who)\b(?! \|)[^|}]*\}\}")


NAME_OF_SOMEBODY = re.compile(r"\b(candidate|holder|name|who|person|juror)\b")


def plain(text: str) -> str:
    """Return a text with ordinary spaces and apostrophes, in lower case."""
    return re.sub(r"\s+", " ", text.replace("’", "'")).lower()


def read_by_people() -> Iterator[tuple[str, str]]:
    """Return what people read: each template and script, and each string of the code, with its place."""
    for path in sorted((TOP / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt", ".typ"}:
            yield str(path.relative_to(TOP)), path.read_text()
    for path in sorted((TOP / "static/js").glob("*.js")):
        yield str(path.relative_to(TOP)), path.read_text()
    for path in sorted((TOP / "portfolio").rglob("*.py")):
        if not {"demo", "readers"} & set(path.parts):
            yield from ((f"{path.relative_to(TOP)}:{line}", f'"{text}"') for line, text in literals(path))


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    """Everything that people read, read once."""
    return list(read_by_people())


@pytest.mark.parametrize("phrase", BANNED)
def test_a_sentence_that_nobody_understands_does_not_come_back(texts, phrase):
    assert [place for place, text in texts if plain(phrase) in plain(text)] == []


def test_a_count_of_votes_names_what_is_voted(texts):
    assert [place for place, text in texts if VOTES_LABEL.search(text)] == []


def test_a_name_after_de_is_elided_in_every_template(texts):
    assert [place for place, text in texts if place.startswith("templates") and UNELIDED.search(text)] == []


def after_de(path: Path) -> Iterator[str]:
    """Return each name that a string of the code writes after « de » as it is, with its place."""
    for node in ast.walk(ast.parse(path.read_text())):
        for before, value in pairwise(node.values) if isinstance(node, ast.JoinedStr) else ():
            if isinstance(before, ast.Constant) and re.search(r"\bde $", str(before.value)):
                source = ast.unparse(value)
                if NAME_OF_SOMEBODY.search(source) and "elide" not in source:
                    yield f"{path.relative_to(TOP)}:{node.lineno} {source}"


def test_a_name_after_de_is_elided_in_every_sentence_of_the_code():
    paths = set((TOP / "portfolio").rglob("*.py")) - {TOP / "portfolio/french_text.py"}
    assert [place for path in sorted(paths) if "cli" not in path.parts for place in after_de(path)] == []


def test_a_seat_has_one_name_in_the_entry_and_in_the_session():
    assert SEATS == SEAT_NAMES
    for name in SEATS.values():
        assert "(" not in name, name


@pytest.mark.parametrize("kind", StatementKind)
def test_a_statement_agrees_with_no_gender_and_elides_the_name(kind):
    sentence = statement_words(kind, "Inès Fabre")
    assert "de Inès" not in sentence
    assert "{" not in sentence
    assert not re.search(r"l’avoir \w+é\b", sentence)
