"""The sealed versions of a candidacy, and what changed from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.use_cases.masking import masked_files
from portfolio.domain.submission.models import SealedFile, Submission
from portfolio.domain.submission.rules.comparison import Comparison, compare
from portfolio.domain.submission.rules.manifest import read_manifest


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Two sealed versions, what differs, and how many parts are masked in the files of the second one, by
    label.
    """

    before_at: datetime
    after_at: datetime
    comparison: Comparison
    masks: dict[str, int]


def list_earlier_numbers(session: Session, submission: Submission) -> list[int]:
    """List the numbers of the versions that were sealed before a submission, the last one first."""
    query = select(Submission.number).where(*_before(submission)).order_by(Submission.number.desc())
    return list(session.scalars(query))


def find_version(session: Session, submission: Submission, number: int | None = None) -> Submission | None:
    """Find the version of this number that was sealed before a submission; without a number, the last one
    before it.
    """
    query = select(Submission).where(*_before(submission))
    if number is not None:
        query = query.where(Submission.number == number)
    return session.scalar(query.order_by(Submission.number.desc()).limit(1))


def _before(submission: Submission) -> tuple[ColumnElement[bool], ...]:
    same = Submission.candidacy_id == submission.candidacy_id
    return same, Submission.number < submission.number, Submission.kind.is_(None)


def compare_versions(session: Session, before: Submission, after: Submission) -> VersionComparison:
    """Compare two sealed versions, from their manifests."""
    keys = {
        row.exhibit: row.key
        for row in session.scalars(select(SealedFile).where(SealedFile.submission_id == after.id))
    }
    masks = masked_files(session, list(keys.values()))
    told = compare(read_manifest(before.manifest), read_manifest(after.manifest))
    by_label = {label: masks[key] for label, key in keys.items() if key in masks}
    return VersionComparison(before.submitted_at, after.submitted_at, told, by_label)
