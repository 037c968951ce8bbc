"""The candidate's home: the path, one next action, the matrix; and every claim at once.

From what was read of a draft to what the components draw.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.calendar import day_of
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.deadline_rulings import load_rulings
from portfolio.domain.candidacy.rules.deadlines import deadlines_for
from portfolio.domain.dossier.rules.draft import CompetencyFact, CoverageState, DossierState, MissingPart
from portfolio.domain.dossier.rules.next_action import (
    JuryPoint,
    NextAction,
    NextStep,
    Reason,
    planned_steps,
    second_try_action,
)
from portfolio.domain.dossier.use_cases import matrix as matrix_use_cases
from portfolio.domain.dossier.use_cases.draft_rows import EvidenceSummary
from portfolio.domain.dossier.use_cases.matrix import CompetencySummary, Matrix, MatrixBlock
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.domain.holdings.use_cases.endings import load_endings
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.domain.review.rules.messages import Unread
from portfolio.domain.review.use_cases.email_notifications import load_unread
from portfolio.domain.submission.rules.returns import return_state
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.competency_page import ClaimsGrid
from portfolio.screens.candidate.submission.queries import load_next_dossier
from portfolio.screens.respondent.summons import own_summons
from portfolio.web.clock import today
from portfolio.web.urls import url_builder
from portfolio.wording import candidacy as delays
from portfolio.wording import submission as return_wording
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
    progress_steps,
    summary_of,
    suspended_text,
    tally_message,
)
from portfolio.wording.dossier.names import FOUND, finding_context, found_summary, held_on_a_card
from portfolio.wording.dossier.next_action import pace_message
from portfolio.wording.evidence import citation_message
from portfolio.wording.holdings import endings
from portfolio.wording.review import all_unread_message, to_read

bp = blueprint_of(__name__)

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
    matrix: Matrix, unread: Mapping[UUID, Unread] = NOTHING, opened: int | None = None, *, fold: bool = False
) -> list[dict[str, Any]]:
    """Return the blocks of the matrix as cards; a block that was not asked for is not shown, one that is held is,
    with its seal.

    `unread`: what the reader has not read yet in the conversation of each competency; `opened`: the number of
    the block to open, of a long dossier; `fold`: whether only the block of the next action is open, and none of a
    dossier that was deposited.
    """
    shown = [block for block in matrix.blocks if block.asked or block.held]
    lines = _draw_competencies(matrix.path, unread, begun=is_begun(matrix))
    first = matrix.action.competency.block if matrix.action.competency else shown[0].number if shown else 0
    if not is_long(matrix):
        cards = [_card(matrix.path, block, lines) for block in shown]
        first = first if matrix.path.state is DossierState.DRAFT else 0
        return [card | {"folded": fold and card["number"] != first, "tally": _tally(card)} for card in cards]
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
        held = held_on_a_card(block.held, href, is_over=block.is_over)
    lines = [
        line(competency_summary.fact) | finding_context(path.state, competency_summary.finding)
        for competency_summary in block.lines
    ]
    shown = {"number": block.number, "title": block.title, "held": held, "competencies": lines}
    return shown | {"suspended": block.suspended, "postponed": block.postponed}


def _tally(card: Mapping[str, Any]) -> str:
    """Return how many competencies of a block are in each state: « 2 couvertes, 1 sans preuve »."""
    counted = Counter(line["state_label"] for line in card["competencies"])
    return ", ".join(tally_message(words, counted[words]) for words in COVERAGE.values() if counted[words])


def _folded(path: Progress, block: MatrixBlock, home: str, here: int) -> dict[str, Any]:
    """A block as numbers: how many competencies are in each state, and where it opens."""
    states = Counter(_drawn(path, line) for line in block.lines)
    kinds = [*((GLYPHS[state], words) for state, words in COVERAGE.items()), *FOUND.values()]
    tally = [(*kind, states[kind]) for kind in kinds if states[kind]]
    at = f"{home}?bloc={block.number}#bloc-{block.number}"
    held = held_on_a_card(block.held, None, is_over=block.is_over) if block.held else None
    shown = {"number": block.number, "title": block.title, "held": held, "suspended": block.suspended}
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


@bp.get("/dossiers/<uuid:candidacy_id>")
@candidacy_page(Permission.READ_PATH)
def home(case: CandidacyAccess) -> ResponseReturnValue:
    """Show where the candidate is, what comes next, what the evidence shows; without a livret 2, lead to the path."""
    if not case.has_dossier:
        return redirect(url_for("candidate.results.path", candidacy_id=case.id), 303)
    matrix = matrix_use_cases.load_matrix(read_session(), case.id)
    found = findings_of(matrix)
    all_held = all(block.held for block in matrix.blocks)
    waits = case.is_candidate and current_user.roles.unread_as_candidate
    unread = load_unread(read_session(), [case.id], current_user.id).get(case.id, {}) if waits else {}
    returned = None
    if matrix.path.submission_id:  # no jury has read, and nobody returned, what was never deposited
        returned = find_open_return(read_session(), case.id)
    awaits_jury = matrix.path.submission_id and not matrix.path.closed_at
    return render_template(
        "candidate/dossier/home.html",
        returned=returned,
        summons=own_summons(case.id) if case.is_candidate and awaits_jury else None,
        return_state=return_state(returned.due_on, returned.ending, today()) if returned else None,
        return_wording=return_wording,
        case=case,
        matrix=matrix,
        path=matrix.path,
        steps=progress_steps(matrix.path, submitted_on(matrix.path)),
        clocks=deadline_rows(matrix.path, today()),
        action=_next_card(case, matrix),
        blocks=block_cards(matrix, unread, request.args.get("bloc", type=int), fold=case.is_candidate and not found),
        gaps=gap_cards(matrix, unread) if is_long(matrix) and "sans-preuve" in request.args else None,
        long=is_long(matrix),
        summary=found_summary(found) if found else summary_of(matrix.draft, matrix.path.advisor),
        found=found,
        unread=sorted(unread.items(), key=lambda item: item[1].since),
        unread_words=all_unread_message(list(unread.values())) if unread else "",
        begun=is_begun(matrix),
        all_held=all_held,
        ended_since=any(block.is_over for block in matrix.blocks),
        limited=any(block.held and block.held.until for block in matrix.blocks),
        suspended=[block.number for block in matrix.blocks if block.suspended],
        ended=(
            load_endings(read_session(), case.candidate_id, today()).get(case.id, ()) if matrix.path.has_past else ()
        ),
        ending_words=endings,
        states=coverage_legend(matrix),
        to_prove=len(matrix.draft.competencies),
        without=matrix.count(CoverageState.NONE),
        rulings=load_rulings(read_session(), case.id) if matrix.path.ruled else (),
        delays=delays,
    )


def _next_card(case: CandidacyAccess, matrix: Matrix) -> dict[str, Any]:
    """Return the next action; of a draft, above it, how long its step takes and how many are left."""
    card = next_action_card(_action(matrix), matrix.path, today())
    if not case.is_candidate or not case.is_editable or not (steps := planned_steps(matrix.draft)):
        return card
    return card | {"over": pace_message(len(steps), matrix.path.target, today())}


def _action(matrix: matrix_use_cases.Matrix) -> NextAction:
    """Return the one next action; of a second try, what its jury wrote comes first."""
    path = matrix.path
    again = path.ever_decided and path.state is DossierState.DRAFT
    page = load_next_dossier(read_session(), path.candidacy_id, today()) if again else None
    facts: dict[UUID | None, CompetencyFact] = {line.fact.id: line.fact for line in matrix.lines()}
    unticked = page.unticked if page else ()
    points = [JuryPoint(task.text, facts.get(task.competency_id)) for task in unticked]
    return second_try_action(matrix.action, points)


@bp.get("/dossiers/<uuid:candidacy_id>/grille")
@candidacy_page(Permission.READ_DRAFT)
def claims_grid(case: CandidacyAccess) -> ResponseReturnValue:
    """Every claim at once: competencies × pieces; of a long dossier, block by block."""
    grid = competency_page.load_claims_grid(read_session(), case.id, request.args.get("bloc", type=int))
    shown = claims_grid_context(grid)
    return render_template("candidate/dossier/grid.html", case=case, path=grid.path, states=STATES, **shown)
