"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("candidacies", __name__)
