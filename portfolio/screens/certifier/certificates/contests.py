"""The adversarial stage of a certificate, and the second member who confirms an annulment or a withdrawal.

What a certifier enters of an adversarial stage, of a confirmation, and of an appeal.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import abort, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import BooleanField

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.holdings.models.events import StatusChangeProposal
from portfolio.domain.holdings.rules.status_changes import (
    AppealGrant,
    AppealInput,
    AppealKind,
    AppealOutcome,
    InvitationInput,
    ObservationInput,
    ObservationManner,
)
from portfolio.domain.holdings.use_cases import contest_tasks, proposals
from portfolio.errors import Refusal
from portfolio.screens.account.reauthentication import PasswordConfirmForm, password_confirmed
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.certificates import status_changes
from portfolio.screens.certifier.certificates.equivalences import store_proof
from portfolio.screens.certifier.certificates.forms import ACCEPTED, SecondMemberForm
from portfolio.screens.evidence_files.downloads import send_copy
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    pairs,
    refusal_message,
    run_once,
)
from portfolio.web.request_limits import accepts_file
from portfolio.wording.holdings import contests as words
from portfolio.wording.holdings import grants
from portfolio.wording.holdings.contests import APPEAL_KINDS, MANNERS, OUTCOMES

bp = blueprint_of(__name__)


class InvitationForm(IdempotentForm):
    """The facts on which a person is invited to explain themselves, and until when."""

    facts = MultiLineField("Les faits reprochés", missing="Écrivez les faits : la personne les lira.", limit=5000)
    invited_on = FrenchDateField("Invitation envoyée le", missing="Donnez la date de l’invitation.")
    answer_by = FrenchDateField("Réponse possible jusqu’au", missing="Donnez le dernier jour pour répondre.")

    def to_value(self) -> InvitationInput:
        """Return the invitation."""
        typed: dict[str, Any] = self.data
        return InvitationInput(typed["facts"], typed["invited_on"], typed["answer_by"])


class ObservationForm(IdempotentForm):
    """Answer of the person."""

    manner = RadioChoiceField(
        "Réponse", ObservationManner, missing="Choisissez comment la personne a répondu.", choices=MANNERS
    )
    given_on = FrenchDateField("Le", missing="Donnez la date.")
    text = MultiLineField("Ce que la personne a dit ou écrit", limit=10000)
    proof = FileField("Le document, s’il y en a un", render_kw={"accept": ACCEPTED})

    def to_value(self) -> ObservationInput:
        """Return the observation."""
        typed: dict[str, Any] = self.data
        return ObservationInput(typed["manner"], typed["given_on"], typed["text"] or "")


class AppealForm(IdempotentForm):
    """An appeal as it was received."""

    kind = RadioChoiceField("Recours", AppealKind, missing="Choisissez le recours.", choices=APPEAL_KINDS)
    filed_on = FrenchDateField("Formé le", missing="Donnez la date qui figure sur le recours.")
    received_on = FrenchDateField("Reçu le", missing="Donnez la date de réception : le délai de réponse en part.")
    blocks = MultiChoiceField("Blocs dont la décision est contestée", UUID)
    grounds = MultiLineField("Ce que la personne conteste", missing="Écrivez ce que la personne conteste.", limit=10000)
    proof = FileField("Le recours reçu, s’il est écrit", render_kw={"accept": ACCEPTED})

    def __init__(self, decided: Sequence[tuple[UUID, int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.blocks.choices = _named(decided)

    def to_value(self) -> AppealInput:
        """Return the appeal."""
        typed: dict[str, Any] = self.data
        days = (typed["filed_on"], typed["received_on"])
        return AppealInput(typed["kind"], *days, typed["grounds"], frozenset(typed["blocks"] or ()))


def _named(decided: Sequence[tuple[UUID, int, str]]) -> Any:
    return pairs((block_id, f"Bloc {number} : {title}") for block_id, number, title in decided)


class AppealAnswerForm(PasswordConfirmForm):
    """Record how an appeal ended; granted, it waits for a second member."""

    outcome = RadioChoiceField("Réponse", AppealOutcome, missing="Choisissez la réponse.", choices=OUTCOMES)
    answered_on = FrenchDateField("Le", missing="Donnez la date de la réponse.")
    text = MultiLineField("Motif de la réponse", missing="Écrivez le motif de la réponse.", limit=10000)
    annulled = MultiChoiceField("S’il est accueilli : blocs dont la décision est annulée", UUID)
    bias = BooleanField("Le motif est la partialité d’un membre du jury")

    def __init__(self, contested: Sequence[tuple[UUID, int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.annulled.choices = _named(contested)

    def to_grant(self) -> AppealGrant:
        """Return what granting the appeal would annul."""
        typed: dict[str, Any] = self.data
        chosen = frozenset(typed["annulled"] or ())
        return AppealGrant(typed["answered_on"], typed["text"], chosen, bias=bool(typed["bias"]))


@bp.get("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/observations")
@candidacy_page(Permission.SIGN)
def stage(case: CandidacyAccess, certificate_number: str) -> ResponseReturnValue:
    """Show the invitations and the observations of a certificate, and the decision that waits for a second member."""
    return _stage(case, certificate_number)


@bp.post("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/observations")
@candidacy_page(Permission.SIGN)
def invite(case: CandidacyAccess, certificate_number: str) -> ResponseReturnValue:
    """Record an invitation to present observations, and write to the person."""
    form, page = InvitationForm(), _page(case, certificate_number)
    if not form.validate():
        return _stage(case, certificate_number, inviting=form), 422

    def act(db: Session) -> str:
        contest_tasks.invite(db, page.grant_id, form.to_value(), by=current_user.id, at=now())
        return _here(case, certificate_number)

    return _done(
        case, certificate_number, lambda: run_once(form.nonce.data, act), "L’invitation est enregistrée.", inviting=form
    )


@bp.post("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/observations/<uuid:invitation_id>")
@accepts_file()
@candidacy_page(Permission.SIGN)
def record_observation(case: CandidacyAccess, certificate_number: str, invitation_id: UUID) -> ResponseReturnValue:
    """Record what the person answered, with its document if there is one."""
    form, page = ObservationForm(), _page(case, certificate_number)
    if all(
        each.invitation.id != invitation_id for each in contest_tasks.list_invitations(read_session(), [page.grant_id])
    ):
        abort(404)
    if not form.validate():
        return _stage(case, certificate_number, observing=form), 422
    with open_upload_batch() as opened:
        brings = bool(form.proof.data and form.proof.data.filename)
        proof = store_proof(opened, form) if brings else None
        if brings and proof is None:
            return _stage(case, certificate_number, observing=form), error_status(form.proof)

        def act(db: Session) -> str:
            value, by = form.to_value(), current_user.id
            contest_tasks.record_observation(db, page.grant_id, invitation_id, value, proof, by=by, at=now())
            return _here(case, certificate_number)

        def run() -> Any:
            return run_once_with_files(opened, form.nonce.data, act)

        return _done(case, certificate_number, run, "La réponse est enregistrée.", observing=form)


@bp.post(
    "/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/propositions/<uuid:proposal_id>/confirmer",
    endpoint="confirm_contest",
)
@candidacy_page(Permission.SIGN)
def confirm(case: CandidacyAccess, certificate_number: str, proposal_id: UUID) -> ResponseReturnValue:
    """Confirm a decision that another member proposed; it takes effect."""
    form, page = SecondMemberForm(), _page(case, certificate_number)
    _proposal_or_404(page.grant_id, proposal_id)
    if not form.validate() or not password_confirmed(form):
        return _stage(case, certificate_number, confirming=form), 422

    def act(db: Session) -> str:
        proposals.confirm(db, page.grant_id, proposal_id, by=current_user.id, at=now())
        return url_for(
            "certifier.certificates.certificate", candidacy_id=case.id, certificate_number=certificate_number
        )

    done = "La décision est confirmée : elle a pris effet."
    return _done(case, certificate_number, lambda: run_once(form.nonce.data, act), done, confirming=form)


@bp.post(
    "/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/propositions/<uuid:proposal_id>/abandonner"
)
@candidacy_page(Permission.SIGN)
def drop(case: CandidacyAccess, certificate_number: str, proposal_id: UUID) -> ResponseReturnValue:
    """Drop a decision that waits for a second member: nothing changes."""
    page = _page(case, certificate_number)
    _proposal_or_404(page.grant_id, proposal_id)

    def act(db: Session) -> str:
        proposals.drop(db, page.grant_id, proposal_id, by=current_user.id, at=now())
        return _here(case, certificate_number)

    return _done(
        case, certificate_number, lambda: run_once(None, act), "La proposition est abandonnée : rien ne change."
    )


@bp.get("/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/propositions/<uuid:proposal_id>/preuve")
@candidacy_page(Permission.SIGN)
def proposal_proof(case: CandidacyAccess, certificate_number: str, proposal_id: UUID) -> ResponseReturnValue:
    """Send the proof of a decision that waits for a second member."""
    row = proposals.find_pending(read_session(), _page(case, certificate_number).grant_id)
    if row is None or row.id != proposal_id:
        abort(404)
    return _send(row)


@bp.get(
    "/candidatures/<uuid:candidacy_id>/certificats/<certificate_number>/observations/<uuid:observation_id>/document"
)
@candidacy_page(Permission.SIGN)
def observation_file(case: CandidacyAccess, certificate_number: str, observation_id: UUID) -> ResponseReturnValue:
    """Send the document that came with observations."""
    details = contest_tasks.list_invitations(read_session(), [_page(case, certificate_number).grant_id])
    rows = (row for detail in details for row in detail.observations if row.id == observation_id and row.file_key)
    row = next(rows, None) or abort(404)
    return _send(row)


def _page(case: CandidacyAccess, number: str) -> status_changes.CertificatePageData:
    return status_changes.find_certificate_page(read_session(), case.id, number) or abort(404)


def _here(case: CandidacyAccess, number: str) -> str:
    return url_for(".stage", candidacy_id=case.id, certificate_number=number)


def _done(case: CandidacyAccess, number: str, run: Callable[[], Any], notice: str, **forms: Any) -> ResponseReturnValue:
    """Run a write and say it was done, or show the page again with the sentence of the refusal."""
    try:
        response = run()
    except Refusal as refusal:
        sentence = refusal_message(refusal)
        return _stage(case, number, stopped=sentence, **forms), 409
    session["notice"] = notice
    return response


def _stage(case: CandidacyAccess, number: str, **more: Any) -> str:
    page = _page(case, number)
    pending = proposals.find_pending(read_session(), page.grant_id)
    shown = {
        "inviting": InvitationForm(formdata=None),
        "observing": ObservationForm(formdata=None),
        "confirming": SecondMemberForm(formdata=None),
        "pending": pending,
        "may_confirm": pending is not None and pending.proposed_by != current_user.id,
        "invitations": contest_tasks.list_invitations(read_session(), [page.grant_id]),
    } | more
    return render_template(
        "certifier/certificates/contests.html",
        case=case,
        page=page,
        say=grants,
        words=words,
        limit=max_file_bytes(),
        today=today(),
        **shown,
    )


def _send(row: Any) -> ResponseReturnValue:
    """Send the document of a row that has one."""
    return send_copy(row.file_key, row.file_name, row.file_mime, row.file_size)


def _proposal_or_404(grant_id: UUID, proposal_id: UUID) -> None:
    """Answer 404 for a proposal that is not about this grant."""
    proposal = read_session().get(StatusChangeProposal, proposal_id)
    if proposal is None or proposal.grant_id != grant_id:
        abort(404)
