"""How a service asks for later work: said in the transaction, handed to the line once it is committed, or never."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from sqlalchemy.orm import Session

from portfolio.db.engine import after_commit

# The name under which a session finds the line of the installation.
QUEUE = "queue"


class Priority(IntEnum):
    """Who goes first."""

    PATIENT = 0
    SOON = 5
    WAITED_FOR = 10


class Enqueuer(Protocol):
    """Whatever takes an errand."""

    def put(self, name: str, *arguments: str, urgency: Priority = Priority.SOON) -> bool: ...


def enqueue_after_commit(session: Session, name: str, *arguments: str, urgency: Priority = Priority.SOON) -> None:
    """Hand an errand to the line after the commit, once however often it is said; without a line, the sweep finds the row."""
    line: Enqueuer | None = session.info.get(QUEUE)
    if line is not None:
        after_commit(session, (name, arguments), lambda: line.put(name, *arguments, urgency=urgency))
