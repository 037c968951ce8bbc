"""The pages of the noun assessment."""

from flask import Blueprint

bp = Blueprint("assessment", __name__)
