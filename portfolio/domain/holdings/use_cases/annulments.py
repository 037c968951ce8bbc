"""Annulment by an appeal: the decisions of one jury on some blocks, or all of them (R12)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Base
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.holdings.models.contests import Appeal, AppealAnswer
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind
from portfolio.domain.holdings.use_cases.effective_status import load_status_changes
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.submission.use_cases.new_jury import present_again


def annul_decisions(
    session: Session,
    hearing: Hearing,
    appeal: Appeal,
    granted: AppealAnswer,
    blocks: Collection[UUID],
    *,
    at: datetime,
) -> list[Base]:
    """Annul what a jury decided for these blocks, for everything without any; return the rows to record.

    A block withdrawn for fraud stays so (R11), and what is annulled already is not annulled again, unless for
    bias: the next jury must then be new. Whatever else the facts give is granted, and the sealed dossier
    waits for another jury. The caller holds the hearing and its candidate.
    """
    candidate_id = hearing.submission.candidacy.candidate_id
    changes = load_status_changes(session, candidate_id)
    is_whole_annulled = changes.of_minutes(appeal.minutes_id) is GrantStatus.ANNULLED
    annulled, withdrawn = changes.annulled_in(appeal.minutes_id), changes.withdrawn_in(appeal.minutes_id)
    targets: list[UUID | None] = (
        [block for block in sorted(blocks) if granted.is_for_bias or block not in annulled]
        if blocks
        else [None]
    )
    acts = [
        _annulment(appeal, granted, block_id)
        for block_id in targets
        if block_id not in withdrawn and (granted.is_for_bias or not is_whole_annulled)
    ]
    first = session.scalar(select(func.count()).where(GrantStatusChange.minutes_id == appeal.minutes_id)) or 0
    for sequence, act in enumerate(acts, first + 1):
        act.sequence, act.recorded_at = sequence, at
    session.add_all(acts)
    session.flush()
    for act in acts:
        about = {"decided_on": act.decided_on, "block": act.block_id} if act.block_id else {}
        record_event(
            session,
            "decision_annulled",
            ("minutes", appeal.minutes_id),
            by=granted.recorded_by,
            at=at,
            **about,
        )
    settled = issue_missing_grants(session, candidate_id, at=at)
    present_again(session, hearing.submission, by=granted.recorded_by, at=at)
    return [*acts, *settled.rows]


def _annulment(appeal: Appeal, granted: AppealAnswer, block_id: UUID | None) -> GrantStatusChange:
    return GrantStatusChange(
        kind=StatusChangeKind.ANNULMENT,
        minutes_id=appeal.minutes_id,
        block_id=block_id,
        appeal_id=appeal.id,
        reason=granted.text,
        is_for_bias=granted.is_for_bias,
        decided_on=granted.answered_on,
        decided_by=granted.recorded_by,
        confirmed_by=granted.confirmed_by,
    )
