"""Pages of the seal: what is missing before it, the receipt after it, the sealed dossier to read."""

from portfolio.submission.views import depositing, pages, reading
from portfolio.submission.views.blueprint import bp

__all__ = ["bp", "depositing", "pages", "reading"]
