"""Every template stands under StrictUndefined, without inline style, with ids and links that exist."""

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[3]
OURS = ("layout", "components", "errors")
TEMPLATES = sorted(path for folder in OURS for path in (ROOT / "templates" / folder).glob("*.html"))
ERRORS = ("400", "403", "404", "405", "409", "413", "422", "429", "500", "503")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_compiles_and_carries_no_inline_style_or_script(sampler: Flask, path: Path) -> None:
    sampler.jinja_env.get_template(str(path.relative_to(ROOT / "templates")))
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)", text)


# It asks the globals of the whole application: tests/evidence/test_page_images.py opens it in its three
# places; the people of the demonstration are opened by tests/demo/test_visit.py.
SHOWN_ELSEWHERE = {
    *("viewer.html", "listing.html", "search.html", "code_field.html", "provider_buttons.html"),
    "visitors.html",
}


def test_every_component_is_shown_in_the_sampler(sampler: Flask) -> None:
    shown = "".join(path.read_text() for path in [*Path(__file__).parent.glob("sampler*.html"), *TEMPLATES])
    missing = [
        path.name for path in TEMPLATES if path.parent.name == "components" and f"components/{path.name}" not in shown
    ]
    assert set(missing) == SHOWN_ELSEWHERE


def test_every_component_says_at_its_head_how_it_is_called() -> None:
    for path in TEMPLATES:
        if path.parent.name == "components":
            head = path.read_text().split("#}")[0]
            assert head.startswith("{# "), path.name
            assert path.read_text().count("{% macro ") >= 1, path.name


def test_no_screen_hides_the_message_that_the_layout_shows_once() -> None:
    hiding = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"import[^%]*\b(notice|nav|person|demo|form)\b *(,|%)", path.read_text())
    ]
    assert hiding == []


def test_what_a_person_typed_is_shown_as_typed(sampler: Flask) -> None:
    html = sampler.test_client().get("/").text
    assert "&lt;b&gt;Je&lt;/b&gt; décidais." in html


def test_a_form_with_errors_says_how_many_and_links_to_each_field(sampler: Flask) -> None:
    html = sampler.test_client().get("/").text
    ids = set(re.findall(r' id="([^"]+)"', html))
    summary = html.split('class="summary__list"')[1].split("</ul>")[0]
    links = re.findall(r'href="#([^"]+)"', summary)
    assert f"Il reste {len(links)} points à corriger" in html
    assert set(links) <= ids
    assert {"opinion-0", "blocks-0", "title", "sworn", "story"} <= set(links)


def test_ids_are_unique_and_descriptions_exist(sampler: Flask) -> None:
    for url in ("/", "/lire"):
        html = sampler.test_client().get(url).text
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert sorted(ids) == sorted(set(ids))
        for said in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', html):
            assert set(said.split()) <= set(ids)


def test_a_panne_page_needs_neither_context_nor_function() -> None:
    source = (ROOT / "templates/errors/500.html").read_text().split("#}", 1)[1]
    assert "{{" not in source
    assert "{%" not in source


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_to_do_before_any_number(sampler: Flask, code: str) -> None:
    html = sampler.test_client().get(f"/refus/{code}").text
    heading = re.search(r"<h1>(.+?)</h1>", html, re.S)
    assert heading is not None
    assert code not in heading[1]
    assert html.count("<h1") == 1
