"""Earlier versions of a narrative and of the dossier's own texts: read, compared with now, restored."""

from dataclasses import asdict
from uuid import UUID

from flask import abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.dossier.use_cases import texts
from portfolio.domain.submission.rules.comparison import word_diff
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, run_once
from portfolio.wording.dossier import PROMPTS, TEXTS


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
    versions = texts.list_versions(read_session(), case.id, competency_id)
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
        competency_id = texts.restore_version(db, case.id, version_id, by=current_user.id, at=now())
        if competency_id is None:
            return url_for(".general_texts", candidacy_id=case.id)
        return url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="recit")

    response = run_once(form.nonce.data, act)
    session["notice"] = "Cette version est reprise. Ce que vous aviez écrit avant reste parmi les versions précédentes."
    return response
