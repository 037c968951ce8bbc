"""The advisor's board and reading pages, their marks and notes, and the messages of both."""

from portfolio.review.views import letters, marking, talking
from portfolio.review.views.blueprint import bp

__all__ = ["bp", "letters", "marking", "talking"]
