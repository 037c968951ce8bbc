"""The fields of a form by which a place of a page is named: a region that was drawn, a zone of the page, or
quoted words.
"""

from __future__ import annotations

from portfolio.domain.evidence.rules.anchors import Anchor, parse_region


def anchor_from_fields(
    version: int, *, page: str, region: str, zone: str, quote: str, position: str
) -> Anchor | None:
    """Return the place that was typed; quoted words go before a region, and a region before a zone.

    None of no place.
    """
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 0
    if quote:
        start = int(position) if position.isascii() and position.isdigit() and len(position) < 7 else None
        return Anchor(version, number, quote=quote, position=start)
    box = parse_region(region) or parse_region(zone)
    return Anchor(version, number, box) if isinstance(box, tuple) else None
