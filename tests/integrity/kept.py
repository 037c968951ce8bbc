"""The files that rows name, put in the store."""

from __future__ import annotations

from io import BytesIO

from flask import Flask

from portfolio.db import Database
from portfolio.kept_files import named_files
from tests import factories


def keep_files(app: Flask, store: Database) -> None:
    """Put in the store the file of every row that names one."""
    with store.reader() as session:
        keys = {one.key for one in named_files(session)}
    for key in keys:
        app.extensions["files"].save(key, BytesIO(factories.CONTENT))
