"""Use cases of a candidacy, and what its pages read."""

from portfolio.candidacy.services.opening import assign_advisor, open_candidacy
from portfolio.candidacy.services.reading import (
    CandidacyPage,
    CandidacyRow,
    CertifierHome,
    VersionChoice,
    candidacy_page,
    certifier_home,
    list_candidacies,
    own_candidacies,
    published_versions,
)

__all__ = [
    "CandidacyPage",
    "CandidacyRow",
    "CertifierHome",
    "VersionChoice",
    "assign_advisor",
    "candidacy_page",
    "certifier_home",
    "list_candidacies",
    "open_candidacy",
    "own_candidacies",
    "published_versions",
]
