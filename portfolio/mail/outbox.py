"""The letters kept here for want of a mail server, as a certifier may see them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, union
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
_LINK = re.compile(r"\S*/invitation/\S+")


@dataclass(frozen=True)
class KeptLetter:
    """A letter to hand over, whether its link still opens something, and whether that link is kept from this body.

    The link of a person known to another body too opens that body's dossiers: whoever runs the installation hands it over.
    """

    mail: Mail
    opens: bool
    withheld: bool

    @property
    def text(self) -> str:
        """What is shown of it."""
        return _LINK.sub("…", self.mail.text) if self.withheld else self.mail.text


def list_outbox(session: Session, body_id: UUID, at: datetime) -> list[KeptLetter]:
    """The last letters of this body and the resets of people linked to it alone, those whose link still waits first."""
    known = _people_of(body_id, known=True).subquery()
    elsewhere = set(session.scalars(_people_of(body_id, known=False)))
    mine = (Mail.body_id == body_id) | (Mail.body_id.is_(None) & Mail.person_id.in_(select(known)))
    # Letters about conversations are nobody's to hand over: they concern two people, perhaps of another body.
    query = (
        select(Mail)
        .where(mine, Mail.unsubscribe.is_(None))
        .options(joinedload(Mail.person))
        .order_by(Mail.written_at.desc(), Mail.id)
    )
    waiting = set(session.scalars(select(Ticket.person_id).where(Ticket.used_at.is_(None), Ticket.expires_at > at)))
    letters = session.scalars(query.limit(SHOWN)).all()
    opening = _live_links(session, letters, at)
    told: set[UUID | None] = set()
    shown = []
    for mail in letters:
        withheld = bool(_LINK.search(mail.text)) and mail.person_id in elsewhere
        if withheld and mail.body_id is None:
            continue
        opens = "/invitation/" in mail.text and not withheld and mail.person_id in waiting and mail.person_id not in told
        if opens:
            told.add(mail.person_id)  # an older link of the same person no longer works
        shown.append(KeptLetter(mail, opens or mail.id in opening, withheld))
    return sorted(shown, key=lambda letter: not letter.opens)


def _live_links(session: Session, letters: Sequence[Mail], at: datetime) -> set[UUID]:
    """The letters whose link lets a third party answer a request that still waits."""
    tokens = {digest(found.group(1)): mail.id for mail in letters if (found := _ANSWERING.search(mail.text))}
    rows = session.execute(
        select(AttestationLink.token_digest, AttestationRequest)
        .join(AttestationRequest, AttestationRequest.id == AttestationLink.request_id)
        .where(AttestationLink.token_digest.in_(tokens))
    )
    return {tokens[key] for key, request in rows if refused(request.course, Act.WRITE, at) is None}


def _people_of(body_id: UUID, *, known: bool) -> Select[Any]:
    """Everybody who is something to this body; or, when not `known`, to any other one."""

    def there(column: Any) -> Any:
        return column == body_id if known else column != body_id

    everyone = union(
        select(BodyMember.person_id).where(there(BodyMember.body_id)),
        _of_candidacies(there, Candidacy.candidate_id),
        _of_candidacies(there, Candidacy.advisor_id),
        select(Member.person_id).join(JurySession, JurySession.id == Member.session_id).where(there(JurySession.body_id)),
    ).subquery()
    return select(everyone.c.person_id)


def _of_candidacies(there: Any, column: Any) -> Any:
    return (
        select(column.label("person_id"))
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(there(Certification.body_id), column.is_not(None))
    )
