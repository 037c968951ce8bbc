"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)
