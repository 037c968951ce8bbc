"""The letters kept here for want of a mail server, as a certifier may see them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.account.models import BodyMember, Ticket
from portfolio.account.services import digest
from portfolio.attestation.models import AttestationLink, AttestationRequest
from portfolio.attestation.rules import Act, refused
from portfolio.candidacy.models import Candidacy
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.jury.models import JurySession, Member
from portfolio.mail.models import Mail

SHOWN = 200
_ANSWERING = re.compile(r"/attester/([\w-]+)")


def list_outbox(session: Session, body_id: UUID, at: datetime) -> list[tuple[Mail, bool]]:
    """The last letters of this body and the resets of people linked to it, each with whether it still opens something.

    Those whose link still waits for its person come first: they are what a certifier hands over.
    """
    sits = select(Member.person_id).join(JurySession, JurySession.id == Member.session_id).where(JurySession.body_id == body_id)
    linked = or_(
        Mail.person_id.in_(select(BodyMember.person_id).where(BodyMember.body_id == body_id)),
        Mail.person_id.in_(_of_candidacies(body_id, Candidacy.candidate_id)),
        Mail.person_id.in_(_of_candidacies(body_id, Candidacy.advisor_id)),
        Mail.person_id.in_(sits),
    )
    mine = or_(Mail.body_id == body_id, Mail.body_id.is_(None) & linked)
    # Letters about conversations are nobody's to hand over: they concern two people, perhaps of another body.
    query = (
        select(Mail)
        .where(mine, Mail.unsubscribe.is_(None))
        .options(joinedload(Mail.person))
        .order_by(Mail.written_at.desc(), Mail.id)
    )
    letters = session.scalars(query.limit(SHOWN)).all()
    opening = _live_links(session, letters, at)
    waiting = set(session.scalars(select(Ticket.person_id).where(Ticket.used_at.is_(None), Ticket.expires_at > at)))
    told: set[UUID | None] = set()
    shown = []
    for mail in letters:
        opens = "/invitation/" in mail.text and mail.person_id in waiting and mail.person_id not in told
        if opens:
            told.add(mail.person_id)  # an older link of the same person no longer works
        shown.append((mail, opens or mail.id in opening))
    return sorted(shown, key=lambda pair: not pair[1])


def _live_links(session: Session, letters: Sequence[Mail], at: datetime) -> set[UUID]:
    """The letters whose link lets a third party answer a request that still waits."""
    tokens = {digest(found.group(1)): mail.id for mail in letters if (found := _ANSWERING.search(mail.text))}
    rows = session.execute(
        select(AttestationLink.token_digest, AttestationRequest)
        .join(AttestationRequest, AttestationRequest.id == AttestationLink.request_id)
        .where(AttestationLink.token_digest.in_(tokens))
    )
    return {tokens[key] for key, request in rows if refused(request.course, Act.WRITE, at) is None}


def _of_candidacies(body_id: UUID, column: Any) -> Any:
    return (
        select(column)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id, column.is_not(None))
    )
