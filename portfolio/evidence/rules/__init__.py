"""The law of evidence: its kinds, what a piece must say about itself, where to look in it (domain §6)."""

from portfolio.evidence.rules.kinds import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.evidence.rules.passage import (
    PASSAGE_LENGTH,
    Measure,
    PassageCode,
    PassageFault,
    cited_pages,
    measure_of,
    passage_fault,
    read_passage,
)
from portfolio.evidence.rules.piece import (
    Description,
    EvidenceRefusal,
    MissingFact,
    PeriodFault,
    Piece,
    is_described,
    missing_of,
    period_fault,
    sworn_missing_of,
)
from portfolio.evidence.rules.questions import Advice, Hint, PieceClaim, Question, hints_for, says_we
from portfolio.evidence.rules.sending import MOST, PART, PATIENCE, FileAnnounced, SendingRefusal, fits

__all__ = [
    "MOST",
    "PART",
    "PASSAGE_LENGTH",
    "PATIENCE",
    "Advice",
    "Anonymity",
    "Authorship",
    "Confidentiality",
    "Description",
    "EvidenceKind",
    "EvidenceRefusal",
    "FileAnnounced",
    "Hint",
    "Measure",
    "MissingFact",
    "PassageCode",
    "PassageFault",
    "PeriodFault",
    "Piece",
    "PieceClaim",
    "Question",
    "SendingRefusal",
    "cited_pages",
    "fits",
    "hints_for",
    "is_described",
    "measure_of",
    "missing_of",
    "passage_fault",
    "period_fault",
    "read_passage",
    "says_we",
    "sworn_missing_of",
]
