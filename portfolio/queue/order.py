"""How a service asks for later work: said in the transaction, handed to the line once it is committed, or never."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from sqlalchemy.orm import Session

from portfolio.db import afterwards

# The name under which a session finds the line of the installation.
QUEUE = "queue"


class Urgency(IntEnum):
    """Who goes first."""

    PATIENT = 0
    SOON = 5
    WAITED_FOR = 10


class Taker(Protocol):
    """Whatever takes an errand."""

    def put(self, name: str, *arguments: str, urgency: Urgency = Urgency.SOON) -> bool: ...


def order(session: Session, name: str, *arguments: str, urgency: Urgency = Urgency.SOON) -> None:
    """Hand an errand to the line after the commit, once however often it is said; without a line, the sweep finds the row."""
    line: Taker | None = session.info.get(QUEUE)
    if line is not None:
        afterwards(session, (name, arguments), lambda: line.put(name, *arguments, urgency=urgency))
