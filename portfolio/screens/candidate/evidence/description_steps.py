"""Say what a piece is in short steps, beside its picture; each may be left for later."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.rules.description import proposed_kind
from portfolio.domain.dossier.use_cases import evidence as evidence_use_cases
from portfolio.errors import Conflict
from portfolio.files.file_types.types import pages_of
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.forms import DescriptionForm
from portfolio.screens.candidate.evidence.queries import EvidencePageData
from portfolio.screens.candidate.evidence.views import find_page, may_change
from portfolio.web.clock import now, today
from portfolio.wording import evidence

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
