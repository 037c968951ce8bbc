"""What the candidate does with pieces of evidence, and what their pages show."""

from portfolio.evidence.services.forgetting import forget_removed
from portfolio.evidence.services.leaves import LeafView, find_leaf
from portfolio.evidence.services.pieces import (
    add_collected,
    add_pieces,
    describe_piece,
    is_collected,
    remove_piece,
    replace_file,
)
from portfolio.evidence.services.quota import check_quotas, load_quotas
from portfolio.evidence.services.reading import (
    FileVersion,
    PieceClaimed,
    PieceLine,
    PiecePage,
    SamePiece,
    experience_choices,
    find_file,
    find_piece,
    find_same_files,
    list_pieces,
)
from portfolio.evidence.services.receiving import ReceivedFile, Reception, forget_file, reception
from portfolio.evidence.services.sendings import (
    SendingView,
    begin_sending,
    end_sendings,
    expire_sendings,
    find_announced,
    find_sending,
    list_sendings,
    resume_sending,
    take_sendings,
)

__all__ = [
    "FileVersion",
    "LeafView",
    "PieceClaimed",
    "PieceLine",
    "PiecePage",
    "ReceivedFile",
    "Reception",
    "SamePiece",
    "SendingView",
    "add_collected",
    "add_pieces",
    "begin_sending",
    "check_quotas",
    "describe_piece",
    "end_sendings",
    "experience_choices",
    "expire_sendings",
    "find_announced",
    "find_file",
    "find_leaf",
    "find_piece",
    "find_same_files",
    "find_sending",
    "forget_file",
    "forget_removed",
    "is_collected",
    "list_pieces",
    "list_sendings",
    "load_quotas",
    "reception",
    "remove_piece",
    "replace_file",
    "resume_sending",
    "take_sendings",
]
