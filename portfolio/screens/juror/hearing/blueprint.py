"""The pages of the jury hang on this."""

from flask import Blueprint

bp = Blueprint("hearing", __name__)
