"""The blueprint that the pages of the draft share."""

from flask import Blueprint

bp = Blueprint("dossier", __name__)
