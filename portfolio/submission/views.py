"""Pages of submission."""

from flask import Blueprint

bp = Blueprint("submission", __name__)
