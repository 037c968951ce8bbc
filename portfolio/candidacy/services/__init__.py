"""Use cases of a candidacy, and what its pages read."""

from portfolio.candidacy.services.birth import BirthPage, birth_page, record_birth
from portfolio.candidacy.services.deadlines import Deadline, Deadlines, deadlines_of
from portfolio.candidacy.services.lapses import UnruledLapse, unruled_lapses
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
from portfolio.candidacy.services.rulings import (
    DelaysPage,
    RulingLine,
    delays_page,
    lapse_state,
    rule_on_delay,
    rulings_of,
)

__all__ = [
    "BirthPage",
    "CandidacyPage",
    "CandidacyRow",
    "CertifierHome",
    "Deadline",
    "Deadlines",
    "DelaysPage",
    "RulingLine",
    "UnruledLapse",
    "VersionChoice",
    "assign_advisor",
    "birth_page",
    "candidacy_page",
    "certifier_home",
    "deadlines_of",
    "delays_page",
    "lapse_state",
    "list_candidacies",
    "open_candidacy",
    "own_candidacies",
    "published_versions",
    "record_birth",
    "rule_on_delay",
    "rulings_of",
    "unruled_lapses",
]
