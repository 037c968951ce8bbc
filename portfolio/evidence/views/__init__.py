"""Pages of evidence: the list, one piece, its files, its pages to read."""

from portfolio.evidence.views import files, pieces, reading, sendings
from portfolio.evidence.views.blueprint import bp

__all__ = ["bp", "files", "pieces", "reading", "sendings"]
