"""Documents to take away, certificates to sign, results to notify, what the body says of itself."""

from portfolio.screens.account import downloads
from portfolio.screens.certifier.body import views
from portfolio.screens.certifier.notifications import notifying, signatures
from portfolio.screens.certifier.notifications.blueprint import bp

__all__ = ["body", "bp", "downloads", "notifying", "signing"]
