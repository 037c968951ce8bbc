"""Snapshot the content of a competency, and keep the reviews whose content is saved again unchanged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from portfolio.domain.dossier.models import Claim, Narrative
from portfolio.domain.dossier.use_cases.content_digest import load_content_digests_by_candidacy
from portfolio.domain.dossier.use_cases.matrix_queries import PROMPTS
from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.evidence.rules.anchors import anchors_from_json
from portfolio.domain.review.models import CoverageReview
from portfolio.domain.review.rules.snapshot_diff import (
    CompetencySnapshot,
    EvidenceSnapshot,
    differences,
    evidence_snapshot,
    snapshot_from_json,
)

# A candidacy and one of its competencies.
Key = tuple[UUID, UUID]


def snapshot_competencies(session: Session, keys: Collection[Key]) -> Mapping[Key, CompetencySnapshot]:
    """Answer what these competencies say at this moment, in three queries; in none when there are none."""
    if not keys:
        return {}
    paths, about = {path for path, _ in keys}, {competency_id for _, competency_id in keys}
    stories = {
        (narrative.candidacy_id, narrative.competency_id): {
            name: getattr(narrative, name) for name in PROMPTS
        }
        for narrative in session.scalars(
            select(Narrative).where(Narrative.candidacy_id.in_(paths), Narrative.competency_id.in_(about))
        )
    }
    rows = session.scalars(
        select(Claim)
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .where(Claim.candidacy_id.in_(paths), Claim.competency_id.in_(about), Evidence.removed_at.is_(None))
        .options(contains_eager(Claim.evidence).selectinload(Evidence.files))
    )
    pieces: defaultdict[Key, dict[int, EvidenceSnapshot]] = defaultdict(dict)
    for claim in rows:
        piece, file = claim.evidence, claim.evidence.file
        anchors = [anchor.id for anchor in anchors_from_json(claim.anchors)]
        evidence = evidence_snapshot(
            claim.passage,
            claim.comment,
            file.sha256,
            piece.to_value(file.pages),
            piece.experience_id,
            anchors,
        )
        pieces[claim.candidacy_id, claim.competency_id][piece.number] = evidence
    return {key: CompetencySnapshot(stories.get(key, {}), pieces.get(key, {})) for key in keys}


def refresh_reviews(session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]) -> None:
    """Let the marks of these competencies stand on what has just been saved, where it means what it meant for
    them.

    A text saved again as it was, or only dressed otherwise, keeps a review as it is; asked while saving, so
    that no page has to read the texts again. Saving locks the dossier, and so does marking:
    neither crosses the other.
    """
    marks = write_content_digests(session, candidacy_id, competency_ids)
    snapshots = snapshot_competencies(
        session, [(candidacy_id, mark.competency_id) for mark in marks if mark.content_snapshot is not None]
    )
    for mark in marks:
        if mark.content_snapshot is not None and not differences(
            snapshot_from_json(mark.content_snapshot), snapshots[candidacy_id, mark.competency_id]
        ):
            mark.reviewed_digest = mark.content_digest


def write_content_digests(
    session: Session, candidacy_id: UUID, competency_ids: Collection[UUID]
) -> Sequence[CoverageReview]:
    """Write on the last mark of each of these competencies the digest of their content of now, and return
    these marks.

    Pages compare it with `CoverageReview.reviewed_digest`. Every use case that changes a claim, a narrative
    or a claimed piece calls this function, under the lock of the dossier.
    """
    if not competency_ids:
        return ()
    session.flush()
    last = select(func.max(CoverageReview.seq)).where(
        CoverageReview.candidacy_id == candidacy_id, CoverageReview.competency_id.in_(competency_ids)
    )
    marks = session.scalars(
        select(CoverageReview).where(CoverageReview.seq.in_(last.group_by(CoverageReview.competency_id)))
    ).all()
    if marks:
        digests = load_content_digests_by_candidacy(
            session, [candidacy_id], [mark.competency_id for mark in marks]
        ).get(candidacy_id, {})
        for mark in marks:
            mark.content_digest = digests.get(mark.competency_id, "")
    return marks


def refresh_reviews_for_evidence(session: Session, evidence_id: UUID) -> None:
    """The same for every competency that a piece is claimed for."""
    claimed = session.execute(
        select(Claim.candidacy_id, Claim.competency_id).where(Claim.evidence_id == evidence_id)
    ).all()
    if claimed:
        refresh_reviews(session, claimed[0].candidacy_id, [row.competency_id for row in claimed])


def redact_snapshots(session: Session, candidacy_id: UUID, number: int) -> None:
    """Erase what the marks of a candidacy keep of a piece that is erased: that it was there stays, not what
    it said.
    """
    for mark in session.scalars(
        select(CoverageReview).where(
            CoverageReview.candidacy_id == candidacy_id, CoverageReview.content_snapshot.is_not(None)
        )
    ):
        snapshot = snapshot_from_json(mark.content_snapshot or {})
        if number in snapshot.pieces:
            mark.content_snapshot = CompetencySnapshot(
                snapshot.story, {**snapshot.pieces, number: EvidenceSnapshot()}
            ).as_json()
