"""The pages on which a conversation is shown: the advisor's page of a competency, and the conversation alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, render_template, url_for
from flask_login import current_user

from portfolio.cases import CandidacyCase
from portfolio.db import reading
from portfolio.dossier.services.matrix import MatrixBlock, MatrixLine
from portfolio.dossier.wording import COVERAGE, PROMPTS
from portfolio.dossier.wording.findings import finding_shown
from portfolio.evidence import wording as evidence_words
from portfolio.refusal import Conflict, Refusal
from portfolio.review import services, wording
from portfolio.review.forms import MarkForm, NoteForm, RemarkForm
from portfolio.web.filters import day


def competency_page(
    case: CandidacyCase,
    competency_id: UUID,
    marking: MarkForm | None = None,
    talk: RemarkForm | None = None,
    note: NoteForm | None = None,
    *,
    refusal: Refusal | None = None,
    conflict: Conflict | None = None,
) -> str:
    """The advisor's page of one competency, with the form that was just sent, or forms not filled yet."""
    page = services.find_competency_page(reading(), case.id, competency_id, current_user.id)
    if page is None:
        abort(404)
    sent = next((form for form in (marking, talk, note) if form is not None and form.errors), None)
    marking, talk = marking or MarkForm(formdata=None), talk or RemarkForm(formdata=None)
    if marking.basis.data is None:
        marking.basis.data = page.basis
    talk.until.data = until_of(page.thread)
    return render_template(
        "review/competency.html",
        page=page,
        marking=marking,
        talk=talk,
        noting=note or _note_form(page),
        form=sent or talk,
        refusal=wording.REFUSALS[refusal.code](refusal.facts) if refusal else None,
        conflict=conflict,
        words=wording,
        evidence_words=evidence_words,
        coverage=COVERAGE,
        prompts=PROMPTS,
    )


def _note_form(page: services.CompetencyPage) -> NoteForm:
    kept = page.note
    return NoteForm(formdata=None, note=kept.text if kept else "", revision=str(kept.revision if kept else 0))


def answering_page(case: CandidacyCase, competency_id: UUID, form: RemarkForm) -> str:
    """The conversation alone, as the candidate answers it."""
    page = services.find_conversation(reading(), case.id, competency_id, current_user.id)
    if page is None:
        abort(404)
    form.until.data = until_of(page.thread)
    return render_template("review/answering.html", page=page, form=form, words=wording)


def until_of(thread: Any) -> str:
    """The moment of the last words that a page shows: whoever answers, or says they have read, has read until then."""
    return thread[-1].at.isoformat() if thread else ""


def thread_url(case: CandidacyCase, competency_id: UUID) -> str:
    """Where the conversation is read by the person connected."""
    page = "dossier.competency" if case.is_candidate else "review.competency"
    return url_for(page, candidacy_id=case.id, competency_id=competency_id, _anchor="echanges")


def blocks_of(page: services.DossierPage) -> list[dict[str, Any]]:
    """The matrix as its component draws it; each competency leads to the advisor's page of it."""
    return [_block(page, block) for block in page.matrix.blocks if block.asked or block.held]


def _block(page: services.DossierPage, block: MatrixBlock) -> dict[str, Any]:
    held = {"on": day(block.held.granted_on), "href": None} if block.held else None
    lines = [_line(page, line) for line in block.lines]
    return {"number": block.number, "title": block.title, "held": held, "competencies": lines}


def _line(page: services.DossierPage, line: MatrixLine) -> dict[str, Any]:
    state = line.fact.coverage.state
    here: dict[str, Any] = {"candidacy_id": page.candidacy_id, "competency_id": line.fact.id}
    unread = page.unread.get(line.fact.id)
    shown = {
        "number": line.fact.label,
        "text": line.fact.text,
        "href": url_for("review.competency", **here),
        "state": wording.GLYPHS[state],
        "state_label": COVERAGE[state],
        "pieces": len(line.fact.coverage.pieces),
        "hint": wording.WAITING if line.fact.id in page.waiting else None,
        "message": (wording.to_read(unread), url_for("review.competency", **here, _anchor="echanges")) if unread else None,
    }
    return shown | finding_shown(page.matrix.path.state, line.finding)
