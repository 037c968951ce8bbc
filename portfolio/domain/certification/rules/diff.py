"""Compare two states of an entry, place by place: for a conflict, and before a correction is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.domain.certification.rules.detail_diff import detail_pairs

Value = str | int | float | bool | tuple[str, ...] | None
# Deduced from the rest, or the reader's own remarks: who asks for a rule of the jury changes nothing of what
# is asked.
SKIPPED = ("registered_until", "doubts", "sources", "source", "details")  # details are compared by themselves


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs ("blocks.3.competencies.2.text"); None on a side where there is nothing."""

    where: str
    before: Value
    after: Value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """List what differs between two stored entries, in the order of the entry; doubts are not compared.

    Blocks and competencies are recognised by their number, routes by their code, other lines by their rank.
    """
    old, new = dict(_flatten(before, "")), dict(_flatten(after, ""))
    found = [
        Difference(where, old.get(where), new.get(where))
        for where in {**old, **new}
        if old.get(where) != new.get(where)
    ]
    details = detail_pairs(before.get("details") or {}, after.get("details") or {})
    return [*found, *(Difference(*pair) for pair in details)]


def _flatten(value: Any, where: str) -> Iterator[tuple[str, Value]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in SKIPPED:
                yield from _flatten(inner, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for rank, item in enumerate(value, 1):
            yield from _flatten(item, f"{where}.{item.get('number') or item.get('route') or rank}")
    elif isinstance(value, list | tuple):
        yield where, tuple(str(item) for item in value)
    else:
        yield where, value
