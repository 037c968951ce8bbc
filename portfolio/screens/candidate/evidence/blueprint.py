"""The blueprint that the pages of evidence share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("evidence", __name__)
