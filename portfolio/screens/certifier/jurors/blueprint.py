"""The blueprint of this screen."""

from flask import Blueprint

bp = Blueprint("jurors", __name__)
