"""An advisor marks a competency, as its page showed it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidacy_block
from portfolio.domain.certification.models import Competency
from portfolio.domain.dossier.models import Dossier
from portfolio.domain.dossier.rules.state import DossierState
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.review.models import CoverageReview
from portfolio.domain.review.rules.assessment import (
    Assessment,
    ReviewRefusal,
    changes_between,
    needs_comment,
    seen_from,
)
from portfolio.domain.review.use_cases.assessments import ReviewContext, load_review_context
from portfolio.domain.review.use_cases.email_notifications import email_immediately
from portfolio.errors import Refusal


def assess_competency(
    session: Session,
    candidacy_id: UUID,
    competency_id: UUID,
    value: Assessment,
    comment: str,
    seen_basis: str,
    *,
    by: UUID,
    at: datetime,
) -> CoverageReview:
    """Give the advisor's mark on a competency; earlier ones are kept.

    `seen_basis` is what the page of the advisor carried (`CompetencyPageData.basis`). Raises Refusal: not
    their candidacy, out of scope, block held, dossier submitted, a reason is owed, or the candidate changed
    something meanwhile (`facts["changes"]` says what).
    """
    candidacy = session.get_one(Candidacy, candidacy_id)
    if candidacy.advisor_id != by:
        raise Refusal(ReviewRefusal.NOT_THE_ADVISOR)
    block_id = block_in_scope(session, candidacy_id, competency_id)
    _check_open(session, candidacy, block_id)
    comment = comment.strip()
    if needs_comment(value) and not comment:
        raise Refusal(ReviewRefusal.COMMENT_MISSING)
    mark = CoverageReview(
        candidacy_id=candidacy_id,
        competency_id=competency_id,
        advisor_id=by,
        value=value,
        comment=comment,
        created_at=at,
    )
    before = _still_seen(session, candidacy_id, competency_id, seen_basis)
    mark.reviewed_digest = mark.content_digest = before.basis
    mark.seen_versions, mark.content_snapshot = str(before.seen), before.told.as_json()
    session.add(mark)
    record_event(
        session,
        "competency_marked",
        ("candidacy", candidacy_id),
        by=by,
        at=at,
        competency=competency_id,
        value=value,
    )
    email_immediately(session, candidacy_id, by=by, at=at)
    return mark


def block_in_scope(session: Session, candidacy_id: UUID, competency_id: UUID) -> UUID:
    """Return the block of a competency that this candidacy asks for; raises Refusal(OUT_OF_SCOPE)."""
    block_id = session.scalar(
        select(Competency.block_id)
        .join(candidacy_block, candidacy_block.c.block_id == Competency.block_id)
        .where(candidacy_block.c.candidacy_id == candidacy_id, Competency.id == competency_id)
    )
    if block_id is None:
        raise Refusal(ReviewRefusal.OUT_OF_SCOPE)
    return block_id


def _check_open(session: Session, candidacy: Candidacy, block_id: UUID) -> None:
    """Marks speak of a draft; the dossier stays locked until the mark is written, so that both cannot
    cross.
    """
    draft = session.get_one(Dossier, candidacy.id, with_for_update=True)
    if draft.state is not DossierState.DRAFT:
        raise Refusal(ReviewRefusal.DOSSIER_SUBMITTED)
    on = day_of(draft.changed_at)
    if block_id in held_blocks(session, candidacy.candidate_id, candidacy.version_id, notified=True, on=on):
        raise Refusal(ReviewRefusal.BLOCK_HELD)


def _still_seen(session: Session, candidacy_id: UUID, competency_id: UUID, seen_basis: str) -> ReviewContext:
    before = load_review_context(session, candidacy_id, competency_id)
    read, _, revisions = seen_basis.partition(" ")
    if read != before.told.normalised_digest():
        raise Refusal(
            ReviewRefusal.CHANGED_MEANWHILE, changes=changes_between(seen_from(revisions), before.seen)
        )
    return before
