"""Seconds that a quick test may take, by its kind: of a rule, of a database, of a page. More is told, never refused."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

PRICES_S = {"rule": 0.01, "database": 0.1, "page": 0.2}
_MOST_NAMED = 5


def kind_of(item: pytest.Item) -> str:
    """Return the kind of a test, from what it asks for; nothing for one that is slow, or in a browser."""
    asked = set(getattr(item, "fixturenames", ()))
    if item.get_closest_marker("slow") or asked & {"browser", "window", "server", "object_server"}:
        return ""
    if "sqlite_url" in asked and asked & {"app", "own_app", "client"}:
        return "page"
    return "database" if asked & {"database_url", "db", "sqlite_url", "postgresql_url"} else "rule"


def overrun(reports: Iterable[Any]) -> list[str]:
    """Return a line for each kind: how many tests took more than its price, and the dearest."""
    dear: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    counts: defaultdict[str, int] = defaultdict(int)
    for report in reports:
        kind = getattr(report, "kind", "")
        if kind and report.when == "call":
            counts[kind] += 1
            if report.duration > PRICES_S[kind]:
                dear[kind].append((report.duration, report.nodeid))
    return [
        f"{kind}: {len(found)} of {counts[kind]} tests took more than {PRICES_S[kind]} s: "
        + "; ".join(f"{name} {taken:.2f} s" for taken, name in sorted(found, reverse=True)[:_MOST_NAMED])
        for kind, found in dear.items()
    ]
