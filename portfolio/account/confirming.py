"""The password asked again before an act that carries a name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete

from portfolio.account.models import LoginTry
from portfolio.account.passwords import matches
from portfolio.account.services import digest, find_account, take_try
from portfolio.db import Database


class Confirmation(StrEnum):
    """Whether the person is who they say."""

    YES = "yes"
    WRONG = "wrong"
    TOO_MANY = "too_many"


def confirm(database: Database, person_id: UUID, email: str, password: str, *, at: datetime) -> Confirmation:
    """Look at a password outside any transaction, counting tries with those of logging in (≤ 10 in 10 minutes)."""
    with database.transaction() as session:
        if not take_try(session, email, at=at):
            return Confirmation.TOO_MANY
    with database.reader() as reader:
        account = find_account(reader, email)
    right = account is not None and account.person_id == person_id and not account.suspended
    if not matches(password, account.password_hash if account and right else None):
        return Confirmation.WRONG
    with database.transaction() as session:
        session.execute(delete(LoginTry).where(LoginTry.account_digest == digest(email)))
    return Confirmation.YES
