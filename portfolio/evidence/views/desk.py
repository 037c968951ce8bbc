"""What a form that brings files does with them: kept once, or refused on their field, with the status that is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from portfolio.evidence.services import ReceivedFile, Reception
from portfolio.evidence.wording import refused_sentence
from portfolio.storage.kinds import Refused
from portfolio.storage.store import StoreDown, StoreFull, TooLarge
from portfolio.web.once import once

NotKept = Refused | TooLarge | StoreFull | StoreDown
NOT_KEPT = (Refused, TooLarge, StoreFull, StoreDown)


def refuse_file(field: Any, error: NotKept, name: str | None = None) -> int:
    """Have the field say why and what to do, `name` telling the file from others; answer the status, as `status_of` does."""
    field.errors = [*field.errors, refused_sentence(error, name)]
    field.status = 507 if isinstance(error, StoreFull) else 503 if isinstance(error, StoreDown) else 422
    return status_of(field)


def status_of(field: Any) -> int:
    """Answer the status of a form whose file was refused: 422, or 507 and 503 when it is the store that is full or silent."""
    status: int = getattr(field, "status", 422)
    return status


def received(desk: Reception, field: Any, file: Any) -> ReceivedFile | None:
    """Receive a file; when it is refused, the field says why."""
    try:
        return desk.receive(file.filename, file.stream)
    except NOT_KEPT as error:
        refuse_file(field, error)
        return None


def once_kept(desk: Reception, nonce: str | None, act: Callable[[Session], str]) -> Any:
    """Act once (`web.once`), and go where it leads; the files received stay only if it is this time that it happened."""
    done = []

    def acting(db: Session) -> str:
        done.append(act(db))
        return done[0]

    response = once(nonce, acting)
    if done:
        desk.keep()
    return response
