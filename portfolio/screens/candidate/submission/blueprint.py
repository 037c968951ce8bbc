"""The pages of the noun submission."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("submission", __name__)
