"""The pages of the jury: the certifier's sessions, the juror's reading, the president's decisions."""

from portfolio.screens.certifier.sessions import move_hearing, views, void_hearing
from portfolio.screens.juror.hearing import decisions, declarations, minutes, reading, recusal
from portfolio.screens.juror.hearing.blueprint import bp

__all__ = ["bp", "deciding", "minutes", "moving", "reading", "recusing", "sessions", "sitting", "voiding"]
