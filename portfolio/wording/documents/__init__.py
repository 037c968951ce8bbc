"""French sentences of documents: refusals, and the values of each document."""

from portfolio.wording.documents.blocks import (
    ANSWER_HELP,
    ANSWER_LABELS,
    RULE,
    acquired_message,
    answers_of,
    appeal_message,
    contact_message,
    granted_message,
    next_message,
    other_message,
    reminder_message,
    rule_words,
    way_forward_message,
)
from portfolio.wording.documents.certificate import certificate_pdf, given_certificate
from portfolio.wording.documents.credential import Prover, credential_bundle, holder_proof
from portfolio.wording.documents.letter import (
    CLOSING,
    greeting_message,
    letter_pdf,
    receipt_message,
    summary_message,
    unsigned_message,
    verification_message,
    warm_message,
)
from portfolio.wording.documents.minutes import minutes_value
from portfolio.wording.documents.names import HOW, REFUSALS, complete_message, earlier_message
from portfolio.wording.documents.receipt import receipt_value
from portfolio.wording.documents.to_do import (
    ACTS,
    HOME_STEPS,
    bounded_message,
    due_message,
    first_message,
    late_message,
    near_message,
    task_message,
    tone_of,
)
from portfolio.wording.holdings.grants import result_message, subject_message
from portfolio.wording.holdings.status_changes import STATUSES, without_birth_message
from portfolio.wording.jury import FINDINGS
