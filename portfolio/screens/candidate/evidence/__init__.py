"""Pages of evidence: the list, one piece, its files, its pages to read."""

from portfolio.screens.candidate.evidence import resumable_uploads, uploads, viewer, views
from portfolio.screens.candidate.evidence.blueprint import bp

__all__ = ["bp", "files", "pieces", "reading", "sendings"]
