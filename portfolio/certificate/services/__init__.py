"""Granting, explaining, proving."""

from portfolio.certificate.services.explaining import explain
from portfolio.certificate.services.granting import Preview, grant_from_minutes, preview, preview_page
from portfolio.certificate.services.held import HeldBlock, held_blocks
from portfolio.certificate.services.proof import PublicCertificate, public_certificate
from portfolio.certificate.services.results import BlockResult, ResultsPage, results_page

__all__ = [
    "BlockResult",
    "HeldBlock",
    "Preview",
    "PublicCertificate",
    "ResultsPage",
    "explain",
    "grant_from_minutes",
    "held_blocks",
    "preview",
    "preview_page",
    "public_certificate",
    "results_page",
]
