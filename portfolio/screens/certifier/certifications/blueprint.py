"""The pages of the certifier's certifications hang on this."""

from flask import Blueprint

bp = Blueprint("certifications", __name__)
