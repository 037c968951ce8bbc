"""Legible in both lights, usable with a thumb, and nothing that axe finds."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.axe import violations
from tests.wait_until import settle

ROOT = Path(__file__).resolve().parents[3]


def tokens(dark: bool) -> dict[str, str]:
    css = (ROOT / "static/css/tokens.css").read_text()
    light, night = css.split("@media (prefers-color-scheme: dark)")
    pattern = r"--([a-z-]+):\s*(#[0-9a-f]{6})"
    found = dict(re.findall(pattern, light))
    return found | dict(re.findall(pattern, night)) if dark else found


def contrast(one: str, two: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted([luminance(one), luminance(two)], reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT = [(ink, ground) for ink in ("ink", "soft", "brand") for ground in ("background", "sheet", "wash", "backdrop")]
TEXT += [(ink, ground) for ink in ("ink", "soft") for ground in ("warn-wash", "bad-wash")]
TEXT += [
    (state, ground) for state in ("none", "claimed", "part", "held", "old", "bad") for ground in ("background", "sheet")
]
TEXT += [
    ("bad", "bad-wash"),
    ("part", "warn-wash"),
    ("on-brand", "brand"),
    ("on-brand", "brand-deep"),
    ("on-bad", "bad"),
    ("on-bad", "bad-deep"),
    ("background", "old"),
]
DRAWN = [("edge", ground) for ground in ("background", "sheet")] + [
    ("focus", ground) for ground in ("background", "sheet", "wash", "backdrop", "bad-wash")
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_every_text_is_legible_on_what_it_lies_on(ink: str, ground: str, dark: bool) -> None:
    named = tokens(dark)
    assert contrast(named[ink], named[ground]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), DRAWN)
def test_outlines_of_fields_and_focus_are_seen(line: str, ground: str, dark: bool) -> None:
    named = tokens(dark)
    assert contrast(named[line], named[ground]) >= 3


def test_the_style_sheets_stay_light() -> None:
    """Five are linked by every page; three more by what a page holds; the others come with the pages of their noun."""
    weights = {path.stem: path.stat().st_size for path in (ROOT / "static/css").glob("*.css")}
    common = sum(weights.pop(name) for name in ("tokens", "base", "layout", "components", "print"))
    assert common < 36_000
    assert max(weights.values()) < 10_000


TITLES = {
    "French": "L’œuvre d’Inès : « À Noël, où ça mène ? » – Évaluer, n° 3, 50 % ; ÇÈÊËÎÏÔÙÛÜŸÆæäçëîïôöùûüÿ … € §",
    "a name from elsewhere": "Łukasz Gößwald-Müñoz Åström & Şerban Çelik",
}


@pytest.mark.parametrize("text", TITLES.values(), ids=TITLES)
def test_every_letter_of_a_title_is_drawn_by_the_font_we_ship(page: Page, address: str, text: str) -> None:
    page.goto(f"{address}/depot")
    page.evaluate("(text) => { document.querySelector('h1').textContent = text; }", text)
    settle(page)
    asked = page.context.new_cdp_session(page)
    for order in ("DOM.enable", "CSS.enable"):
        asked.send(order)
    root = asked.send("DOM.getDocument")["root"]["nodeId"]
    title = asked.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = asked.send("CSS.getPlatformFontsForNode", {"nodeId": title})["fonts"]
    assert fonts
    assert all(font["isCustomFont"] for font in fonts), fonts


def test_titles_begin_at_the_same_place_on_wide_and_narrow_pages(page: Page, address: str) -> None:
    places = set()
    for url in ("/", "/depot", "/refus/409"):
        page.goto(address + url)
        places.add(page.evaluate("document.querySelector('h1').getBoundingClientRect().left"))
    assert len(places) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "url", ["/", "/lire", "/certificat/held", "/certificat/ended", "/refus/409", "/refus/500", "/depot"]
)
def test_axe_finds_nothing_and_nothing_overflows(page: Page, address: str, url: str, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(address + url)
    settle(page)
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_buttons_and_choices_are_large_enough_for_a_thumb(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    small = page.evaluate(
        "[...document.querySelectorAll('.button, .input, .check__label, summary, .bar__nav a')]"
        ".filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML)"
    )
    assert small == []
