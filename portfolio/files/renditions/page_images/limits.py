"""Limits of a page image, and why one is not drawn."""

from dataclasses import dataclass

from portfolio.domain.dossier.rules.rendition import PageError

# What one page image may hold, whatever the file asks for; the tallest side that its format knows.
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000
# Far more characters than a page holds.
MAX_TEXT = 20_000


@dataclass
class NotReadable(Exception):  # noqa: N818 - said to a person, not a fault
    """The page cannot be drawn, and why."""

    code: PageError

    def __str__(self) -> str:
        """Return the code, for a log."""
        return self.code
