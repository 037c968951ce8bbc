"""A juror reads: their sessions, a sealed dossier by block and competency, its exhibits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, render_template, url_for
from flask_login import current_user

from portfolio.assessment import wording as assessing
from portfolio.attestation import wording as attesting
from portfolio.attestation.views.proofs import proofs_in
from portfolio.candidacy.wording import ROUTES
from portfolio.cases import HearingCase
from portfolio.db import reading
from portfolio.evidence import wording as pieces
from portfolio.evidence.views.leaves import place_of, turn_of
from portfolio.evidence.views.originals import offer_of, send_file
from portfolio.guards import hearing_page, own_page, readable_since
from portfolio.jury import services, wording
from portfolio.jury.forms import ReadingForm, decision_form, finding_form
from portfolio.jury.services import Reading
from portfolio.jury.views.blueprint import bp
from portfolio.jury.views.contents import contents_of
from portfolio.policy import Permission
from portfolio.submission.views.pages import kept_exhibit, send_sealed_page, send_sealed_recording
from portfolio.web.clock import today


@bp.get("/jurys")
@own_page
def home() -> Any:
    """List the sessions where the person sits, with the one next thing to do."""
    sessions = services.juror_home(reading(), current_user.id, readable_since())
    return render_template("jury/home.html", sessions=sessions, today=today(), say=wording)


@bp.get("/jurys/<uuid:hearing_id>")
@hearing_page(Permission.SIT)
def hearing(case: HearingCase) -> Any:
    """Show a candidate's sealed dossier from the outside; first the declaration, to whoever has not declared (J10)."""
    if not case.may_read:
        return redirect(url_for(".declaration", hearing_id=case.id), 303)
    return hearing_page_of(case)


def hearing_page_of(case: HearingCase, form: ReadingForm | None = None) -> str:
    """Lay out the first page of a dossier, with the attestation of reading as it stands or as it was left."""
    page = services.read_hearing(reading(), case.id)
    shown = form or ReadingForm(page.sealed.candidate, is_record=page.sealed.is_record, formdata=None)
    return reader("jury/hearing.html", case, page, here="hearing", today=today(), form=shown)


@bp.get("/jurys/<uuid:hearing_id>/parcours")
@hearing_page(Permission.READ_HEARING)
def texts(case: HearingCase) -> Any:
    """Show what the dossier says as a whole: career, motivation, experiences, conclusion; a record has none of it."""
    page = services.read_hearing(reading(), case.id)
    if page.sealed.is_record:
        return redirect(url_for(".assessments", hearing_id=case.id), 303)
    return reader("jury/texts.html", case, page, here="texts")


@bp.get("/jurys/<uuid:hearing_id>/evaluations")
@hearing_page(Permission.READ_HEARING)
def assessments(case: HearingCase) -> Any:
    """Show the assessment record: every result that it sealed, block by block; 404 for a livret 2."""
    page = services.read_hearing(reading(), case.id)
    if not page.sealed.is_record:
        abort(404)
    return reader("jury/assessments.html", case, page, here="assessments")


@bp.get("/jurys/<uuid:hearing_id>/pieces")
@hearing_page(Permission.READ_HEARING)
def exhibits(case: HearingCase) -> Any:
    """List every exhibit, each one click from its file."""
    return reader("jury/exhibits.html", case, here="exhibits", pieces=pieces)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>")
@hearing_page(Permission.READ_HEARING)
def exhibit(case: HearingCase, label: str) -> Any:
    """Show an exhibit, read here page by page, with everything that it is claimed for and what it says of itself."""
    page = services.read_hearing(reading(), case.id)
    found = page.sealed.exhibit(label)
    if found is None:
        abort(404)
    kept = kept_exhibit(case.submission_id, label)
    place = place_of(
        ".exhibit",
        ".exhibit_page",
        ".exhibit_file",
        offer_of(kept.key, kept.mime, own=False, sha256=kept.sha256),
        recording=".exhibit_recording",
        hearing_id=case.id,
        label=label,
    )
    turn = turn_of(kept.key, kept.mime, found.pages, page.sealed.claimed_pages(label), sha256=kept.sha256)
    return reader("jury/exhibit.html", case, page, here="exhibits", exhibit=found, pieces=pieces, turn=turn, place=place)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/pages/<int:page>")
@hearing_page(Permission.READ_HEARING)
def exhibit_page(case: HearingCase, label: str, page: int) -> Response:
    """Send the image of one page of a sealed exhibit."""
    return send_sealed_page(case.submission_id, label, page)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/enregistrement")
@hearing_page(Permission.READ_HEARING)
def exhibit_recording(case: HearingCase, label: str) -> Response:
    """Play a sealed sound or film."""
    return send_sealed_recording(case.submission_id, label)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/fichier")
@hearing_page(Permission.READ_HEARING)
def exhibit_file(case: HearingCase, label: str) -> Any:
    """Send the sealed file of an exhibit, as an attachment only and without location."""
    kept = kept_exhibit(case.submission_id, label)
    return send_file(kept.key, f"{label} {kept.name}", kept.mime, kept.size, own=False, sha256=kept.sha256)


@bp.get("/jurys/<uuid:hearing_id>/competences/<uuid:competency_id>")
@hearing_page(Permission.READ_HEARING)
def competency(case: HearingCase, competency_id: UUID) -> Any:
    """Show a competency: what is told, what is claimed for it, what the jury finds."""
    return competency_page(case, competency_id)


def competency_page(case: HearingCase, competency_id: UUID, form: Any = None, **more: Any) -> str:
    """Lay out the page of a competency, with the form as it stands or as it was typed."""
    page = services.read_hearing(reading(), case.id)
    found = page.competency(competency_id)
    if found is None:
        abort(404)
    block, line = found
    shown = form or finding_form(line.finding, line.revision)
    after = page.after(line)
    more |= {"block": block, "line": line, "told": page.told(line), "form": shown, "after": after}
    return reader("jury/competency.html", case, page, here=competency_id, pieces=pieces, **more)


@bp.get("/jurys/<uuid:hearing_id>/blocs/<uuid:block_id>")
@hearing_page(Permission.READ_HEARING)
def block(case: HearingCase, block_id: UUID) -> Any:
    """Show a block: its findings, what they make, what the jury decides."""
    return block_page(case, block_id)


def block_page(case: HearingCase, block_id: UUID, form: Any = None, **more: Any) -> str:
    """Lay out the page of a block, with the form as it stands or as it was typed."""
    page = services.read_hearing(reading(), case.id)
    found = page.block(block_id)
    if found is None:
        abort(404)
    shown = form or decision_form(found.decision, found.revision)
    return reader("jury/block.html", case, page, here=block_id, block=found, form=shown, **more)


def reader(template: str, case: HearingCase, page: Reading | None = None, *, here: UUID | str, **more: Any) -> str:
    """Lay out a page of the reader: its table of contents, and what the person may do there."""
    page = page or services.read_hearing(reading(), case.id)
    own = page.member(current_user.id)
    writes = case.is_president and page.closed_at is None and own is not None and own.has_read
    return render_template(
        template,
        page=page,
        toc_groups=contents_of(page, here=here),
        say=wording,
        presides=case.is_president,
        own=own,
        writes=writes,
        proofs=proofs_in(case.candidacy_id, page.sealed),
        attesting=attesting,
        assessing=assessing,
        routes=ROUTES,
        **more,
    )
