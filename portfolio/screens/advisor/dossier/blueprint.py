"""The blueprint that the pages of the advisor and of the conversation share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("dossier", __name__)
