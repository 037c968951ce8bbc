"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("body", __name__)
