"""How long a body keeps each kind of data."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.retention.models import RetentionSettings
from portfolio.domain.retention.rules import Periods
from portfolio.errors import Conflict


def load_revision(session: Session, body_id: UUID) -> int:
    """Return the revision of the periods of a body; 0 while it keeps the defaults."""
    row = session.get(RetentionSettings, body_id)
    return row.revision if row is not None else 0


def save_periods(
    session: Session, body_id: UUID, periods: Periods, *, revision: int, by: UUID, at: datetime
) -> None:
    """Change the periods of a body; clocks follow in the night.

    Raise Conflict when someone saved since `revision`.
    """
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    row = session.get(RetentionSettings, body_id, with_for_update=True)
    known = row.revision if row else 0
    if known != revision:
        theirs = row.to_value() if row else Periods()
        raise Conflict({name: str(value) for name, value in asdict(theirs).items()}, known)
    if row is None:
        row = RetentionSettings(body_id=body_id, revision=0)
        session.add(row)
    for name, value in asdict(periods).items():
        setattr(row, name, value)
    row.revision, row.changed_at = revision + 1, at
    record_event(
        session, "retention_settings_saved", ("certifying_body", body_id), by=by, at=at, **asdict(periods)
    )
