"""What the candidate does with pieces of evidence, and what their pages show."""

from portfolio.evidence.services.leaves import LeafView, find_leaf
from portfolio.evidence.services.pieces import (
    add_collected,
    add_pieces,
    describe_piece,
    is_collected,
    remove_piece,
    replace_file,
)
from portfolio.evidence.services.reading import (
    FileVersion,
    PieceClaimed,
    PieceLine,
    PiecePage,
    experience_choices,
    find_file,
    find_piece,
    list_pieces,
)
from portfolio.evidence.services.receiving import ReceivedFile, Reception, forget_file, reception

__all__ = [
    "FileVersion",
    "LeafView",
    "PieceClaimed",
    "PieceLine",
    "PiecePage",
    "ReceivedFile",
    "Reception",
    "add_collected",
    "add_pieces",
    "describe_piece",
    "experience_choices",
    "find_file",
    "find_leaf",
    "find_piece",
    "forget_file",
    "is_collected",
    "list_pieces",
    "reception",
    "remove_piece",
    "replace_file",
]
