"""Set a hint about a piece aside, or take it back."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import transaction
from portfolio.domain.evidence.rules.quality_hints import Hint
from portfolio.domain.evidence.use_cases.evidence import dismiss_hint, restore_hint
from portfolio.screens.candidate.evidence.blueprint import bp
from portfolio.screens.candidate.evidence.views import find_page
from portfolio.web.clock import now
from portfolio.web.forms import Form, SingleLineField

REASON_MAX_CHARS = 200


class HintForm(Form):
    """Why the hint is set aside, in a word."""

    reason = SingleLineField("Pourquoi, en un mot", limit=REASON_MAX_CHARS)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/conseils/<hint>/ecarter")
@candidacy_page(Permission.EDIT_DRAFT)
def dismiss(case: CandidacyAccess, evidence_id: UUID, hint: str) -> ResponseReturnValue:
    """Set a hint aside."""
    found = _hint(hint)
    find_page(case, evidence_id)
    form = HintForm()
    reason = (form.reason.data or "")[
        :REASON_MAX_CHARS
    ]  # the field holds no more: what is longer was not typed there
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


def _hint(code: str) -> Hint:
    try:
        return Hint(code)
    except ValueError:
        abort(404)


def _back(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id, _anchor="relire"), 303)
