"""Pages of the demonstration on a slow telephone, in Chromium: processor ÷ 6, 1.6 Mbit/s, 150 ms, 390 × 844.

Each page is opened cold, then again: the largest paint, what moves while it loads, the bytes of the second visit.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from benchmarks.measure import Line
from benchmarks.servers import ALONE, product
from demo.seed import VISITORS
from tests.browser import find
from tests.conftest import QUIET

PAINT_MS, IMAGE_MS, SHIFT, AGAIN_BYTES = 1200, 1600, 0.01, 30_000
PROCESSOR = {"rate": 6}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 95_000}
SCREEN: ViewportSize = {"width": 390, "height": 844}
# Of the first visitor, from their home: how the address of each link ends, up to the page measured.
LIBRARY, PIECE = "/preuves$", r"/preuves/[0-9a-f-]{36}$"
BEYOND = ((r"/competences/[0-9a-f-]{36}$",), (LIBRARY,), (LIBRARY, PIECE), (LIBRARY, PIECE, r"/lire\b"))
MEASURED = """
  window.seen = { paint: 0, shift: 0 };
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { seen.paint = one.startTime; }))
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { seen.shift += one.value; }))
    .observe({ type: "layout-shift", buffered: true });
"""


def measure() -> Iterator[Line]:
    """The page of login, the home of each person, and four pages of the first of them."""
    with (
        tempfile.TemporaryDirectory(prefix="acquis-phone-") as folder,
        product(ALONE, Path(folder), demo=True) as ([port, *_], _process),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(), args=QUIET)
        yield from measure_pages(browser, f"http://127.0.0.1:{port}")
        browser.close()


def measure_pages(browser: Browser, address: str) -> Iterator[Line]:
    """Measure the pages of a demonstration that is served at this address."""
    yield _measured(browser.new_context(), f"{address}/connexion", "connexion")
    for visitor in VISITORS:
        context = browser.new_context(viewport=SCREEN)
        page = context.new_page()
        page.goto(f"{address}/demonstration")
        page.locator(f'form[action$="{visitor.who.email}"] button').click()
        page.wait_for_load_state()
        first = page.url
        yield _measured(context, first, f"accueil, {visitor.who.name}")
        if visitor is VISITORS[0]:
            for endings in BEYOND:
                page.goto(first)
                for ending in endings:
                    page.goto(_link(page, ending))
                name = re.sub(r"[0-9a-f-]{36}", "…", page.url.removeprefix(address))
                yield _measured(context, page.url, name)
        context.close()


def _link(page: Page, ending: str) -> str:
    """Return the first address in a page that ends so."""
    links: list[str] = page.eval_on_selector_all("a", "all => all.map(a => a.href.split('#')[0])")
    return next(link for link in links if re.search(ending, link))


def _measured(context: BrowserContext, address: str, name: str) -> Line:
    """Open a page twice in a browser that has kept nothing, with the cookies of this one."""
    browser = context.browser
    assert browser is not None
    cold = browser.new_context(viewport=SCREEN, storage_state=context.storage_state(), is_mobile=True)
    page = cold.new_page()
    page.add_init_script(MEASURED)
    session = cold.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    session.send("Emulation.setCPUThrottlingRate", PROCESSOR)
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda told: weights.append(told["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    seen = page.evaluate("seen")
    first = sum(weights)
    weights.clear()
    page.goto(address, wait_until="networkidle")
    again = sum(weights)
    cold.close()
    paint, shift = seen["paint"], seen["shift"]
    told = f"{paint:.0f} ms, saut {shift:.3f}, {first / 1000:.0f} ko, puis {again / 1000:.0f} ko"
    most = IMAGE_MS if address.partition("?")[0].endswith("/lire") else PAINT_MS
    met = paint <= most and shift <= SHIFT and again <= AGAIN_BYTES
    return Line(f"téléphone lent, {name}", "", told.replace(".", ","), "", f"≤ {most} ms, 0, ≤ 30 ko", met)
