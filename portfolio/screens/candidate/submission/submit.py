"""Before the seal, and after the decision: what is missing, what is sworn, the next draft.

Signing the sworn statement.

Where each missing thing is done, and how they are gathered on the checklist.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.admissibility.use_cases.deadline_rulings import is_lapsed
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.dossier.rules.completeness import Gap, MissingItem
from portfolio.domain.dossier.rules.description import ASKED_OF_SEVERAL, LibraryState, MissingFact
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases.progress import Progress
from portfolio.domain.submission.rules.readability import Hint, HintKind
from portfolio.domain.submission.rules.returns import EditionKind, SubmissionRefusal
from portfolio.domain.submission.use_cases import editions, verification
from portfolio.domain.submission.use_cases import submit as submit_use_cases
from portfolio.domain.submission.use_cases.submit import find_open_return
from portfolio.french_text import NBSP, count, size
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.submission import draft_reading, queries
from portfolio.screens.candidate.submission.queries import ChecklistPageData
from portfolio.screens.evidence_files.viewer import PlaceLink, place_links
from portfolio.web.clock import now, today
from portfolio.web.forms import FrenchDateField, IdempotentForm, run_once
from portfolio.web.listing import page_number
from portfolio.wording import evidence as pieces
from portfolio.wording.documents.livret import reading_parts
from portfolio.wording.dossier import PROMPTS
from portfolio.wording.evidence import MISSING
from portfolio.wording.library import SEVERAL_LABEL, SEVERAL_TITLE, question_for
from portfolio.wording.submission import (
    GAPS,
    REFUSALS,
    UNTICKED_BY_JURY,
    UNTICKED_OF_RETURN,
    deposit_steps,
    effort_sentence,
    first_message,
    hint_sentence,
    item_message,
    statement_of,
    unticked_message,
)

bp = blueprint_of(__name__)


class SubmissionForm(IdempotentForm):
    """The one box that seals a dossier, and the blocks that the screen said would be sealed."""

    sworn = BooleanField(
        "J’ai lu cette déclaration et je la signe",
        validators=[DataRequired("Lisez la déclaration, puis cochez cette case pour la signer.")],
    )
    blocks = HiddenField()

    @property
    def seen(self) -> frozenset[int]:
        """Return the numbers of those blocks; what cannot be read is no block."""
        return frozenset(
            int(number) for number in (self.blocks.data or "").split() if number.isascii() and number.isdecimal()
        )


class TickForm(IdempotentForm):
    """Tick of one thing that is asked; empty for one that is to do again."""

    done = HiddenField()


class PostponeForm(IdempotentForm):
    """Answer to whether a block is kept for a later deposit; empty for one that is presented."""

    postponed = HiddenField()


class MeetingForm(IdempotentForm):
    """The day of the advisor's meeting after the jury."""

    held_on = FrenchDateField("Jour de l’entretien", missing="Donnez le jour de l’entretien.")


Links = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to settle before a deposit: its title, reason, button and address, and its lines under a heading."""

    first: tuple[str, str, str, str]
    heading: str
    links: Links


def points_to_settle(candidacy_id: UUID, blocking: Sequence[MissingItem]) -> list[Point]:
    """Return what prevents a deposit; the questions that several pieces leave open are one point, as one form asks
    them.
    """
    to_mask = (MissingFact.ANONYMITY_TO_DO,)
    asked = [item for item in blocking if item.gap is Gap.PIECE_NOT_SWORN and item.facts != to_mask]
    if len(asked) < 2:
        return [_point(candidacy_id, item) for item in blocking]
    points: list[Point] = []
    for item in blocking:
        if item is asked[0]:
            points.append(_questions(candidacy_id, asked))
        elif item.gap is not Gap.PIECE_NOT_SWORN or item.facts == to_mask:
            points.append(_point(candidacy_id, item))
    masks = [replace(item, facts=to_mask) for item in asked if to_mask[0] in item.facts]
    return points + [_point(candidacy_id, item) for item in masks]


def _point(candidacy_id: UUID, item: MissingItem) -> Point:
    place = missing_item_url(candidacy_id, item)
    return Point((*first_message(item), place), GAPS[item.gap], [(item_message(item), place)])


def _questions(candidacy_id: UUID, items: Sequence[MissingItem]) -> Point:
    form = partial(url_for, "candidate.evidence.answer_several", candidacy_id=candidacy_id)
    pieces = Counter(fact for item in items for fact in item.facts)
    links = [(question_for(fact, pieces[fact]), form(_anchor=fact.value)) for fact in ASKED_OF_SEVERAL if pieces[fact]]
    first = (SEVERAL_TITLE, " ".join(words for words, _ in links), SEVERAL_LABEL, form())
    return Point(first, SEVERAL_TITLE, links)


def group_points(points: Iterable[Point]) -> list[tuple[str, Links]]:
    """Gather points under their headings, in the order in which they come."""
    groups: dict[str, Links] = {}
    for point in points:
        groups.setdefault(point.heading, []).extend(point.links)
    return list(groups.items())


def group_by_kind(candidacy_id: UUID, items: Iterable[MissingItem]) -> list[tuple[str, Links]]:
    """Gather advice by kind: a sentence, then a link each; what several pieces do not say is told once a fact."""
    groups: dict[Gap, list[MissingItem]] = {}
    for item in items:
        groups.setdefault(item.gap, []).append(item)
    return [(GAPS[gap], _links(candidacy_id, gap, found)) for gap, found in groups.items()]


def _links(candidacy_id: UUID, gap: Gap, items: Sequence[MissingItem]) -> Links:
    if gap is not Gap.PIECE_UNDESCRIBED or len(items) == 1:
        return [(item_message(item), missing_item_url(candidacy_id, item)) for item in items]
    place = url_for("candidate.evidence.pieces", candidacy_id=candidacy_id, etat=LibraryState.INCOMPLETE)
    pieces = Counter(fact for item in items for fact in item.facts)
    return [(f"{count(number, 'pièce')}{NBSP}: {MISSING[fact]}", place) for fact, number in pieces.items()]


def missing_item_url(candidacy_id: UUID, item: MissingItem) -> str:
    """Answer the address where one missing thing is done."""
    return _PLACES.get(item.gap, _at_competency)(candidacy_id, item)


def _at_competency(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.competency is not None
    return url_for("candidate.dossier.competency", candidacy_id=candidacy_id, competency_id=item.competency.id)


def _at_piece(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.piece is not None
    masks = item.facts == (MissingFact.ANONYMITY_TO_DO,)
    at = "candidate.evidence.mask_form" if masks else "candidate.evidence.describe"
    return url_for(at, candidacy_id=candidacy_id, evidence_id=item.piece.id)


def _at_file(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.piece is not None
    return url_for("candidate.evidence.replace", candidacy_id=candidacy_id, evidence_id=item.piece.id)


def _at_unused_piece(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.piece is not None
    at = "candidate.dossier.choose_competencies"
    return url_for(at, candidacy_id=candidacy_id, evidence_id=item.piece.id)


def _at_claim(candidacy_id: UUID, item: MissingItem) -> str:
    assert item.misplaced is not None
    return url_for("candidate.dossier.change_claim", candidacy_id=candidacy_id, claim_id=item.misplaced.claim_id)


def _at_long_text(candidacy_id: UUID, item: MissingItem) -> str:
    if item.competency is not None:
        return _at_competency(candidacy_id, item)
    return url_for(
        "candidate.dossier.general_texts" if item.text else "candidate.dossier.experiences", candidacy_id=candidacy_id
    )


# What belongs to one competency is done on its page.
_PLACES: Mapping[Gap, Callable[[UUID, MissingItem], str]] = {
    Gap.NOTHING_TO_PROVE: lambda candidacy_id, _: url_for("candidate.dossier.home", candidacy_id=candidacy_id),
    Gap.NO_EXPERIENCE: lambda candidacy_id, _: url_for("candidate.dossier.experiences", candidacy_id=candidacy_id),
    Gap.EMPTY_TEXT: lambda candidacy_id, _: url_for("candidate.dossier.general_texts", candidacy_id=candidacy_id),
    Gap.REQUIRED_TEXT: lambda candidacy_id, _: url_for("candidate.dossier.general_texts", candidacy_id=candidacy_id),
    Gap.TOO_LONG: _at_long_text,
    Gap.PASSAGE_MISPLACED: _at_claim,
    Gap.PIECE_NOT_SWORN: _at_piece,
    Gap.PIECE_UNPRINTABLE: _at_file,
    Gap.PAGES_UNPRINTABLE: _at_file,
    Gap.PIECE_UNDESCRIBED: _at_piece,
    Gap.PIECE_UNUSED: _at_unused_piece,
}


def hint_links(candidacy_id: UUID, page: ChecklistPageData, hints: Iterable[Hint]) -> Links:
    """Return each reading hint with the address where it is mended."""
    facts = [line.fact for line in page.matrix.lines()]
    places = {fact.label: fact.id for fact in facts} | {str(fact.block): fact.id for fact in reversed(facts)}
    found = []
    for hint in hints:
        if hint.kind is HintKind.OVERUSED_PIECE:
            evidence_id = page.exhibits.ids[hint.exhibit]
            place = url_for("candidate.evidence.describe", candidacy_id=candidacy_id, evidence_id=evidence_id)
        else:
            competency = places[hint.competency or str(hint.block)]
            place = url_for("candidate.dossier.competency", candidacy_id=candidacy_id, competency_id=competency)
        found.append((hint_sentence(hint), place))
    return found


@bp.get("/dossiers/<uuid:candidacy_id>/depot")
@candidacy_page(Permission.SUBMIT)
def checklist(case: CandidacyAccess) -> ResponseReturnValue:
    """First step: what is missing and what would help a reader; once submitted, lead to the receipt."""
    if case.dossier_state is DossierState.SUBMITTED:
        return _to_receipt(case)
    page = queries.load_checklist_page(read_session(), case.id)
    effort, hints = draft_reading.notice(read_session(), page)
    points = points_to_settle(case.id, page.blocking)
    return render_template(
        "candidate/submission/checklist.html",
        case=case,
        page=page,
        first=points[0].first if points else None,
        points=len(points),
        blocking=group_points(points[1:]),
        advice=group_by_kind(case.id, page.advice),
        hints=hint_links(case.id, page, hints),
        unticked=_unticked(page.path),
        effort=effort_sentence(effort),
        lapsed=_lapsed(page.path),
        steps=deposit_steps(0),
    )


@bp.get("/dossiers/<uuid:candidacy_id>/depot/lecture")
@candidacy_page(Permission.SUBMIT)
def read_draft(case: CandidacyAccess) -> ResponseReturnValue:
    """Second step: the draft, read through as the jury will read it."""
    if case.dossier_state is DossierState.SUBMITTED:
        return _to_receipt(case)
    page = queries.load_checklist_page(read_session(), case.id)
    sheets = draft_reading.cut_in_pages(page)
    here = min(page_number(), len(sheets))
    dossier = draft_reading.load_reading(read_session(), page, sheets[here - 1])
    lapsed = _lapsed(page.path)
    return render_template(
        "candidate/submission/draft_reading.html",
        case=case,
        page=page,
        dossier=dossier,
        parts=reading_parts(dossier.sections, dossier.texts),
        here=here,
        last=len(sheets),
        page_of_block=draft_reading.page_of_block(sheets),
        steps=deposit_steps(1, is_blocked=bool(page.blocking or lapsed)),
        prompts=PROMPTS,
        pieces=pieces,
        may_sign=not page.blocking and not lapsed,
        piece_ids=dossier.places,
        places_of=partial(_draft_places, case.id, dossier.places),
    )


def _draft_places(
    candidacy_id: UUID, pieces_by_label: Mapping[str, tuple[UUID, int]], label: str, anchors: Sequence[Anchor]
) -> list[PlaceLink]:
    """Return the places that a claim of the draft names, each opened in the candidate's own viewer."""
    evidence_id = pieces_by_label[label][0]
    return place_links(
        anchors, partial(url_for, "candidate.evidence.read", candidacy_id=candidacy_id, evidence_id=evidence_id)
    )


@bp.get("/dossiers/<uuid:candidacy_id>/depot/signature")
@candidacy_page(Permission.SUBMIT)
def signature(case: CandidacyAccess) -> ResponseReturnValue:
    """Last step: what is sealed, in one sentence, and the statement to sign; the first step again when
    something is missing.
    """
    if case.dossier_state is DossierState.SUBMITTED:
        return _to_receipt(case)
    page = queries.load_checklist_page(read_session(), case.id)
    if page.blocking or _lapsed(page.path):
        return redirect(url_for(".checklist", candidacy_id=case.id), 303)
    return _signature(case, page, SubmissionForm(formdata=None))


def _unticked(path: Progress) -> list[tuple[str, Links]]:
    """Return what a jury recommended, or the certifier asked for, and that is not ticked; it prevents
    nothing.
    """
    found = []
    candidacy_id = path.candidacy_id
    page = queries.load_next_dossier(read_session(), candidacy_id, today()) if path.ever_decided else None
    if page is not None and page.unticked:
        place = url_for(".next_dossier", candidacy_id=candidacy_id)
        found.append((UNTICKED_BY_JURY, [(unticked_message(task.title, task.text), place) for task in page.unticked]))
    row = find_open_return(read_session(), candidacy_id)
    asked = [request.text for request in row.requests if request.done_at is None] if row is not None else []
    if asked:
        place = url_for(".returned", candidacy_id=candidacy_id)
        found.append((UNTICKED_OF_RETURN, [(text, place) for text in asked]))
    return found


def _signature(case: CandidacyAccess, page: ChecklistPageData, form: SubmissionForm) -> str:
    form.blocks.data = " ".join(str(number) for number in sorted(page.presented))
    told = {"statement": _statement(page), "sealed": sealed_sentence(page), "steps": deposit_steps(2)}
    unticked = _unticked(page.path)
    return render_template(
        "candidate/submission/signature.html", case=case, page=page, form=form, unticked=unticked, **told
    )


def _to_receipt(case: CandidacyAccess) -> ResponseReturnValue:
    submission_id = verification.find_last_submission_id(read_session(), case.id)
    return redirect(url_for(".receipt", submission_id=submission_id), 303)


def _lapsed(path: Progress) -> str:
    """Say beforehand that the dossier cannot be submitted, when the certifier has ruled so."""
    has_lapsed = path.ruled and is_lapsed(read_session(), path.candidacy_id)
    return REFUSALS[SubmissionRefusal.LAPSED]({}) if has_lapsed else ""


def _statement(page: ChecklistPageData) -> str:
    return statement_of(page.path.candidate, page.path.title, page.path.code, page.path.helps)


@bp.post("/dossiers/<uuid:candidacy_id>/depot/signature")
@candidacy_page(Permission.SUBMIT)
def submit(case: CandidacyAccess) -> ResponseReturnValue:
    """Seal the dossier, or show the statement again when it is not signed."""
    form = SubmissionForm()
    if not form.validate():
        return _signature(case, queries.load_checklist_page(read_session(), case.id), form), 422

    def act(db: Session) -> str:
        statement = _statement(queries.load_checklist_page(db, case.id))
        submission = submit_use_cases.submit(db, case.id, statement, form.seen, by=current_user.id, at=now())
        # What most people read is made before they ask for it.
        printable = editions.load_printable(db, submission.id)
        editions.request_edition(db, printable, EditionKind.READING, by=current_user.id, at=now())
        return url_for(".receipt", submission_id=submission.id)

    return run_once(form.nonce.data, act)


@bp.post("/dossiers/<uuid:candidacy_id>/depot/suivant")
@candidacy_page(Permission.PREPARE_NEXT)
def prepare_next(case: CandidacyAccess) -> ResponseReturnValue:
    """Open the draft again for the blocks that are missing."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        submit_use_cases.open_next_draft(db, case.id, by=current_user.id, at=now())
        return url_for(".next_dossier", candidacy_id=case.id)

    response = run_once(form.nonce.data, act)
    session["notice"] = "Votre dossier est rouvert pour les blocs qui vous manquent. Ce qui était déposé reste scellé."
    return response


def sealed_sentence(page: ChecklistPageData) -> str:
    """Say in one sentence what the seal takes."""
    competencies = sum(block.competencies for block in page.blocks)
    blocks = ", ".join(str(block.number) for block in page.blocks)
    named = f"le bloc {blocks}" if len(page.blocks) == 1 else f"{len(page.blocks)}{NBSP}blocs ({blocks})"
    number = len(page.exhibits.labels)
    exhibits = f"et {count(number, 'pièce')} ({size(page.exhibits.weight)})" if number else "sans aucune pièce"
    return (
        f"Vous scellez {named}{NBSP}: vos textes et vos récits pour {count(competencies, 'compétence')}, "
        f"{exhibits}, tels qu’ils sont à l’instant où vous déposez."
    )
