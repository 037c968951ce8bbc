"""A file that a form brought and that is not kept: its field says why, and the answer has the status that is true."""

from __future__ import annotations

from typing import Any

from portfolio.evidence.wording import refused_sentence
from portfolio.storage.kinds import Refused
from portfolio.storage.store import StoreDown, StoreFull, TooLarge

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
