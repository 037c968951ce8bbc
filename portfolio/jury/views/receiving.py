"""A signed document comes in with a form: checked and kept before the transaction that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app

from portfolio.evidence.services import Reception, reception
from portfolio.evidence.views.originals import send_checked
from portfolio.jury.statements import Paper


@contextmanager
def desk() -> Iterator[Reception]:
    """Open the reception of the files of one form."""
    with reception(current_app.extensions["files"], limit()) as opened:
        yield opened


def limit() -> int:
    """The most that one file may weigh, in bytes."""
    most: int = current_app.config["SETTINGS"].upload_limit
    return most


def sent(paper: Paper) -> Any:
    """Send a paper, as an attachment only, without the place that a photograph of it tells."""
    return send_checked(paper.key, paper.name, paper.mime, paper.size)
