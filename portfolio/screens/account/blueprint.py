"""The blueprint of this noun."""

from flask import Blueprint

bp = Blueprint("documents", __name__)
