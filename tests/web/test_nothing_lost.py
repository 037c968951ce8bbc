"""Every long text of every template is kept while it is typed: one without its protection fails here."""

import importlib
import re
from pathlib import Path

import pytest
from wtforms.form import FormMeta

import portfolio
from portfolio.web.forms import MultiLineField

TEMPLATES = Path(portfolio.__file__).parents[1] / "templates"
SCREENS = Path(portfolio.__file__).parent / "screens"
# Calls stand within calls: what a form holds is read until the next form, or to the end.
FORM = re.compile(r"{%-? call form_tag\((?P<said>.*?)\) -?%}(?P<held>.*?)(?={%-? call form_tag|\Z)", re.DOTALL)
RAW = re.compile(r"<form\b(?P<said>[^>]*)>(?P<held>.*?)</form>", re.DOTALL)
# A field named in the template, or one that is not: then it may be a long text, and counts as one.
NAMED = re.compile(r"(?<![\w.])field\(\w+(?:\.\w+)*?\.(\w+)")
UNNAMED = re.compile(r"(?<![\w.])field\(\w+\[|(?<![\w.])field\([a-z]\b(?!\.)")


def prose_names() -> set[str]:
    """Return the name of every field of several lines, in every form of the product."""
    found = set()
    for path in sorted(SCREENS.rglob("*.py")):
        module = ".".join(path.relative_to(TEMPLATES.parent).with_suffix("").parts)
        for form in vars(importlib.import_module(module)).values():
            if isinstance(form, FormMeta):
                found |= {
                    name for name in dir(form) if getattr(getattr(form, name), "field_class", None) is MultiLineField
                }
    return found


def unprotected(source: str, long: set[str]) -> list[str]:
    """Return what the forms of a template hold that is long and not kept: without « draft-recovery » among their
    modules.
    """
    source = re.sub(r"{#.*?#}", "", source, flags=re.DOTALL)
    found = []
    for form in [*FORM.finditer(source), *RAW.finditer(source)]:
        if "draft-recovery" in form["said"]:
            continue
        found += sorted(set(NAMED.findall(form["held"])) & long)
        found += UNNAMED.findall(form["held"]) + re.findall("<textarea", form["held"])
    return found


@pytest.fixture(scope="module")
def long() -> set[str]:
    return prose_names()


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_long_text_is_kept_while_it_is_typed(path: Path, long: set[str]) -> None:
    assert not unprotected(path.read_text(), long), "give its form_tag the module « draft-recovery »"


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("{% call form_tag(form) %}{{ field(form.reason, rows=3) }}{% endcall %}", ["reason"]),
        ("{% call form_tag(form, modules='submit-once draft-recovery') %}{{ field(form.reason) }}{% endcall %}", []),
        ("{% call form_tag(form) %}{{ field(form.email) }}{% endcall %}", []),
        ("{% call form_tag(form) %}{{ field(form[name]) }}{% endcall %}", ["field(form["]),
        ("{% call form_tag(form) %}{{ field(f, rows=3) }}{% endcall %}", ["field(f"]),
        ("<form data-module='submit-once'><textarea></textarea></form>", ["<textarea"]),
        ("<form data-module='submit-once draft-recovery'><textarea></textarea></form>", []),
    ],
)
def test_the_check_itself_sees_what_is_missing(source: str, seen: list[str], long: set[str]) -> None:
    assert unprotected(source, long) == seen


def test_the_check_knows_the_long_texts(long: set[str]) -> None:
    assert {
        "situation",
        "motivation",
        "comment",
        "text",
        "reason",
        "override_reason",
        "recommendation",
        "remedies",
    } <= long
