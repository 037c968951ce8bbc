"""The pages of the certifier's certifications hang on this."""

from flask import Blueprint

bp = Blueprint("certification", __name__, url_prefix="/certifications")
