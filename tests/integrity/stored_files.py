"""The files that rows name, put in the store."""

from io import BytesIO

from flask import Flask

from portfolio.db.engine import Database
from portfolio.files.integrity.references import file_references
from tests import factories


def keep_files(app: Flask, store: Database) -> None:
    """Put in the store the file of every row that names one."""
    with store.reader() as session:
        keys = {reference.key for reference in file_references(session)}
    for key in keys:
        app.extensions["files"].save(key, BytesIO(factories.CONTENT))
