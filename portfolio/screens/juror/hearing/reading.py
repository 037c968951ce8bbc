"""A juror reads: their sessions, a sealed dossier by block and competency, its exhibits.

The first column of the reader: what there is to read, and where one is.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portfolio.access.decorators import hearing_page, own_page, readable_since
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.accommodations import load_arrangements
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.dossier.rules.rendition import PageSize
from portfolio.domain.holdings.use_cases.contest_tasks import LaterEntry, load_later_acts
from portfolio.domain.holdings.use_cases.status_history import load_decided_since
from portfolio.domain.jury_session.use_cases import deliberation
from portfolio.domain.jury_session.use_cases import hearing_page as hearing_hearing_page
from portfolio.domain.jury_session.use_cases.hearing_page import AssessedBlock, AssessedCompetency, HearingPageData
from portfolio.domain.jury_session.use_cases.interview import list_entries
from portfolio.domain.jury_session.use_cases.new_version import find_version_read
from portfolio.domain.jury_session.use_cases.reading import (
    ExhibitClaim,
    ListedBlock,
    ListedCompetency,
    ReadingPageData,
    load_margin,
    load_reading_page,
)
from portfolio.french_text import date_fr
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.attestations.views import proofs_for, proofs_in
from portfolio.screens.candidate.submission.views import load_exhibit_file, send_sealed_page, send_sealed_recording
from portfolio.screens.evidence_files.downloads import download_mode, send_file
from portfolio.screens.evidence_files.page_images import open_page, viewer_urls
from portfolio.screens.evidence_files.viewer import (
    PlacedClaim,
    PlaceLink,
    ViewerSource,
    claimed_pages,
    open_viewer,
    place_links,
)
from portfolio.screens.juror.forms.decisions import decision_form, finding_form, opinion_form
from portfolio.screens.juror.forms.declarations import ReadingForm, note_form
from portfolio.screens.juror.hearing.live import hearing_urls
from portfolio.screens.juror.hearing.openings import WHOLE_FILE, record_opening
from portfolio.screens.juror.home import queries
from portfolio.screens.respondent.presence import own_presence_code
from portfolio.web.clock import today
from portfolio.web.urls import url_builder
from portfolio.wording import assessment as assessing
from portfolio.wording import attestation as attesting
from portfolio.wording import evidence as pieces
from portfolio.wording import jury
from portfolio.wording.admissibility import arrangements_message
from portfolio.wording.candidacy import ROUTES
from portfolio.wording.documents.livret import reading_parts
from portfolio.wording.holdings import contests, grants
from portfolio.wording.jury import opinions as opinion_words
from portfolio.wording.jury import opinions as reading_words
from portfolio.wording.jury import schedule as schedule_words
from portfolio.wording.submission import label_example

bp = blueprint_of(__name__)

Page = HearingPageData | ReadingPageData


def table_of_contents(page: Page, *, here: UUID | str | None = None) -> list[dict[str, Any]]:
    """List the pages of a hearing by block; `here` is the id or the name of the page one is on."""
    blocks = _Blocks(page, here)
    return [_dossier(page, here), *(blocks.group(block) for block in page.blocks), _jury(page, here)]


def _jury(page: Page, here: UUID | str | None) -> dict[str, Any]:
    named = (("Mes avis", "own_opinions"), ("Fiche d’entretien", "interview_sheet"), ("Délibération", "deliberation"))
    items = [_item(label, url_for(f".{name}", hearing_id=page.id), here == name) for label, name in named]
    return {"label": "Le jury", "items": items}


def _dossier(page: Page, here: UUID | str | None) -> dict[str, Any]:
    texts = ("Évaluations", "assessments") if page.sealed.is_record else ("Parcours et textes", "texts")
    pieces = "Tous les documents" if page.sealed.is_record else "Toutes les pièces"
    by_experience = () if page.sealed.is_record else (("Par expérience", "experiences"),)
    named = (
        ("Présentation", "hearing"),
        texts,
        *by_experience,
        (pieces, "exhibits"),
        ("Rechercher", "search"),
        ("Mes notes", "notes"),
    )
    items = [_item(label, url_for(f".{name}", hearing_id=page.id), here == name) for label, name in named]
    return {"label": "Le relevé" if page.sealed.is_record else "Le dossier", "items": items}


class _Blocks:
    """Builds the groups of the blocks; the addresses of their competencies and decisions are built once."""

    def __init__(self, page: Page, here: UUID | str | None) -> None:
        self._page, self._here = page, here
        self._competency = url_builder(".competency", "competency_id", hearing_id=page.id)
        self._decision = url_builder(".block", "block_id", hearing_id=page.id)

    def group(self, block: AssessedBlock | ListedBlock) -> dict[str, Any]:
        """Return a block with its competencies and its decision, or since when it is held."""
        title = f"Bloc {block.number}"
        if not block.open:
            return {"label": title, "items": [self._held(block)]}
        items = [self._line(line) for line in block.competencies]
        here = self._here == block.id
        done = self._noted(block.is_decided)
        items.append(_item("Décision sur le bloc", self._decision(block.id), here, done))
        return {"label": title, "items": items}

    def _held(self, block: AssessedBlock | ListedBlock) -> dict[str, Any]:
        before = "Acquis auparavant" if self._page.sealed.is_record else "Acquis avant ce dépôt"
        since = f"Acquis le {date_fr(block.held.granted_on)}" if block.held else before
        href = url_for(".hearing", hearing_id=self._page.id, _anchor=f"bloc-{block.number}")
        return _item(since, href, False)

    def _line(self, line: AssessedCompetency | ListedCompetency) -> dict[str, Any]:
        href = self._competency(line.id)
        return _item(f"{line.label} {line.text}", href, self._here == line.id, self._noted(line.is_found))

    def _noted(self, is_noted: bool) -> bool | None:
        return is_noted if self._page.shows_drafts else None


def _item(label: str, href: str, current: bool, done: bool | None = None) -> dict[str, Any]:
    return {"label": label, "href": href, "current": current, "done": done}


_HOME_WORDS = {"reading": reading_words, "schedule": schedule_words}


@bp.get("/jurys")
@own_page
def home() -> ResponseReturnValue:
    """List the sessions where the person sits, with the one next thing to do."""
    number = request.args.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 5 else 1
    found = queries.load_juror_home(read_session(), current_user.id, today(), readable_since(), page)
    return render_template(
        "juror/hearing/home.html",
        page=page,
        home=found,
        today=today(),
        say=jury,
        later=contests.later_message,
        code_of=lambda shown: own_presence_code(shown.id, current_user.id, shown.held_on),
        **_HOME_WORDS,
    )


@bp.get("/jurys/<uuid:hearing_id>")
@hearing_page(Permission.SIT)
def hearing(case: HearingAccess) -> ResponseReturnValue:
    """Show a candidate's sealed dossier from the outside; first the declaration, to a member who has not
    declared (J10).
    """
    if not case.may_read:
        return redirect(url_for(".declaration_form", hearing_id=case.id), 303)
    return hearing_page_of(case)


def assessed_page_of(case: HearingAccess) -> HearingPageData:
    """Read a hearing with its findings and decisions, as far as the person looking may see drafts."""
    return hearing_hearing_page.load_hearing_page(read_session(), case.id, with_drafts=case.sees_drafts)


def reading_page_of(case: HearingAccess) -> ReadingPageData:
    """Read the sealed dossier of a hearing, and what is noted as far as the person looking may see drafts."""
    return load_reading_page(read_session(), case.id, case.candidate_id, with_drafts=case.sees_drafts)


def hearing_page_of(case: HearingAccess, form: ReadingForm | None = None) -> str:
    """Lay out the first page of a dossier, with the attestation of reading as it stands or as it was left."""
    page = assessed_page_of(case)
    shown = form or ReadingForm(page.sealed.candidate, is_record=page.sealed.is_record, formdata=None)
    arranged = load_arrangements(read_session(), [case.candidacy_id]).get(case.candidacy_id, [])
    more = {"today": today(), "form": shown, "arranged": arrangements_message(arranged)}
    return render_reader("juror/hearing/hearing.html", case, page, here="hearing", **more)


@bp.get("/jurys/<uuid:hearing_id>/parcours")
@hearing_page(Permission.READ_HEARING)
def texts(case: HearingAccess) -> ResponseReturnValue:
    """Show what the dossier says as a whole: career, motivation, experiences, conclusion; a record has none of it."""
    page = reading_page_of(case)
    if page.sealed.is_record:
        return redirect(url_for(".assessments", hearing_id=case.id), 303)
    return _render_frame(
        "juror/hearing/texts.html",
        case,
        page,
        here="texts",
        parts=reading_parts(page.sealed.sections, page.sealed.texts),
    )


@bp.get("/jurys/<uuid:hearing_id>/experiences")
@hearing_page(Permission.READ_HEARING)
def experiences(case: HearingAccess) -> ResponseReturnValue:
    """Show the dossier by experience, each with its exhibits; a record has none."""
    page = reading_page_of(case)
    if page.sealed.is_record:
        return redirect(url_for(".assessments", hearing_id=case.id), 303)
    return _render_frame("juror/hearing/experiences.html", case, page, here="experiences")


@bp.get("/jurys/<uuid:hearing_id>/evaluations")
@hearing_page(Permission.READ_HEARING)
def assessments(case: HearingAccess) -> ResponseReturnValue:
    """Show the assessment record: every result that it sealed, block by block; 404 for a livret 2."""
    page = reading_page_of(case)
    if not page.sealed.is_record:
        abort(404)
    return _render_frame("juror/hearing/assessments.html", case, page, here="assessments")


@bp.get("/jurys/<uuid:hearing_id>/pieces")
@hearing_page(Permission.READ_HEARING)
def exhibits(case: HearingAccess) -> ResponseReturnValue:
    """List every exhibit, each one click from its file."""
    page = reading_page_of(case)
    proofs = proofs_in(case.candidacy_id, page.sealed)
    more: dict[str, Any] = {"pieces": pieces, "proofs": proofs, "label_example": label_example}
    return _render_frame("juror/hearing/exhibits.html", case, page, here="exhibits", **more)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>")
@hearing_page(Permission.READ_HEARING)
def exhibit(case: HearingAccess, label: str) -> ResponseReturnValue:
    """Show an exhibit, read here page by page, with everything that it is claimed for and what it says of itself."""
    page = reading_page_of(case)
    found = page.sealed.exhibit(label)
    if found is None:
        abort(404)
    sealed = load_exhibit_file(case.submission_id, label)
    place = viewer_urls(
        ".exhibit",
        ".exhibit_page",
        ".exhibit_file",
        download_mode(sealed.key, sealed.mime, own=False, sha256=sealed.sha256),
        recording=".exhibit_recording",
        hearing_id=case.id,
        label=label,
    )
    claims = [_placed(page, claim) for claim in page.claims_on(found)]
    pages = claimed_pages(claims, found.measure, found.file_version)
    turn = open_page(sealed.key, sealed.mime, found.pages, pages, sha256=sealed.sha256)
    what = f"{'le document' if page.sealed.is_record else 'la pièce'} {label}, {found.title}"
    viewer = open_viewer(ViewerSource(sealed.key, found.file_version, found.measure, claims), turn, place, what)
    is_shown = bool(turn.pages) and not turn.why and not turn.pending
    opening = [label] if is_shown and record_opening(case, label, turn.page) else []
    second = turn.start if turn.plays else None
    pinned = note_form(exhibit=label, page=turn.page if turn.pages and not turn.plays else None, second=second)
    proofs = proofs_for(case.candidacy_id, [(found.kind, found.sha256)])
    more = {"exhibit": found, "pieces": pieces, "v": viewer, "note_form": pinned, "proofs": proofs}
    return _render_frame("juror/hearing/exhibit.html", case, page, here="exhibits", opening=opening, **more)


@bp.app_template_global()
def exhibit_places(hearing_id: UUID, label: str, anchors: Sequence[Anchor]) -> list[PlaceLink]:
    """Return the places that a sealed claim names, each opened on the sealed file."""

    def reader(number: int, **at: Any) -> str:  # noqa: ARG001 - a juror reads one version
        return hearing_urls(hearing_id).exhibit(label, **at)

    return place_links(anchors, reader)


bp.add_app_template_global(hearing_urls, "hearing_urls")


def _placed(page: ReadingPageData, claim: ExhibitClaim) -> PlacedClaim:
    """Return a sealed claim as the margin shows it."""
    href = url_for(".competency", hearing_id=page.id, competency_id=claim.line.id)
    return PlacedClaim(claim.line.label, claim.line.text, claim.comment, claim.passage, claim.anchors, href)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/pages/<int:page>")
@hearing_page(Permission.READ_HEARING)
def exhibit_page(case: HearingAccess, label: str, page: int) -> Response:
    """Send the image of one page of a sealed exhibit; a thumbnail is not read."""
    if request.args.get("taille") != PageSize.THUMBNAIL:
        record_opening(case, label, page)
    return send_sealed_page(case.submission_id, label, page)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/enregistrement")
@hearing_page(Permission.READ_HEARING)
def exhibit_recording(case: HearingAccess, label: str) -> Response:
    """Play a sealed sound or film."""
    record_opening(case, label, WHOLE_FILE)
    return send_sealed_recording(case.submission_id, label)


@bp.get("/jurys/<uuid:hearing_id>/pieces/<label>/fichier")
@hearing_page(Permission.READ_HEARING)
def exhibit_file(case: HearingAccess, label: str) -> ResponseReturnValue:
    """Send the sealed file of an exhibit, as an attachment only and without location."""
    sealed = load_exhibit_file(case.submission_id, label)
    record_opening(case, label, WHOLE_FILE)
    return send_file(sealed.key, f"{label} {sealed.name}", sealed.mime, sealed.size, own=False, sha256=sealed.sha256)


@bp.get("/jurys/<uuid:hearing_id>/competences/<uuid:competency_id>")
@hearing_page(Permission.READ_HEARING)
def competency(case: HearingAccess, competency_id: UUID) -> ResponseReturnValue:
    """Show a competency: what is told, what is claimed for it, what the jury finds."""
    return competency_page(case, competency_id)


def competency_page(case: HearingAccess, competency_id: UUID, form: Any = None, **more: Any) -> str:
    """Lay out the page of a competency, with the form as it stands or as it was typed."""
    page = assessed_page_of(case)
    found = page.competency(competency_id)
    if found is None:
        abort(404)
    block, line = found
    shown = form or finding_form(line.finding, line.revision)
    after = page.after(line)
    more |= {"block": block, "line": line, "told": page.told(line), "form": shown, "after": after}
    own = deliberation.own_opinions(read_session(), case.id, current_user.id).get(competency_id)
    more = {
        "note_form": note_form(competency=competency_id),
        "opinion_form": opinion_form(own),
        "own_opinion": own,
        "opinions_given": deliberation.has_given(read_session(), case.id, current_user.id),
        "entries": [row for row in list_entries(read_session(), case.id) if row.competency_id == competency_id],
        "opinion_words": opinion_words,
    } | more
    return render_reader("juror/hearing/competency.html", case, page, here=competency_id, pieces=pieces, **more)


@bp.get("/jurys/<uuid:hearing_id>/blocs/<uuid:block_id>")
@hearing_page(Permission.READ_HEARING)
def block(case: HearingAccess, block_id: UUID) -> ResponseReturnValue:
    """Show a block: its findings, what they make, what the jury decides."""
    return block_page(case, block_id)


def block_page(case: HearingAccess, block_id: UUID, form: Any = None, **more: Any) -> str:
    """Lay out the page of a block, with the form as it stands or as it was typed."""
    page = assessed_page_of(case)
    found = page.block(block_id)
    if found is None:
        abort(404)
    # The texts of a decision that a vote replaced are shown beside the form, not in it.
    shown = form or decision_form(found.decision or found.noted, found.revision)
    return render_reader("juror/hearing/block.html", case, page, here=block_id, block=found, form=shown, **more)


def render_reader(
    template: str, case: HearingAccess, page: HearingPageData | None = None, *, here: UUID | str, **more: Any
) -> str:
    """Lay out a page of the reader: its table of contents, and what the person may do there."""
    page = page or assessed_page_of(case)
    own = page.member(current_user.id)
    # Before a first deposit there is none.
    former = (
        find_version_read(read_session(), case.id, current_user.id, before=case.submission_id)
        if page.sealed.header.number > 1
        else None
    )
    writes = case.is_president and page.closed_at is None and own is not None and own.has_read
    step, proofs = own.step if own is not None else None, proofs_in(case.candidacy_id, page.sealed)
    shown: dict[str, Any] = {"former": former, "returned": page.returned, "own": own, "step": step, "writes": writes}
    shown["proofs"] = proofs
    if own is not None:
        shown["next"] = page.step_of(own, today(), presides=case.is_president, has_given=case.has_given)
    return _render_frame(template, case, page, here=here, **shown, **more)


def _render_frame(
    template: str,
    case: HearingAccess,
    page: HearingPageData | ReadingPageData,
    *,
    here: UUID | str,
    opening: Collection[str] = (),
    **more: Any,
) -> str:
    """Lay out what every page of the reader shows: the table of contents, how much is read, the person's own notes.

    `opening`: the exhibits that this page opens.
    """
    sealed = [exhibit.label for exhibit in page.sealed.exhibits]
    extent, notes = load_margin(read_session(), case.id, current_user.id, sealed, opening)
    later = load_later_acts(read_session(), [case.id] if page.closed_at else (), today()).get(case.id, ())
    return render_template(
        template,
        page=page,
        extent=extent,
        notes=notes,
        reading=reading_words,
        since=load_decided_since(read_session(), case.id) if page.closed_at else (),
        is_void=any(act.what is LaterEntry.VOID for act in later),
        grants=grants,
        toc_groups=table_of_contents(page, here=here),
        say=jury,
        presides=case.is_president,
        attesting=attesting,
        assessing=assessing,
        routes=ROUTES,
        **more,
    )
