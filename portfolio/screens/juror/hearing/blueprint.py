"""The pages of the jury hang on this."""

from flask import Blueprint

bp = Blueprint("jury", __name__)
