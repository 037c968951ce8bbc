"""What advisor and candidate do about the coverage of a dossier, and what their pages show."""

from portfolio.review.services.board import BoardBlock, BoardLine, list_dossiers
from portfolio.review.services.marking import mark_competency, say
from portfolio.review.services.marks import MarkView, basis_of, latest_marks, marks_of, seen_now
from portfolio.review.services.reading import (
    CompetencyPage,
    DossierPage,
    ReadClaim,
    TocBlock,
    TocLine,
    dossier_page,
    find_competency_page,
)
from portfolio.review.services.thread import (
    Conversation,
    RemarkView,
    ThreadEntry,
    find_conversation,
    remarks_of,
    thread_of,
    waiting_words,
)

__all__ = [
    "BoardBlock",
    "BoardLine",
    "CompetencyPage",
    "Conversation",
    "DossierPage",
    "MarkView",
    "ReadClaim",
    "RemarkView",
    "ThreadEntry",
    "TocBlock",
    "TocLine",
    "basis_of",
    "dossier_page",
    "find_competency_page",
    "find_conversation",
    "latest_marks",
    "list_dossiers",
    "mark_competency",
    "marks_of",
    "remarks_of",
    "say",
    "seen_now",
    "thread_of",
    "waiting_words",
]
