"""The blueprint that the pages of the advisor and of the conversation share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("review", __name__)
