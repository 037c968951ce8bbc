"""What axe finds on a page of a real browser."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Only what is wrong comes back: the rest is a thousand times more, and nobody reads it.
ASK = "(asked) => axe.run(asked).then((seen) => seen.violations)"
# The rules that read colours.
COLOURS = ["color-contrast", "link-in-text-block"]


def violations(page: Page, **asked: object) -> list[dict[str, Any]]:
    """Return what is wrong with the page as it stands, by axe's own names; axe is brought in once a document.

    `asked`: its options.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return list(page.evaluate(ASK, {"resultTypes": ["violations"], **asked}))
