"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("sessions", __name__)
