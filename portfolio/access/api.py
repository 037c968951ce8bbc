"""The program that calls: its token, the member who made it, and what both may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess, find_body_access
from portfolio.access.policy import Permission, allows, may_write
from portfolio.domain.api_access.rules import ApiScope, looks_like_token
from portfolio.domain.api_access.use_cases import CalledToken, find_token

_BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A program that calls in the name of a body."""

    token: CalledToken
    body: BodyAccess


def find_caller(session: Session, authorization: str, *, at: datetime) -> ApiCaller | None:
    """Return who calls with this header; None without a live token."""
    text = authorization.removeprefix(_BEARER).strip()
    if not authorization.startswith(_BEARER) or not looks_like_token(text):
        return None
    token = find_token(session, text, at=at)
    if token is None:
        return None
    body = find_body_access(session, token.made_by, str(token.body_id), only=True)
    return ApiCaller(token, body) if body is not None else None


def may_call(caller: ApiCaller, scope: ApiScope | None, permission: Permission, *, writes: bool) -> bool:
    """Say whether a call is within the scopes of its token and the rights of the member who made it."""
    if scope is not None and scope not in caller.token.scopes:
        return False
    return (may_write if writes else allows)(caller.body.standing, permission)
