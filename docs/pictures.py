"""Draw the pictures of the README again, from a running demonstration (PYTHONPATH=. python docs/pictures.py
ADDRESS).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from demo.passphrase import PASSPHRASE
from tests.browser import find

HERE = Path(__file__).parent
WIDE, PHONE = 1280, 390
LARGEST = 80_000  # bytes of one picture
BETWEEN = (222, 218, 208)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Light = Literal["light", "dark"]


@contextmanager
def seen_by(browser: Browser, address: str, who: str, width: int, light: Light = "light") -> Iterator[Page]:
    """The first page of a person of the demonstration, in a window of this width; of anyone when `who` is
    empty.
    """
    context = browser.new_context(
        locale="fr-FR", viewport={"width": width, "height": 900}, color_scheme=light, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{address}/connexion")
    if who:
        page.get_by_label("Adresse électronique").fill(f"{who}@exemple.fr")
        page.get_by_label("Mot de passe").first.fill(PASSPHRASE)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(lambda url: "connexion" not in url)
    yield page
    context.close()


def drawn(page: Page, height: int) -> Image.Image:
    """The top of a page, as it is seen once everything in it has come."""
    page.wait_for_load_state("networkidle")
    page.evaluate("scrollTo(0, 0)")
    width = page.viewport_size["width"] if page.viewport_size else WIDE
    png = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    return Image.open(io.BytesIO(png)).convert("RGB")


def beside(*pictures: Image.Image, gap: int = 24) -> Image.Image:
    """Pictures of one height, side by side."""
    whole = Image.new(
        "RGB", (sum(picture.width for picture in pictures) + gap * (len(pictures) - 1), pictures[0].height), BETWEEN
    )
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width + gap
    return whole


def keep(name: str, picture: Image.Image) -> None:
    """Write a picture as small as a README needs it; raises ValueError when it stays too heavy."""
    width = min(1280, picture.width)
    small = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    for quality in (82, 74, 66, 58, 50):
        kept = io.BytesIO()
        small.save(kept, "WEBP", quality=quality, method=6)
        if kept.tell() < LARGEST:
            (HERE / name).write_bytes(kept.getvalue())
            print(f"{name}: {small.width} × {small.height}, {kept.tell() / 1000:.0f} kB")
            return
    raise ValueError(f"{name} stays heavier than {LARGEST} bytes")


def matrix(browser: Browser, address: str) -> None:
    """What the evidence of a candidate shows, on a desk and on a phone."""
    with (
        seen_by(browser, address, "samia.benali", WIDE) as batch,
        seen_by(browser, address, "samia.benali", PHONE) as phone,
    ):
        keep("matrice.webp", beside(drawn(batch, 1500), drawn(phone, 1500)))


def reader(browser: Browser, address: str) -> None:
    """A piece of the sealed dossier, at the page that the candidate names, as the jury reads it."""
    with seen_by(browser, address, "pascal.quemener", WIDE) as page:
        page.get_by_role("link", name="Ouvrir le dossier").click()
        page.get_by_role("link", name="B3-01").first.click()
        page.locator(".marked__page").first.click()
        page.locator(".leaf img").wait_for()
        keep("lecture.webp", drawn(page, 900))


def results(browser: Browser, address: str) -> None:
    """Why a block was not granted, and what comes next: the letter of a result, in the dark."""
    with seen_by(browser, address, "sophie.vasseur", WIDE, "dark") as page:
        page.goto(f"{page.url}/resultats")
        keep("resultats.webp", drawn(page, 1120))


def certificate(browser: Browser, address: str) -> None:
    """What anyone reads who checks a number."""
    with seen_by(browser, address, "paul.girard", WIDE) as page, seen_by(browser, address, "", WIDE) as anyone:
        page.goto(f"{page.url}/resultats")
        number = page.locator(".proof__number a").first.inner_text()
        anyone.goto(f"{address}/certificats/{number}")
        keep("certificat.webp", drawn(anyone, 1000))


if __name__ == "__main__":
    where = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find(), args=QUIET)
        for draw in (matrix, reader, results, certificate):
            draw(opened, where)
        opened.close()
