"""The rows of the matrix, as light as they can be: competencies, claims and pieces, one query each, whatever the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from portfolio.candidacy.models import Candidacy, candidacy_block
from portfolio.certification.models import Block, Competency
from portfolio.db import as_kept, written
from portfolio.dossier.models import Claim, Narrative
from portfolio.dossier.services.basis import piece_part
from portfolio.evidence.models import Evidence, EvidenceFile, may_lack
from portfolio.evidence.rules import Anonymity, Authorship, Confidentiality, EvidenceKind, Piece
from portfolio.review.models import Mark

# Rows without entities: nothing here is written back, and thousands may be read.
_block, _competency, _mark = Block.__table__, Competency.__table__, Mark.__table__
_candidacy, _claim, _narrative = Candidacy.__table__, Claim.__table__, Narrative.__table__
_evidence, _file = Evidence.__table__, EvidenceFile.__table__

PROMPTS = ("situation", "actions", "choices", "result")


class PieceRow(NamedTuple):
    """A piece of the matrix; what it says of itself is only read when a fact may be missing, or when nothing claims it."""

    number: int
    part: str
    said: Piece | None


def competency_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Answer each competency of the version, in order: its block, its narrative, the mark that stands, in one query."""
    return session.execute(_COMPETENCIES, {"candidacy": candidacy_id}).all()


def claim_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Answer each claim, in one query: its competency, its piece and its id as kept, its revision, whether it has no comment."""
    return session.execute(_CLAIMS, {"candidacy": candidacy_id}).all()


def piece_rows(session: Session, candidacy_id: UUID) -> Mapping[Any, PieceRow]:
    """Answer the pieces that were not removed, by number, under the key that their claims name, in one query."""
    rows = session.execute(_PIECES, {"candidacy": candidacy_id}).all()
    return {
        key: PieceRow(number, piece_part(written(key), revision, sha256), _said(*said) if said[0] is not None else None)
        for key, number, revision, sha256, *said in rows
    }


def _said(
    title: str, kind: str | None, since: date | None, until: date | None, experience: bool, role: str,
    authorship: str | None, part: str, confidentiality: str | None, anonymity: str | None, address: str, captured: date | None,
) -> Piece:  # fmt: skip
    """What a piece says of itself, from its row; its codes are read for the few pieces that need it."""
    return Piece(
        title, EvidenceKind(kind) if kind else None, since, until, bool(experience), role,
        Authorship(authorship) if authorship else None, part,
        Confidentiality(confidentiality) if confidentiality else None, Anonymity(anonymity) if anonymity else None,
        address, captured,
    )  # fmt: skip


def _competencies() -> Select[*tuple[Any, ...]]:
    newer = _mark.alias()
    last = select(func.max(newer.c.seq)).where(newer.c.candidacy_id == _candidacy.c.id, newer.c.competency_id == _competency.c.id)
    return (
        select(
            *(_block.c.id.label("block_id"), _block.c.number.label("block"), _block.c.title),
            candidacy_block.c.candidacy_id.is_not(None).label("asked"),
            *(_competency.c.id, _competency.c.number, _competency.c.text, as_kept(_competency.c.id).label("key")),
            *(as_kept(_narrative.c.id).label("narrative"), _narrative.c.revision),
            *((func.coalesce(_narrative.c[name], "") == "").label(name) for name in PROMPTS),
            *(_mark.c.value, _mark.c.basis),
        )
        .select_from(_candidacy)
        .join(_block, _block.c.version_id == _candidacy.c.version_id)
        .join(_competency, _competency.c.block_id == _block.c.id)
        .outerjoin(
            candidacy_block,
            (candidacy_block.c.block_id == _block.c.id) & (candidacy_block.c.candidacy_id == _candidacy.c.id),
        )
        .outerjoin(_narrative, (_narrative.c.candidacy_id == _candidacy.c.id) & (_narrative.c.competency_id == _competency.c.id))
        .outerjoin(_mark, _mark.c.seq == last.correlate(_candidacy, _competency).scalar_subquery())
        .where(_candidacy.c.id == bindparam("candidacy"))
        .order_by(_block.c.number, _competency.c.number)
    )


def _pieces() -> Select[*tuple[Any, ...]]:
    told = _evidence.alias()
    newest = select(func.max(_file.c.number)).where(_file.c.evidence_id == _evidence.c.id).correlate(_evidence).scalar_subquery()
    unclaimed = ~exists(select(_claim.c.id).where(_claim.c.evidence_id == told.c.id))
    return (
        select(
            *(as_kept(_evidence.c.id).label("key"), _evidence.c.number, _evidence.c.revision, _file.c.sha256),
            *(told.c.title, as_kept(told.c.kind).label("kind"), told.c.dated_from, told.c.dated_to),
            *(as_kept(told.c.experience_id.is_not(None)).label("has_experience"), told.c.own_role),
            *(as_kept(told.c.authorship).label("authorship"), told.c.own_part),
            *(as_kept(told.c.confidentiality).label("confidentiality"), as_kept(told.c.anonymity).label("anonymity")),
            *(told.c.web_address, told.c.captured_on),
        )
        .join(_file, (_file.c.evidence_id == _evidence.c.id) & (_file.c.number == newest))
        .outerjoin(told, (told.c.id == _evidence.c.id) & (may_lack(told.c) | unclaimed))
        .where(_evidence.c.candidacy_id == bindparam("candidacy"), _evidence.c.removed_at.is_(None))
        .order_by(_evidence.c.number)
    )


_COMPETENCIES = _competencies()
_PIECES = _pieces()
_CLAIMS = select(
    *(as_kept(_claim.c.competency_id).label("competency"), as_kept(_claim.c.evidence_id).label("evidence")),
    *(as_kept(_claim.c.id).label("id"), _claim.c.revision, as_kept(_claim.c.comment == "").label("bare")),
).where(_claim.c.candidacy_id == bindparam("candidacy"))
