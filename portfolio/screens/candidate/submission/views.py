"""After the seal: the receipt, the sealed dossier to read, its exhibits and its manifest to take away.

What changed from one sealed version to the next, for the candidate and their advisor.

What the certifier asks before the jury: the candidate's list, ticked one by one.

Exhibits of a sealed dossier, read here page by page.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, submission_page
from portfolio.access.jury import SubmissionAccess
from portfolio.access.policy import Permission, Role
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.dossier.use_cases import next_dossier as use_cases
from portfolio.domain.submission.rules.comparison import excerpt
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.returns import return_state
from portfolio.domain.submission.use_cases import returns, verification
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.errors import Refusal
from portfolio.files.filenames import attachment_headers
from portfolio.french_text import date_fr
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.attestations.views import proofs_in
from portfolio.screens.candidate.submission import queries
from portfolio.screens.candidate.submission.queries import ReceiptPageData, load_next_dossier
from portfolio.screens.candidate.submission.submit import MeetingForm, PostponeForm, TickForm
from portfolio.screens.evidence_files.downloads import download_mode, send_file, send_recording
from portfolio.screens.evidence_files.page_images import open_page, send_page_image, viewer_urls
from portfolio.screens.evidence_files.viewer import (
    PlacedClaim,
    PlaceLink,
    ViewerSource,
    claimed_pages,
    open_viewer,
    place_links,
)
from portfolio.web.clock import now, today
from portfolio.web.forms import IdempotentForm, refusal_message, run_once
from portfolio.wording import assessment as assessing
from portfolio.wording import attestation as attesting
from portfolio.wording import editions as changes_wording
from portfolio.wording import evidence as pieces
from portfolio.wording import submission as words
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.documents.livret import reading_parts
from portfolio.wording.dossier import PROMPTS, RECEIPT_SENT, RECEIPT_STEPS, jury_over, own_step_message
from portfolio.wording.jury import suspension_message

bp = blueprint_of(__name__)


@bp.get("/depots/<uuid:submission_id>/changements")
@submission_page(Permission.READ_SUBMISSION)
def changes(case: SubmissionAccess) -> ResponseReturnValue:
    """Show what changed since an earlier version; a member of a jury has a page of their own, for what they read."""
    if not case.standing.roles & {Role.CANDIDATE, Role.ADVISOR}:
        abort(404)
    reader = read_session()
    submission = verification.load_manifest(reader, case.id)
    if submission.kind is not None:
        abort(404)
    numbers = verification.list_earlier_numbers(reader, submission)
    before = verification.find_version(reader, submission, request.args.get("depuis", type=int))
    found = verification.compare_versions(reader, before, submission) if before else None

    def competency_href(number: str) -> str:
        block = int(number.partition(".")[0])
        return url_for(".sealed_block", submission_id=case.id, number=block, _anchor=f"c-{number}")

    return render_template(
        "candidate/submission/changes.html",
        submission=submission,
        numbers=numbers,
        found=found,
        changes=changes_wording,
        excerpt=excerpt,
        competency_href=competency_href,
    )


@bp.get("/dossiers/<uuid:candidacy_id>/complements")
@candidacy_page(Permission.READ_DRAFT)
def returned(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what is asked, why and by when; without anything asked, lead to the dossier."""
    reader = read_session()
    row = find_open_return(reader, case.id)
    if row is None:
        return redirect(url_for("candidate.dossier.home", candidacy_id=case.id), 303)
    state = return_state(row.due_on, row.ending, today())
    presented = returns.list_presented_competencies(reader, row.submission_id)
    labels = {competency.id: (f"{block.number}.{competency.number}", competency) for block, competency in presented}
    form = IdempotentForm(formdata=None)
    return render_template(
        "candidate/submission/returned.html", case=case, row=row, state=state, labels=labels, say=words, form=form
    )


@bp.post("/dossiers/<uuid:candidacy_id>/complements/<uuid:request_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def tick_request(case: CandidacyAccess, request_id: UUID) -> ResponseReturnValue:
    """Keep that one thing is done, or is to do again."""
    form = TickForm()
    form.validate()
    done = form.done.data != ""

    def act(db: Session) -> str:
        returns.tick_request(db, case.id, request_id, done=done, by=current_user.id, at=now())
        return url_for(".returned", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "Ce point est coché." if done else "Ce point est de nouveau à faire."
    return response


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/lire")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_reader(case: SubmissionAccess, label: str) -> ResponseReturnValue:
    """Read a sealed exhibit, page by page, beside what it is claimed for."""
    page = queries.load_receipt_page(read_session(), case.id)
    found = page.dossier.exhibit(label) or abort(404)
    sealed, own = load_exhibit_file(case.id, label), Role.CANDIDATE in case.standing.roles
    offer = download_mode(sealed.key, sealed.mime, own=own, sha256=sealed.sha256)
    claims = _placed_claims(case, page.dossier, label)
    pages = claimed_pages(claims, found.measure, found.file_version)
    turn = open_page(sealed.key, sealed.mime, found.pages, pages, sha256=sealed.sha256)
    here: dict[str, Any] = {"submission_id": case.id, "label": label}
    place = viewer_urls(".exhibit_reader", ".exhibit_page", ".exhibit", offer, recording=".exhibit_recording", **here)
    source = ViewerSource(sealed.key, found.file_version, found.measure, claims)
    return render_template(
        "candidate/submission/exhibit.html",
        page=page,
        dossier=page.dossier,
        own=own,
        pieces=pieces,
        proofs=proofs_in(case.candidacy_id, page.dossier),
        attesting=attesting,
        block=None,
        exhibit=found,
        v=open_viewer(source, turn, place, f"la pièce {label}, {found.title}"),
    )


def sealed_places(submission_id: UUID, label: str, anchors: Sequence[Anchor]) -> list[PlaceLink]:
    """Return the places that a sealed claim names, each opened on the sealed file."""

    def reader(number: int, **at: Any) -> str:  # noqa: ARG001 - one version is sealed
        return url_for("candidate.submission.exhibit_reader", submission_id=submission_id, label=label, **at)

    return place_links(anchors, reader)


def _placed_claims(case: SubmissionAccess, dossier: SealedDossier, label: str) -> list[PlacedClaim]:
    """Return the sealed claims that name an exhibit as the margin shows them."""
    return [
        PlacedClaim(
            *(competency.number, competency.text, claim.comment, claim.passage, competency.anchors_in(label)),
            href=url_for(".sealed_block", submission_id=case.id, number=block.number, _anchor=f"c-{competency.number}"),
        )
        for block in dossier.blocks
        for competency in block.competencies
        for claim in competency.claims
        if claim.exhibit == label
    ]


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/pages/<int:page>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_page(case: SubmissionAccess, label: str, page: int) -> Response:
    """Send the image of one page of a sealed exhibit."""
    return send_sealed_page(case.id, label, page)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>/enregistrement")
@submission_page(Permission.READ_SUBMISSION)
def exhibit_recording(case: SubmissionAccess, label: str) -> Response:
    """Play a sealed sound or film."""
    return send_sealed_recording(case.id, label)


def send_sealed_recording(submission_id: UUID, label: str) -> Response:
    """Play a sound or a film of a submission that the caller may read."""
    kept = load_exhibit_file(submission_id, label)
    return send_recording(kept.key, kept.mime, label, kept.sha256)


def send_sealed_page(submission_id: UUID, label: str, page: int) -> Response:
    """Send the image of one page of an exhibit of a submission that the caller may read."""
    sealed = load_exhibit_file(submission_id, label)
    exhibit = verification.load_sealed_dossier(read_session(), submission_id).exhibit(label) or abort(404)
    return send_page_image(sealed.key, sealed.mime, exhibit.pages, page, label, sealed.sha256)


def load_exhibit_file(submission_id: UUID, label: str) -> verification.StoredExhibit:
    """Answer where an exhibit of a submission that the caller may read is kept, and as what; 404 without one."""
    return verification.find_sealed_file(read_session(), submission_id, label) or abort(404)


@bp.get("/depots/<uuid:submission_id>")
@submission_page(Permission.READ_SUBMISSION)
def receipt(case: SubmissionAccess) -> ResponseReturnValue:
    """Show the receipt: what was sealed, when, and its root."""
    page = queries.load_receipt_page(read_session(), case.id)
    if page.dossier.is_record:
        return _read("candidate/submission/record.html", case, page, assessing=assessing, routes=ROUTES)
    return _read("candidate/submission/receipt.html", case, page)


@bp.get("/depots/<uuid:submission_id>/lecture")
@submission_page(Permission.READ_SUBMISSION)
def sealed(case: SubmissionAccess) -> ResponseReturnValue:
    """Show what the sealed dossier says as a whole: oath, career, experiences, conclusion, every exhibit."""
    page = queries.load_receipt_page(read_session(), case.id)
    if page.dossier.is_record:
        return redirect(url_for(".receipt", submission_id=case.id), 303)
    parts = reading_parts(page.dossier.sections, page.dossier.texts)
    return _read(
        "candidate/submission/sealed.html", case, page, block=None, exhibits=page.dossier.exhibits, parts=parts
    )


@bp.get("/depots/<uuid:submission_id>/lecture/bloc-<int:number>")
@submission_page(Permission.READ_SUBMISSION)
def sealed_block(case: SubmissionAccess, number: int) -> ResponseReturnValue:
    """Show one block of the sealed dossier, competency by competency, beside the exhibits it calls."""
    page = queries.load_receipt_page(read_session(), case.id)
    block = next((dossier_block for dossier_block in page.dossier.blocks if dossier_block.number == number), None)
    if block is None:
        abort(404)
    if page.dossier.is_record:
        return redirect(url_for(".receipt", submission_id=case.id), 303)
    called = {claim.exhibit for competency in block.competencies for claim in competency.claims}
    exhibits = [sealed_exhibit for sealed_exhibit in page.dossier.exhibits if sealed_exhibit.label in called]
    after = next((dossier_block for dossier_block in page.dossier.blocks if dossier_block.number > number), None)
    more = {"block": block, "exhibits": exhibits, "after": after, "places_of": partial(sealed_places, case.id)}
    return _read("candidate/submission/sealed_block.html", case, page, **more)


def _own_step(page: ReceiptPageData) -> dict[str, Any]:
    """Return what happens after a deposit in words, and the page of its action, if there is one."""
    own = "relevé" if page.dossier.is_record else "dossier"
    title, text = RECEIPT_STEPS.get(page.step) or own_step_message(page.step, page.heard_on, page.place, today(), own)
    href, label, over = None, "", None
    if page.step is PathStep.SCHEDULE:
        text = text.format(sent=RECEIPT_SENT[current_app.config["SETTINGS"].smtp is not None])
    elif page.step is PathStep.HEAR and page.heard_on:
        over = jury_over(page.heard_on, today())
    elif page.step is PathStep.DECIDED:
        href, label = url_for("public.certificate.results", candidacy_id=page.candidacy_id), "Voir mes résultats"
    elif page.step is PathStep.SUSPENDED and page.suspension:
        text = f"{suspension_message(page.suspension)} {text}"
    elif page.step is PathStep.REPLACED and page.replaced_by:
        number, newer = page.replaced_by
        text, label = text.format(number=number), f"Voir le dépôt n°\u00a0{number}"
        href = url_for("candidate.submission.receipt", submission_id=newer)
    elif page.step is PathStep.RETURNED:
        title, label = f"{title} avant le {date_fr(page.complete_by)}", "Voir ce qui est demandé"
        href = url_for("candidate.submission.returned", candidacy_id=page.candidacy_id)
    return {"title": title, "text": text, "href": href, "label": label, "over": over}


def _read(template: str, case: SubmissionAccess, page: ReceiptPageData, **more: Any) -> str:
    own = Role.CANDIDATE in case.standing.roles
    proofs = proofs_in(case.candidacy_id, page.dossier)
    compares = bool(case.standing.roles & {Role.CANDIDATE, Role.ADVISOR})
    more |= {
        "compares": compares,
        "pieces": pieces,
        "prompts": PROMPTS,
        "proofs": proofs,
        "attesting": attesting,
        "step": _own_step(page) if own else None,
        "today": today(),
    }
    return render_template(template, page=page, dossier=page.dossier, own=own, **more)


@bp.get("/depots/<uuid:submission_id>/pieces/<label>")
@submission_page(Permission.READ_SUBMISSION)
def exhibit(case: SubmissionAccess, label: str) -> ResponseReturnValue:
    """Send the sealed file of an exhibit, as an attachment only; to others than the candidate, without location."""
    sealed = load_exhibit_file(case.id, label)
    own = Role.CANDIDATE in case.standing.roles
    return send_file(sealed.key, f"{label} {sealed.name}", sealed.mime, sealed.size, own=own, sha256=sealed.sha256)


@bp.get("/depots/<uuid:submission_id>/manifeste")
@submission_page(Permission.READ_SUBMISSION)
def manifest(case: SubmissionAccess) -> ResponseReturnValue:
    """Send the manifest, from which anyone recomputes the root."""
    found = verification.load_manifest(read_session(), case.id)
    response = Response(found.manifest)
    response.headers.update(attachment_headers(f"liste-scellee-{found.root[:12]}.json", "application/json"))
    return response


@bp.get("/dossiers/<uuid:candidacy_id>/reprise")
@candidacy_page(Permission.READ_DRAFT)
def next_dossier(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what is held, what the jury recommends, and what is presented next; before any result, lead home."""
    return _page(case, MeetingForm(formdata=None))


def _page(case: CandidacyAccess, form: MeetingForm, stopped: str = "") -> ResponseReturnValue:
    page = load_next_dossier(read_session(), case.id, today())
    if page is None:
        return redirect(url_for("candidate.dossier.home", candidacy_id=case.id), 303)
    again = IdempotentForm(formdata=None)
    return render_template(
        "candidate/submission/next_dossier.html", case=case, page=page, form=form, again=again, stopped=stopped
    )


@bp.post("/dossiers/<uuid:candidacy_id>/reprise/blocs/<uuid:block_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def postpone_block(case: CandidacyAccess, block_id: UUID) -> ResponseReturnValue:
    """Keep a block for a later deposit, or present it in this one."""
    if not use_cases.asks_for(read_session(), case.id, block_id):
        abort(404)
    form = PostponeForm()
    form.validate()
    postponed = form.postponed.data != ""

    def act(db: Session) -> str:
        use_cases.postpone_block(db, case.id, block_id, postponed=postponed, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = (
        "Ce bloc est gardé pour plus tard : il n’est pas dans le prochain dépôt."
        if postponed
        else "Ce bloc est dans le prochain dépôt."
    )
    return response


@bp.post("/dossiers/<uuid:candidacy_id>/reprise/preconisations/<minutes>/<label>")
@candidacy_page(Permission.EDIT_DRAFT)
def tick_recommendation(case: CandidacyAccess, minutes: str, label: str) -> ResponseReturnValue:
    """Keep that one thing that the jury recommends is done, or is to do again."""
    form = TickForm()
    form.validate()
    page = load_next_dossier(read_session(), case.id, today())
    known = {(task.minutes, task.label) for block in page.blocks for task in block.tasks} if page else set()
    if (minutes, label) not in known:
        abort(404)
    done = form.done.data != ""

    def act(db: Session) -> str:
        use_cases.tick_recommendation(db, case.id, minutes, label, done=done, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "C’est coché." if done else "C’est de nouveau à faire."
    return response


@bp.post("/dossiers/<uuid:candidacy_id>/reprise/entretien")
@candidacy_page(Permission.CONVERSE)
def note_meeting(case: CandidacyAccess) -> ResponseReturnValue:
    """Note the day on which the advisor and the candidate met again after the jury."""
    form = MeetingForm()
    if not form.validate() or form.held_on.data is None:
        return _refused(case, form, "", 422)
    held_on = form.held_on.data

    def act(db: Session) -> str:
        use_cases.note_meeting(db, case.id, held_on, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _refused(case, form, refusal_message(refusal), 409)
    session["notice"] = "L’entretien est noté."
    return response


def _refused(case: CandidacyAccess, form: MeetingForm, stopped: str, status: int) -> ResponseReturnValue:
    page = _page(case, form, stopped)
    return (page, status) if isinstance(page, str) else page
