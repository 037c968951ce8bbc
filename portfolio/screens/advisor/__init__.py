"""The advisor's board and reading pages, their marks and notes, and the messages of both."""

from portfolio.screens.account import notifications
from portfolio.screens.advisor import assessments, messages
from portfolio.screens.advisor.blueprint import bp

__all__ = ["bp", "letters", "marking", "talking"]
