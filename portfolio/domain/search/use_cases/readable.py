"""The SQL conditions under which a person finds a text: the same people as `access.policy` lets read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models import Dossier
from portfolio.domain.evidence.models.evidence import Evidence, EvidenceFile
from portfolio.domain.evidence.models.masking import PrivateFile
from portfolio.domain.jury.models.sessions import Hearing, belongs_to_jury
from portfolio.domain.jury.models.statements import stated_by
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.use_cases.exclusions import is_excluded
from portfolio.domain.search.models import SearchEntry
from portfolio.domain.submission.models import SealedFile, Submission

_newer = EvidenceFile.__table__.alias("newer")


def readable_drafts(person_id: UUID, candidacy_id: UUID | None = None) -> Select[UUID]:
    """Return the candidacies whose draft the person writes or advises (`READ_DRAFT`), or that one of them."""
    query = (
        select(Candidacy.id)
        .join(Dossier, Dossier.candidacy_id == Candidacy.id)
        .where(
            or_(Candidacy.candidate_id == person_id, Candidacy.advisor_id == person_id), Dossier.is_required
        )
    )
    return query if candidacy_id is None else query.where(Candidacy.id == candidacy_id)


def is_in_draft(drafts: Select[UUID]) -> ColumnElement[bool]:
    """Return the condition: one of these drafts holds the text, of a piece that was not removed, in its
    current file.
    """
    removed = exists().where(Evidence.id == SearchEntry.evidence_id, Evidence.removed_at.is_not(None))
    replaced = exists().where(
        EvidenceFile.id == SearchEntry.file_id,
        _newer.c.evidence_id == EvidenceFile.evidence_id,
        _newer.c.number > EvidenceFile.number,
    )
    private = exists().where(PrivateFile.file_id == SearchEntry.file_id)
    return and_(
        SearchEntry.submission_id.is_(None),
        SearchEntry.candidacy_id.in_(drafts),
        ~removed,
        ~replaced,
        ~private,
    )


def heard_submission(person_id: UUID, hearing_id: UUID, closed_since: datetime) -> Select[Any]:
    """Return the submission of a hearing at which the person sits and may read (`READ_HEARING`); none of
    another.
    """
    return select(Hearing.submission_id).where(
        Hearing.id == hearing_id,
        belongs_to_jury(person_id),
        stated_by(person_id, StatementKind.NO_RELATION),
        ~is_excluded(person_id),
        or_(Hearing.closed_at.is_(None), Hearing.closed_at >= closed_since),
    )


def is_sealed_in(submissions: Select[Any]) -> ColumnElement[bool]:
    """Return the condition: the entry is of a text that one of these seals holds, or of a page of a file that
    it names.
    """
    files = (
        select(EvidenceFile.id)
        .join(SealedFile, SealedFile.key == EvidenceFile.key)
        .where(SealedFile.submission_id.in_(submissions))
    )
    return or_(SearchEntry.submission_id.in_(submissions), SearchEntry.file_id.in_(files))


def candidacies_of(submissions: Select[Any]) -> Select[UUID]:
    """Return the candidacies of these submissions."""
    return select(Submission.candidacy_id).where(Submission.id.in_(submissions))
