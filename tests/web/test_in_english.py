"""The only page in English: its words are those of the screens, and those who need it find it."""

from pathlib import Path

import pytest

import portfolio
from portfolio.wording.holdings.status_changes import VERDICTS
from tests.page import IN_ENGLISH, Page

TOP = Path(portfolio.__file__).parents[1]


@pytest.fixture
def page(client) -> Page:
    """Open the page as a stranger."""
    return client.page(IN_ENGLISH)


def test_the_page_is_in_english_and_names_the_language_of_each_french_word(page):
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("a", href="#contenu")
    assert "Skip to content" in page.texts
    assert "Aller au contenu" not in page.text
    assert "Mentions légales" not in page.text


def test_thirty_words_are_translated_and_the_screens_use_them(page):
    source = (TOP / "templates/public/information/in_english.html").read_text()
    words = [line.split('"')[1] for line in source.partition('id="words"')[2].splitlines() if line.startswith('  ("')]
    assert len(words) == len(set(words)) == 30
    others = [path for path in (TOP / "templates").rglob("*.html") if path.name != "in_english.html"]
    screens = " ".join(path.read_text() for path in [*others, *(TOP / "portfolio").rglob("*.py")]).casefold()
    assert [word for word in words if word.casefold() not in screens] == []
    assert all(word in page.text for word in words)


def test_each_verdict_of_a_certificate_is_translated(page):
    assert [title for title, _ in VERDICTS.values() if title not in page.text] == []


def test_each_line_of_a_certificate_that_is_translated_is_on_its_page(page):
    shown = (TOP / "templates/public/certificate/public.html").read_text()
    source = (TOP / "templates/public/information/in_english.html").read_text()
    lines = source.partition("The lines of the page")[2].partition(")) }}")[0].splitlines()
    labels = [line.split('"')[1] for line in lines if line.startswith('  ("')]
    assert len(labels) > 6
    assert [label for label in labels if f'"{label}"' not in shown] == []


def test_the_login_page_leads_there(client):
    [link] = client.page("/connexion").all("a", href=IN_ENGLISH)
    assert link["lang"] == link["hreflang"] == "en"


def test_an_installation_that_is_no_demonstration_shows_nobody(page):
    assert "demonstration" not in page.text
    assert not page.all("button")
