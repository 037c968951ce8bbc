"""What the candidate does in the draft, and what its pages show."""

from portfolio.dossier.services.basis import competency_bases, competency_basis
from portfolio.dossier.services.claims import add_claims, change_claim, own_piece, remove_claim
from portfolio.dossier.services.draft import lock_draft, open_competencies, stand_of, suspended_block
from portfolio.dossier.services.experiences import (
    ExperienceView,
    add_experience,
    change_experience,
    find_experience,
    list_experiences,
    remove_experience,
)
from portfolio.dossier.services.matrix import Matrix, MatrixBlock, MatrixLine, draft_of, matrix_of, readiness_of
from portfolio.dossier.services.pages import (
    CompetencyPage,
    Grid,
    OpenBlock,
    OwnTexts,
    claimable,
    find_claim,
    find_competency,
    grid_of,
    own_texts,
)
from portfolio.dossier.services.path import Path
from portfolio.dossier.services.reading import ClaimView, NarrativeView, PieceView, piece_view, pieces_of
from portfolio.dossier.services.writing import changed, save_narrative, save_texts

__all__ = [
    "ClaimView",
    "CompetencyPage",
    "ExperienceView",
    "Grid",
    "Matrix",
    "MatrixBlock",
    "MatrixLine",
    "NarrativeView",
    "OpenBlock",
    "OwnTexts",
    "Path",
    "PieceView",
    "add_claims",
    "add_experience",
    "change_claim",
    "change_experience",
    "changed",
    "claimable",
    "competency_bases",
    "competency_basis",
    "draft_of",
    "find_claim",
    "find_competency",
    "find_experience",
    "grid_of",
    "list_experiences",
    "lock_draft",
    "matrix_of",
    "open_competencies",
    "own_piece",
    "own_texts",
    "piece_view",
    "pieces_of",
    "readiness_of",
    "remove_claim",
    "remove_experience",
    "save_narrative",
    "save_texts",
    "stand_of",
    "suspended_block",
]
