"""Pieces are read here, page by page; and how every page of the application names the pages to read."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.dossier.rules.anchors import Anchor, AnchorErrorCode
from portfolio.domain.dossier.rules.assessment import Assessment, ReviewRefusal
from portfolio.domain.dossier.rules.citation import (
    CitationUnit,
    Sheet,
    citation_unit,
    cited_pages,
    stored_citation_error,
)
from portfolio.domain.dossier.use_cases.claims import MarkedPlace, place_error
from portfolio.domain.review.use_cases import assessments, messages
from portfolio.domain.review.use_cases.assessments import load_reviews
from portfolio.domain.review.use_cases.messages import list_placed_messages
from portfolio.errors import Refusal
from portfolio.files import antivirus
from portfolio.files.file_types.types import pages_of
from portfolio.french_text import datetime_fr
from portfolio.screens.advisor.dossier.forms import AssessmentForm, PlacedMessageForm
from portfolio.screens.advisor.dossier.presenters import load_panel
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.forms import place_form
from portfolio.screens.evidence_files.downloads import download_mode, send_recording
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
from portfolio.web.forms import run_once
from portfolio.wording import evidence, review
from portfolio.wording.anchors import ERRORS
from portfolio.wording.conversion import inner_fault
from portfolio.wording.files import QUARANTINE

bp = blueprint_of(__name__)

_NUMBER = re.compile("([0-9]+)")
_MOMENT = re.compile("([0-9]{1,4}(?::[0-9]{2}){1,2})")


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>/lire")
@candidacy_page(Permission.READ_DRAFT)
def read(case: CandidacyAccess, evidence_id: UUID, number: int) -> ResponseReturnValue:
    """Read one version of the file of a piece, page by page, beside what it is claimed for."""
    return viewer_page(case, evidence_id, number)


def viewer_page(case: CandidacyAccess, evidence_id: UUID, number: int, **more: Any) -> str:
    """Lay out the viewer of one version, with forms as they stand or as they were left (`more`)."""
    page = queries.find_evidence_page(read_session(), case.id, evidence_id, today(), own=case.is_candidate) or abort(
        404
    )
    file = next((file_version for file_version in page.files if file_version.number == number), None) or abort(404)
    here: dict[str, Any] = {"candidacy_id": case.id, "evidence_id": evidence_id, "number": number}
    offer = download_mode(file.key, file.mime, own=case.is_candidate)
    claims = [*(_placed(case, line) for line in page.claims), *_placed_messages(case, evidence_id)]
    unit = citation_unit(file.family, file.pages)
    place = viewer_urls(
        *("candidate.evidence.read", "candidate.evidence.page_image", "candidate.evidence.download"),
        offer,
        recording="candidate.evidence.recording",
        **here,
    )
    turn = open_page(file.key, file.mime, file.pages, claimed_pages(claims, unit, number))
    other = partial(url_for, "candidate.evidence.read", candidacy_id=case.id, evidence_id=evidence_id)
    source = ViewerSource(file.key, number, unit, claims, other_version=other)
    viewer = open_viewer(source, turn, place, f"la pièce {page.view.number}, {page.view.piece.title}")
    form = more.pop("form", None) or place_form(case, evidence_id, number, turn.page)
    competencies = {line.label: line.claim.competency_id for line in page.claims if line.is_open}
    first = next(
        (
            competencies[entry.claim.label]
            for entry in (*viewer.here, *viewer.elsewhere)
            if entry.claim.label in competencies
        ),
        None,
    )
    panel = more.pop("panel", None) or _panel(case, turn.page, first)
    more |= {
        "panel": panel,
        "competencies": competencies,
        "review_words": review,
        "reviews": load_reviews(read_session(), case.id, competencies.values()),
    }
    shown = {"case": case, "page": page, "file": file, "v": viewer, "words": evidence, "form": form}
    return render_template("candidate/evidence/read.html", **shown, **more)


def _panel(case: CandidacyAccess, page: int, first: UUID | None) -> dict[str, Any] | None:
    """Return the advisor's panel of the competency that the address names, else of the first that the page
    is claimed for; None for the candidate, and without one.
    """
    asked = request.args.get("avis", "")
    try:
        competency = UUID(asked) if asked else first
    except ValueError:  # an address that somebody cut: the page itself is right
        competency = first
    return load_panel(case, competency, page) if competency and not case.is_candidate else None


def _placed_messages(case: CandidacyAccess, evidence_id: UUID) -> list[PlacedClaim]:
    """Return the messages about the piece as the margin shows them, each at its place."""
    return [
        PlacedClaim(
            message.label,
            f"{message.author}, {datetime_fr(message.sent_at)}",
            message.message,
            anchors=(message.anchor,) if message.anchor else (),
            is_remark=True,
        )
        for message in list_placed_messages(read_session(), case.id, evidence_id)
    ]


def _placed(case: CandidacyAccess, line: queries.EvidenceClaim) -> PlacedClaim:
    """Return a claim as the margin shows it; one whose block is closed leads nowhere."""
    endpoint = "candidate.dossier.competency" if case.is_candidate else "advisor.dossier.competency"
    href = url_for(endpoint, candidacy_id=case.id, competency_id=line.claim.competency_id) if line.is_open else ""
    claim = line.claim
    return PlacedClaim(
        line.label,
        line.text,
        claim.comment,
        claim.passage,
        claim.anchors,
        href,
        claim.file_version,
        claim.id if line.is_open else None,
    )


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>/pages/<int:page>")
@candidacy_page(Permission.READ_DRAFT)
def page_image(case: CandidacyAccess, evidence_id: UUID, number: int, page: int) -> Response:
    """Send the image of one page of one version of a piece."""
    file = queries.find_file(read_session(), case.id, evidence_id, number, own=case.is_candidate) or abort(404)
    return send_page_image(file.key, file.mime, file.pages, page, f"piece-version-{number}")


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>/enregistrement")
@candidacy_page(Permission.READ_DRAFT)
def recording(case: CandidacyAccess, evidence_id: UUID, number: int) -> Response:
    """Play the sound or the film of one version of a piece."""
    file = queries.find_file(read_session(), case.id, evidence_id, number, own=case.is_candidate) or abort(404)
    return send_recording(file.key, file.mime, f"piece-version-{number}")


@bp.app_template_global()
def evidence_places(candidacy_id: UUID, evidence_id: UUID, anchors: Sequence[Anchor]) -> list[PlaceLink]:
    """Return the places that a claim names, each opened on the version on which it was marked."""
    return place_links(
        anchors, partial(url_for, "candidate.evidence.read", candidacy_id=candidacy_id, evidence_id=evidence_id)
    )


@bp.app_template_global()
def cited(passage: str, measure: CitationUnit) -> list[tuple[str, int | None]]:
    """« pages 2 à 5 et 9 » in parts, each with the page it leads to, if it is a number of one."""
    text = evidence.citation_message(passage, measure)
    if not passage or (measure is not CitationUnit.PAGES and not cited_pages(passage, measure)):
        return [(text, None)]
    return [(part, int(part) if part.isdigit() else None) for part in _NUMBER.split(text) if part]


@bp.app_template_global()
def cited_moments(passage: str, measure: CitationUnit) -> list[tuple[str, int | None]]:
    """« de 2:10 à 3:00 » in parts, each with the second it leads to, if it is a moment."""
    said = evidence.citation_message(passage, measure)
    if measure is not CitationUnit.MINUTES:
        return [(said, None)]
    return [(part, _second(part) if _MOMENT.fullmatch(part) else None) for part in _MOMENT.split(said) if part]


def _second(moment: str) -> int:
    seconds = 0
    for part in moment.split(":"):
        seconds = 60 * seconds + int(part)
    return seconds


@bp.app_template_global()
def passage_problem(passage: str, countable: tuple[CitationUnit, int | None, tuple[Sheet, ...]]) -> str:
    """Say why a passage does not fit the current file of its piece; nothing when it fits."""
    fault = stored_citation_error(passage, *countable)
    return evidence.citation_error_message(fault, countable[0]) if fault else ""


bp.add_app_template_global(cited_pages, "cited_pages")
bp.add_app_template_global(pages_of, "pages_of")
bp.add_app_template_global(antivirus.is_installed, "is_scanned")
bp.add_app_template_global(QUARANTINE.__getitem__, "quarantine_message")
bp.add_app_template_global(inner_fault, "inner_fault")

_VERSION = "/accompagnement/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/versions/<int:number>"
_AT = f"{_VERSION}/competences/<uuid:competency_id>"


@bp.post(f"{_AT}/avis")
@candidacy_page(Permission.ADVISE)
def assess_in_viewer(case: CandidacyAccess, evidence_id: UUID, number: int, competency_id: UUID) -> ResponseReturnValue:
    """Give an opinion on a competency, or show the viewer again with what was typed."""
    queries.find_file(read_session(), case.id, evidence_id, number, own=False) or abort(404)
    form = AssessmentForm()
    if not form.validate():
        return viewer_page(case, evidence_id, number, panel=load_panel(case, competency_id, marking=form)), 422

    def act(db: Session) -> str:
        value, comment, basis = (Assessment(str(form.value.data)), form.comment.data or "", form.basis.data or "")
        assessments.assess_competency(db, case.id, competency_id, value, comment, basis, by=current_user.id, at=now())
        return _viewer_url(case, evidence_id, number, competency_id)

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        form.basis.data = None
        panel = load_panel(case, competency_id, marking=form, refusal=refusal)
        return viewer_page(case, evidence_id, number, panel=panel), 409
    session["notice"] = "Votre avis est enregistré. La personne que vous accompagnez le voit dès maintenant."
    return response


@bp.post(f"{_AT}/messages")
@candidacy_page(Permission.ADVISE)
def comment_in_viewer(
    case: CandidacyAccess, evidence_id: UUID, number: int, competency_id: UUID
) -> ResponseReturnValue:
    """Write a message about a place of a piece, or show the viewer again with what was typed."""
    queries.find_file(read_session(), case.id, evidence_id, number, own=False) or abort(404)
    form = PlacedMessageForm()
    if not form.validate() or not _is_placed(case, evidence_id, number, form):
        return viewer_page(case, evidence_id, number, panel=load_panel(case, competency_id, talk=form)), 422

    def act(db: Session) -> str:
        about: dict[str, Any] = {"evidence_id": evidence_id, "anchor": form.anchor(number)}
        text, until = form.text.data or "", form.seen_until
        messages.post_message(db, case.id, competency_id, text, by=current_user.id, at=now(), read_until=until, **about)
        return _viewer_url(case, evidence_id, number, competency_id, page=form.page.data or "1")

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        raise
    session["notice"] = (
        "Votre message est enregistré. La personne que vous accompagnez le lit à cet endroit de la pièce."
    )
    return response


def _is_placed(case: CandidacyAccess, evidence_id: UUID, number: int, form: PlacedMessageForm) -> bool:
    """Return whether the place of a message is in the file; when it is not, its field says why."""
    anchor = form.anchor(number)
    file = queries.find_version_row(read_session(), case.id, evidence_id, number)
    wrong = place_error(read_session(), file, MarkedPlace(number, anchor=anchor)) if anchor and file else None
    if isinstance(wrong, AnchorErrorCode):
        form.zone.errors = [ERRORS[wrong]]
    return wrong is None


def _viewer_url(case: CandidacyAccess, evidence_id: UUID, number: int, competency_id: UUID, **at: Any) -> str:
    here: dict[str, Any] = {"candidacy_id": case.id, "evidence_id": evidence_id, "number": number}
    return url_for("candidate.evidence.read", **here, **at, avis=competency_id, _anchor="avis")
