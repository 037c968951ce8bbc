"""The candidate tells each competency, and writes the dossier's own texts.

The candidate says how far they think they master a competency.

What the certifier asks of a text in its frame of the livret 2, shown beside the field where it is written.

The candidate describes the posts they held.
"""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.certification.rules.book_frame import BookPart, Frame, count_words, section_of
from portfolio.domain.dossier.rules.assessment import SelfAssessment
from portfolio.domain.dossier.rules.description import Hint, says_we
from portfolio.domain.dossier.rules.draft import GeneralText
from portfolio.domain.dossier.rules.texts import theme_of
from portfolio.domain.dossier.use_cases import matrix as matrix_use_cases
from portfolio.domain.dossier.use_cases import texts as texts_use_cases
from portfolio.domain.dossier.use_cases.next_dossier import load_frame
from portfolio.domain.dossier.use_cases.texts import ExperienceDetails
from portfolio.domain.review.use_cases.assessments import assess_oneself, find_self_assessment, load_reviews
from portfolio.domain.review.use_cases.thread import load_thread
from portfolio.domain.submission.rules.comparison import word_diff
from portfolio.errors import Conflict
from portfolio.files.conversion.dictation import can_transcribe
from portfolio.screens.advisor.dossier.forms import MessageForm
from portfolio.screens.advisor.dossier.presenters import until_of
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.competency_page import CompetencyPageData, find_competency_page
from portfolio.screens.candidate.dossier.forms import ConfirmForm, ExperienceForm, NarrativeForm, TextsForm
from portfolio.screens.candidate.dossier.matrix import GLYPHS, next_action_card
from portfolio.screens.candidate.submission.queries import load_next_dossier
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, IdempotentForm, RadioChoiceField, autosaved, is_autosave, run_once
from portfolio.web.headers import MICROPHONE
from portfolio.web.listing import page_number
from portfolio.wording import review as review_words
from portfolio.wording.certification.versions import length_message, part_title, written_message
from portfolio.wording.dossier import COVERAGE, PLAINLY, PROMPTS, SERVING, TEXTS, hint_of
from portfolio.wording.evidence import HINTS, KINDS, citation_message
from portfolio.wording.jury import FINDINGS
from portfolio.wording.review import KEPT, LEVELS, QUESTION

bp = blueprint_of(__name__)


class SelfAssessmentForm(Form):
    """One answer, or none."""

    value = RadioChoiceField(QUESTION, SelfAssessment, choices=[*LEVELS.items(), ("", "Je ne me prononce pas")])


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/auto-evaluation")
@candidacy_page(Permission.EDIT_DRAFT)
def assess_competency(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Keep what the candidate thinks of their mastery of a competency."""
    if find_competency_page(read_session(), case.id, competency_id) is None:
        abort(404)
    form = SelfAssessmentForm()
    if not form.validate():
        abort(400)  # radio buttons: another answer is not typed by a person
    with transaction() as db:
        assess_oneself(db, case.id, competency_id, form.value.data, by=current_user.id, at=now())
    session["notice"] = KEPT
    return redirect(url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="maitrise"), 303)


@dataclass(frozen=True, slots=True)
class PartRequest:
    """Request of the frame for a part: its title, guidance, length, and how long it is now; empty where nothing is
    asked.
    """

    title: str
    guidance: str
    length: str
    written: str
    is_required: bool

    @property
    def help(self) -> str:
        """Return all of it as the help of one field."""
        needed = "Cette partie est obligatoire." if self.is_required else ""
        return " ".join(part for part in (self.guidance, needed, self.length, self.written) if part)


def request_of(frame: Frame, part: BookPart, *texts: str) -> PartRequest | None:
    """Return what a frame asks of a part; None without a frame."""
    if not frame:
        return None
    section, words = section_of(frame, part), count_words(*texts)
    written = written_message(section, words) if words else ""
    return PartRequest(part_title(section), section.guidance, length_message(section), written, section.is_required)


def request_of_text(frame: Frame, text: GeneralText, typed: str) -> PartRequest | None:
    """Return what a frame asks of one of the dossier's own texts."""
    return request_of(frame, BookPart(text.value), typed)


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
            revision = texts_use_cases.save_narrative(db, case.id, competency_id, form.value(), seen, by=by, at=now())
            texts_use_cases.record_helps(db, case.id, (form.helps.data or "").split(), by=by, at=now())
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
) -> Response:
    fact, theme = page.line.fact, theme_of(page.line.fact.text)
    found = competency_page.list_claimed_pieces(
        read_session(), case.id, fact.id, competency_page.search_words(), page_number()
    )
    claims = [(claim, piece, citation_message(claim.passage, piece.measure)) for claim, piece in found.lines if claim]
    sealed = page.narrative
    thread = load_thread(read_session(), case.id, fact.id, current_user.id)
    jury = load_next_dossier(read_session(), case.id, today()) if page.path.ever_decided else None
    mastery = find_self_assessment(read_session(), case.id, fact.id) if case.is_candidate else None
    shown = render_template(
        "candidate/dossier/competency.html",
        case=case,
        transcribes=can_transcribe(current_app.config["SETTINGS"].whisper_model),
        mastery=LEVELS[mastery] if mastery else "",
        self_form=SelfAssessmentForm(formdata=None, data={"value": mastery or ""}),
        page=page,
        judged=jury.block_result(page.block.number) if jury else None,
        findings=FINDINGS,
        form=form,
        conflict=conflict,
        claims=claims,
        listed=found,
        prompts=PROMPTS,
        kinds=KINDS,
        glyph_code=GLYPHS[fact.coverage.state],
        state_label=COVERAGE[fact.coverage.state],
        hint=hint_of(fact.coverage) if case.standing.dossier_is_draft else "",
        plainly=PLAINLY[theme],
        serving=SERVING[theme],
        we=HINTS[Hint.SAYS_WE] if sealed and says_we(sealed.story.actions) else None,
        opinion=load_reviews(read_session(), case.id, [fact.id]).get(fact.id),
        thread=thread,
        talk=MessageForm(formdata=None, until=until_of(thread)),
        words=review_words,
        asked=request_of(
            load_frame(read_session(), case.id), BookPart.BLOCKS, *(form[name].data or "" for name in PROMPTS)
        ),
    )
    return Response(shown, headers={"Permissions-Policy": MICROPHONE})


def _texts(case: CandidacyAccess, form: TextsForm, conflict: Conflict | None = None) -> str:
    frame = load_frame(read_session(), case.id)
    asked = {text.value: request_of_text(frame, text, form[text.value].data or "") for text in GeneralText}
    return render_template(
        "candidate/dossier/texts.html", case=case, form=form, conflict=conflict, titles=TEXTS, asked=asked
    )


@bp.get("/dossiers/<uuid:candidacy_id>/experiences")
@candidacy_page(Permission.READ_DRAFT)
def experiences(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the experiences described so far."""
    found = texts_use_cases.list_experiences(read_session(), case.id)
    return render_template(
        "candidate/dossier/experiences.html", case=case, experiences=found, action=_after(case) if found else None
    )


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def add_experience(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the form of a new experience."""
    return _form(case, ExperienceForm(today(), formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/ajouter")
@candidacy_page(Permission.EDIT_DRAFT)
def save_new_experience(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep a new experience, or show the form again."""
    form = ExperienceForm(today())
    if not form.validate():
        return _form(case, form), 422

    def act(db: Session) -> str:
        texts_use_cases.add_experience(db, case.id, form.value(), by=current_user.id, at=now())
        return url_for(".experiences", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "L’expérience est enregistrée."
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Show the form of an experience with what was said of it."""
    found = _find_experience(case, experience_id)
    form = ExperienceForm(today(), formdata=None, data=asdict(found.text) | {"revision": str(found.revision)})
    return _form(case, form, found)


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def change_experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Keep what is now said of an experience, or show the form again."""
    found = _find_experience(case, experience_id)
    # A day that is kept stays when its month is sent again.
    form = ExperienceForm(today(), data={"began_on": found.text.began_on, "ended_on": found.text.ended_on})
    if not form.validate():
        return _form(case, form, found), 422
    try:
        with transaction() as db:
            texts_use_cases.change_experience(
                db, case.id, experience_id, form.value(), form.seen_revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _form(case, form, found, conflict), 409
    session["notice"] = "L’expérience est enregistrée."
    return redirect(url_for(".experiences", candidacy_id=case.id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def confirm_remove_experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Ask before an experience is taken away."""
    found = _find_experience(case, experience_id)
    return render_template(
        "candidate/dossier/remove_experience.html", case=case, experience=found, form=ConfirmForm(formdata=None)
    )


@bp.post("/dossiers/<uuid:candidacy_id>/experiences/<uuid:experience_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def remove_experience(case: CandidacyAccess, experience_id: UUID) -> ResponseReturnValue:
    """Take an experience away; its pieces stay."""
    with transaction() as db:
        texts_use_cases.remove_experience(db, case.id, experience_id, by=current_user.id, at=now())
    session["notice"] = "L’expérience est retirée. Les pièces qui s’y rattachaient restent."
    return redirect(url_for(".experiences", candidacy_id=case.id), 303)


def _after(case: CandidacyAccess) -> dict[str, Any] | None:
    """Return the one next action of a candidate who writes, as the home of the dossier says it."""
    if not (case.is_candidate and case.is_editable):
        return None
    matrix = matrix_use_cases.load_matrix(read_session(), case.id)
    return next_action_card(matrix.action, matrix.path, today())


def _find_experience(case: CandidacyAccess, experience_id: UUID) -> ExperienceDetails:
    found = texts_use_cases.find_experience(read_session(), case.id, experience_id)
    return found or abort(404)


def _form(
    case: CandidacyAccess,
    form: ExperienceForm,
    found: ExperienceDetails | None = None,
    conflict: Conflict | None = None,
) -> str:
    texts = (form.context.data or "", form.perimeter.data or "", form.responsibilities.data or "")
    asked = request_of(load_frame(read_session(), case.id), BookPart.EXPERIENCES, *texts)
    return render_template(
        "candidate/dossier/experience.html", case=case, form=form, found=found, conflict=conflict, asked=asked
    )


@bp.get("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/versions")
@candidacy_page(Permission.READ_HISTORY)
def narrative_versions(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """List the versions of a narrative, and what one of them had beside the present one."""
    page = competency_page.find_competency_page(read_session(), case.id, competency_id) or abort(404)
    texts = asdict(page.narrative.story) if page.narrative else {}
    fact = page.line.fact
    back = (
        f"{fact.label} {fact.text}",
        url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="recit"),
    )
    return _page(case, competency_id, texts, dict(PROMPTS), back)


@bp.get("/dossiers/<uuid:candidacy_id>/textes/versions")
@candidacy_page(Permission.READ_HISTORY)
def texts_versions(case: CandidacyAccess) -> ResponseReturnValue:
    """List the versions of the dossier's own texts."""
    written = competency_page.load_general_texts(read_session(), case.id)
    texts = {text.value: value for text, value in written.texts.items()}
    titles = {text.value: title for text, title in TEXTS.items()}
    return _page(case, None, texts, titles, ("Mes textes", url_for(".general_texts", candidacy_id=case.id)))


def _page(
    case: CandidacyAccess,
    competency_id: UUID | None,
    present: dict[str, str],
    titles: dict[str, str],
    back: tuple[str, str],
) -> str:
    versions = texts_use_cases.list_versions(read_session(), case.id, competency_id)
    earlier = [
        version for version in versions if any(version.texts.get(name) != text for name, text in present.items())
    ]
    wanted = request.args.get("version", "")
    shown = next((version for version in earlier if str(version.id) == wanted), None)
    diffs = [
        (titles[name], word_diff(shown.texts.get(name, ""), text))
        for name, text in present.items()
        if shown and shown.texts.get(name, "") != text
    ]
    words = {version.id: sum(len(text.split()) for text in version.texts.values()) for version in earlier}
    again = IdempotentForm(formdata=None)
    return render_template(
        "candidate/dossier/versions.html",
        case=case,
        versions=earlier,
        shown=shown,
        diffs=diffs,
        words=words,
        back=back,
        again=again,
    )


@bp.post("/dossiers/<uuid:candidacy_id>/versions/<uuid:version_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def restore_version(case: CandidacyAccess, version_id: UUID) -> ResponseReturnValue:
    """Put an earlier version back."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        competency_id = texts_use_cases.restore_version(db, case.id, version_id, by=current_user.id, at=now())
        if competency_id is None:
            return url_for(".general_texts", candidacy_id=case.id)
        return url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="recit")

    response = run_once(form.nonce.data, act)
    session["notice"] = "Cette version est reprise. Ce que vous aviez écrit avant reste parmi les versions précédentes."
    return response
