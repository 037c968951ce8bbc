"""Pages of the seal: what is missing before it, the receipt after it, the sealed dossier to read."""

from portfolio.screens.candidate.submission import exhibit_pages, submit, views
from portfolio.screens.candidate.submission.blueprint import bp

__all__ = ["bp", "depositing", "pages", "reading"]
