"""The pieces of a dossier: the list, one piece, what it says about itself.

The competencies that a new piece may show, by the words of its pages.

Set a hint about a piece aside, or take it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.rules.description import EvidenceChange, EvidenceRefusal, Hint, proposed_kind
from portfolio.domain.dossier.use_cases import evidence as evidence_use_cases
from portfolio.domain.dossier.use_cases.evidence import dismiss_hint, restore_hint
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.dossier.use_cases.page_images import pages_hiding_text
from portfolio.domain.dossier.use_cases.reuse import load_served_elsewhere
from portfolio.domain.search.use_cases.leads import list_suggestions, load_claimed, refuse_lead
from portfolio.errors import Conflict, Refusal
from portfolio.files.file_types.types import pages_of
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.attestations.views import proofs_for
from portfolio.screens.candidate.dossier.forms import ConfirmForm
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.forms import DescriptionForm
from portfolio.screens.candidate.evidence.library_views import library_page
from portfolio.screens.candidate.evidence.queries import EvidencePageData
from portfolio.screens.evidence_files.downloads import download_mode, sharing_notice
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, SingleLineField
from portfolio.wording import attestation as attesting
from portfolio.wording import evidence
from portfolio.wording.files import FAMILIES

bp = blueprint_of(__name__)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves")
@candidacy_page(Permission.READ_DRAFT)
def pieces(case: CandidacyAccess) -> ResponseReturnValue:
    """Show a page of the pieces, filtered and sorted as the address says."""
    return library_page(case)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>")
@candidacy_page(Permission.READ_DRAFT)
def piece(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """One piece: its cover note, its file, the competencies it shows, a few gentle remarks."""
    page = find_page(case, evidence_id)
    proof = proofs_for(case.id, [(page.said.kind, page.view.sha256)]).get(page.view.sha256)
    file = page.files[0] if page.files and case.is_candidate and not page.masking.is_pending else None
    shared = sharing_notice(file.key, file.mime, pages_of(file.mime, file.pages)) if file else ""
    hiding = pages_hiding_text(read_session(), file.key) if file and not page.masking.versions else []
    may = {touch.value: case.is_editable and page.stays_for(touch) is None for touch in EvidenceChange}
    shown = {
        "words": evidence,
        "families": FAMILIES,
        "proof": proof,
        "attesting": attesting,
        "may": may,
        "shared": shared,
    }
    shown["hiding"] = hiding
    # Its author is given every original; of others it depends on what the file holds, as in the reader.
    shown["offers"] = (
        {} if case.is_candidate else {each.number: download_mode(each.key, each.mime, own=False) for each in page.files}
    )
    # Nobody else learns of the other dossiers of the person.
    served = load_served_elsewhere(read_session(), case.id, [page.view.sha256]) if case.is_candidate else {}
    shown["elsewhere"] = served.get(page.view.sha256, {})
    wanted = file is not None and may["change"] and not page.claims and current_app.config["SETTINGS"].suggestions
    shown["suggestions"] = []
    if wanted:
        matrix, claimed = load_matrix(read_session(), case.id), load_claimed(read_session(), evidence_id)
        shown["suggestions"] = list_suggestions(read_session(), case.id, evidence_id, matrix, claimed)
    return render_template("candidate/evidence/piece.html", case=case, page=page, **shown)


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/description", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def describe(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Say what a piece is: its cover note."""
    page = may_change(find_page(case, evidence_id))
    choices = queries.experience_choices(read_session(), case.id)
    form = DescriptionForm(choices, today(), data=asdict(page.said) | {"revision": str(page.view.revision)})
    if not form.validate_on_submit():
        return _description(case, page, form), 422 if form.is_submitted() else 200
    try:
        with transaction() as db:
            evidence_use_cases.describe_evidence(
                db, case.id, evidence_id, form.value(), form.seen_revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _description(case, page, form, conflict), 409
    session["notice"] = "La description est enregistrée."
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def confirm_remove(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Ask before a piece is taken away."""
    page = _may(EvidenceChange.REMOVE, find_page(case, evidence_id))
    return render_template("candidate/evidence/remove.html", case=case, page=page, form=ConfirmForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/retirer")
@candidacy_page(Permission.EDIT_DRAFT)
def remove(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Take a piece away, with what is said of it."""
    with transaction() as db:
        evidence_use_cases.remove_evidence(db, case.id, evidence_id, by=current_user.id, at=now())
    session["notice"] = (
        "La pièce est retirée. Pendant trente jours, vous pouvez la remettre : voyez « Pièces retirées »."
    )
    return redirect(url_for(".pieces", candidacy_id=case.id), 303)


def may_change(page: EvidencePageData) -> EvidencePageData:
    """Let a piece of the candidate's own through; raises Refusal: a third party signed it, or its block
    is suspended.
    """
    if page.collected:
        raise Refusal(EvidenceRefusal.COLLECTED)
    return _may(EvidenceChange.CHANGE, page)


def _may(touch: EvidenceChange, page: EvidencePageData) -> EvidencePageData:
    block = page.stays_for(touch)
    if block is not None:
        raise Refusal(EvidenceRefusal.SUSPENDED, block=block)
    return page


def find_page(case: CandidacyAccess, evidence_id: UUID) -> EvidencePageData:
    """Return the page of a piece as this person may see it; 404 for any other."""
    return queries.find_evidence_page(read_session(), case.id, evidence_id, today(), own=case.is_candidate) or abort(
        404
    )


def _description(
    case: CandidacyAccess, page: EvidencePageData, form: DescriptionForm, conflict: Conflict | None = None
) -> str:
    return render_template(
        "candidate/evidence/describe.html", case=case, page=page, form=form, words=evidence, conflict=conflict
    )


REASON_MAX_CHARS = 200


class HintForm(Form):
    """Reason why the hint is set aside, in a word."""

    reason = SingleLineField("Pourquoi, en un mot", limit=REASON_MAX_CHARS)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/conseils/<hint>/ecarter")
@candidacy_page(Permission.EDIT_DRAFT)
def dismiss(case: CandidacyAccess, evidence_id: UUID, hint: str) -> ResponseReturnValue:
    """Set a hint aside."""
    found = _hint(hint)
    find_page(case, evidence_id)
    form = HintForm()
    reason = (form.reason.data or "")[:REASON_MAX_CHARS]  # the field holds no more: what is longer was not typed there
    with transaction() as db:
        dismiss_hint(db, case.id, evidence_id, found, reason, by=current_user.id, at=now())
    session["notice"] = "Ce conseil est écarté. Vous pouvez le reprendre en bas de la page."
    return _back(case, evidence_id)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/conseils/<hint>/reprendre")
@candidacy_page(Permission.EDIT_DRAFT)
def take_back(case: CandidacyAccess, evidence_id: UUID, hint: str) -> ResponseReturnValue:
    """Show a hint again."""
    found = _hint(hint)
    find_page(case, evidence_id)
    with transaction() as db:
        restore_hint(db, case.id, evidence_id, found, by=current_user.id, at=now())
    return _back(case, evidence_id)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/pistes/<uuid:competency_id>/ecarter")
@candidacy_page(Permission.EDIT_DRAFT)
def refuse(case: CandidacyAccess, evidence_id: UUID, competency_id: UUID) -> ResponseReturnValue:
    """Remember that a piece does not show a competency."""
    find_page(case, evidence_id)
    labels = {line.fact.id: line.fact.label for line in load_matrix(read_session(), case.id).lines()}
    label = labels.get(competency_id) or abort(404)
    with transaction() as db:
        refuse_lead(db, case.id, evidence_id, label, by=current_user.id, at=now())
    session["notice"] = "Cette piste est écartée."
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id, _anchor="montre"), 303)


def _hint(code: str) -> Hint:
    try:
        return Hint(code)
    except ValueError:
        abort(404)


def _back(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id, _anchor="relire"), 303)


# The fields of each step, in the order in which people can answer.
STEPS: Sequence[Sequence[str]] = (
    ("title", "kind"),
    ("dated_from", "dated_to", "experience_id"),
    ("own_role", "authorship", "own_part"),
    ("confidentiality", "anonymity"),
)


class StepForm(DescriptionForm):
    """The questions of one step: the other answers stay as they are."""

    def __init__(self, step: int, *choices: Any, **more: Any) -> None:
        super().__init__(*choices, **more)
        self.names = STEPS[step - 1]
        for name in {name for names in (*STEPS, ("web_address", "captured_on")) for name in names} - {*self.names}:
            del self[name]

    def answers(self) -> Mapping[str, Any]:
        """Return what is said in this step; a text without words is empty."""
        fields = {name: self[name] for name in self.names}
        return {name: field.data or "" if hasattr(field, "limit") else field.data for name, field in fields.items()}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Answers that the file gives, put into the answers that are still empty."""

    values: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Tell whether the answer of a field is proposed."""
        return name in self.values


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/decrire/<int:step>", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def describe_step(case: CandidacyAccess, evidence_id: UUID, step: int) -> ResponseReturnValue:
    """Ask a few questions about a piece, beside its picture."""
    if not 1 <= step <= len(STEPS):
        abort(404)
    page = may_change(find_page(case, evidence_id))
    choices = queries.experience_choices(read_session(), case.id)
    proposal = _proposal(case, page, choices)
    data = asdict(page.said) | dict(proposal.values) | {"revision": str(page.view.revision)}
    form = StepForm(step, choices, today(), data=data)
    if not form.validate_on_submit():
        return _render(case, page, step, form, proposal), 422 if form.is_submitted() else 200
    note = replace(page.said, **form.answers())
    try:
        with transaction() as db:
            evidence_use_cases.describe_evidence(
                db, case.id, evidence_id, note, form.seen_revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _render(case, page, step, form, proposal, conflict), 409
    if step == len(STEPS):
        session["notice"] = "La description est enregistrée."
    return redirect(_next(case, page, step), 303)


def _proposal(case: CandidacyAccess, page: EvidencePageData, experiences: Sequence[tuple[UUID, str]]) -> Proposal:
    """Return what fills the empty answers: the day of the photograph, the kind of its type, the only experience."""
    file = queries.find_current_file(read_session(), case.id, page.view.id)
    taken_on = file.taken_on if file else None
    proposed = {
        "kind": proposed_kind(file.mime, is_taken=taken_on is not None) if file else None,
        "dated_from": taken_on if taken_on and taken_on <= today() else None,
        "experience_id": experiences[0][0] if len(experiences) == 1 else None,
    }
    empty = {name for name, value in asdict(page.said).items() if value is None}
    return Proposal({name: value for name, value in proposed.items() if value is not None and name in empty})


def _next(case: CandidacyAccess, page: EvidencePageData, step: int) -> str:
    """Return where one goes from a step: to the next one, then to what the piece shows."""
    where: dict[str, Any] = {"candidacy_id": case.id, "evidence_id": page.view.id}
    if step < len(STEPS):
        return url_for(".describe_step", **where, step=step + 1)
    return url_for(".piece", **where) if page.claims else url_for("candidate.dossier.choose_competencies", **where)


def _render(
    case: CandidacyAccess,
    page: EvidencePageData,
    step: int,
    form: StepForm,
    proposal: Proposal,
    conflict: Conflict | None = None,
) -> str:
    file = page.files[0]
    return render_template(
        "candidate/evidence/step.html",
        case=case,
        page=page,
        step=step,
        form=form,
        proposal=proposal,
        conflict=conflict,
        count_of_steps=len(STEPS),
        skip=_next(case, page, step),
        has_picture=bool(pages_of(file.mime, file.pages)) and file.family != "audio",
        words=evidence,
    )
