"""The letters kept here for want of a mail server, as a certifier may see them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import Session, joinedload

from portfolio.account.models import BodyMember, CertifyingBody, Ticket
from portfolio.account.services import digest
from portfolio.attestation.models import AttestationLink, AttestationRequest
from portfolio.attestation.rules import Act, refused
from portfolio.candidacy.models import Candidacy
from portfolio.certification.models import Certification, CertificationVersion
from portfolio.jury.models import Hearing, HearingMember, JurySession, Member
from portfolio.mail.models import Mail
from portfolio.mail.services import OF_ACCOUNTS

SHOWN = 200
_ANSWERING = re.compile(r"/attester/([\w-]+)")


@dataclass(frozen=True)
class KeptLetter:
    """A letter to hand over, and whether its link still opens something."""

    mail: Mail
    opens: bool


def is_alone(session: Session) -> bool:
    """Whether one body has this installation for itself.

    Where several share it, what is written to someone invited tells whether another one knew them, and a link to choose a
    password would open what they have elsewhere: no body hands these over, whoever runs the installation does.
    """
    return (session.scalar(select(func.count()).select_from(CertifyingBody)) or 0) < 2


def list_outbox(session: Session, body_id: UUID, at: datetime) -> list[KeptLetter]:
    """The last letters of this body, those whose link still waits first; where it is alone, the links of its people too."""
    query = select(Mail).where(_shown(session, body_id)).options(joinedload(Mail.person))
    letters = session.scalars(query.order_by(Mail.written_at.desc(), Mail.id).limit(SHOWN)).all()
    waiting = set(session.scalars(select(Ticket.person_id).where(Ticket.used_at.is_(None), Ticket.expires_at > at)))
    opening = _live_links(session, letters, at)
    told: set[UUID | None] = set()
    shown = []
    for mail in letters:
        opens = "/invitation/" in mail.text and mail.person_id in waiting and mail.person_id not in told
        if opens:
            told.add(mail.person_id)  # an older link of the same person no longer works
        shown.append(KeptLetter(mail, opens or mail.id in opening))
    return sorted(shown, key=lambda letter: not letter.opens)


def _shown(session: Session, body_id: UUID) -> Any:
    # Letters about conversations are nobody's to hand over: they concern two people, perhaps of another body.
    ours = (Mail.body_id == body_id) & Mail.unsubscribe.is_(None)
    if not is_alone(session):
        return ours & (Mail.kind.is_(None) | Mail.kind.not_in(OF_ACCOUNTS))
    resets = Mail.body_id.is_(None) & Mail.person_id.in_(_people_of(body_id)) & Mail.unsubscribe.is_(None)
    return or_(ours, resets)


def _live_links(session: Session, letters: Sequence[Mail], at: datetime) -> set[UUID]:
    """The letters whose link lets a third party answer a request that still waits."""
    tokens = {digest(found.group(1)): mail.id for mail in letters if (found := _ANSWERING.search(mail.text))}
    rows = session.execute(
        select(AttestationLink.token_digest, AttestationRequest)
        .join(AttestationRequest, AttestationRequest.id == AttestationLink.request_id)
        .where(AttestationLink.token_digest.in_(tokens))
    )
    return {tokens[key] for key, request in rows if refused(request.course, Act.WRITE, at) is None}


def _people_of(body_id: UUID) -> Select[Any]:
    """Everybody who is something to this body."""
    everyone = union(
        select(BodyMember.person_id).where(BodyMember.body_id == body_id),
        _of_candidacies(body_id, Candidacy.candidate_id),
        _of_candidacies(body_id, Candidacy.advisor_id),
        select(Member.person_id).join(JurySession, JurySession.id == Member.session_id).where(JurySession.body_id == body_id),
        select(HearingMember.person_id)
        .join(Hearing, Hearing.id == HearingMember.hearing_id)
        .join(JurySession, JurySession.id == Hearing.session_id)
        .where(JurySession.body_id == body_id),
    ).subquery()
    return select(everyone.c.person_id)


def _of_candidacies(body_id: UUID, column: Any) -> Any:
    return (
        select(column.label("person_id"))
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == body_id, column.is_not(None))
    )
