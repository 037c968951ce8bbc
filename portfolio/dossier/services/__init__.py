"""What the candidate does in the draft, and what its pages show."""

from portfolio.dossier.services.basis import competency_bases, competency_basis

__all__ = ["competency_bases", "competency_basis"]
