"""Whether an entry opens a route: an entry that does not mention a route neither opens it nor closes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from portfolio.domain.certification.rules.entry import Route


class RouteStatus(StrEnum):
    """What an entry says of a route."""

    OPEN = "open"
    CLOSED = "closed"
    NOT_MENTIONED = "not_mentioned"


def route_status(routes: Sequence[Mapping[str, Any]], route: Route) -> RouteStatus:
    """Return what the routes of an entry, in their JSON form, say of one route; no answer is « unknown »,
    never « no ».
    """
    answer = next((row.get("open") for row in routes if row.get("route") == route.value), None)
    if answer is None:
        return RouteStatus.NOT_MENTIONED
    return RouteStatus.OPEN if answer else RouteStatus.CLOSED
