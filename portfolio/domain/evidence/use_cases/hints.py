"""The candidate sets a hint about a piece aside, with a word, or takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.dossier.use_cases.claims import own_evidence
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.evidence.models.hints import DismissedHint
from portfolio.domain.evidence.rules.quality_hints import Hint


def load_dismissed(session: Session, evidence_id: UUID) -> Mapping[str, str]:
    """Return the hints that are set aside, each with its word."""
    query = select(DismissedHint.hint, DismissedHint.reason).where(DismissedHint.evidence_id == evidence_id)
    return {hint: reason for hint, reason in session.execute(query)}  # noqa: C416


def dismiss_hint(
    session: Session,
    candidacy_id: UUID,
    evidence_id: UUID,
    hint: Hint,
    reason: str,
    *,
    by: UUID,
    at: datetime,
) -> None:
    """Set a hint aside, or change the word that says why. Raises Refusal: SEALED, REMOVED, NOT_YOURS."""
    lock_draft(session, candidacy_id)
    own_evidence(session, candidacy_id, evidence_id)
    row = session.get(DismissedHint, (evidence_id, hint.value))
    if row is None:
        session.add(DismissedHint(evidence_id=evidence_id, hint=hint.value, reason=reason, dismissed_at=at))
    else:
        row.reason, row.dismissed_at = reason, at
    record_event(session, "hint_dismissed", ("evidence", evidence_id), by=by, at=at, hint=hint.value)


def restore_hint(
    session: Session, candidacy_id: UUID, evidence_id: UUID, hint: Hint, *, by: UUID, at: datetime
) -> None:
    """Show a hint again. Raises Refusal as above."""
    lock_draft(session, candidacy_id)
    own_evidence(session, candidacy_id, evidence_id)
    row = session.get(DismissedHint, (evidence_id, hint.value))
    if row is not None:
        session.delete(row)
        record_event(session, "hint_restored", ("evidence", evidence_id), by=by, at=at, hint=hint.value)
