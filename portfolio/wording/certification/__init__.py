"""French sentences of certifications: the reader's doubts and refusals, what prevents publication, the register's
standing.
"""

from portfolio.wording.certification.by_hand import (
    FOLDED_PARTS,
    LINES,
    folded_name,
    sheet_notes,
    sheet_sentence,
    sheet_text,
)
from portfolio.wording.certification.file_refusals import (
    MISSING,
    REASONS,
    UNDERSTOOD,
    missing_message,
    refusal_message,
    understood_message,
)
from portfolio.wording.certification.names import (
    CUT_NAMES,
    FIELD_NAMES,
    HABILITATION_NAMES,
    HABILITATION_STATES,
    PASSAGE_NAMES,
    PERMANENCE_NAMES,
    RATE_NAMES,
    ROUTE_NAMES,
    SEAT_NAMES,
    SITE_KIND_NAMES,
    TERM_SOURCES,
    location_message,
    percent,
    twin_labels,
)
from portfolio.wording.certification.reading import DOUBTS, doubt_message
from portfolio.wording.certification.register import (
    ADMISSIBILITIES,
    FAULTS,
    MALFORMED,
    REGISTRATION_STATUS_REASONS,
    STANDINGS,
    admissibility_message,
    malformed_message,
    publication_error_message,
    registration_status_message,
)
from portfolio.wording.certification.versions import (
    DECISION_HINTS,
    DECISION_RULES,
    NOTICES,
    OUTCOMES,
    REFUSALS,
    base_name,
    decision_message,
    field_location_message,
    outcome_message,
    short_doubt,
    title_hints,
    value_message,
)
