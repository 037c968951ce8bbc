"""Pages of the draft: the matrix, experiences, narratives, texts, claims."""

from portfolio.dossier.views import claims, experiences, matrix, writing
from portfolio.dossier.views.blueprint import bp

__all__ = ["bp", "claims", "experiences", "matrix", "writing"]
