"""The blueprint that the pages of the draft share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("dossier", __name__)
