"""The list of pieces: read it, change several at once, bring a removed piece back.

The removed pieces that can still come back.

The answers that the sworn statement needs, given for several pieces in one act.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import Form as PlainForm
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.models.evidence import (
    Evidence,
    EvidenceFile,
    FlattenedFile,
    description_columns,
    description_of,
    is_current_file,
    is_joined,
    may_be_incomplete,
)
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.description import (
    ASKED_OF_SEVERAL,
    Authorship,
    EvidenceKind,
    LibraryOrder,
    LibraryState,
    MissingFact,
    guessed_answers,
    sworn_missing_facts,
)
from portfolio.domain.dossier.use_cases.evidence import (
    FORGOTTEN_AFTER,
    MAX_PIECES,
    SeveralAction,
    SeveralChange,
    answer_for_several,
    change_several,
    leave_out,
)
from portfolio.domain.dossier.use_cases.texts import restore_evidence
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.attestations.views import proofs_for
from portfolio.screens.candidate.dossier.competency_page import next_to_link
from portfolio.screens.candidate.dossier.forms import ConfirmForm
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.candidate.evidence.forms import UploadForm
from portfolio.screens.candidate.evidence.library import PAGE_SIZE, LibraryView, has_reusable, load_library
from portfolio.web.clock import now
from portfolio.web.forms import Form, MultiChoiceField, MultiLineField, RadioChoiceField, SelectChoiceField, pairs
from portfolio.web.listing import page_number
from portfolio.wording import attestation as attesting
from portfolio.wording import evidence, library
from portfolio.wording.files import FAMILIES

bp = blueprint_of(__name__)


@dataclass(frozen=True, slots=True)
class RemovedPiece:
    """A removed piece, when it was removed, and when it is erased."""

    id: UUID
    number: int
    title: str
    removed_at: datetime
    erased_at: datetime


def list_removed(session: Session, candidacy_id: UUID, page: int) -> tuple[Sequence[RemovedPiece], bool]:
    """Return a page of the removed pieces whose files are still there, the last removed first, and whether
    others follow.
    """
    rows = session.execute(
        select(Evidence.id, Evidence.number, Evidence.title, Evidence.removed_at)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_not(None), Evidence.files.any())
        .order_by(Evidence.removed_at.desc(), Evidence.number)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    pieces = [
        RemovedPiece(key, number, title, removed_at, removed_at + FORGOTTEN_AFTER)
        for key, number, title, removed_at in rows[:PAGE_SIZE]
        if removed_at
    ]
    return pieces, len(rows) > PAGE_SIZE


T = TypeVar("T")


class SeveralForm(Form):
    """Act on the pieces that are ticked."""

    pieces = SelectMultipleField("Pièces", coerce=UUID, validate_choice=False)
    action = SelectChoiceField(
        "Avec les pièces cochées", SeveralAction, missing="Choisissez ce que vous voulez en faire."
    )
    kind = SelectChoiceField("Nature", EvidenceKind)
    experience_id = SelectChoiceField("Expérience", UUID)

    def __init__(self, experiences: Any, **more: Any) -> None:
        super().__init__(**more)
        self.action.choices = pairs([("", "Choisissez…"), *library.ACTIONS.items()])
        self.kind.choices = pairs([("", "Choisissez…"), *evidence.KINDS.items()])
        self.experience_id.choices = pairs([("", "Aucune"), *experiences])

    def validate_pieces(self, field: SelectMultipleField) -> None:
        """Something must be ticked."""
        if not field.data:
            raise ValidationError("Cochez au moins une pièce.")

    def validate_kind(self, field: SelectChoiceField) -> None:
        """Ask for the kind when it is what changes."""
        if self.action.data is SeveralAction.KIND and field.data is None:
            raise ValidationError("Choisissez la nature des pièces cochées.")

    def value(self) -> SeveralChange:
        """Return the change."""
        return SeveralChange(SeveralAction(str(self.action.data)), self.kind.data, self.experience_id.data)


def library_page(case: CandidacyAccess, form: SeveralForm | None = None) -> str:
    """Lay out a page of the list, with the form for several pieces as it stands or as it was left."""
    view = library_view()
    page = load_library(read_session(), case.id, view)
    experiences = queries.experience_choices(read_session(), case.id)
    proofs = proofs_for(case.id, [(line.view.piece.kind, line.view.sha256) for line in page.lines])
    shown = {"words": evidence, "say": library, "families": FAMILIES, "proofs": proofs, "attesting": attesting}
    several = form or SeveralForm(experiences, formdata=None)
    adding = UploadForm(formdata=None) if case.is_editable else None
    reusable = case.is_editable and has_reusable(read_session(), case.id)
    return render_template(
        "candidate/evidence/pieces.html",
        **{"case": case, "page": page, "view": view, "form": several, "experiences": experiences, **shown},
        adding=adding,
        unanswered=len(_lacking(read_session(), case.id)) if case.is_editable else 0,
        reusable=reusable,
        limit=current_app.config["SETTINGS"].upload_limit,
    )


def library_view() -> LibraryView:
    """Return the filters and the order that the address asks for; one that it misspells is none."""
    return LibraryView(
        block=_argument("bloc", _number),
        kind=_argument("nature", EvidenceKind),
        year=_argument("annee", _year),
        experience_id=_argument("experience", UUID),
        state=_argument("etat", LibraryState),
        order=_argument("tri", LibraryOrder) or LibraryOrder.NUMBER,
        page=page_number(),
    )


def _argument(name: str, read: Callable[[str], T]) -> T | None:
    try:
        return read(request.args[name]) if request.args.get(name) else None
    except ValueError:
        return None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise ValueError(text)
    return int(text)


def _year(text: str) -> int:
    if not 1900 <= _number(text) <= 2200:
        raise ValueError(text)
    return int(text)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/plusieurs")
@candidacy_page(Permission.EDIT_DRAFT)
def change_pieces(case: CandidacyAccess) -> ResponseReturnValue:
    """Make one change to every ticked piece, and say which ones refused it."""
    form = SeveralForm(queries.experience_choices(read_session(), case.id))
    if not form.validate():
        return library_page(case, form), 422
    for piece in (read_session().get(Evidence, evidence_id) for evidence_id in form.pieces.data or ()):
        if piece is None or piece.candidacy_id != case.id:
            abort(404)
    with transaction() as db:
        result = change_several(db, case.id, form.pieces.data, form.value(), by=current_user.id, at=now())
    session["notice"] = library.several_message(form.value().action, result)
    place: dict[str, Any] = dict(library_view().arguments(page=page_number()))
    return redirect(url_for(".pieces", candidacy_id=case.id, **place), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/preuves/retirees")
@candidacy_page(Permission.EDIT_DRAFT)
def removed(case: CandidacyAccess) -> ResponseReturnValue:
    """List the removed pieces that can still come back."""
    pieces, has_next = list_removed(read_session(), case.id, page_number())
    shown = {"pieces": pieces, "has_next": has_next, "number": page_number(), "form": ConfirmForm(formdata=None)}
    return render_template("candidate/evidence/removed.html", case=case, **shown)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/remettre")
@candidacy_page(Permission.EDIT_DRAFT)
def restore(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Bring a removed piece back."""
    piece = read_session().get(Evidence, evidence_id)
    if piece is None or piece.candidacy_id != case.id:
        abort(404)
    with transaction() as db:
        lost = restore_evidence(db, case.id, evidence_id, by=current_user.id, at=now())
    session["notice"] = library.restored_message(lost)
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/preuves/<uuid:evidence_id>/joindre")
@candidacy_page(Permission.EDIT_DRAFT)
def join(case: CandidacyAccess, evidence_id: UUID) -> ResponseReturnValue:
    """Join a piece to the deposit, or keep it out."""
    left_out_now = request.form.get("joindre") == "non"
    with transaction() as db:
        leave_out(db, case.id, evidence_id, left_out=left_out_now, by=current_user.id, at=now())
    session["notice"] = (
        "Cette pièce ne sera pas jointe au dépôt." if left_out_now else "Cette pièce sera jointe au dépôt."
    )
    return redirect(url_for(".piece", candidacy_id=case.id, evidence_id=evidence_id), 303)


@dataclass(frozen=True, slots=True)
class UnansweredPiece:
    """A piece that lacks an answer of the sworn statement, and the answers that facts propose."""

    id: UUID
    name: str
    missing: Collection[MissingFact]
    guesses: Mapping[MissingFact, str]


def _lacking(session: Session, candidacy_id: UUID) -> list[tuple[Any, set[MissingFact]]]:
    """Return the rows of the pieces that lack an answer which several may have, with what each lacks."""
    is_masked = select(FlattenedFile.file_id).where(FlattenedFile.file_id == EvidenceFile.id).exists()
    rows = session.execute(
        select(*description_columns(), Evidence.id, Evidence.number, EvidenceFile.id, EvidenceFile.mime, is_masked)
        .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .where(Evidence.candidacy_id == candidacy_id, is_joined(Evidence), is_current_file())
        .where(may_be_incomplete(Evidence.__table__.c))
        .order_by(Evidence.number)
    ).all()
    asked = [(row, set(sworn_missing_facts(description_of(row, None))) & set(ASKED_OF_SEVERAL)) for row in rows]
    return [(row, missing) for row, missing in asked if missing][:MAX_PIECES]


def list_unanswered(session: Session, candidacy_id: UUID) -> list[UnansweredPiece]:
    """Return the pieces of the deposit that lack an answer which several pieces may have, the first numbers first."""
    lacking = _lacking(session, candidacy_id)
    texts: dict[UUID, list[str]] = {}
    pages = select(Rendition.file_id, Page.text).join(Page.rendition).where(Page.number <= PAGES_READ, Page.text != "")
    for file_id, text in session.execute(pages.where(Rendition.file_id.in_([row[-3] for row, _ in lacking]))):
        texts.setdefault(file_id, []).append(text)
    return [
        UnansweredPiece(
            row[-5],
            f"{row.number}. {row.title}",
            missing,
            guessed_answers(row.title, row.kind, row.mime, "\n".join(texts.get(row[-3], ())), is_masked=row[-1]),
        )
        for row, missing in lacking
    ]


# As many pages of each piece are read for a guess.
PAGES_READ = 5
# The closed answers of each question; one that is written has none.
_ANSWERS: Mapping[MissingFact, Mapping[Any, str]] = {
    MissingFact.AUTHORSHIP: evidence.AUTHORSHIP,
    MissingFact.CONFIDENTIALITY: evidence.CONFIDENTIALITY,
    MissingFact.ANONYMITY: evidence.ANONYMITY,
}


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """One question for the pieces that lack its answer, and for which facts propose the same answer, or none."""

    fact: MissingFact
    guess: str
    form: Any
    count: int = 0


def _question_form(fact: MissingFact, guess: str, **more: Any) -> Any:
    """Return the fields of a group, which bear its name: a piece may change group while its page is open."""
    answers = _ANSWERS.get(fact, {})

    class QuestionForm(PlainForm):
        pieces = MultiChoiceField("Pièces concernées", UUID)
        answer = RadioChoiceField("", type(next(iter(answers), "")), choices=answers)
        own_part = MultiLineField("Votre part", description="Ce que vous avez fait vous-même dans ce travail d’équipe.")

    return QuestionForm(prefix=f"{fact}-{guess or 'sans'}-", **more)


def _question_groups(session: Session, candidacy_id: UUID) -> list[QuestionGroup]:
    """Return the questions of the dossier, what was already sent in place."""
    pieces = list_unanswered(session, candidacy_id)
    groups = []
    for fact in ASKED_OF_SEVERAL:
        lacking = [piece for piece in pieces if fact in piece.missing]
        for guess in ("", *_ANSWERS.get(fact, {})):
            concerned = [piece for piece in lacking if piece.guesses.get(fact, "") == guess]
            if concerned:
                chosen = {"pieces": [piece.id for piece in concerned], "answer": guess or None}
                form = _question_form(fact, guess, formdata=request.form or None, data=chosen)
                form.pieces.choices = pairs((piece.id, piece.name) for piece in concerned)
                form.own_part.validate(form)
                form.answer.label.text = library.question_for(fact, len(concerned))
                groups.append(QuestionGroup(fact, guess, form, len(concerned)))
    return groups


def _answers_sent() -> list[tuple[Collection[UUID], Mapping[MissingFact, str]]]:
    """Return what the form says of which pieces; nothing when a text of it is too long."""
    said: list[tuple[Collection[UUID], Mapping[MissingFact, str]]] = []
    for fact in ASKED_OF_SEVERAL:
        for guess in ("", *_ANSWERS.get(fact, {})):
            form = _question_form(fact, guess, formdata=request.form)
            if not form.own_part.validate(form):
                return []
            facts = {fact: form.answer.data} if form.answer.data and form.answer.validate(form) else {}
            if form.own_part.data and (fact is MissingFact.OWN_PART or form.answer.data is Authorship.SHARED):
                facts[MissingFact.OWN_PART] = form.own_part.data
            if facts and form.pieces.data:
                said.append((form.pieces.data, facts))
    return said


@bp.route("/dossiers/<uuid:candidacy_id>/preuves/repondre", methods=["GET", "POST"])
@candidacy_page(Permission.EDIT_DRAFT)
def answer_several(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask each question of the sworn statement once, for all the pieces that lack its answer."""
    form = Form()
    told = _answers_sent() if form.validate_on_submit() else []
    if not told:
        groups = _question_groups(read_session(), case.id)
        if not groups:
            return redirect(next_to_link(case), 303)
        error = library.NO_ANSWER if form.is_submitted() else ""
        shown = {"case": case, "form": form, "groups": groups, "error": error, "say": library, "words": evidence}
        return render_template("candidate/evidence/several.html", **shown), 422 if error else 200
    with transaction() as db:
        result = answer_for_several(db, case.id, told, by=current_user.id, at=now())
    session["notice"] = library.answered_message(result)
    left = list_unanswered(read_session(), case.id)
    again = left and result.changed
    return redirect(url_for(".answer_several", candidacy_id=case.id) if again else next_to_link(case), 303)
