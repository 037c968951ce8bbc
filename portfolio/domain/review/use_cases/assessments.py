"""The marks that stand, and whether what they speak of has changed since.

An advisor marks a competency, as its page showed it.

The candidate says how far they think they master a competency, for their advisor.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload, undefer

from portfolio.calendar import day_of
from portfolio.db.engine import read_once
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, candidacy_block
from portfolio.domain.certification.models import Competency
from portfolio.domain.dossier.models.dossier import CoverageReview, Dossier
from portfolio.domain.dossier.rules.assessment import (
    Assessment,
    Change,
    Comparison,
    ReviewRefusal,
    Seen,
    SelfAssessment,
    changes_between,
    comparisons,
    differences,
    is_outdated,
    needs_comment,
    seen_from,
    snapshot_from_json,
)
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft, require_editable_competencies
from portfolio.domain.dossier.use_cases.draft_rows import (
    CompetencyContents,
    Key,
    load_content_digests_by_candidacy,
    load_contents,
)
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.review.models import OwnAssessment
from portfolio.domain.review.use_cases.display_names import load_display_names
from portfolio.domain.review.use_cases.email_notifications import email_immediately
from portfolio.errors import Refusal


@dataclass(frozen=True)
class ReviewDetails:
    """The mark that stands for a competency, whether it is out of date, and what has changed since."""

    value: Assessment
    comment: str
    advisor_name: str
    made_at: datetime
    outdated: bool
    changes: tuple[Change, ...] = ()
    compared: tuple[Comparison, ...] = ()


def load_reviews(session: Session, candidacy_id: UUID, among: Collection[UUID]) -> dict[UUID, ReviewDetails]:
    """Return the mark that stands for each of these competencies that is marked, in a constant number of queries."""
    marks = load_latest_reviews(session, (candidacy_id,), frozenset(among))[candidacy_id]
    stale: set[Key] = {
        (candidacy_id, key) for key, mark in marks.items() if is_outdated(mark.reviewed_digest, mark.content_digest)
    }
    contents = load_contents(session, frozenset(stale))
    names = load_display_names(session, candidacy_id) if marks else {}
    return {
        key: review_details(mark, names, contents.get((candidacy_id, key), CompetencyContents()))
        for key, mark in marks.items()
    }


def review_details(mark: CoverageReview, names: Mapping[UUID, str], now: CompetencyContents) -> ReviewDetails:
    """Return a mark as the pages show it, beside the contents as they are now; `names`: those of
    `load_display_names`.
    """
    advisor = names.get(mark.advisor_id, mark.advisor.name)
    if not is_outdated(mark.reviewed_digest, mark.content_digest):
        return ReviewDetails(mark.value, mark.comment, advisor, mark.created_at, outdated=False)
    before = snapshot_from_json(mark.outdated_snapshot) if mark.outdated_snapshot else None
    changes = differences(before, now.told) if before else ()
    changes = changes or changes_between(seen_from(mark.seen_versions), now.seen)
    compared = comparisons(before, now.told) if before else ()
    return ReviewDetails(mark.value, mark.comment, advisor, mark.created_at, True, changes, compared)


@read_once
def load_latest_reviews(
    session: Session, candidacy_ids: Collection[UUID], among: Collection[UUID] | None = None
) -> Mapping[UUID, dict[UUID, CoverageReview]]:
    """Return the last mark of each competency of each candidacy (`among` these when given), with its advisor, in one
    query.
    """
    last = (
        select(func.max(CoverageReview.seq))
        .where(CoverageReview.candidacy_id.in_(candidacy_ids))
        .where(CoverageReview.competency_id.in_(among) if among is not None else true())
        .group_by(CoverageReview.candidacy_id, CoverageReview.competency_id)
    )
    found: defaultdict[UUID, dict[UUID, CoverageReview]] = defaultdict(dict)
    with_advisor = joinedload(CoverageReview.advisor), undefer(CoverageReview.outdated_snapshot)
    for mark in session.scalars(select(CoverageReview).where(CoverageReview.seq.in_(last)).options(*with_advisor)):
        found[mark.candidacy_id][mark.competency_id] = mark
    return found


def load_review_context(session: Session, candidacy_id: UUID, competency_id: UUID) -> CompetencyContents:
    """Return what an advisor has before them now, for one competency."""
    key = candidacy_id, competency_id
    return load_contents(session, frozenset([key]))[key]


def basis_of(before: CompetencyContents) -> str:
    """Return the text that a page carries, so that a mark says what it was given on."""
    return f"{before.told.normalised_digest()} {before.seen}"


def load_review_basis(session: Session, candidacy_id: UUID, competency_id: UUID) -> tuple[str, Seen]:
    """Return what a page of this competency would carry now: the digest of what it means, and the revisions."""
    before = load_review_context(session, candidacy_id, competency_id)
    return before.told.normalised_digest(), before.seen


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
    digests = load_content_digests_by_candidacy(session, [candidacy_id], [competency_id]).get(candidacy_id, {})
    mark.reviewed_digest = mark.content_digest = digests.get(competency_id, "")
    mark.seen_versions, mark.content_snapshot = str(before.seen), before.told.as_json()
    session.add(mark)
    record_event(
        session, "competency_marked", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id, value=value
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
    """Marks speak of a draft; the dossier stays locked until the mark is written, so that both cannot cross."""
    draft = session.get_one(Dossier, candidacy.id, with_for_update=True)
    if draft.state is not DossierState.DRAFT:
        raise Refusal(ReviewRefusal.DOSSIER_SUBMITTED)
    on = day_of(draft.changed_at)
    if block_id in held_blocks(session, candidacy.candidate_id, candidacy.version_id, notified=True, on=on):
        raise Refusal(ReviewRefusal.BLOCK_HELD)


def _still_seen(session: Session, candidacy_id: UUID, competency_id: UUID, seen_basis: str) -> CompetencyContents:
    before = load_review_context(session, candidacy_id, competency_id)
    read, _, revisions = seen_basis.partition(" ")
    if read != before.told.normalised_digest():
        raise Refusal(ReviewRefusal.CHANGED_MEANWHILE, changes=changes_between(seen_from(revisions), before.seen))
    return before


def find_self_assessment(session: Session, candidacy_id: UUID, competency_id: UUID) -> SelfAssessment | None:
    """Return what the candidate said of a competency; None when they said nothing."""
    row = session.get(OwnAssessment, (candidacy_id, competency_id))
    return row.value if row is not None else None


def assess_oneself(
    session: Session, candidacy_id: UUID, competency_id: UUID, value: SelfAssessment | None, *, by: UUID, at: datetime
) -> None:
    """Keep what the candidate says of a competency, or forget it.

    Raises Refusal: SEALED, NOT_IN_SCOPE, HELD, SUSPENDED.
    """
    lock_draft(session, candidacy_id)
    require_editable_competencies(session, candidacy_id, [competency_id])
    row = session.get(OwnAssessment, (candidacy_id, competency_id))
    if (row.value if row is not None else None) == value:
        return
    if value is None:
        session.delete(row)
    elif row is None:
        session.add(OwnAssessment(candidacy_id=candidacy_id, competency_id=competency_id, value=value, changed_at=at))
    else:
        row.value, row.changed_at = value, at
    record_event(session, "self_assessed", ("candidacy", candidacy_id), by=by, at=at, competency=competency_id)
