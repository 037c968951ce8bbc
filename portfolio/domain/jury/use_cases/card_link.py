"""The link by which a person fills in their own card: sent by e-mail, with an end, until the body takes it
back.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.account.tokens import token_hash
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, ExternalRecipient, queue_email_to_outsider
from portfolio.domain.jury.models.pool import Juror
from portfolio.domain.jury.rules.juror_card import CARD_LINK_DAYS, JurorCard, PoolRefusal
from portfolio.domain.jury.use_cases.pool import WITH_CARD, change_juror
from portfolio.errors import Refusal

# What only the body decides: the person's own form does not change it.
_OF_THE_BODY = (
    "email",
    "is_director",
    "delegated_from",
    "delegated_until",
    "seats",
    "qualified_for",
    "distance_km",
)


def send_card_link(session: Session, juror: Juror, *, by: UUID, at: datetime) -> None:
    """Write to a person the link of their card; an earlier link stops working.

    Raise Refusal when they left the pool.
    """
    if juror.removed_at is not None:
        raise Refusal(PoolRefusal.REMOVED, name=juror.name)
    token = secrets.token_urlsafe(32)
    juror.link_hash, juror.link_until = token_hash(token), at + timedelta(days=CARD_LINK_DAYS)
    body = session.get_one(CertifyingBody, juror.body_id)
    recipient = ExternalRecipient(juror.name, juror.email, juror.body_id)
    facts = {"name": juror.name, "body": body.name, "token": token, "until": juror.link_until}
    queue_email_to_outsider(session, recipient, EmailTemplate.JUROR_CARD, at=at, **facts)
    record_event(session, "pool_link_sent", ("juror", juror.id), by=by, at=at)


def find_card(session: Session, token: str, *, at: datetime, lock: bool = False) -> Juror | None:
    """Return the juror whose link this is, while it works; None for any other link."""
    query = select(Juror).where(
        Juror.link_hash == token_hash(token), Juror.link_until > at, Juror.removed_at.is_(None)
    )
    if lock:
        query = query.with_for_update()
    return session.scalar(query.options(*WITH_CARD))


def fill_card(session: Session, token: str, card: JurorCard, *, revision: int, at: datetime) -> None:
    """Save what a person says of themselves; what only the body decides stays. The link works until its end.

    Raise Refusal when the link has ended, Conflict when the card was saved since the form was opened.
    """
    juror = find_card(session, token, at=at, lock=True)
    if juror is None:
        raise Refusal(PoolRefusal.LINK_ENDED)
    kept = juror.to_value()
    own = replace(card, **{name: getattr(kept, name) for name in _OF_THE_BODY})
    change_juror(session, juror, own, revision=revision, by=None, at=at)
    juror.filled_at = at
