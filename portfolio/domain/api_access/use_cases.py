"""Make, renew and end tokens; find the one of a call; keep calls, answers and references."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session, joinedload

from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.account.credentials import manages
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.api_access.models import ApiAnswer, ApiCall, ApiToken, CandidacyReference, Webhook
from portfolio.domain.api_access.rules import (
    ANSWERS_KEPT,
    CALLS,
    CALLS_KEPT,
    TWIN_LIFE,
    WARNED_DAYS,
    WINDOW,
    ApiRefusal,
    ApiScope,
    NewToken,
    TokenState,
    draw_token,
    state_of,
    token_digest,
    warning_due,
)
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email
from portfolio.errors import Refusal


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token as the page of a body shows it."""

    id: UUID
    name: str
    visible: str
    scopes: tuple[ApiScope, ...]
    maker: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: TokenState
    is_renewed: bool


def maker_manages(made: type[ApiToken | Webhook]) -> ColumnElement[bool]:
    """Return the condition that the maker of a token or a webhook has an account that is open, and still manages
    the team of its body.
    """
    return exists().where(
        CertifyingBodyMember.body_id == made.body_id,
        CertifyingBodyMember.person_id == made.made_by,
        Person.id == made.made_by,
        Person.suspended_at.is_(None),
        manages(CertifyingBodyMember),
    )


def list_tokens(session: Session, body_id: UUID, *, at: datetime, only: UUID | None = None) -> tuple[ListedToken, ...]:
    """List the tokens of a body, the last made first, or one of them."""
    query = (
        select(
            ApiToken,
            maker_manages(ApiToken),
            ApiToken.id.in_(select(ApiToken.twin_of).where(ApiToken.twin_of.is_not(None))),
        )
        .where(ApiToken.body_id == body_id, *([ApiToken.id == only] if only else []))
        .options(joinedload(ApiToken.maker))
        .order_by(ApiToken.made_at.desc(), ApiToken.id)
    )
    return tuple(
        ListedToken(
            token.id,
            token.name,
            token.visible,
            tuple(map(ApiScope, token.scopes)),
            token.maker.name,
            token.made_at,
            token.expires_at,
            token.last_used_at,
            state_of(token.expires_at, token.revoked_at, is_orphan=not manages, at=at),
            bool(is_renewed),
        )
        for token, manages, is_renewed in session.execute(query)
    )


@dataclass(frozen=True, slots=True)
class CalledToken:
    """The token of a call: whose it is, what it may do, and how many calls it made in this window."""

    id: UUID
    body_id: UUID
    name: str
    scopes: frozenset[ApiScope]
    made_by: UUID
    expires_at: datetime
    namespace: UUID
    calls: int


def find_token(session: Session, text: str, *, at: datetime) -> CalledToken | None:
    """Return the live token that a call gives; None for one that ended, or that nobody was given."""
    recent = (
        select(func.count())
        .select_from(ApiCall)
        .where(ApiCall.token_id == ApiToken.id, ApiCall.called_at > at - WINDOW)
        .scalar_subquery()
    )
    row = session.execute(
        select(ApiToken, maker_manages(ApiToken).label("manages"), recent.label("calls")).where(
            ApiToken.token_digest == token_digest(text)
        )
    ).first()
    if row is None:
        return None
    token = row.ApiToken
    if state_of(token.expires_at, token.revoked_at, is_orphan=not row.manages, at=at) is not TokenState.LIVE:
        return None
    scopes = frozenset(map(ApiScope, token.scopes))
    return CalledToken(
        token.id, token.body_id, token.name, scopes, token.made_by, token.expires_at, token.namespace, row.calls
    )


def make_token(
    session: Session,
    body_id: UUID,
    name: str,
    scopes: Collection[ApiScope],
    days: int,
    *,
    by: UUID,
    has_second_factor: bool,
    at: datetime,
) -> NewToken:
    """Make a token for `days` days and return it with its text, which is not kept.

    Raise Refusal when its maker has no second factor.
    """
    if not has_second_factor:
        raise Refusal(ApiRefusal.NO_SECOND_FACTOR)
    key = new_id()
    made, drawn = {"body_id": body_id, "name": name, "scopes": sorted(scopes), "namespace": key}, draw_token()
    _add(session, key, made, drawn, at + timedelta(days=days), by=by, at=at)
    return drawn


def renew_token(
    session: Session, body_id: UUID, token_id: UUID, *, by: UUID, has_second_factor: bool, at: datetime
) -> NewToken:
    """Make the twin of a token, with its name, scopes and length of life; the former one ends within thirty days.

    Raise Refusal when it ended, when it was renewed before, or when the maker has no second factor.
    """
    if not has_second_factor:
        raise Refusal(ApiRefusal.NO_SECOND_FACTOR)
    former = session.get_one(ApiToken, token_id, with_for_update=True)
    if former.revoked_at is not None or former.expires_at <= at:
        raise Refusal(ApiRefusal.ACCESS_ENDED)
    if session.scalar(select(exists().where(ApiToken.twin_of == token_id))):
        raise Refusal(ApiRefusal.RENEWED_ALREADY)
    life, key, drawn = former.expires_at - former.made_at, new_id(), draw_token()
    made = {"body_id": body_id, "name": former.name, "scopes": former.scopes, "namespace": former.namespace}
    _add(session, key, {**made, "twin_of": former.id}, drawn, at + life, by=by, at=at)
    former.expires_at = min(former.expires_at, at + TWIN_LIFE)
    # The letter would tell of the end that this act chose.
    former.warned_days = min(WARNED_DAYS)
    return drawn


def _add(
    session: Session, key: UUID, values: Mapping[str, Any], drawn: NewToken, until: datetime, *, by: UUID, at: datetime
) -> None:
    known = {"visible": drawn.visible, "token_digest": drawn.digest, "made_by": by, "made_at": at, "expires_at": until}
    session.add(ApiToken(id=key, **values, **known))
    record_event(session, "api_token_made", ("api_token", key), by=by, at=at, scopes=" ".join(values["scopes"]))


def revoke_token(session: Session, token_id: UUID, *, by: UUID, at: datetime) -> None:
    """End a token at once; ending it twice is ending it once."""
    token = session.get_one(ApiToken, token_id, with_for_update=True)
    if token.revoked_at is None:
        token.revoked_at = at
        record_event(session, "api_token_revoked", ("api_token", token_id), by=by, at=at)


def record_call(
    session: Session, token_id: UUID, operation: str, object_id: str, status: int, milliseconds: int, *, at: datetime
) -> None:
    """Keep one call, and that the token served."""
    session.add(
        ApiCall(
            token_id=token_id,
            called_at=at,
            operation=operation,
            object_id=object_id[:60],
            status=status,
            milliseconds=milliseconds,
        )
    )
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=at))


def list_calls(session: Session, token_id: UUID, limit: int) -> Sequence[ApiCall]:
    """Return the last calls of a token."""
    query = select(ApiCall).where(ApiCall.token_id == token_id)
    return session.scalars(query.order_by(ApiCall.called_at.desc(), ApiCall.seq.desc()).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer that a call with the same key got."""

    status: int
    answer: str
    is_same_request: bool


def claim_answer(session: Session, token_id: UUID, key: str, digest: bytes, *, at: datetime) -> KeptAnswer | None:
    """Reserve the answer of a call in the transaction that acts; return the one that was given, if any.

    Of two calls at once, the second waits here until the first has committed.
    """
    taken = {"token_id": token_id, "nonce": key, "request_digest": digest, "status": 0, "answer": "", "answered_at": at}
    if insert_if_absent(session, ApiAnswer, ("token_id", "nonce"), **taken):
        return None
    row = session.get_one(ApiAnswer, (token_id, key))
    return KeptAnswer(row.status, row.answer, row.request_digest == digest)


def keep_answer(session: Session, token_id: UUID, key: str, status: int, answer: str) -> None:
    """Keep what is answered, for the call that repeats this one."""
    row = session.get_one(ApiAnswer, (token_id, key))
    row.status, row.answer = status, answer


def load_references(session: Session, namespace: UUID, candidacies: Collection[UUID]) -> dict[UUID, str]:
    """Return how the program of a token names these candidacies."""
    rows = session.execute(
        select(CandidacyReference.candidacy_id, CandidacyReference.reference).where(
            CandidacyReference.namespace == namespace, CandidacyReference.candidacy_id.in_(candidacies)
        )
    )
    return {row.candidacy_id: row.reference for row in rows}


def find_referenced(session: Session, namespace: UUID, references: Collection[str]) -> dict[str, UUID]:
    """Return the candidacies that the program of a token names so."""
    rows = session.execute(
        select(CandidacyReference.reference, CandidacyReference.candidacy_id).where(
            CandidacyReference.namespace == namespace, CandidacyReference.reference.in_(references)
        )
    )
    return {row.reference: row.candidacy_id for row in rows}


def warn_of_expiry(session: Session, *, at: datetime) -> int:
    """Write to the makers of the tokens that end soon, once for each bound; return how many letters."""
    query = (
        select(ApiToken)
        .where(
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > at,
            ApiToken.expires_at <= at + timedelta(days=max(WARNED_DAYS)),
            maker_manages(ApiToken),
        )
        .options(joinedload(ApiToken.maker))
        .with_for_update(of=ApiToken)
    )
    return sum(1 for token in session.scalars(query) if _warn(session, token, at))


def _warn(session: Session, token: ApiToken, at: datetime) -> bool:
    due = warning_due(token.expires_at, token.warned_days, at)
    if due is None:
        return False
    token.warned_days = due
    facts = {"name": token.maker.name, "token": token.name, "expires_at": token.expires_at}
    queue_email(session, token.maker, EmailTemplate.ACCESS_EXPIRES, at=at, body_id=token.body_id, **facts)
    return True


def purge(session: Session, *, at: datetime) -> int:
    """Delete the calls and the answers that are no longer kept; return how many."""
    calls = session.execute(delete(ApiCall).where(ApiCall.called_at < at - CALLS_KEPT))
    answers = session.execute(delete(ApiAnswer).where(ApiAnswer.answered_at < at - ANSWERS_KEPT))
    return _number(calls) + _number(answers)


def _number(result: Any) -> int:
    return int(result.rowcount or 0)


def calls_left(token: CalledToken) -> int:
    """Return how many calls the token has left in this window, this one counted."""
    return max(0, CALLS - token.calls)
