"""The pages of the noun submission."""

from flask import Blueprint

bp = Blueprint("submission", __name__)
