"""Pages of certificate."""

from flask import Blueprint

bp = Blueprint("certificate", __name__)
