"""Write the content digest of each competency; a review made on another digest is outdated."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.db.sql_functions import uuid_hex
from portfolio.domain.dossier.models import Claim, Narrative
from portfolio.domain.evidence.models.evidence import Evidence, EvidenceFile

ContentDigests = dict[UUID, dict[UUID, str]]


def load_content_digests(session: Session, candidacy_id: UUID) -> dict[UUID, str]:
    """Answer the digest of each competency of one candidacy that has a claim or a narrative."""
    return load_content_digests_by_candidacy(session, [candidacy_id]).get(candidacy_id, {})


def load_content_digests_by_candidacy(
    session: Session, candidacy_ids: Collection[UUID], among: Collection[UUID] | None = None
) -> ContentDigests:
    """Answer, by candidacy and competency (`among` these when given), the digest of all an advisor sees of
    it, in two queries.

    It changes when a claim is added, edited or removed, when a claimed piece is described anew, replaced or
    removed, and when the narrative is edited; for nothing else. A competency with neither is absent.
    """
    parts: defaultdict[UUID, defaultdict[UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    for candidacy_id, competency_id, part in (
        *_claims(session, candidacy_ids, among),
        *_narratives(session, candidacy_ids, among),
    ):
        parts[candidacy_id][competency_id].append(part)
    return {
        candidacy_id: {key: digest_of(texts) for key, texts in found.items()}
        for candidacy_id, found in parts.items()
    }


def _claims(
    session: Session, candidacy_ids: Collection[UUID], among: Collection[UUID] | None
) -> Iterator[tuple[UUID, UUID, str]]:
    last = (
        select(func.max(EvidenceFile.number))
        .where(EvidenceFile.evidence_id == Evidence.id)
        .correlate(Evidence)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Claim.candidacy_id,
            Claim.competency_id,
            claim_digest_part(Claim, evidence_digest_part(Evidence, EvidenceFile.number)),
        )
        .join(Evidence, Evidence.id == Claim.evidence_id)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last))
        .where(
            Claim.candidacy_id.in_(candidacy_ids),
            Evidence.removed_at.is_(None),
            _one_of(Claim.competency_id, among),
        )
    )
    return ((row[0], row[1], row[2]) for row in rows)


def _narratives(
    session: Session, candidacy_ids: Collection[UUID], among: Collection[UUID] | None
) -> Iterator[tuple[UUID, UUID, str]]:
    rows = session.execute(
        select(Narrative.candidacy_id, Narrative.competency_id, narrative_digest_part(Narrative)).where(
            Narrative.candidacy_id.in_(candidacy_ids), _one_of(Narrative.competency_id, among)
        )
    )
    return ((row[0], row[1], row[2]) for row in rows)


def _one_of(competency: InstrumentedAttribute[UUID], among: Collection[UUID] | None) -> ColumnElement[bool]:
    return true() if among is None else competency.in_(among)


def claim_digest_part(claim: Any, piece: ColumnElement[str]) -> ColumnElement[str]:
    """What a claim brings to the digest, told by the store: its id in digits, its own revision, and its
    `evidence_digest_part`.
    """
    return func.concat(uuid_hex(claim.id), " ", claim.revision, " ", piece, type_=Text)


def evidence_digest_part(piece: Any, version: Any) -> ColumnElement[str]:
    """What the piece of a claim brings to the digest: its number, its own revision, the version of its
    file.
    """
    return func.concat(piece.number, ".", piece.revision, ".", version, type_=Text)


def narrative_digest_part(narrative: Any) -> ColumnElement[str]:
    """What a narrative brings to the digest: its id in digits, its revision."""
    return func.concat(uuid_hex(narrative.id), " ", narrative.revision, type_=Text)


def digest_of(parts: Iterable[str]) -> str:
    """The digest of what stands behind one competency, in whatever order it was read."""
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
