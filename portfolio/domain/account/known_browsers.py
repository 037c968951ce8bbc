"""Browsers in which a person has logged in.

Their cookie opens nothing: it only gives the browser a count of tries of its own. A token is random, bound to
one account, replaced at each log-in, and kept as a digest. It ends after a year, with a new password, with
the suspension of its account, or when the person has logged in in ten later browsers.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import KnownBrowser, Person
from portfolio.domain.account.rules import KNOWN_BROWSER_LIFE, KNOWN_BROWSERS


def find_known_browser(session: Session, tokens: Sequence[str], email: str, *, at: datetime) -> bytes | None:
    """Return the digest of the token, among these, that was given to this account; None without one."""
    return session.scalar(
        select(KnownBrowser.token_digest)
        .join(Person, Person.id == KnownBrowser.person_id)
        .where(
            KnownBrowser.token_digest.in_([_digest(token) for token in tokens]),
            KnownBrowser.known_at > at - KNOWN_BROWSER_LIFE,
            Person.email == email,
        )
        .limit(1)
    )


def know_browser(
    session: Session, person_id: UUID, tokens: Sequence[str], *, at: datetime
) -> tuple[str, ...]:
    """Give the browser of a person who has just proved their password a new token, and return the tokens its
    cookie then holds.

    The token that it had for this person ends. Those of other people who use the same browser stay.
    """
    digests = {token: _digest(token) for token in tokens}
    mine = select(KnownBrowser.token_digest).where(
        KnownBrowser.person_id == person_id, KnownBrowser.token_digest.in_(list(digests.values()))
    )
    replaced = set(session.scalars(mine).all())
    session.execute(delete(KnownBrowser).where(KnownBrowser.token_digest.in_(replaced)))
    token = secrets.token_urlsafe(32)
    session.add(KnownBrowser(token_digest=_digest(token), person_id=person_id, known_at=at))
    session.flush()
    _delete_oldest(session, person_id, at)
    return (token, *(other for other, digest in digests.items() if digest not in replaced))


def delete_browsers(session: Session, person_id: UUID) -> None:
    """Forget every browser of a person: after a new password, or a suspension."""
    session.execute(delete(KnownBrowser).where(KnownBrowser.person_id == person_id))


def _delete_oldest(session: Session, person_id: UUID, at: datetime) -> None:
    newest = (
        select(KnownBrowser.token_digest)
        .where(KnownBrowser.person_id == person_id, KnownBrowser.known_at > at - KNOWN_BROWSER_LIFE)
        .order_by(KnownBrowser.known_at.desc(), KnownBrowser.token_digest)
        .limit(KNOWN_BROWSERS)
    )
    keep = session.scalars(newest).all()
    session.execute(
        delete(KnownBrowser).where(
            KnownBrowser.person_id == person_id, KnownBrowser.token_digest.not_in(keep)
        )
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
