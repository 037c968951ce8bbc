"""The rows of the matrix, as light as they can be: competencies, claims and pieces, one query each, whatever the size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from portfolio.candidacy.models import Candidacy, candidacy_block
from portfolio.certification.models import Block, Competency
from portfolio.db import as_kept, digits
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
    """A piece of the matrix: its number, its part of the digest, whether it may lack a fact, and its facts as kept."""

    number: int
    part: str
    may_lack: bool
    facts: Sequence[Any]

    def said(self) -> Piece:
        """What it says of itself; its codes are read for the few pieces that need it."""
        title, kind, since, until, experience, role, authorship, part, confidentiality, anonymity, address, captured = self.facts
        return Piece(
            title, EvidenceKind(kind) if kind else None, _day(since), _day(until), bool(experience), role,
            Authorship(authorship) if authorship else None, part,
            Confidentiality(confidentiality) if confidentiality else None, Anonymity(anonymity) if anonymity else None,
            address, _day(captured),
        )  # fmt: skip


def _day(kept: Any) -> date | None:
    return date.fromisoformat(kept) if isinstance(kept, str) else kept


def competency_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Answer each competency of the version, in order: its block, its narrative, the mark that stands, in one query."""
    return session.execute(_COMPETENCIES, {"candidacy": candidacy_id}).all()


def claim_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Answer each claim, in one query: its competency, its piece and its id as kept, its revision, whether it has no comment."""
    return session.execute(_CLAIMS, {"candidacy": candidacy_id}).all()


def piece_rows(session: Session, candidacy_id: UUID) -> Mapping[Any, PieceRow]:
    """Answer the pieces that were not removed, by number, under the key that their claims name, in one query."""
    rows = session.execute(_PIECES, {"candidacy": candidacy_id}).all()
    return {row[0]: PieceRow(row[1], piece_part(*row[1:4]), row[4], row[5:]) for row in rows}


def _competencies() -> Select[*tuple[Any, ...]]:
    newer = _mark.alias()
    last = select(func.max(newer.c.seq)).where(newer.c.candidacy_id == _candidacy.c.id, newer.c.competency_id == _competency.c.id)
    return (
        select(
            *(_block.c.id.label("block_id"), _block.c.number.label("block"), _block.c.title),
            candidacy_block.c.candidacy_id.is_not(None).label("asked"),
            *(_competency.c.id, _competency.c.number, _competency.c.text, digits(_competency.c.id).label("key")),
            *(digits(_narrative.c.id).label("narrative"), _narrative.c.revision),
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
    """A row for each version of a file, the last one last: asking the store which is the last costs more."""
    return (
        select(
            *(digits(_evidence.c.id).label("key"), _evidence.c.number, _evidence.c.revision, _file.c.number.label("version")),
            as_kept(may_lack(_evidence.c)).label("may_lack"),
            *(_evidence.c.title, as_kept(_evidence.c.kind).label("kind")),
            *(as_kept(_evidence.c.dated_from).label("dated_from"), as_kept(_evidence.c.dated_to).label("dated_to")),
            *(as_kept(_evidence.c.experience_id.is_not(None)).label("has_experience"), _evidence.c.own_role),
            *(as_kept(_evidence.c.authorship).label("authorship"), _evidence.c.own_part),
            *(as_kept(_evidence.c.confidentiality).label("confidentiality"), as_kept(_evidence.c.anonymity).label("anonymity")),
            *(_evidence.c.web_address, as_kept(_evidence.c.captured_on).label("captured_on")),
        )
        .join(_file, _file.c.evidence_id == _evidence.c.id)
        .where(_evidence.c.candidacy_id == bindparam("candidacy"), _evidence.c.removed_at.is_(None))
        .order_by(_evidence.c.number, _file.c.number)
    )


_COMPETENCIES = _competencies()
_PIECES = _pieces()
_CLAIMS = select(
    *(digits(_claim.c.competency_id).label("competency"), digits(_claim.c.evidence_id).label("evidence")),
    *(digits(_claim.c.id).label("id"), _claim.c.revision, as_kept(_claim.c.comment == "").label("bare")),
).where(_claim.c.candidacy_id == bindparam("candidacy"))
