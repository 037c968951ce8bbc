"""What advisor and candidate do about the coverage of a dossier, and what their pages show."""

from portfolio.review.services.board import Board, BoardBlock, BoardLine, board_of, list_dossiers
from portfolio.review.services.letters import (
    choose_rhythm,
    find_leaver,
    list_due,
    rhythm_of,
    stop_letters,
    write_digests,
)
from portfolio.review.services.marking import mark_competency
from portfolio.review.services.marks import MarkView, basis_of, latest_marks, marks_of, seen_now
from portfolio.review.services.noting import find_note, save_note
from portfolio.review.services.reading import (
    CompetencyPage,
    DossierPage,
    ReadClaim,
    TocBlock,
    TocLine,
    dossier_page,
    find_competency_page,
)
from portfolio.review.services.talking import change_remark, read_thread, say, withdraw_remark
from portfolio.review.services.thread import (
    Conversation,
    OwnRemark,
    ThreadEntry,
    find_conversation,
    find_own_remark,
    thread_of,
)
from portfolio.review.services.unread import unread_of

__all__ = [
    "Board",
    "BoardBlock",
    "BoardLine",
    "CompetencyPage",
    "Conversation",
    "DossierPage",
    "MarkView",
    "OwnRemark",
    "ReadClaim",
    "ThreadEntry",
    "TocBlock",
    "TocLine",
    "basis_of",
    "board_of",
    "change_remark",
    "choose_rhythm",
    "dossier_page",
    "find_competency_page",
    "find_conversation",
    "find_leaver",
    "find_note",
    "find_own_remark",
    "latest_marks",
    "list_dossiers",
    "list_due",
    "mark_competency",
    "marks_of",
    "read_thread",
    "rhythm_of",
    "save_note",
    "say",
    "seen_now",
    "stop_letters",
    "thread_of",
    "unread_of",
    "withdraw_remark",
    "write_digests",
]
