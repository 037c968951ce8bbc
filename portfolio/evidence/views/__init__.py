"""Pages of evidence: the list, one piece, its files."""

from portfolio.evidence.views import files, pieces
from portfolio.evidence.views.blueprint import bp

__all__ = ["bp", "files", "pieces"]
