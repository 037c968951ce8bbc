"""When a page is all there: its modules stand on their elements, and its fonts are drawn."""

from playwright.sync_api import Page

MOUNTED = """async () => {
    const script = document.querySelector('script[type=module]');
    const { modules } = script ? await import(script.src) : {};
    const named = [...document.querySelectorAll('[data-module]')].flatMap((one) => one.dataset.module.split(' '));
    await Promise.all([document.fonts.ready, ...named.map((name) => modules[name]())]);
    await new Promise((go) => setTimeout(go));
}"""


def settle(page: Page) -> None:
    """Wait until every module that the page names stands on its element, and every font is there: no silence
    of a while tells it sooner.
    """
    page.wait_for_load_state()
    page.evaluate(MOUNTED)


def open_settled(page: Page, address: str) -> None:
    """Go to a page, and wait until it is all there: what is pressed at once is pressed on a page that listens."""
    page.goto(address)
    settle(page)
