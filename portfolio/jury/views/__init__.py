"""The pages of the jury: the certifier's sessions, the juror's reading, the president's decisions."""

from portfolio.jury.views import deciding, minutes, moving, reading, recusing, sessions, sites, sitting, voiding
from portfolio.jury.views.blueprint import bp

__all__ = ["bp", "deciding", "minutes", "moving", "reading", "recusing", "sessions", "sites", "sitting", "voiding"]
