"""The advisor's pages, and the candidate's answers to marks."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("review", __name__)
