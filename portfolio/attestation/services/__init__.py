"""What is done with attestations, by the candidate who asks and the third party who answers; what their pages show."""

from portfolio.attestation.services.answering import attach, begin, decline, detach, save_words
from portfolio.attestation.services.asking import ask, remind, withdraw
from portfolio.attestation.services.codes import send_code, try_code
from portfolio.attestation.services.context import competencies_asked
from portfolio.attestation.services.forgetting import forget
from portfolio.attestation.services.proofs import Proof, find_proof, proofs_of
from portfolio.attestation.services.reading import RequestLine, RequestPage, find_request, list_requests
from portfolio.attestation.services.signing import Prepared, Titles, prepare, sign
from portfolio.attestation.services.visiting import Copy, Visit, find_copy, find_visit

__all__ = [
    "Copy",
    "Prepared",
    "Proof",
    "RequestLine",
    "RequestPage",
    "Titles",
    "Visit",
    "ask",
    "attach",
    "begin",
    "competencies_asked",
    "decline",
    "detach",
    "find_copy",
    "find_proof",
    "find_request",
    "find_visit",
    "forget",
    "list_requests",
    "prepare",
    "proofs_of",
    "remind",
    "save_words",
    "send_code",
    "sign",
    "try_code",
    "withdraw",
]
