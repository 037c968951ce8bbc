"""What certifications say in French: the reader's doubts and refusals, what prevents publication, the register's standing."""

from portfolio.certification.wording.names import (
    FIELD_NAMES,
    PERMANENCE_NAMES,
    ROUTE_NAMES,
    SEAT_NAMES,
    SITE_KIND_NAMES,
    where_sentence,
)
from portfolio.certification.wording.reading import (
    DOUBTS,
    MISSING,
    REASONS,
    UNDERSTOOD,
    doubt_sentence,
    missing_sentence,
    refusal_sentence,
    understood_sentence,
)
from portfolio.certification.wording.register import (
    ADMISSIBILITIES,
    FAULTS,
    MALFORMED,
    STANDING_GROUNDS,
    STANDINGS,
    admissibility_sentence,
    fault_sentence,
    malformed_sentence,
    standing_sentence,
)

__all__ = [
    "ADMISSIBILITIES",
    "DOUBTS",
    "FAULTS",
    "FIELD_NAMES",
    "MALFORMED",
    "MISSING",
    "PERMANENCE_NAMES",
    "REASONS",
    "ROUTE_NAMES",
    "SEAT_NAMES",
    "SITE_KIND_NAMES",
    "STANDINGS",
    "STANDING_GROUNDS",
    "UNDERSTOOD",
    "admissibility_sentence",
    "doubt_sentence",
    "fault_sentence",
    "malformed_sentence",
    "missing_sentence",
    "refusal_sentence",
    "standing_sentence",
    "understood_sentence",
    "where_sentence",
]
