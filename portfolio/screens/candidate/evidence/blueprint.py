"""The blueprint that the pages of evidence share."""

from flask import Blueprint

bp = Blueprint("evidence", __name__)
