"""A certificate of one block as its certifier sees it, before deciding anything of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.use_cases.status import (
    CertificateStatus,
    StatusChangeSummary,
    list_status_changes,
    load_certificate_status,
)
from portfolio.domain.jury.models.deliberation import Minutes


@dataclass(frozen=True, slots=True)
class CertificatePageData:
    """A certificate as its certifier sees it: where it stands, what was decided of it, what it bears on."""

    number: str
    holder: str
    block_number: int
    block_title: str
    grant_id: UUID
    granted_on: date
    standing: CertificateStatus
    minutes: str
    same_jury: tuple[int, ...]
    register: Mapping[str, Any]
    acts: tuple[StatusChangeSummary, ...]


def find_certificate_page(session: Session, candidacy_id: UUID, number: str) -> CertificatePageData | None:
    """Gather a certificate of one block for the certifier of a candidacy; None when it is not one of this
    candidacy's person.
    """
    row = session.execute(
        select(Certificate, Grant, Block, Minutes.number)
        .join(Grant, Grant.id == Certificate.grant_id)
        .join(Block, Block.id == Grant.block_id)
        .join(
            Candidacy,
            (Candidacy.candidate_id == Grant.person_id) & (Candidacy.version_id == Block.version_id),
        )
        .outerjoin(Minutes, Minutes.id == Grant.minutes_id)
        .where(Candidacy.id == candidacy_id, Certificate.number == number)
    ).first()
    if row is None:
        return None
    certificate, grant, block, minutes = row
    return CertificatePageData(
        number=certificate.number,
        holder=certificate.printed_text["holder"],
        block_number=block.number,
        block_title=block.title,
        grant_id=grant.id,
        granted_on=grant.granted_on,
        standing=load_certificate_status(session, certificate),
        minutes=minutes or "",
        same_jury=_same_jury(session, grant),
        register=certificate.printed_text["standing"],
        acts=tuple(list_status_changes(session, grant.id)),
    )


def _same_jury(session: Session, grant: Grant) -> tuple[int, ...]:
    query = (
        select(Block.number)
        .join(Grant, Grant.block_id == Block.id)
        .where(Grant.minutes_id == grant.minutes_id)
    )
    return tuple(session.scalars(query.order_by(Block.number))) if grant.minutes_id else (grant.block.number,)
