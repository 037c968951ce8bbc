"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("assessments", __name__)
