"""The candidate tells each competency, and writes the dossier's own texts."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.rules.book_frame import BookPart
from portfolio.domain.dossier.rules.draft import GeneralText
from portfolio.domain.dossier.rules.texts import theme_of
from portfolio.domain.dossier.use_cases import texts as texts_use_cases
from portfolio.domain.dossier.use_cases.next_dossier import load_frame
from portfolio.domain.evidence.rules.quality_hints import Hint, says_we
from portfolio.domain.review.use_cases.assessments import find_self_assessment, load_reviews
from portfolio.domain.review.use_cases.thread import load_thread
from portfolio.errors import Conflict
from portfolio.screens.advisor.forms import MessageForm
from portfolio.screens.advisor.presenters import until_of
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.screens.candidate.dossier.competency_page import CompetencyPageData
from portfolio.screens.candidate.dossier.forms import NarrativeForm, TextsForm
from portfolio.screens.candidate.dossier.frame_requests import request_of, request_of_text
from portfolio.screens.candidate.dossier.presenters import GLYPHS
from portfolio.screens.candidate.dossier.self_assessment import SelfAssessmentForm
from portfolio.web.autosave import autosaved, is_autosave
from portfolio.web.clock import now
from portfolio.wording import review as review_words
from portfolio.wording.dossier import COVERAGE, PLAINLY, PROMPTS, SERVING, TEXTS, hint_of
from portfolio.wording.evidence import HINTS, KINDS, citation_message
from portfolio.wording.self_assessment import LEVELS


@bp.get("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.READ_DRAFT)
def competency(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """One competency: its narrative, its evidence, what the advisor says of it."""
    page = _found(case, competency_id)
    narrative = page.narrative
    data = asdict(narrative.story) | {"revision": str(narrative.revision)} if narrative else {"revision": "0"}
    return _competency(case, page, NarrativeForm(formdata=None, data=data))


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def save_narrative(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Keep the narrative of a competency, or show what prevents it beside what was typed."""
    page, form = _found(case, competency_id), NarrativeForm()
    if not form.validate():
        return _competency(case, page, form), 422
    try:
        with transaction() as db:
            seen, by = form.seen_revision, current_user.id
            revision = texts_use_cases.save_narrative(
                db, case.id, competency_id, form.value(), seen, by=by, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _competency(case, page, form, conflict), 409
    if is_autosave():
        return autosaved(revision)
    session["notice"] = "Votre récit est enregistré."
    return redirect(url_for(".competency", candidacy_id=case.id, competency_id=competency_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/textes")
@candidacy_page(Permission.READ_DRAFT)
def general_texts(case: CandidacyAccess) -> ResponseReturnValue:
    """Career, motivation, conclusion."""
    written = competency_page.load_general_texts(read_session(), case.id)
    data = {text.value: value for text, value in written.texts.items()} | {"revision": str(written.revision)}
    return _texts(case, TextsForm(formdata=None, data=data))


@bp.post("/dossiers/<uuid:candidacy_id>/textes")
@candidacy_page(Permission.EDIT_DRAFT)
def save_texts(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the dossier's own texts, or show what prevents it beside what was typed."""
    form = TextsForm()
    if not form.validate():
        return _texts(case, form), 422
    try:
        with transaction() as db:
            revision = texts_use_cases.save_texts(
                db, case.id, form.value(), form.seen_revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _texts(case, form, conflict), 409
    if is_autosave():
        return autosaved(revision)
    session["notice"] = "Vos textes sont enregistrés."
    return redirect(url_for(".general_texts", candidacy_id=case.id), 303)


def _found(case: CandidacyAccess, competency_id: UUID) -> CompetencyPageData:
    return competency_page.find_competency_page(read_session(), case.id, competency_id) or abort(404)


def _competency(
    case: CandidacyAccess, page: CompetencyPageData, form: NarrativeForm, conflict: Conflict | None = None
) -> str:
    fact, theme = page.line.fact, theme_of(page.line.fact.text)
    claims = [(claim, piece, citation_message(claim.passage, piece.measure)) for claim, piece in page.claims]
    sealed = page.narrative
    thread = load_thread(read_session(), case.id, fact.id, current_user.id)
    mastery = find_self_assessment(read_session(), case.id, fact.id) if case.is_candidate else None
    return render_template(
        "dossier/competency.html",
        case=case,
        mastery=LEVELS[mastery] if mastery else "",
        self_form=SelfAssessmentForm(formdata=None, data={"value": mastery or ""}),
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
        we=HINTS[Hint.SAYS_WE] if sealed and says_we(sealed.story.actions) else None,
        opinion=load_reviews(read_session(), case.id).get(fact.id),
        thread=thread,
        talk=MessageForm(formdata=None, until=until_of(thread)),
        words=review_words,
        asked=request_of(
            load_frame(read_session(), case.id), BookPart.BLOCKS, *(form[name].data or "" for name in PROMPTS)
        ),
    )


def _texts(case: CandidacyAccess, form: TextsForm, conflict: Conflict | None = None) -> str:
    frame = load_frame(read_session(), case.id)
    asked = {text.value: request_of_text(frame, text, form[text.value].data or "") for text in GeneralText}
    return render_template(
        "dossier/texts.html", case=case, form=form, conflict=conflict, titles=TEXTS, asked=asked
    )
