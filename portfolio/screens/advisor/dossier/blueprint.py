"""The blueprint that the pages of the advisor and of the conversation share."""

from flask import Blueprint

bp = Blueprint("dossier", __name__)
