"""The candidate tells each competency, and writes the dossier's own texts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask_login import current_user

from portfolio.cases import CandidacyCase
from portfolio.db import reading, transaction
from portfolio.dossier import services
from portfolio.dossier.forms import NarrativeForm, TextsForm
from portfolio.dossier.rules import theme_of
from portfolio.dossier.services import CompetencyPage
from portfolio.dossier.views.blueprint import bp
from portfolio.dossier.views.shown import GLYPHS
from portfolio.dossier.wording import COVERAGE, PLAINLY, PROMPTS, SERVING, TEXTS, hint_of
from portfolio.evidence.rules import Hint, says_we
from portfolio.evidence.wording import HINTS, KINDS, passage_shown
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Conflict
from portfolio.review import wording as review_words
from portfolio.review.forms import RemarkForm
from portfolio.review.services import marks_of, thread_of
from portfolio.review.views.shown import until_of
from portfolio.web.autosave import autosaved, is_autosave
from portfolio.web.clock import now


@bp.get("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.READ_DRAFT)
def competency(case: CandidacyCase, competency_id: UUID) -> Any:
    """One competency: its narrative, its evidence, what the advisor says of it."""
    page = _found(case, competency_id)
    told = page.narrative
    data = asdict(told.story) | {"revision": str(told.revision)} if told else {"revision": "0"}
    return _competency(case, page, NarrativeForm(formdata=None, data=data))


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def save_narrative(case: CandidacyCase, competency_id: UUID) -> Any:
    """Keep the narrative of a competency, or show what prevents it beside what was typed."""
    page, form = _found(case, competency_id), NarrativeForm()
    if not form.validate():
        return _competency(case, page, form), 422
    try:
        with transaction() as db:
            seen, by = form.seen_revision, current_user.id
            revision = services.save_narrative(db, case.id, competency_id, form.value(), seen, by=by, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _competency(case, page, form, conflict), 409
    if is_autosave():
        return autosaved(revision)
    session["notice"] = "Votre récit est enregistré."
    return redirect(url_for(".competency", candidacy_id=case.id, competency_id=competency_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/textes")
@candidacy_page(Permission.READ_DRAFT)
def texts(case: CandidacyCase) -> Any:
    """Career, motivation, conclusion."""
    written = services.own_texts(reading(), case.id)
    data = {text.value: said for text, said in written.texts.items()} | {"revision": str(written.revision)}
    return _texts(case, TextsForm(formdata=None, data=data))


@bp.post("/dossiers/<uuid:candidacy_id>/textes")
@candidacy_page(Permission.EDIT_DRAFT)
def save_texts(case: CandidacyCase) -> Any:
    """Keep the dossier's own texts, or show what prevents it beside what was typed."""
    form = TextsForm()
    if not form.validate():
        return _texts(case, form), 422
    try:
        with transaction() as db:
            revision = services.save_texts(db, case.id, form.value(), form.seen_revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _texts(case, form, conflict), 409
    if is_autosave():
        return autosaved(revision)
    session["notice"] = "Vos textes sont enregistrés."
    return redirect(url_for(".texts", candidacy_id=case.id), 303)


def _found(case: CandidacyCase, competency_id: UUID) -> CompetencyPage:
    return services.find_competency(reading(), case.id, competency_id) or abort(404)


def _competency(case: CandidacyCase, page: CompetencyPage, form: NarrativeForm, conflict: Conflict | None = None) -> str:
    fact, theme = page.line.fact, theme_of(page.line.fact.text)
    claims = [(claim, piece, passage_shown(claim.passage, piece.measure)) for claim, piece in page.claims]
    told = page.narrative
    thread = thread_of(reading(), case.id, fact.id, current_user.id)
    return render_template(
        "dossier/competency.html",
        case=case,
        page=page,
        form=form,
        conflict=conflict,
        claims=claims,
        prompts=PROMPTS,
        kinds=KINDS,
        glyph_code=GLYPHS[fact.coverage.state],
        state_label=COVERAGE[fact.coverage.state],
        hint=hint_of(fact.coverage) if case.standing.dossier_is_draft else "",
        plainly=PLAINLY[theme],
        serving=SERVING[theme],
        we=HINTS[Hint.SAYS_WE] if told and says_we(told.story.actions) else None,
        opinion=marks_of(reading(), case.id).get(fact.id),
        thread=thread,
        talk=RemarkForm(formdata=None, until=until_of(thread)),
        words=review_words,
    )


def _texts(case: CandidacyCase, form: TextsForm, conflict: Conflict | None = None) -> str:
    return render_template("dossier/texts.html", case=case, form=form, conflict=conflict, titles=TEXTS)
