"""The pages of attestations: those of the candidate and of readers, and those of the third party."""

from portfolio.attestation.views import annex, asking, proving, signing, writing
from portfolio.attestation.views.blueprint import answering, bp

__all__ = ["annex", "answering", "asking", "bp", "proving", "signing", "writing"]
