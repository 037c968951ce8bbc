"""The single values of the first page of a certifier, in one query: the last heartbeat and checks, letters,
notices, what else there is to load.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, literal, select, true
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.certification.use_cases.watching import number_of_open_notices
from portfolio.domain.email.rules import SLOW_AFTER
from portfolio.domain.holdings.models.grants import CertificateToSign
from portfolio.domain.holdings.use_cases.contest_tasks import any_appeal, any_proposal
from portfolio.domain.holdings.use_cases.status_changes import any_suspended
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.integrity_checks.use_cases import any_damaged
from portfolio.domain.retention.use_cases.requests import any_open_request
from portfolio.screens.certifier.candidacies.queries import Beginnings, beginnings
from portfolio.screens.certifier.home.deadlines import BODY
from portfolio.screens.certifier.letters.queries import number_waiting
from portfolio.tasks.heartbeat import WorkerStatus, last_heartbeat

_CHECK = ("ended_at", "database", "ledger", "grants", "files")


@dataclass(frozen=True, slots=True)
class Figures:
    """The single values of the first page; `last_check` is a copy, which no session holds."""

    worker: WorkerStatus
    letters: int
    notices: int
    beginnings: Beginnings
    has_suspended: bool
    has_unsigned: bool
    has_damaged: bool
    has_appeals: bool
    has_proposals: bool
    has_erasures: bool
    last_check: IntegrityCheck | None


def load_figures(session: Session, body_id: UUID, *, has_server: bool, at: datetime) -> Figures:
    """Return the single values of the first page of a body, in one query."""
    asked = {"body": body_id, "slow_before": at - SLOW_AFTER}
    (row,) = fetch_rows(session, _figures(has_server), asked)
    check = IntegrityCheck(**{name: getattr(row, name) for name in _CHECK}) if row.ended_at else None
    return Figures(
        WorkerStatus(row.worker),
        row.letters,
        row.notices,
        Beginnings(row.has_published, row.has_imported),
        row.has_suspended,
        row.has_unsigned,
        row.has_damaged,
        row.has_appeals,
        row.has_proposals,
        row.has_erasures,
        check,
    )


@cache
def _figures(has_server: bool) -> Select[Any]:
    columns = [getattr(IntegrityCheck, name) for name in _CHECK]
    last = select(*columns).order_by(IntegrityCheck.ended_at.desc()).limit(1).subquery()
    has_published, has_imported = beginnings()
    shown: list[ColumnElement[Any]] = [
        last_heartbeat().label("worker"),
        number_waiting(has_server=has_server).label("letters"),
        number_of_open_notices().label("notices"),
        has_published.label("has_published"),
        has_imported.label("has_imported"),
        *_exist(),
        *last.c,
    ]
    return select(*shown).select_from(select(literal(1).label("row")).subquery().outerjoin(last, true()))


def _exist() -> Iterator[ColumnElement[bool]]:
    """Yield whether there is something to load of each kind that has its own query."""
    yield any_suspended().label("has_suspended")
    yield exists().where(CertificateToSign.body_id == BODY).label("has_unsigned")
    yield any_damaged().label("has_damaged")
    yield any_appeal(BODY).label("has_appeals")
    yield any_proposal(BODY).label("has_proposals")
    yield any_open_request(BODY).label("has_erasures")
