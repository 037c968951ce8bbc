"""French keeps its high punctuation on the line of the word before it: what people read has its non-breaking
spaces at the source.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import portfolio
from portfolio.french_text import elide_de
from tests.page import Page

TOP = Path(portfolio.__file__).parents[1]
# What a terminal prints, what a reader of entries recognises and what invented people typed is not set.
NOT_SET = ("cli", "readers", "bootstrap.py")
LOOSE = re.compile(r"[^\s:{] [:;?!»](?=[\s\"'<.,)\]]|\{[{%]|$)|« |n° |\d %(?=[\s\"'<.,)\]]|$)")


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Every string that a file may show, docstrings left out, each with its line; a value inside one counts
    as a letter.
    """
    tree = ast.parse(path.read_text())
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


def told(path: Path) -> Iterator[tuple[int, str]]:
    """Every line of a template that is not a comment, each with its number."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.lstrip().startswith(("{#", "//")):
            yield number, line


def test_a_loose_space_is_seen_and_a_tight_one_is_not():
    for loose in (
        "Vote : oui",
        "Est-ce tout ?",
        "Vote :{{ n }}",
        "Tout ?{% end %}",
        "« ça",
        "ça »",
        "{{ n }} ; il",
        "40 %.",
        "n° 3",
    ):
        assert LOOSE.search(loose), loose
    for tight in ("Vote\u00a0: oui", "«\u00a0ça\u00a0»", "a:hover", 'x != "b"', "{% if a %}", "::marker", "40\u00a0%"):
        assert not LOOSE.search(tight), tight


def test_every_sentence_keeps_its_punctuation():
    sources = [path for path in sorted((TOP / "portfolio").rglob("*.py")) if not set(NOT_SET) & set(path.parts)]
    shown = [path for kind in ("html", "txt", "typ") for path in sorted((TOP / "templates").rglob(f"*.{kind}"))]
    faults = [
        f"{path.relative_to(TOP)}:{line}: {text.strip()[:90]}"
        for path in sources
        for line, text in literals(path)
        if LOOSE.search(text)
    ]
    faults += [
        f"{path.relative_to(TOP)}:{line}: {text.strip()[:90]}"
        for path in shown
        for line, text in told(path)
        if LOOSE.search(text)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "path", ["/connexion", "/mot-de-passe", "/verifier", "/rien", "/certificats/ABCD-EFGH-JKLM-NPQR", "/attester/rien"]
)
def test_a_page_keeps_its_punctuation(client, path):
    texts = Page(client.get(path).text).texts
    assert texts
    assert not [text for text in texts if LOOSE.search(text)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Samia", "de Samia"),
        ("Inès", "d’Inès"),
        ("Émile", "d’Émile"),
        ("Hamza", "de Hamza"),
        ("Yanis", "de Yanis"),
        ("", "de "),
        ("le compte de mon réseau", "du compte de mon réseau"),
        ("les services en ligne", "des services en ligne"),
        ("Le Gall", "de Le Gall"),
    ],
)
def test_a_name_is_elided_before_a_vowel(name, words):
    assert elide_de(name) == words
