"""A signed document comes in with a form: checked and kept before the transaction that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from portfolio.evidence.refusing import NOT_KEPT, refuse_file
from portfolio.evidence.services import ReceivedFile, Reception, reception
from portfolio.evidence.views.originals import send_checked
from portfolio.jury.statements import Paper
from portfolio.web.once import once


@contextmanager
def desk() -> Iterator[Reception]:
    """Open the reception of the files of one form."""
    with reception(current_app.extensions["files"], limit()) as opened:
        yield opened


def limit() -> int:
    """The most that one file may weigh, in bytes."""
    most: int = current_app.config["SETTINGS"].upload_limit
    return most


def received(opened: Reception, field: Any, file: Any) -> ReceivedFile | None:
    """Receive a file; when it is refused, the field says why."""
    try:
        return opened.receive(file.filename, file.stream)
    except NOT_KEPT as error:
        refuse_file(field, error)
        return None


def once_kept(opened: Reception, nonce: str | None, act: Callable[[Session], str]) -> Any:
    """Act once; the files stay only if it is this time that it happened."""
    done = []

    def acting(db: Session) -> str:
        done.append(act(db))
        return done[0]

    response = once(nonce, acting)
    if done:
        opened.keep()
    return response


def sent(paper: Paper) -> Any:
    """Send a paper, as an attachment only, without the place that a photograph of it tells."""
    return send_checked(paper.key, paper.name, paper.mime, paper.size)
