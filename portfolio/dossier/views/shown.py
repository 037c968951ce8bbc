"""From what was read of a draft to what the components draw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for

from portfolio.candidacy.rules import clocks_for
from portfolio.candidacy.wording import clock_sentence
from portfolio.dossier.rules import CoverageState, DossierState, Ground, NextAction, Step
from portfolio.dossier.services import Matrix, MatrixBlock, MatrixLine, Path
from portfolio.dossier.wording import COVERAGE, NEXT_LABELS, hint_of, jury_text, jury_title, next_text, next_title
from portfolio.evidence.wording import passage_shown
from portfolio.review.rules import Unread
from portfolio.review.wording import to_read
from portfolio.web.clock import PARIS
from portfolio.web.filters import day

NOTHING: Mapping[UUID, Unread] = {}
GLYPHS = {
    CoverageState.NONE: "none",
    CoverageState.CLAIMED: "said",
    CoverageState.PARTLY: "part",
    CoverageState.COVERED: "held",
    CoverageState.NOT_COVERED: "lack",
    CoverageState.OUTDATED: "old",
}

# The legend speaks the words that stand beside the glyphs.
STATES = [(GLYPHS[state], words) for state, words in COVERAGE.items()]


def cards_of(matrix: Matrix, unread: Mapping[UUID, Unread] = NOTHING) -> list[dict[str, Any]]:
    """The blocks of the matrix as cards; a block that was not asked for is not shown, one that is held is, with its seal.

    `unread`: what the reader has not read yet in the conversation of each competency.
    """
    return [_card(matrix, block, unread) for block in matrix.blocks if block.asked or block.held]


def _card(matrix: Matrix, block: MatrixBlock, unread: Mapping[UUID, Unread]) -> dict[str, Any]:
    held = None
    if block.held:
        held = {"on": day(block.held.granted_on), "href": url_for("certificate.public", number=block.held.number)}
    lines = [_line(matrix.path, line) | _message(matrix.path, line, unread) for line in block.lines]
    shown = {"number": block.number, "title": block.title, "held": held, "competencies": lines}
    return shown | {"suspended": block.suspended}


def _line(path: Path, line: MatrixLine) -> dict[str, Any]:
    coverage = line.fact.coverage
    return {
        "number": line.fact.label,
        "text": line.fact.text,
        "href": url_for("dossier.competency", candidacy_id=path.candidacy_id, competency_id=line.fact.id),
        "state": GLYPHS[coverage.state],
        "state_label": COVERAGE[coverage.state],
        "pieces": len(coverage.pieces),
        # Once submitted, what a competency lacks can no longer be mended: it is not told.
        "hint": hint_of(coverage) or None if path.state is DossierState.DRAFT else None,
    }


def _message(path: Path, line: MatrixLine, unread: Mapping[UUID, Unread]) -> dict[str, Any]:
    if line.fact.id not in unread:
        return {"message": None}
    href = url_for("dossier.competency", candidacy_id=path.candidacy_id, competency_id=line.fact.id, _anchor="echanges")
    return {"message": (to_read(unread[line.fact.id]), href)}


def grid_of(matrix: Matrix) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows (competencies to prove) and columns (pieces) of the grid of every claim."""
    path = matrix.path
    pieces = [
        {
            "id": piece.id,
            "code": str(piece.number),
            "title": piece.piece.title,
            "href": url_for("evidence.piece", candidacy_id=path.candidacy_id, evidence_id=piece.id),
        }
        for piece in matrix.pieces
    ]
    measures = {piece.id: (str(piece.number), piece.measure) for piece in matrix.pieces}
    rows = []
    for line in matrix.lines():
        state = GLYPHS[line.fact.coverage.state]
        marks = {}
        for claim in line.claims:
            code, measure = measures[claim.evidence_id]
            marks[code] = (state, passage_shown(claim.passage, measure))
        rows.append(_line(path, line) | {"marks": marks})
    return rows, pieces


def next_of(action: NextAction, path: Path, today: date) -> dict[str, Any]:
    """The one next action: its title, its reason, where it leads."""
    href = href_of(action, path)
    heard_on = path.heard_on if action.ground is Ground.JURY_PLANNED else None
    title, text = (
        (jury_title(heard_on, today), jury_text(heard_on, today)) if heard_on else (next_title(action), next_text(action))
    )
    return {"title": title, "text": text, "href": href, "label": NEXT_LABELS.get(action.step)}


def href_of(action: NextAction, path: Path) -> str | None:
    """Where the next action is done; None when there is nothing to do."""
    own = {"candidacy_id": path.candidacy_id}
    piece = own | {"evidence_id": action.piece.id if action.piece else None}
    competency = own | {"competency_id": action.competency.id if action.competency else None}
    places: dict[Step, tuple[str, dict[str, Any]]] = {
        Step.READ_RESULTS: ("certificate.results", own),
        Step.DESCRIBE_EXPERIENCE: ("dossier.add_experience", own),
        Step.ADD_FIRST_PIECE: ("evidence.add", own | {"competence": competency["competency_id"]}),
        Step.DESCRIBE_PIECE: ("evidence.describe", piece),
        Step.CLAIM_PIECE: ("dossier.claim", piece),
        Step.ADD_EVIDENCE: ("evidence.add", own | {"competence": competency["competency_id"]}),
        Step.WRITE_NARRATIVE: ("dossier.competency", competency | {"_anchor": "recit"}),
        Step.COMPLETE_NARRATIVE: ("dossier.competency", competency | {"_anchor": "recit"}),
        Step.STRENGTHEN: ("dossier.competency", competency | {"_anchor": "echanges"}),
        Step.COMMENT_CLAIMS: ("dossier.competency", competency | {"_anchor": "preuves"}),
        Step.WRITE_TEXT: ("dossier.texts", own | {"_anchor": action.text.value if action.text else None}),
        Step.ANONYMISE: ("evidence.replace", piece),
        Step.SUBMIT: ("submission.checklist", own),
    }
    if action.step not in places:
        return None
    endpoint, values = places[action.step]
    return url_for(endpoint, **values)


def clocks_of(path: Path, today: date) -> list[tuple[str, bool]]:
    """The delays that run, each with its sentence and whether it has passed; a draft with work in it has begun its steps."""
    if path.state is DossierState.DRAFT and (path.experiences or path.submission_id):
        return []
    submitted = path.submitted_at.astimezone(PARIS).date() if path.submitted_at else None
    decided = path.heard_on if path.closed_at else None
    return [
        (clock_sentence(clock), clock.is_over(today)) for clock in clocks_for(path.regime, path.admissible_on, submitted, decided)
    ]
