"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("security", __name__)
