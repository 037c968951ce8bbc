"""The pages on which a conversation is shown: the advisor's page of a competency, and the conversation alone.

The advisor's panel of one competency, beside a page of a piece: the opinion, the messages, and the form of each.
"""

from typing import Any
from uuid import UUID

from flask import abort, render_template, url_for
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.db.engine import read_session
from portfolio.domain.dossier.use_cases.matrix import CompetencySummary, MatrixBlock
from portfolio.domain.review.use_cases import thread as thread_use_cases
from portfolio.errors import Conflict, Refusal
from portfolio.screens.advisor.dossier import queries
from portfolio.screens.advisor.dossier.forms import AssessmentForm, MessageForm, NoteForm, PlacedMessageForm
from portfolio.wording import evidence as evidence_words
from portfolio.wording import review
from portfolio.wording.dossier import COVERAGE, PROMPTS
from portfolio.wording.dossier.names import finding_context, held_on_a_card
from portfolio.wording.review import LEVELS


def competency_page(
    case: CandidacyAccess,
    competency_id: UUID,
    marking: AssessmentForm | None = None,
    talk: MessageForm | None = None,
    note: NoteForm | None = None,
    *,
    refusal: Refusal | None = None,
    conflict: Conflict | None = None,
) -> str:
    """Return the advisor's page of one competency, with the form that was just sent, or forms not filled yet."""
    page = queries.find_competency_page(read_session(), case.id, competency_id, current_user.id)
    if page is None:
        abort(404)
    sent = next((form for form in (marking, talk, note) if form is not None and form.errors), None)
    marking, talk = marking or AssessmentForm(formdata=None), talk or MessageForm(formdata=None)
    if marking.basis.data is None:
        marking.basis.data = page.basis
    talk.until.data = until_of(page.thread)
    return render_template(
        "advisor/dossier/competency.html",
        page=page,
        marking=marking,
        talk=talk,
        noting=note or _note_form(page),
        form=sent or talk,
        refusal=review.REFUSALS[refusal.code](refusal.facts) if refusal else None,
        conflict=conflict,
        words=review,
        evidence_words=evidence_words,
        coverage=COVERAGE,
        prompts=PROMPTS,
        mastery=LEVELS[page.mastery] if page.mastery else "",
    )


def _note_form(page: queries.CompetencyPageData) -> NoteForm:
    note = page.note
    return NoteForm(formdata=None, note=note.text if note else "", revision=str(note.revision if note else 0))


def answering_page(case: CandidacyAccess, competency_id: UUID, form: MessageForm) -> str:
    """Return the conversation alone, as the candidate answers it."""
    page = thread_use_cases.find_conversation(read_session(), case.id, competency_id, current_user.id)
    if page is None:
        abort(404)
    form.until.data = until_of(page.thread)
    return render_template("advisor/dossier/answer.html", page=page, form=form, words=review)


def until_of(thread: Any) -> str:
    """Return the moment of the last words that a page shows: a reader who answers, or says they have read, has read
    until then.
    """
    return thread[-1].at.isoformat() if thread else ""


def thread_url(case: CandidacyAccess, competency_id: UUID) -> str:
    """Return where the conversation is read by the person connected."""
    page = "candidate.dossier.competency" if case.is_candidate else "advisor.dossier.competency"
    return url_for(page, candidacy_id=case.id, competency_id=competency_id, _anchor="echanges")


def blocks_of(page: queries.DossierPageData) -> list[dict[str, Any]]:
    """Return the matrix as its component draws it; each competency leads to the advisor's page of it."""
    return [_block(page, block) for block in page.matrix.blocks if block.asked or block.held]


def _block(page: queries.DossierPageData, block: MatrixBlock) -> dict[str, Any]:
    held = None
    if block.held:
        held = held_on_a_card(block.held, None, is_over=block.is_over)
    lines = [_competency_row(page, line) for line in block.lines]
    return {"number": block.number, "title": block.title, "held": held, "competencies": lines}


def _competency_row(page: queries.DossierPageData, line: CompetencySummary) -> dict[str, Any]:
    state = line.fact.coverage.state
    here: dict[str, Any] = {"candidacy_id": page.candidacy_id, "competency_id": line.fact.id}
    unread = page.unread.get(line.fact.id)
    shown = {
        "number": line.fact.label,
        "text": line.fact.text,
        "href": url_for("advisor.dossier.competency", **here),
        "state": review.GLYPHS[state],
        "state_label": COVERAGE[state],
        "pieces": len(line.fact.coverage.pieces),
        "hint": review.WAITING if line.fact.id in page.waiting else None,
        "message": (review.to_read(unread), url_for("advisor.dossier.competency", **here, _anchor="echanges"))
        if unread
        else None,
    }
    return shown | finding_context(page.matrix.path.state, line.finding)


def load_panel(
    case: CandidacyAccess,
    competency_id: UUID,
    page: int = 1,
    marking: AssessmentForm | None = None,
    talk: PlacedMessageForm | None = None,
    refusal: Refusal | None = None,
) -> dict[str, Any]:
    """Return what the panel shows, with the forms as they stand or as they were left; 404 out of scope."""
    found = queries.find_competency_page(read_session(), case.id, competency_id, current_user.id) or abort(404)
    marking = marking or AssessmentForm(formdata=None)
    if marking.basis.data is None:
        marking.basis.data = found.basis
    talk = talk or PlacedMessageForm(formdata=None, page=str(page))
    talk.until.data = until_of(found.thread)
    told = review.REFUSALS[refusal.code](refusal.facts) if refusal else None
    return {"page": found, "marking": marking, "talk": talk, "refusal": told, "words": review}
