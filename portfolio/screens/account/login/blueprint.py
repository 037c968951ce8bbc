"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("login", __name__)
