"""Documents to take away, certificates to sign, results to notify, what the body says of itself."""

from portfolio.paper.views import body, downloads, notifying, signing
from portfolio.paper.views.blueprint import bp

__all__ = ["body", "bp", "downloads", "notifying", "signing"]
