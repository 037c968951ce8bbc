"""The letters kept here for want of a mail server, as a certifier may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.account.models import BodyMember
from portfolio.candidacy.models import Candidacy
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.jury.models import JurySession, Member
from portfolio.mail.models import Mail

SHOWN = 200


def list_outbox(session: Session, body_id: UUID) -> Sequence[Mail]:
    """The last letters of this body, and the resets of people linked to it; the newest first."""
    sits = select(Member.person_id).join(JurySession, JurySession.id == Member.session_id).where(JurySession.body_id == body_id)
    linked = or_(
        Mail.person_id.in_(select(BodyMember.person_id).where(BodyMember.body_id == body_id)),
        Mail.person_id.in_(_of_candidacies(body_id, Candidacy.candidate_id)),
        Mail.person_id.in_(_of_candidacies(body_id, Candidacy.advisor_id)),
        Mail.person_id.in_(sits),
    )
    mine = or_(Mail.body_id == body_id, Mail.body_id.is_(None) & linked)
    query = select(Mail).where(mine).options(joinedload(Mail.person)).order_by(Mail.written_at.desc(), Mail.id)
    return session.scalars(query.limit(SHOWN)).all()


def _of_candidacies(body_id: UUID, column: Any) -> Any:
    return (
        select(column)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id, column.is_not(None))
    )
