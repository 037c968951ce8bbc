"""The pages of attestations: those of the candidate and of readers, and those of the third party."""

from portfolio.screens.candidate.attestations import signature_download, views
from portfolio.screens.respondent import attachment, signature, statement
from portfolio.screens.respondent.blueprint import answering, bp

__all__ = ["annex", "answering", "asking", "bp", "proving", "signing", "writing"]
