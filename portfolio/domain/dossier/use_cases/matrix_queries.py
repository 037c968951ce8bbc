"""The rows of the matrix, as light as they can be: competencies, claims and pieces, one query each, whatever
the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, Text, bindparam, cast, exists, func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.db.sql_functions import raw_column, uuid_hex
from portfolio.domain.candidacy.models import Candidacy, candidacy_block
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models import Claim, Narrative, PostponedBlock
from portfolio.domain.evidence.models.evidence import Evidence, is_joined, may_be_incomplete
from portfolio.domain.evidence.rules.description import EvidenceDescription
from portfolio.domain.evidence.rules.kinds import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.holdings.use_cases.notified_results import last_notified_finding
from portfolio.domain.review.models import CoverageReview

# Rows without entities: nothing here is written back, and thousands may be read.
_block, _competency, _mark = Block.__table__, Competency.__table__, CoverageReview.__table__
_candidacy, _claim, _narrative = Candidacy.__table__, Claim.__table__, Narrative.__table__
_evidence, _postponed = Evidence.__table__, PostponedBlock.__table__

PROMPTS = ("situation", "actions", "choices", "result")


class EvidenceRow(NamedTuple):
    """A piece of which something may be asked: its id, its number, whether a claim names it, and its facts as
    kept.
    """

    id: UUID
    number: int
    claimed: bool
    facts: Sequence[Any]

    def said(self) -> EvidenceDescription:
        """What it says of itself."""
        (
            title,
            kind,
            since,
            until,
            experience,
            role,
            authorship,
            part,
            confidentiality,
            anonymity,
            address,
            captured,
        ) = self.facts
        return EvidenceDescription(
            title, EvidenceKind(kind) if kind else None, _day(since), _day(until), bool(experience), role,
            Authorship(authorship) if authorship else None, part,
            Confidentiality(confidentiality) if confidentiality else None,
            Anonymity(anonymity) if anonymity else None, address, _day(captured),
        )  # fmt: skip


def _day(stored: Any) -> date | None:
    return date.fromisoformat(stored) if isinstance(stored, str) else stored


def competency_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Return each competency of the version, in order, in one query: its block, its narrative, the mark that
    stands, what the last jury found."""
    return fetch_rows(session, _COMPETENCIES, {"candidacy": candidacy_id})


def claim_rows(session: Session, candidacy_id: UUID) -> Sequence[Any]:
    """Return a row for each competency that claims name, in one query: its id as kept, the numbers of their
    pieces, whether one has no comment. What was removed proves nothing any more."""
    return fetch_rows(session, _CLAIMS, {"candidacy": candidacy_id})


def incomplete_evidence_rows(session: Session, candidacy_id: UUID) -> tuple[EvidenceRow, ...]:
    """Return the pieces that may lack a fact or that no claim names, by number, in one query."""
    rows = fetch_rows(session, _WANTING, {"candidacy": candidacy_id})
    return tuple(EvidenceRow(row[0], row[1], bool(row[2]), row[3:]) for row in rows)


def _competencies() -> Select[*tuple[Any, ...]]:
    newer = _mark.alias()
    last = select(func.max(newer.c.seq)).where(
        newer.c.candidacy_id == _candidacy.c.id, newer.c.competency_id == _competency.c.id
    )
    return (
        select(
            *(_block.c.id.label("block_id"), _block.c.number.label("block"), _block.c.title),
            candidacy_block.c.candidacy_id.is_not(None).label("asked"),
            exists()
            .where(_postponed.c.candidacy_id == _candidacy.c.id, _postponed.c.block_id == _block.c.id)
            .label("postponed"),
            *(
                _competency.c.id,
                _competency.c.number,
                _competency.c.text,
                uuid_hex(_competency.c.id).label("key"),
            ),
            *((func.coalesce(_narrative.c[name], "") == "").label(name) for name in PROMPTS),
            *(_mark.c.value, _mark.c.reviewed_digest, _mark.c.content_digest),
            last_notified_finding(_candidacy.c.id, _competency.c.id).label("finding"),
        )
        .select_from(_candidacy)
        .join(_block, _block.c.version_id == _candidacy.c.version_id)
        .join(_competency, _competency.c.block_id == _block.c.id)
        .outerjoin(
            candidacy_block,
            (candidacy_block.c.block_id == _block.c.id) & (candidacy_block.c.candidacy_id == _candidacy.c.id),
        )
        .outerjoin(
            _narrative,
            (_narrative.c.candidacy_id == _candidacy.c.id) & (_narrative.c.competency_id == _competency.c.id),
        )
        .outerjoin(_mark, _mark.c.seq == last.correlate(_candidacy, _competency).scalar_subquery())
        .where(_candidacy.c.id == bindparam("candidacy"))
        .order_by(_block.c.number, _competency.c.number)
    )


def _claims() -> Select[*tuple[Any, ...]]:
    """The store joins and gathers: thousands of claims are a row a competency."""
    piece = _evidence.alias()
    # A claim without a comment is rare, and has an index of its own: the texts of the others are not read.
    bare = select(_claim.c.id).join(
        _evidence, (_evidence.c.id == _claim.c.evidence_id) & is_joined(_evidence.c)
    )
    claim = _claim.alias()
    of_candidacy = claim.c.candidacy_id == bindparam("candidacy")
    return (
        select(
            uuid_hex(claim.c.competency_id),
            func.aggregate_strings(cast(piece.c.number, Text), " "),
            exists(
                bare.where(
                    _claim.c.candidacy_id == bindparam("candidacy"),
                    _claim.c.competency_id == claim.c.competency_id,
                    _claim.c.comment == "",
                ).correlate(claim)
            ),
        )
        .join(piece, (piece.c.id == claim.c.evidence_id) & is_joined(piece.c))
        .where(of_candidacy)
        .group_by(claim.c.competency_id)
    )


def _wanting() -> Select[*tuple[Any, ...]]:
    claimed = exists().where(_claim.c.evidence_id == _evidence.c.id).correlate(_evidence)
    return (
        select(
            *(_evidence.c.id, _evidence.c.number, claimed.label("claimed")),
            *(_evidence.c.title, raw_column(_evidence.c.kind).label("kind")),
            *(
                raw_column(_evidence.c.dated_from).label("dated_from"),
                raw_column(_evidence.c.dated_to).label("dated_to"),
            ),
            *(
                raw_column(_evidence.c.experience_id.is_not(None)).label("has_experience"),
                _evidence.c.own_role,
            ),
            *(raw_column(_evidence.c.authorship).label("authorship"), _evidence.c.own_part),
            *(
                raw_column(_evidence.c.confidentiality).label("confidentiality"),
                raw_column(_evidence.c.anonymity).label("anonymity"),
            ),
            *(_evidence.c.web_address, raw_column(_evidence.c.captured_on).label("captured_on")),
        )
        .where(_evidence.c.candidacy_id == bindparam("candidacy"), is_joined(_evidence.c))
        .where(may_be_incomplete(_evidence.c) | ~claimed)
        .order_by(_evidence.c.number)
    )


_COMPETENCIES = _competencies()
_CLAIMS = _claims()
_WANTING = _wanting()
