"""The marks that stand, and whether what they speak of has changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.dossier.models import Claim, Narrative
from portfolio.dossier.services.basis import competency_bases
from portfolio.dossier.services.told import Key, told_now
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.review.models import Mark
from portfolio.review.rules import (
    Change,
    Comparison,
    MarkValue,
    PieceSeen,
    Seen,
    Told,
    changes_between,
    comparisons,
    differences,
    is_outdated,
    seen_from,
    told_from,
)
from portfolio.review.services.speakers import speakers_of


@dataclass(frozen=True)
class MarkView:
    """The mark that stands for a competency, whether it is out of date, and what has changed since."""

    value: MarkValue
    comment: str
    advisor_name: str
    made_at: datetime
    outdated: bool
    changes: tuple[Change, ...] = ()
    compared: tuple[Comparison, ...] = ()


def marks_of(session: Session, candidacy_id: UUID) -> dict[UUID, MarkView]:
    """Answer the mark that stands for each marked competency of a candidacy, in a constant number of queries."""
    marks = latest_marks(session, [candidacy_id])[candidacy_id]
    seen = seen_now(session, [candidacy_id])[candidacy_id]
    stale: set[Key] = {(candidacy_id, key) for key, mark in marks.items() if is_outdated(mark.basis, mark.content_digest)}
    told = told_now(session, stale)
    names = speakers_of(session, candidacy_id) if marks else {}
    return {
        key: view_of(mark, names, seen.get(key, Seen()), told.get((candidacy_id, key), Told())) for key, mark in marks.items()
    }


def view_of(mark: Mark, names: Mapping[UUID, str], seen: Seen, told: Told) -> MarkView:
    """Answer a mark as the pages show it, beside the contents as they are now; `names`: those of `speakers_of`."""
    advisor = names.get(mark.advisor_id, mark.advisor.name)
    if not is_outdated(mark.basis, mark.content_digest):
        return MarkView(mark.value, mark.comment, advisor, mark.made_at, outdated=False)
    before = told_from(mark.told) if mark.told else None
    changes = (differences(before, told) if before else ()) or changes_between(seen_from(mark.seen), seen)
    compared = comparisons(before, told) if before else ()
    return MarkView(mark.value, mark.comment, advisor, mark.made_at, True, changes, compared)


def latest_marks(session: Session, candidacy_ids: Collection[UUID]) -> Mapping[UUID, dict[UUID, Mark]]:
    """Answer the last mark of each competency of each candidacy, with its advisor, in one query."""
    last = select(func.max(Mark.seq)).where(Mark.candidacy_id.in_(candidacy_ids)).group_by(Mark.candidacy_id, Mark.competency_id)
    found: defaultdict[UUID, dict[UUID, Mark]] = defaultdict(dict)
    for mark in session.scalars(select(Mark).where(Mark.seq.in_(last)).options(joinedload(Mark.advisor))):
        found[mark.candidacy_id][mark.competency_id] = mark
    return found


def seen_now(session: Session, candidacy_ids: Collection[UUID]) -> Mapping[UUID, dict[UUID, Seen]]:
    """Answer the revisions of what each competency shows at this moment, in two queries."""
    found: defaultdict[UUID, dict[UUID, Seen]] = defaultdict(dict)
    pieces = _pieces_now(session, candidacy_ids)
    narratives = select(Narrative.candidacy_id, Narrative.competency_id, Narrative.revision)
    for candidacy_id, competency_id, revision in session.execute(narratives.where(Narrative.candidacy_id.in_(candidacy_ids))):
        found[candidacy_id][competency_id] = Seen(revision, pieces.pop((candidacy_id, competency_id), {}))
    for (candidacy_id, competency_id), seen in pieces.items():
        found[candidacy_id][competency_id] = Seen(0, seen)
    return found


def _pieces_now(session: Session, candidacy_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], dict[int, PieceSeen]]:
    rows = (
        select(Claim.candidacy_id, Claim.competency_id, Evidence.number, Claim.revision, Evidence.revision)
        .add_columns(func.max(EvidenceFile.number))
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .where(Claim.candidacy_id.in_(candidacy_ids), Evidence.removed_at.is_(None))
        .group_by(Claim.id, Evidence.id)
    )
    found: defaultdict[tuple[UUID, UUID], dict[int, PieceSeen]] = defaultdict(dict)
    for candidacy_id, competency_id, number, *revisions in session.execute(rows):
        found[candidacy_id, competency_id][number] = PieceSeen(*revisions)
    return found


@dataclass(frozen=True)
class Before:
    """What an advisor has before them: its digest, the revisions that explain a change, and what it says."""

    basis: str
    seen: Seen
    told: Told

    def __str__(self) -> str:
        """What a page carries, so that a mark says what it was given on."""
        return f"{self.told.sense()} {self.seen}"


def before_of(session: Session, candidacy_id: UUID, competency_id: UUID) -> Before:
    """Answer what an advisor has before them now, for one competency."""
    bases = competency_bases(session, [candidacy_id], [competency_id]).get(candidacy_id, {})
    seen = seen_now(session, [candidacy_id])[candidacy_id].get(competency_id, Seen())
    key = candidacy_id, competency_id
    return Before(bases.get(competency_id, ""), seen, told_now(session, [key])[key])


def basis_of(session: Session, candidacy_id: UUID, competency_id: UUID) -> tuple[str, Seen]:
    """Answer what a page of this competency would carry now: the digest of what it means, and the revisions."""
    before = before_of(session, candidacy_id, competency_id)
    return before.told.sense(), before.seen
