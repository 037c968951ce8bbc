"""From what was read of a draft to what the components draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for

from portfolio.calendar import day_of
from portfolio.domain.candidacy.rules.deadlines import deadlines_for
from portfolio.domain.dossier.rules.coverage import CoverageState, MissingPart
from portfolio.domain.dossier.rules.draft import CompetencyFact, DossierState
from portfolio.domain.dossier.rules.next_action import NextAction, NextStep, Reason
from portfolio.domain.dossier.use_cases.draft_rows import EvidenceSummary
from portfolio.domain.dossier.use_cases.matrix import CompetencySummary, Matrix, MatrixBlock
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.review.rules.messages import Unread
from portfolio.french_text import date_fr
from portfolio.screens.candidate.dossier.competency_page import ClaimsGrid
from portfolio.web.urls import url_builder
from portfolio.wording.candidacy import running_deadline_message
from portfolio.wording.dossier import (
    COVERAGE,
    JURY_LABEL,
    NEXT_LABELS,
    SUSPENDED_TITLE,
    hint_of,
    jury_over,
    jury_text,
    jury_title,
    next_text,
    next_title,
    suspended_text,
)
from portfolio.wording.dossier.names import FOUND, finding_context
from portfolio.wording.evidence import citation_message
from portfolio.wording.review import to_read

NOTHING: Mapping[UUID, Unread] = {}
DrawCompetency = Callable[[CompetencyFact], dict[str, Any]]

GLYPHS = {
    CoverageState.NONE: "none",
    CoverageState.CLAIMED: "claimed",
    CoverageState.PARTLY: "part",
    CoverageState.COVERED: "held",
    CoverageState.NOT_COVERED: "uncovered",
    CoverageState.OUTDATED: "old",
}

# The legend speaks the words that stand beside the glyphs.
STATES = [(GLYPHS[state], words) for state, words in COVERAGE.items()]


# Beyond so many competencies a page is no longer read at a glance: blocks are counted, and one is open at a
# time.
AT_A_GLANCE = 40


def block_cards(
    matrix: Matrix, unread: Mapping[UUID, Unread] = NOTHING, opened: int | None = None
) -> list[dict[str, Any]]:
    """Return the blocks of the matrix as cards; a block that was not asked for is not shown, one that is held is,
    with its seal.

    `unread`: what the reader has not read yet in the conversation of each competency; `opened`: the number of
    the block to open, of a long dossier.
    """
    shown = [block for block in matrix.blocks if block.asked or block.held]
    lines = _draw_competencies(matrix.path, unread, begun=is_begun(matrix))
    if not is_long(matrix):
        return [_card(matrix.path, block, lines) for block in shown]
    first = matrix.action.competency.block if matrix.action.competency else shown[0].number
    here = opened if opened in {block.number for block in shown} else first
    home = url_builder("candidate.dossier.home", "candidacy_id")(matrix.path.candidacy_id)
    opened_cards = [_card(matrix.path, block, lines) for block in shown if block.number == here]
    return [_folded(matrix.path, block, home, here) for block in shown] + opened_cards


def is_long(matrix: Matrix) -> bool:
    """Tell whether the dossier has more competencies to prove than a glance takes in."""
    return len(matrix.draft.competencies) > AT_A_GLANCE


def is_begun(matrix: Matrix) -> bool:
    """Tell whether anything is proved or told yet, of any competency."""
    return any(
        fact.coverage.pieces or MissingPart.NARRATIVE not in fact.coverage.missing_parts
        for fact in matrix.draft.competencies
    )


def coverage_legend(matrix: Matrix) -> list[tuple[str, str]]:
    """Return the glyphs that the matrix draws, each with its words: its legend."""
    shown = [_drawn(matrix.path, line) for line in matrix.lines()]
    kinds = [*((GLYPHS[state], words) for state, words in COVERAGE.items()), *FOUND.values()]
    return [kind for kind in kinds if kind in shown]


def _drawn(path: Progress, line: CompetencySummary) -> tuple[str, str]:
    """Return the glyph and the words of a competency: of its evidence, or of the jury once its result was notified."""
    if line.finding is not None and path.state is DossierState.SUBMITTED:
        return FOUND[line.finding]
    state = line.fact.coverage.state
    return GLYPHS[state], COVERAGE[state]


def findings_of(matrix: Matrix) -> list[FindingValue]:
    """Return what the jury found on the competencies that the matrix draws; nothing while the dossier is a draft."""
    if matrix.path.state is not DossierState.SUBMITTED:
        return []
    return [line.finding for line in matrix.lines() if line.finding is not None]


def gap_cards(matrix: Matrix, unread: Mapping[UUID, Unread] = NOTHING) -> list[dict[str, Any]]:
    """Return the competencies without evidence, as the cards show them."""
    line = _draw_competencies(matrix.path, unread)
    return [line(fact) for fact in matrix.draft.competencies if fact.coverage.state is CoverageState.NONE]


def _card(path: Progress, block: MatrixBlock, line: DrawCompetency) -> dict[str, Any]:
    held = None
    if block.held:
        href = None if block.held.is_prior else url_for("public.certificate.public", number=block.held.number)
        held = {"on": date_fr(block.held.granted_on), "href": href, "until": date_fr(block.held.until)}
    lines = [
        line(competency_summary.fact) | finding_context(path.state, competency_summary.finding)
        for competency_summary in block.lines
    ]
    shown = {"number": block.number, "title": block.title, "held": held, "competencies": lines}
    return shown | {"suspended": block.suspended, "postponed": block.postponed}


def _folded(path: Progress, block: MatrixBlock, home: str, here: int) -> dict[str, Any]:
    """A block as numbers: how many competencies are in each state, and where it opens."""
    states = Counter(_drawn(path, line) for line in block.lines)
    kinds = [*((GLYPHS[state], words) for state, words in COVERAGE.items()), *FOUND.values()]
    tally = [(*kind, states[kind]) for kind in kinds if states[kind]]
    at = f"{home}?bloc={block.number}#bloc-{block.number}"
    shown = {"number": block.number, "title": block.title, "held": block.held, "suspended": block.suspended}
    shown |= {"postponed": block.postponed}
    return shown | {"tally": tally, "at": at, "here": block.number == here}


def _draw_competencies(path: Progress, unread: Mapping[UUID, Unread], *, begun: bool = True) -> DrawCompetency:
    """Return the function that makes a line of each competency of this dossier."""
    address = url_builder("candidate.dossier.competency", "competency_id", candidacy_id=path.candidacy_id)
    # Once submitted, what a competency lacks can no longer be mended; before anything is begun, each lacks
    # all: not told.
    draft = begun and path.state is DossierState.DRAFT

    def line(fact: CompetencyFact) -> dict[str, Any]:
        coverage, href = fact.coverage, address(fact.id)
        return {
            "number": fact.label,
            "text": fact.text,
            "href": href,
            "state": GLYPHS[coverage.state],
            "state_label": COVERAGE[coverage.state],
            "pieces": len(coverage.pieces),
            "hint": hint_of(coverage) or None if draft else None,
            "message": (to_read(unread[fact.id]), f"{href}#echanges") if fact.id in unread else None,
        }

    return line


def claims_grid_context(grid: ClaimsGrid) -> dict[str, Any]:
    """Return the grid of every claim: rows (competencies to prove), columns (pieces); of a long dossier, one block
    at a time.

    `drawn`: whether rows and columns are drawn as a grid, else each row lists its first pieces.
    """
    columns = _columns(grid.path, grid.pieces)
    return {
        "rows": _rows(grid, columns),
        "pieces": list(columns.values()),
        "blocks": grid.blocks,
        "opened": grid.opened,
        "drawn": grid.is_drawn,
    }


def _columns(path: Progress, pieces: Sequence[EvidenceSummary]) -> dict[UUID, dict[str, Any]]:
    at = url_builder("candidate.evidence.piece", "evidence_id", candidacy_id=path.candidacy_id)
    return {
        piece.id: {"id": piece.id, "code": str(piece.number), "title": piece.piece.title, "href": at(piece.id)}
        for piece in pieces
    }


def _rows(grid: ClaimsGrid, columns: Mapping[UUID, dict[str, Any]]) -> list[dict[str, Any]]:
    line, measures = _draw_competencies(grid.path, NOTHING), {piece.id: piece.measure for piece in grid.pieces}
    rows = []
    for fact, count, claims in grid.lines:
        shown = line(fact)
        citations = {
            claim.evidence_id: citation_message(claim.passage, measures[claim.evidence_id]) for claim in claims
        }
        marks = {columns[key]["code"]: (shown["state"], words) for key, words in citations.items()}
        listed = [(columns[key], words) for key, words in citations.items()]
        rows.append(shown | {"marks": marks, "listed": listed, "more": count - len(listed)})
    return rows


def next_action_card(action: NextAction, path: Progress, today: date) -> dict[str, Any]:
    """Return the one next action: its title, its reason, where it leads; what stands above, when it is
    not « Ensuite ».
    """
    if action.ground is Reason.JURY_PLANNED and path.heard_on:
        return _before_the_jury(path, path.heard_on, today)
    card = {"title": next_title(action), "text": next_text(action), "label": NEXT_LABELS.get(action.step)}
    return card | {"href": next_action_url(action, path), "over": None}


def _before_the_jury(path: Progress, on: date, today: date) -> dict[str, Any]:
    """Return when and where the jury sits, or goes on; until then the sealed dossier is read again."""
    if path.suspended:
        over = jury_over(path.resumes_on or date.min, today)
        card = {"title": SUSPENDED_TITLE, "text": suspended_text(path.resumes_on, today), "over": over}
        return card | {"href": None, "label": JURY_LABEL}
    href = url_for("candidate.submission.sealed", submission_id=path.submission_id) if on >= today else None
    card = {"title": jury_title(on, today), "text": jury_text(on, today, path.place), "over": jury_over(on, today)}
    return card | {"href": href, "label": JURY_LABEL}


def next_action_url(action: NextAction, path: Progress) -> str | None:
    """Return where the next action is done; None when there is nothing to do."""
    own = {"candidacy_id": path.candidacy_id}
    piece = own | {"evidence_id": action.piece.id if action.piece else None}
    competency = own | {"competency_id": action.competency.id if action.competency else None}
    claim = own | {"claim_id": action.misplaced.claim_id if action.misplaced else None}
    places: dict[NextStep, tuple[str, dict[str, Any]]] = {
        NextStep.READ_RESULTS: ("public.certificate.results", own),
        NextStep.DESCRIBE_EXPERIENCE: ("candidate.dossier.add_experience", own),
        NextStep.ADD_FIRST_PIECE: ("candidate.evidence.upload_form", own | {"competence": competency["competency_id"]}),
        NextStep.DESCRIBE_PIECE: ("candidate.evidence.describe", piece),
        NextStep.CLAIM_PIECE: ("candidate.dossier.choose_competencies", piece),
        NextStep.ADD_EVIDENCE: ("candidate.evidence.upload_form", own | {"competence": competency["competency_id"]}),
        NextStep.WRITE_NARRATIVE: ("candidate.dossier.competency", competency | {"_anchor": "recit"}),
        NextStep.COMPLETE_NARRATIVE: ("candidate.dossier.competency", competency | {"_anchor": "recit"}),
        NextStep.STRENGTHEN: ("candidate.dossier.competency", competency | {"_anchor": "echanges"}),
        NextStep.COMMENT_CLAIMS: ("candidate.dossier.competency", competency | {"_anchor": "preuves"}),
        NextStep.WRITE_TEXT: (
            "candidate.dossier.general_texts",
            own | {"_anchor": action.text.value if action.text else None},
        ),
        NextStep.CORRECT_PASSAGE: ("candidate.dossier.change_claim", claim),
        NextStep.ANONYMISE: ("candidate.evidence.mask_form", piece),
        NextStep.SUBMIT: ("candidate.submission.checklist", own),
        NextStep.FOLLOW_JURY: (
            ("candidate.dossier.competency", competency | {"_anchor": "jury"})
            if action.competency
            else ("candidate.submission.next_dossier", own)
        ),
    }
    if action.step not in places:
        return None
    endpoint, values = places[action.step]
    return url_for(endpoint, **values)


def submitted_on(path: Progress) -> date | None:
    """Return the day of the last submission, in Paris."""
    return day_of(path.submitted_at) if path.submitted_at else None


def deadline_rows(path: Progress, today: date) -> list[tuple[str, str, bool]]:
    """Return the delays that run: sentence, source, whether it has passed; a draft with work in it has
    begun its steps.
    """
    if path.state is DossierState.DRAFT and (path.experiences or path.submission_id):
        return []
    submitted = submitted_on(path)
    decided = path.heard_on if path.closed_at else None
    if decided and not path.unnotified:
        return []
    return [
        (*running_deadline_message(clock), clock.is_over(today))
        for clock in deadlines_for(path.regime, path.admissible_on, submitted, decided)
    ]
