"""Pages of the draft: the matrix, experiences, narratives, texts, claims."""

from portfolio.screens.candidate.dossier import claims, experiences, matrix, writing
from portfolio.screens.candidate.dossier.blueprint import bp

__all__ = ["bp", "claims", "experiences", "matrix", "writing"]
