"""The first rows of each list of the first page of a certifier, with how many each has, in one query: delays,
admissibilities to rule on, overdue returns, sealed dossiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, ScalarSelect, Select, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.candidacy.rules.missed_deadlines import NEAR
from portfolio.domain.candidacy_listing.models import CandidacyListing, OpenDeadline
from portfolio.screens.certifier.home.counts import jury_deadline, sealed_dossiers
from portfolio.screens.certifier.home.deadlines import (
    BODY,
    NAMED,
    ORDER,
    SOON,
    TODAY,
    Deadlines,
    deadlines_from,
    deadlines_of,
    number_of_deadlines,
    number_of_unruled_lapses,
    unruled_lapses,
)
from portfolio.screens.certifier.home.overdue_returns import number_of_overdue_returns, overdue_returns

# Beyond so many of one kind, they are one task that leads to their list.
SINGLE_TASKS = 3


class _Panel(StrEnum):
    PASSED = "passed"
    NEAR = "near"
    LAPSES = "lapses"
    RETURNS = "returns"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The first of each list, in its order: rows of `candidacy_id`, `candidate`, `until`, `moment` and
    `number`, how many the whole list has.
    """

    deadlines: Deadlines
    lapses: tuple[Any, ...]
    returns: tuple[Any, ...]
    sealed: tuple[Any, ...]


def load_first_rows(session: Session, body_id: UUID, today: date) -> FirstRows:
    """Return the first rows of each list of a body, in one query."""
    found: dict[str, list[Any]] = {panel: [] for panel in _Panel}
    asked = {"body": body_id, "today": today, "soon": today + NEAR}
    for row in fetch_rows(session, _first_rows(), asked):
        found[row.panel].append(row)
    # What is joined keeps no order.
    return FirstRows(
        deadlines_from([*found[_Panel.PASSED], *found[_Panel.NEAR]], today),
        tuple(sorted(found[_Panel.LAPSES], key=lambda row: (row.latest, row.candidacy_id))),
        tuple(sorted(found[_Panel.RETURNS], key=lambda row: (row.until, row.candidacy_id))),
        tuple(sorted(found[_Panel.SEALED], key=lambda row: (row.moment, row.candidacy_id))),
    )


@cache
def _first_rows() -> CompoundSelect[Any]:
    passed, near = (
        deadlines_of(BODY, is_near, TODAY, SOON).order_by(*ORDER.columns) for is_near in (False, True)
    )
    sealed = sealed_dossiers().add_columns(jury_deadline().label("until"))
    return union_all(
        # PostgreSQL takes the types of the columns from the first.
        _first(_Panel.PASSED, passed, NAMED, number_of_deadlines(is_near=False)),
        _first(_Panel.NEAR, near, NAMED, number_of_deadlines(is_near=True)),
        _first(_Panel.LAPSES, unruled_lapses(), SINGLE_TASKS + 1, number_of_unruled_lapses()),
        _first(_Panel.RETURNS, overdue_returns(), SINGLE_TASKS + 1, number_of_overdue_returns()),
        # How many are sealed is counted with the stages.
        _first(_Panel.SEALED, sealed, SINGLE_TASKS + 1, literal(0)),
    )


def _first(panel: _Panel, rows: Select[Any], limit: int, number: ScalarSelect[int] | Any) -> Select[Any]:
    first = rows.limit(limit).subquery()
    columns = (first.c.get(name, cast(null(), kind)).label(name) for name, kind in _kinds())
    return select(literal(panel.value).label("panel"), *columns, number.label("number")).select_from(first)


def _kinds() -> Iterator[tuple[str, Any]]:
    yield "candidacy_id", OpenDeadline.candidacy_id.type
    yield "candidate", CandidacyListing.sort_name.type
    for name in ("kind", "since", "until", "latest", "source", "done_on", "is_seen"):
        yield name, getattr(OpenDeadline, name).type
    yield "moment", CandidacyListing.stage_since.type
