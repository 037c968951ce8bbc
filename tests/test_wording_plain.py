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


# The screens and letters of a candidate who finishes, and of their advisor: one idea a sentence.
MOST_WORDS = 20
ROOMS = (
    "templates/account",
    "templates/advisor",
    "templates/candidate",
    "templates/certifier/figures",
    "templates/components",
    "templates/emails",
    "templates/errors",
    "templates/layout",
    "portfolio/screens/advisor",
    "portfolio/screens/candidate",
    "portfolio/wording/candidacy.py",
    "portfolio/wording/conversion.py",
    "portfolio/wording/dossier",
    "portfolio/wording/evidence.py",
    "portfolio/wording/figures.py",
    "portfolio/wording/files.py",
    "portfolio/wording/groups.py",
    "portfolio/wording/library.py",
    "portfolio/wording/refusal_messages.py",
    "portfolio/wording/review.py",
    "portfolio/wording/library.py",
    "portfolio/wording/submission.py",
    "static/js",
)
# Lists, each read line by line or word by word.
LISTS = ("PDF, photos et images (",)
_INLINE = re.compile(r"</?(a|abbr|b|code|em|small|span|strong)\b[^>]*>", re.DOTALL)
_OTHER_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_BRANCH = re.compile(
    r"{%-?\s*(block|call|elif|else|endcall|endfor|extends|for|from|import|include|macro|set)\b.*?%}", re.DOTALL
)
_QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`")
_END = re.compile(r"(?<=[.?!…])(?: »)? (?=[«A-ZÀÉÊÎÔÇ])|(?<=[.?!…]) [xX] (?=[A-ZÀÉÊÎÔÇ])|¶")
_COMMENTS = re.compile(r"{#.*?#}|/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
_WORDS = re.compile(r"[A-Za-zÀ-ÿ]+ [A-Za-zà-ÿ«]+")


def quoted(code: str) -> Iterator[str]:
    """Return the strings of a piece of code that hold words."""
    for found in _QUOTED.findall(code):
        text = re.sub(r"\$\{[^}]*\}", "X", plain_spaces("".join(found)))
        if _WORDS.search(text) and not re.search(r"[{}=]{2}|[a-z]\(", text):
            yield text


def plain_spaces(text: str) -> str:
    """Return a text whose spaces are ordinary ones."""
    return re.sub(r"\s+", " ", text)


def written_in(path: Path) -> Iterator[str]:
    """Return what a file shows: a paragraph of a template, a string of a script or of the code; a value is X."""
    if path.suffix == ".py":
        yield from (text for _, text in literals(path))
        return
    text = _COMMENTS.sub(" ", path.read_text())
    if path.suffix == ".js":
        yield from quoted(text)
        return
    for code in re.findall(r"{{.*?}}|{%.*?%}|<[^>]*>", text, re.DOTALL):
        yield from quoted(code)
    if path.suffix == ".txt":
        text = re.sub(r"\n(\s*\n|(?=-|\d\.|[^\n]*\s: ))", "¶", text)
    text = re.sub(r"{%.*?%}", " ", _BRANCH.sub("¶", re.sub(r"{{.*?}}", " X ", text, flags=re.DOTALL)), flags=re.DOTALL)
    yield _OTHER_TAG.sub("¶", _INLINE.sub("", text))


def sentences(text: str) -> Iterator[str]:
    """Cut a text where a sentence, a branch or a paragraph ends."""
    yield from (part.strip() for part in _END.split(plain_spaces(text)) if part.strip())


def words_of(sentence: str) -> int:
    """Count the words of a sentence; what stands alone between spaces is one."""
    return sum(bool(re.search(r"\w", word)) for word in sentence.split())


def shown_in(room: str) -> Iterator[Path]:
    """Return the files of a room that people read."""
    path = TOP / room
    found = [path] if path.is_file() else sorted(path.rglob("*.*"))
    yield from (each for each in found if each.suffix in {".html", ".js", ".py", ".txt"})


@pytest.mark.parametrize("room", ROOMS)
def test_a_sentence_on_the_way_of_a_candidate_holds_one_idea(room):
    paths = list(shown_in(room))
    assert paths
    long = [
        f"{path.relative_to(TOP)}: {sentence}"
        for path in paths
        for text in written_in(path)
        for sentence in sentences(text)
        if words_of(sentence) > MOST_WORDS and not sentence.startswith(LISTS)
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize(
    ("source", "longest"),
    [
        ("<p>Un, deux.</p>{% if a %}Trois, quatre{% else %}Cinq six sept{% endif %}", 3),
        ("<p>Un <strong>deux</strong> {{ trois }} quatre</p><p>Cinq</p>", 4),
        ('{{ note("Un deux trois quatre. Cinq six") }}', 4),
    ],
)
def test_a_sentence_is_cut_where_a_reader_stops(tmp_path, source, longest):
    path = tmp_path / "page.html"
    path.write_text(source)
    assert max(words_of(each) for text in written_in(path) for each in sentences(text)) == longest
